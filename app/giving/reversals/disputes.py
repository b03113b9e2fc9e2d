"""Disputes and the warnings before them: gifts that a bank contests, and what the house does."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from app.accounts.models import Role
from app.current import settings
from app.extensions import db
from app.giving.books import ledger
from app.giving.models import Dispute, Donation, FraudWarning
from app.giving.reversals import endings, refunds, reversal_letters
from app.giving.reversals.refundable import left
from app.payments.facts import DisputeSeen, DisputeState, FraudWarned

#: The states in which the bank has taken the money, or had.
TAKEN = (DisputeState.OPEN, DisputeState.WON, DisputeState.LOST)
#: The states from which nothing more comes.
OVER = (DisputeState.WON, DisputeState.LOST, DisputeState.CLOSED)
#: Who hears of disputes and warnings.
WHO_HEARS = (Role.FINANCE, Role.OWNER)


def apply(seen: DisputeSeen, *, now: datetime) -> None:
    """Enter what Stripe says of a dispute, and what moved for it. The caller commits.

    May run twice, late and in any order, as `refunds.apply`. Once the bank has taken the money the
    pledge ends by rule; a mere inquiry ends nothing. Raises `UnknownDonation` where the payment has
    not been entered yet.
    """
    donation = ledger.locked_charge(seen.charge_id)
    dispute = db.session.scalars(
        select(Dispute).where(Dispute.stripe_dispute_id == seen.stripe_dispute_id),
        execution_options={"populate_existing": True},
    ).one_or_none()
    before = dispute.status if dispute is not None else None
    if dispute is None:
        dispute = _enter(seen, donation)
    for movement in seen.movements:
        ledger.enter_movement(donation, movement, dispute_id=dispute.id, now=now)
    if seen.seen_at < dispute.seen_at:
        return
    dispute.seen_at, dispute.status = seen.seen_at, seen.state
    dispute.amount_minor, dispute.reason = seen.amount.minor, seen.reason[:60]
    dispute.evidence_due_at = seen.evidence_due_at
    if dispute.status == before:
        return
    over = seen.state in OVER
    dispute.closed_at = (dispute.closed_at or now) if over else None
    if seen.state in TAKEN and donation.pledge_id is not None:
        endings.owe(donation.pledge_id, reason=endings.DISPUTED, now=now)
    kind = "dispute_closed" if over else "dispute_opened"
    reversal_letters.owe_staff(kind, f"{dispute.id}:{seen.state}", WHO_HEARS, now=now)


def _enter(seen: DisputeSeen, donation: Donation) -> Dispute:
    dispute = Dispute(
        stripe_dispute_id=seen.stripe_dispute_id,
        donation_id=donation.id,
        amount_minor=seen.amount.minor,
        currency=seen.amount.currency,
        status=seen.state,
        reason=seen.reason[:60],
        opened_at=seen.opened_at,
        seen_at=seen.seen_at,
    )
    db.session.add(dispute)
    db.session.flush()
    return dispute


def warned(fact: FraudWarned, *, now: datetime) -> None:
    """Act on a bank's warning of fraud, once. The caller commits.

    A small gift is sent back and its pledge ended by rule; a larger one is left to staff, who get
    a letter. Raises `UnknownDonation` where the payment has not been entered yet.
    """
    donation = ledger.locked_charge(fact.charge_id)
    outcome = _outcome(donation, fact)
    warning_id = db.session.scalar(
        insert(FraudWarning)
        .values(
            stripe_warning_id=fact.stripe_warning_id,
            donation_id=donation.id,
            outcome=outcome,
            warned_at=fact.warned_at,
        )
        .on_conflict_do_nothing()
        .returning(FraudWarning.id)
    )
    if warning_id is None:
        return
    if outcome == "refunded":
        refunds.by_rule(donation, now=now)
    elif outcome == "left":
        reversal_letters.owe_staff("fraud_warning", str(warning_id), WHO_HEARS, now=now)


def _outcome(donation: Donation, fact: FraudWarned) -> str:
    contested = select(Dispute.id).where(
        Dispute.donation_id == donation.id, Dispute.status == DisputeState.OPEN
    )
    gone = left(donation).minor == 0 or bool(db.session.scalar(select(contested.exists())))
    if gone or not fact.actionable:
        return "moot"
    return "refunded" if donation.amount.major <= settings().fraud_refund_most else "left"
