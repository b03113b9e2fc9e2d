"""Customers at Stripe: whose payment it was, and a customer deleted for good."""

from app.payments.gateway import UnknownObject
from app.payments.stripe_gateway.calls import Calls
from app.payments.stripe_gateway.errors import translated
from app.payments.stripe_gateway.fields import id_of


class Customers(Calls):
    """What an erasure asks of Stripe."""

    def payer_of(self, payment_intent_id: str) -> str | None:
        """See `PaymentGateway`."""
        try:
            with translated():
                intent = self._client.v1.payment_intents.retrieve(payment_intent_id)
        except UnknownObject:
            return None
        return None if intent.customer is None else id_of(intent.customer)

    def delete_customer(self, customer_id: str) -> None:
        """See `PaymentGateway`. DELETE takes no key of ours; one that is gone is what was asked."""
        try:
            with translated():
                self._client.v1.customers.delete(customer_id)
        except UnknownObject:
            return
