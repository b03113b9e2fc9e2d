"""Money asked for: invoices with their payments and attempts, gifts given once, fees."""

from collections.abc import Sequence
from typing import cast

import stripe

from app.money import Money
from app.payments.facts import Fee, FeeKnown, Reading
from app.payments.stripe_gateway.calls import Calls
from app.payments.stripe_gateway.errors import translated
from app.payments.stripe_gateway.fields import id_of
from app.payments.stripe_gateway.light import lightened
from app.payments.stripe_gateway.money_facts import (
    failures,
    gift_reading,
    invoice_reading,
    subscription_details,
)

#: What is asked for with each payment of an invoice.
WITH_CHARGE = ["data.invoice", "data.payment.payment_intent.latest_charge"]


class Payments(Calls):
    """What other parts of the gateway need of money."""

    def find_fee(self, charge_id: str) -> Fee | None:
        """See `PaymentGateway`."""
        with translated():
            charge = self._client.v1.charges.retrieve(
                charge_id, {"expand": ["balance_transaction"]}
            )
        entry = charge.balance_transaction
        if entry is None or isinstance(entry, str):
            return None
        currency = entry.currency.upper()
        return Fee(entry.id, Money(entry.fee, currency), Money(entry.net, currency))

    def _charge(self, charge_id: str) -> Reading:
        fee = self.find_fee(charge_id)
        return Reading((FeeKnown(charge_id, fee),) if fee else ())

    def _payment_intent(self, payment_intent_id: str) -> Reading:
        with translated():
            intent = self._client.v1.payment_intents.retrieve(
                payment_intent_id, {"expand": ["latest_charge"]}
            )
        return gift_reading(intent)

    def _invoice(self, invoice_id: str, *, attempts: bool = False) -> Reading:
        """What failed of an invoice and what it brought, in one call where nothing failed.

        The attempts before a payment are told too where the invoice counts more than one;
        `attempts` asks for them even so.
        """
        invoice, payments = self._invoice_and_payments(invoice_id)
        return self._told(invoice, payments, attempts=attempts)

    def _told(
        self,
        invoice: stripe.Invoice,
        payments: Sequence[stripe.InvoicePayment],
        *,
        attempts: bool = False,
    ) -> Reading:
        paid = invoice_reading(invoice, payments)
        if not paid.ours or not (attempts or invoice.attempt_count > 1):
            return paid
        return Reading((*failures(invoice, self._attempts(payments)), *paid.facts))

    def _invoice_and_payments(
        self, invoice_id: str
    ) -> tuple[stripe.Invoice, list[stripe.InvoicePayment]]:
        with translated():
            answer = self._client.raw_request(
                "get", "/v1/invoice_payments", invoice=invoice_id, limit=100, expand=WITH_CHARGE
            )
            payments = self._light_payments(answer).data
            if payments and isinstance(payments[0].invoice, stripe.Invoice):
                return payments[0].invoice, payments
            # Paid outside Stripe, or for nothing: there is no payment to tell of it.
            return self._client.v1.invoices.retrieve(invoice_id), payments

    def _light_payments(
        self, answer: stripe.StripeResponse
    ) -> stripe.ListObject[stripe.InvoicePayment]:
        """Read a list of payments without the bulk of what hangs on them."""
        listed = self._client.deserialize(lightened(answer.data), api_mode="V1")
        return cast(stripe.ListObject[stripe.InvoicePayment], listed)

    def _attempts(self, payments: Sequence[stripe.InvoicePayment]) -> list[stripe.Charge]:
        """The charges made for an invoice, the oldest first; lists come newest first."""
        charges: list[stripe.Charge] = []
        for payment in reversed(payments):
            intent = payment.payment.payment_intent
            if intent is None:
                continue
            with translated():
                listed = self._client.v1.charges.list(
                    {"payment_intent": id_of(intent), "limit": 100}
                )
            charges += reversed(listed.data)
        return charges

    def _subscription_of(self, invoice: stripe.Invoice) -> str | None:
        """The subscription an invoice belongs to; None for another kind of invoice."""
        details = subscription_details(invoice)
        return id_of(details.subscription) if details else None
