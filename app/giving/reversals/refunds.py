"""Refunds: asked for by staff, agreed to, carried out at Stripe, and how far each has come."""

import uuid
from datetime import datetime

from sqlalchemy import select

from app.accounts import approvals, audit
from app.extensions import db
from app.giving.books import ledger
from app.giving.models import Donation, Refund
from app.giving.reversals import endings, reversal_letters
from app.giving.reversals.refundable import check, left, needs_second
from app.giving.rules import RefundReason, RefundStatus
from app.jobs import Job, enqueue_after_commit
from app.money import Money
from app.payments.facts import RefundSeen, RefundState
from app.payments.gateway import GatewayError, GatewayUnavailable, PaymentGateway
from app.payments.orders import RefundOrder

#: What a refund may be when it has failed for good.
BROKEN = (RefundStatus.REFUSED, RefundStatus.FAILED, RefundStatus.CANCELLED)

STATUSES = {
    RefundState.PENDING: RefundStatus.PENDING,
    RefundState.SUCCEEDED: RefundStatus.SUCCEEDED,
    RefundState.FAILED: RefundStatus.FAILED,
    RefundState.CANCELLED: RefundStatus.CANCELLED,
}


class UnknownRefund(LookupError):
    """There is no such refund."""


def ask(
    donation_id: int,
    amount: Money,
    *,
    reason: RefundReason,
    note: str,
    tells: bool,
    ends_pledge: bool = False,
    by: int,
    refund_id: uuid.UUID | None = None,
    now: datetime,
) -> Refund:
    """Ask for a refund of a gift, whole or in part; commits. `by` is a member of staff.

    A form that is sent twice names the same `refund_id` and asks once. Its status says what
    follows: `APPROVED`, then it is owed and `carry_out` does it; `ASKED`, then a second member of
    staff has to agree by `decide`. Raises `UnknownDonation`, `OutsideStripe`, `Contested`,
    `TooMuch`, `NobodyToApprove`; then nothing is kept.
    """
    donation = ledger.locked(donation_id)
    refund_id = refund_id or uuid.uuid4()
    asked = db.session.get(Refund, refund_id)
    if asked is not None and asked.donation_id == donation_id:
        db.session.commit()
        return asked
    check(donation, amount)
    second = needs_second(donation, amount)
    if second:
        approvals.ask("refund", refund_id, by, now=now)
    refund = Refund(
        id=refund_id,
        donation_id=donation.id,
        amount_minor=amount.minor,
        currency=amount.currency,
        status=RefundStatus.ASKED,
        reason=reason,
        note=note.strip(),
        tells=tells,
        ends_pledge=ends_pledge and donation.pledge_id is not None,
        asked_by_id=by,
        asked_at=now,
        attempts=0,
    )
    db.session.add(refund)
    _noted(by, "refund_asked", refund, donation, now)
    if not second:
        _approve(refund, donation, by, now)
    db.session.commit()
    return refund


def decide(refund_id: uuid.UUID, *, approved: bool, by: int, now: datetime) -> Refund:
    """Agree to a refund as the second member of staff, or decline it; commits.

    Raises `UnknownRefund`, and what `approvals.decide` raises.
    """
    refund = db.session.get(Refund, refund_id)
    approval = approvals.of_subject("refund", refund_id)
    if refund is None or approval is None:
        raise UnknownRefund(str(refund_id))
    approvals.decide(approval.id, by, approved=approved, now=now)
    donation = ledger.locked(refund.donation_id)
    if approved:
        refund.approved_by_id = by
        _noted(by, "refund_approved", refund, donation, now)
        _approve(refund, donation, refund.asked_by_id, now)
    else:
        refund.status, refund.settled_at = RefundStatus.DECLINED, now
        _noted(by, "refund_declined", refund, donation, now)
    db.session.commit()
    return refund


def by_rule(donation: Donation, *, now: datetime) -> Refund:
    """Owe the refund of what is left of a gift that was no gift, and its pledge's end.

    The caller holds the donation's row and commits.
    """
    refund = Refund(
        id=uuid.uuid4(),
        donation_id=donation.id,
        amount_minor=left(donation).minor,
        currency=donation.currency,
        reason=RefundReason.FRAUD,
        ends_pledge=donation.pledge_id is not None,
        asked_at=now,
        attempts=0,
    )
    db.session.add(refund)
    _noted(None, "refund_by_rule", refund, donation, now)
    _approve(refund, donation, None, now)
    return refund


def _approve(refund: Refund, donation: Donation, by: int | None, now: datetime) -> None:
    refund.status = RefundStatus.APPROVED
    refund.due_at = now
    if refund.ends_pledge and donation.pledge_id is not None:
        why = endings.FRAUD if refund.reason == RefundReason.FRAUD else endings.REFUNDED
        endings.owe(donation.pledge_id, reason=why, by_account_id=by, now=now)
    enqueue_after_commit(Job.CARRY_OUT)


def carry_out(refund_id: uuid.UUID, gateway: PaymentGateway, *, now: datetime) -> Refund:
    """Ask Stripe for a refund that is owed and enter what it says; commits. Safe to run twice.

    Raises nothing for Stripe: one that did not answer leaves the refund owed, for as long as it
    takes, one that refused leaves it `REFUSED` with the reason on its row and a letter to staff.
    """
    refund = db.session.get_one(Refund, refund_id, populate_existing=True)
    charge_id = db.session.get_one(Donation, refund.donation_id).stripe_charge_id
    db.session.commit()
    if refund.status != RefundStatus.APPROVED or charge_id is None:
        return refund
    order = RefundOrder(
        refund.id, charge_id, refund.amount, fraud=refund.reason == RefundReason.FRAUD
    )
    refusal: str | None = None
    try:
        for fact in gateway.refund(order).facts:
            if isinstance(fact, RefundSeen):
                apply(fact, now=now)
    except GatewayUnavailable as error:
        db.session.rollback()
        refund.unanswered(f"{type(error).__name__}: {error}")
        db.session.commit()
        return refund
    except GatewayError as error:
        db.session.rollback()
        refusal = str(error)
    refund = db.session.get_one(Refund, refund_id, with_for_update=True, populate_existing=True)
    if refund.status == RefundStatus.APPROVED:
        _refuse(refund, refusal or "already refunded at Stripe", now)
    db.session.commit()
    return refund


def _refuse(refund: Refund, why: str, now: datetime) -> None:
    refund.status, refund.settled_at = RefundStatus.REFUSED, now
    refund.failure = why[:60]
    refund.done()
    reversal_letters.owe_broken(refund, now=now)


def apply(seen: RefundSeen, *, now: datetime) -> None:
    """Enter what Stripe says of a refund, and what moved for it. The caller commits.

    May run twice, late and in any order: an answer older than the newest applied changes no state,
    and each movement is entered once. One made at Stripe itself is entered as such. Raises
    `UnknownDonation` where the payment has not been entered yet.
    """
    donation = ledger.locked_charge(seen.charge_id)
    refund = _found(seen) or _enter(seen, donation)
    for movement in seen.movements:
        ledger.enter_movement(donation, movement, refund_id=refund.id, now=now)
    if refund.seen_at is not None and seen.seen_at < refund.seen_at:
        return
    before, refund.status = refund.status, STATUSES[seen.state]
    refund.seen_at, refund.stripe_refund_id = seen.seen_at, seen.stripe_refund_id
    refund.failure = seen.failure[:60] if seen.failure else None
    refund.done()
    if refund.status == before:
        return
    refund.settled_at = None if seen.state is RefundState.PENDING else now
    if refund.status == RefundStatus.SUCCEEDED:
        reversal_letters.owe_refund(refund, donation, now=now)
    elif refund.status in BROKEN:
        reversal_letters.owe_broken(refund, now=now)


def _found(seen: RefundSeen) -> Refund | None:
    """Our row of a refund, by Stripe's id or by ours; under the lock of its donation."""
    fresh = {"populate_existing": True}
    known = db.session.scalars(
        select(Refund).where(Refund.stripe_refund_id == seen.stripe_refund_id),
        execution_options=fresh,
    ).one_or_none()
    if known is not None or seen.refund_id is None:
        return known
    ours = db.session.get(Refund, seen.refund_id, populate_existing=True)
    return ours if ours is not None and ours.stripe_refund_id is None else None


def _enter(seen: RefundSeen, donation: Donation) -> Refund:
    """Write the row of a refund that was made at Stripe."""
    refund = Refund(
        id=uuid.uuid4(),
        donation_id=donation.id,
        amount_minor=seen.amount.minor,
        currency=seen.amount.currency,
        status=RefundStatus.PENDING,
        reason=RefundReason.AT_STRIPE,
        asked_at=seen.made_at,
        stripe_refund_id=seen.stripe_refund_id,
        attempts=0,
    )
    db.session.add(refund)
    db.session.flush()
    return refund


def _noted(by: int | None, act: str, refund: Refund, donation: Donation, now: datetime) -> None:
    audit.note(
        by,
        act,
        "refund",
        refund.id,
        account_id=donation.account_id,
        now=now,
        donation_id=donation.id,
        amount_minor=refund.amount_minor,
        currency=refund.currency,
        reason=refund.reason,
        ends_pledge=refund.ends_pledge or None,
    )
