"""Money that goes back: refunds made and found, disputes, warnings."""

from collections.abc import Iterable
from datetime import datetime

import stripe

from app.clock import utcnow
from app.payments.facts import Reading
from app.payments.orders import RefundOrder
from app.payments.stripe_gateway.calls import Calls, is_replayed, keyed
from app.payments.stripe_gateway.errors import translated
from app.payments.stripe_gateway.fields import APP, id_of, is_ours, pledge_id_of
from app.payments.stripe_gateway.money_facts import subscription_details
from app.payments.stripe_gateway.reversal_facts import (
    WITH_MOVEMENTS,
    dispute_seen,
    fraud_warned,
    refund_id_of,
    refund_seen,
)

EACH_WITH_MOVEMENTS = [f"data.{path}" for path in WITH_MOVEMENTS]


class Reversals(Calls):
    """Refunds and what banks contest, of payments that were made to us."""

    def refund(self, order: RefundOrder) -> Reading:
        """See `PaymentGateway`.

        Stripe keeps a key for a day. Beyond that, what it made before is known by our id on it.
        """
        asked_at = utcnow()
        with translated():
            made = self._made(order) or keyed(
                f"refund:{order.refund_id}",
                lambda options: self._client.v1.refunds.create(
                    {
                        "charge": order.charge_id,
                        "amount": order.amount.minor,
                        "reason": "fraudulent" if order.fraud else "requested_by_customer",
                        "metadata": {"app": APP, "refund_id": str(order.refund_id)},
                        "expand": WITH_MOVEMENTS,
                    },
                    options,
                ),
                found=lambda: self._made(order),
            )
        if made.last_response is not None and is_replayed(made):
            return self._refund(made.id)
        return Reading((refund_seen(made, asked_at),))

    def _made(self, order: RefundOrder) -> stripe.Refund | None:
        """The refund that carries out an order, if Stripe has made it."""
        every = self._refunds(order.charge_id).auto_paging_iter()
        return next((one for one in every if refund_id_of(one) == order.refund_id), None)

    def _refunds(self, charge_id: str) -> stripe.ListObject[stripe.Refund]:
        return self._client.v1.refunds.list(
            {"charge": charge_id, "limit": 100, "expand": EACH_WITH_MOVEMENTS}
        )

    def _refund(self, refund_id: str) -> Reading:
        asked_at = utcnow()
        with translated():
            refund = self._client.v1.refunds.retrieve(refund_id, {"expand": WITH_MOVEMENTS})
        return self._seen([refund], asked_at)

    def _refunds_of(self, charge_id: str) -> Reading:
        asked_at = utcnow()
        with translated():
            every = list(self._refunds(charge_id).auto_paging_iter())
        return self._seen(every, asked_at)

    def _seen(self, refunds: Iterable[stripe.Refund], asked_at: datetime) -> Reading:
        """How refunds of one charge stand."""
        facts = tuple(
            refund_seen(refund, asked_at)
            for refund in refunds
            if refund.charge is not None and self._is_of_ours(refund)
        )
        return Reading(facts, ours=bool(facts))

    def _is_of_ours(self, refund: stripe.Refund) -> bool:
        return refund_id_of(refund) is not None or self._came_to_us(refund.payment_intent)

    def _dispute(self, dispute_id: str) -> Reading:
        asked_at = utcnow()
        with translated():
            dispute = self._client.v1.disputes.retrieve(dispute_id, {"expand": ["payment_intent"]})
        return self._contested(dispute, asked_at)

    def _contested(self, dispute: stripe.Dispute, asked_at: datetime) -> Reading:
        if not self._came_to_us(dispute.payment_intent):
            return Reading(ours=False)
        return Reading((dispute_seen(dispute, asked_at),))

    def _warning(self, warning_id: str) -> Reading:
        with translated():
            warning = self._client.v1.radar.early_fraud_warnings.retrieve(
                warning_id, {"expand": ["charge.payment_intent"]}
            )
        charge = warning.charge
        if isinstance(charge, str) or not self._came_to_us(charge.payment_intent):
            return Reading(ours=False)
        return Reading((fraud_warned(warning),))

    def _came_to_us(self, intent: "str | stripe.PaymentIntent | None") -> bool:
        """Whether a payment was made for a gift of ours.

        A gift given once bears our mark. A renewal's payment bears none; its invoice does.
        """
        if intent is None:
            return False
        if is_ours(intent):
            return True
        with translated():
            payments = self._client.v1.invoice_payments.list(
                {
                    "payment": {"type": "payment_intent", "payment_intent": id_of(intent)},
                    "expand": ["data.invoice"],
                }
            ).data
        return any(
            isinstance(payment.invoice, stripe.Invoice)
            and pledge_id_of(subscription_details(payment.invoice)) is not None
            for payment in payments
        )
