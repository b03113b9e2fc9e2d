"""The gateway as the product sees it, and which event is read as what.

Events are a signal and the API is the truth: an event's type and object id are taken from it, and
what it means is fetched again, so that its age, order and API version do not matter.
"""

import time
from collections.abc import Callable, Sequence

from app.payments.facts import Envelope, Reading
from app.payments.gateway import BadSignature
from app.payments.stripe_gateway.calls import TIMEOUT
from app.payments.stripe_gateway.checkouts import Checkouts
from app.payments.stripe_gateway.customers import Customers
from app.payments.stripe_gateway.endings import Endings
from app.payments.stripe_gateway.envelopes import envelope
from app.payments.stripe_gateway.errors import translated
from app.payments.stripe_gateway.kinds import COVERED
from app.payments.stripe_gateway.payouts import Payouts
from app.payments.stripe_gateway.setup import Setup
from app.payments.stripe_gateway.signatures import signed
from app.payments.stripe_gateway.survey import Survey
from app.payments.stripe_gateway.wishes import Wishes


class StripeGateway(Checkouts, Wishes, Endings, Customers, Survey, Payouts, Setup):
    """`PaymentGateway` at Stripe's API. One per process; make it after a fork."""

    def __init__(
        self,
        api_key: str,
        webhook_secrets: Sequence[str],
        api_base: str | None = None,
        timeout: tuple[float, float] = TIMEOUT,
    ) -> None:
        super().__init__(api_key, api_base, timeout)
        self._secrets = tuple(secret.encode() for secret in webhook_secrets)
        self._readers: dict[str, Callable[[str], Reading]] = {
            "charge.refunded": self._refunds_of,
            "charge.updated": self._charge,
            "invoice.paid": self._invoice,
            "invoice.payment_action_required": self._failed_invoice,
            "invoice.payment_failed": self._failed_invoice,
            "payment_intent.succeeded": self._payment_intent,
            # A new card is put to use, wherever it was put in.
            "customer.updated": self.adopt_card,
            **dict.fromkeys(
                (
                    "checkout.session.async_payment_failed",
                    "checkout.session.async_payment_succeeded",
                    "checkout.session.completed",
                    "checkout.session.expired",
                ),
                self.find_checkout,
            ),
            **dict.fromkeys(
                (
                    "customer.subscription.created",
                    "customer.subscription.deleted",
                    "customer.subscription.paused",
                    "customer.subscription.resumed",
                    "customer.subscription.updated",
                ),
                self._subscription,
            ),
            **dict.fromkeys(
                (
                    "invoice.finalization_failed",
                    "invoice.marked_uncollectible",
                    "invoice.voided",
                ),
                self._invoiced_subscription,
            ),
            **dict.fromkeys(
                ("payment_method.automatically_updated", "payment_method.updated"),
                self._payment_method,
            ),
            **dict.fromkeys(
                ("charge.refund.updated", "refund.created", "refund.failed", "refund.updated"),
                self._refund,
            ),
            **dict.fromkeys(
                (
                    "charge.dispute.closed",
                    "charge.dispute.created",
                    "charge.dispute.funds_reinstated",
                    "charge.dispute.funds_withdrawn",
                    "charge.dispute.updated",
                ),
                self._dispute,
            ),
            **dict.fromkeys(
                ("radar.early_fraud_warning.created", "radar.early_fraud_warning.updated"),
                self._warning,
            ),
            **dict.fromkeys(
                ("payout.failed", "payout.paid", "payout.reconciliation_completed"), self._payout
            ),
        }

    def verify(self, body: bytes, signature: str) -> Envelope:
        """See `PaymentGateway`. Any one of our secrets may have signed, while one is replaced."""
        if signed(body, signature, self._secrets, now=time.time()):
            return envelope(body)
        raise BadSignature("no secret of ours signed this, or it is too old")

    def read(self, event_type: str, object_id: str | None) -> Reading:
        """See `PaymentGateway`."""
        reader = self._readers.get(event_type)
        if reader is None or object_id is None:
            return Reading(known=event_type in COVERED)
        return reader(object_id)

    def _failed_invoice(self, invoice_id: str) -> Reading:
        """How a pledge stands whose renewal failed, and each attempt at it."""
        invoice, payments = self._invoice_and_payments(invoice_id)
        subscription_id = self._subscription_of(invoice)
        if subscription_id is None:
            return Reading(ours=False)
        pledge = self._subscription(subscription_id)
        if not pledge.ours:
            return pledge
        told = self._told(invoice, payments, attempts=True)
        return Reading((*pledge.facts, *told.facts))

    def _invoiced_subscription(self, invoice_id: str) -> Reading:
        with translated():
            invoice = self._client.v1.invoices.retrieve(invoice_id)
        subscription_id = self._subscription_of(invoice)
        return self._subscription(subscription_id) if subscription_id else Reading(ours=False)
