"""Refunds, disputes and warnings as the facts they come to. Calls nothing."""

import uuid
from datetime import datetime

import stripe

from app.money import Money
from app.payments.facts import (
    DisputeSeen,
    DisputeState,
    FraudWarned,
    Movement,
    MovementKind,
    RefundSeen,
    RefundState,
)
from app.payments.stripe_gateway.fields import id_of, is_ours, metadata_of, moment, moment_if

REFUND_STATES = {
    "pending": RefundState.PENDING,
    "requires_action": RefundState.PENDING,
    "succeeded": RefundState.SUCCEEDED,
    "failed": RefundState.FAILED,
    "canceled": RefundState.CANCELLED,
}
#: What Stripe may yet call a dispute is, until we know better, one that is open.
DISPUTE_STATES = {
    "warning_needs_response": DisputeState.INQUIRY,
    "warning_under_review": DisputeState.INQUIRY,
    "warning_closed": DisputeState.CLOSED,
    "prevented": DisputeState.CLOSED,
    "won": DisputeState.WON,
    "lost": DisputeState.LOST,
}
#: What is asked for with each refund: what it moved, and whose payment it returns.
WITH_MOVEMENTS = ["balance_transaction", "failure_balance_transaction", "payment_intent"]


def refund_seen(refund: stripe.Refund, asked_at: datetime) -> RefundSeen:
    """Return how a refund of ours, asked for `WITH_MOVEMENTS` at `asked_at`, stands."""
    amount = Money(refund.amount, refund.currency.upper())
    movements = [
        _moved(entry, kind, sign * amount.minor, amount.currency)
        for entry, kind, sign in (
            (refund.balance_transaction, MovementKind.REFUND, -1),
            (getattr(refund, "failure_balance_transaction", None), MovementKind.REFUND_FAILED, 1),
        )
        if isinstance(entry, stripe.BalanceTransaction)
    ]
    assert refund.charge is not None, "a card's refund is of a charge"
    return RefundSeen(
        refund_id=refund_id_of(refund),
        stripe_refund_id=refund.id,
        charge_id=id_of(refund.charge),
        amount=amount,
        state=REFUND_STATES.get(refund.status or "", RefundState.PENDING),
        failure=getattr(refund, "failure_reason", None),
        made_at=moment(refund.created),
        movements=tuple(movements),
        seen_at=asked_at,
    )


def refund_id_of(refund: stripe.Refund) -> uuid.UUID | None:
    """Return the refund of ours that it carries out; None for one made at Stripe itself."""
    named = metadata_of(refund).get("refund_id") if is_ours(refund) else None
    return uuid.UUID(named) if named else None


def dispute_seen(dispute: stripe.Dispute, asked_at: datetime) -> DisputeSeen:
    """Return how a dispute of ours stood at `asked_at`."""
    amount = Money(dispute.amount, dispute.currency.upper())
    return DisputeSeen(
        stripe_dispute_id=dispute.id,
        charge_id=id_of(dispute.charge),
        amount=amount,
        state=DISPUTE_STATES.get(dispute.status, DisputeState.OPEN),
        reason=dispute.reason,
        opened_at=moment(dispute.created),
        evidence_due_at=moment_if(dispute.evidence_details.due_by),
        movements=tuple(_contested(entry, amount) for entry in dispute.balance_transactions),
        seen_at=asked_at,
    )


def _contested(entry: stripe.BalanceTransaction, amount: Money) -> Movement:
    """One movement of a dispute: taken when it opens, given back when it is won."""
    given_back = entry.amount > 0
    kind = MovementKind.DISPUTE_RETURNED if given_back else MovementKind.DISPUTE
    if entry.currency.upper() == amount.currency:
        minor = entry.amount
    else:
        # The balance knows only its own currency; what is contested is told in the payment's.
        minor = amount.minor * ((entry.amount > 0) - (entry.amount < 0))
    return _moved(entry, kind, minor, amount.currency)


def _moved(
    entry: stripe.BalanceTransaction, kind: MovementKind, minor: int, currency: str
) -> Movement:
    settled = entry.currency.upper()
    return Movement(
        balance_transaction_id=entry.id,
        kind=kind,
        amount=Money(minor, currency),
        settled=Money(entry.amount, settled),
        fee=Money(entry.fee, settled),
        net=Money(entry.net, settled),
        happened_at=moment(entry.created),
    )


def fraud_warned(warning: stripe.radar.EarlyFraudWarning) -> FraudWarned:
    """Return what a card's bank warns of."""
    return FraudWarned(
        stripe_warning_id=warning.id,
        charge_id=id_of(warning.charge),
        actionable=warning.actionable,
        warned_at=moment(warning.created),
    )
