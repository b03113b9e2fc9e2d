"""The page to pay on: opened, found, closed."""

import uuid

import stripe

from app.payments.facts import CheckoutSeen, Reading
from app.payments.gateway import GatewayError
from app.payments.orders import CheckoutOrder, CheckoutPage
from app.payments.stripe_gateway.calls import keyed
from app.payments.stripe_gateway.errors import translated
from app.payments.stripe_gateway.fields import id_of, is_ours
from app.payments.stripe_gateway.orders import session_params
from app.payments.stripe_gateway.payments import Payments
from app.payments.stripe_gateway.subscriptions import Subscriptions


class Checkouts(Subscriptions, Payments):
    """Stripe's pages that readers pay on."""

    def open_checkout(self, order: CheckoutOrder) -> CheckoutPage:
        """See `PaymentGateway`.

        The key is the order's own, so a page whose answer was lost is given again.
        """
        params = session_params(order)
        with translated():
            session = keyed(
                f"cs:{order.checkout_id}",
                lambda options: self._client.v1.checkout.sessions.create(params, options),
            )
        if session.url is None:
            raise GatewayError(f"session {session.id} is already {session.status}")
        return CheckoutPage(session.id, session.url)

    def find_checkout(self, session_id: str) -> Reading:
        """See `PaymentGateway`."""
        with translated():
            session = self._client.v1.checkout.sessions.retrieve(session_id)
        if not is_ours(session) or not session.client_reference_id:
            return Reading(ours=False)
        paid = session.status == "complete" and session.payment_status != "unpaid"
        state = "paid" if paid else "expired" if session.status == "expired" else "open"
        seen = CheckoutSeen(uuid.UUID(session.client_reference_id), session.id, state)
        money: tuple[Reading, ...] = ()
        if paid and session.subscription is not None:
            money = (self._subscription(id_of(session.subscription)),)
            if session.invoice is not None:
                money += (self._invoice(id_of(session.invoice)),)
        elif paid and session.payment_intent is not None:
            money = (self._payment_intent(id_of(session.payment_intent)),)
        return Reading((seen, *(fact for reading in money for fact in reading.facts)))

    def close_checkout(self, session_id: str) -> None:
        """See `PaymentGateway`."""
        with translated():
            try:
                self._client.v1.checkout.sessions.expire(session_id)
            except stripe.InvalidRequestError:
                # Only an open page can be closed.
                if self._client.v1.checkout.sessions.retrieve(session_id).status == "open":
                    raise
