"""Movements: what each change of a pledge does to what recurs, entered with the change itself.

What counts is what a pledge in standing brings by the year: active, or past due within grace.
Paused it brings nothing. Whatever changes a pledge calls `follow` in the same transaction; what
only time changes, a grace that runs out, `grace_over` enters.
"""

import uuid
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, case, func, or_, select

from app.accounts.models import Account
from app.current import settings
from app.extensions import db
from app.giving.models import Pledge, PledgeMovement
from app.giving.rules import (
    FINAL,
    EndReason,
    Interval,
    MovementCause,
    MovementKind,
    PledgeStatus,
    yearly_minor,
)

#: What a pledge that ended was to those who read the figures.
ENDS = {
    EndReason.LEFT: MovementKind.LEFT,
    EndReason.UNPAID: MovementKind.LAPSED,
    EndReason.DISPUTED: MovementKind.LAPSED,
    EndReason.UNKNOWN: MovementKind.ENDED,
}
#: Pledges whose grace is looked after in one transaction each, and at most so many in one run.
MOST = 500


def counted_minor(now: datetime) -> ColumnElement[int]:
    """What a pledge brings by the year at this moment, in minor units, as SQL."""
    grace = timedelta(days=settings().grace_days)
    counts = and_(
        Pledge.started_at.is_not(None),
        or_(
            Pledge.status == PledgeStatus.ACTIVE,
            and_(Pledge.status == PledgeStatus.PAST_DUE, Pledge.past_due_since > now - grace),
        ),
    )
    yearly = case(
        (Pledge.interval == Interval.MONTH, Pledge.amount_minor * yearly_minor(1, Interval.MONTH)),
        else_=Pledge.amount_minor,
    )
    return case((counts, yearly), else_=0)


def follow(pledge: Pledge, *, now: datetime) -> None:
    """Enter what has changed of a pledge since its last movement; nothing where nothing has.

    The caller holds the pledge's row and commits. Safe to run twice.
    """
    if pledge.started_at is None:
        return
    entered = _entered(pledge.id) or [_begin(pledge, now)]
    if pledge.started_at < entered[0].at:
        entered += _begin_earlier(pledge, entered[0], now)
    before = sum(one.yearly_minor for one in entered if one.currency == pledge.currency)
    value = counted(pledge, now)
    last = [one for one in entered if one.kind != MovementKind.CORRECTION][-1]
    left_at_rest = pledge.status in FINAL and last.kind == MovementKind.PAUSED
    if value != before or left_at_rest:
        kind, cause = _what(pledge, last, before, value)
        # Nothing happens to a pledge before what was entered of it.
        at = max(_when(pledge, cause, now), *(one.at for one in entered))
        enter(pledge, kind, cause, value - before, at=at, now=now)


def grace_over(*, now: datetime) -> int:
    """Enter the movements of pledges whose grace has run out; commits each. Return how many."""
    grace = timedelta(days=settings().grace_days)
    over = select(Pledge.id).where(
        Pledge.status == PledgeStatus.PAST_DUE,
        Pledge.past_due_since <= now - grace,
        _sum_of_pledge() != 0,
    )
    count = 0
    for pledge_id in db.session.scalars(over.limit(MOST)).all():
        pledge = db.session.get(Pledge, pledge_id, with_for_update=True, populate_existing=True)
        if pledge is not None:
            follow(pledge, now=now)
            count += 1
        db.session.commit()
    return count


def _sum_of_pledge() -> ColumnElement[int]:
    return (
        select(func.coalesce(func.sum(PledgeMovement.yearly_minor), 0))
        .where(PledgeMovement.pledge_id == Pledge.id)
        .correlate(Pledge)
        .scalar_subquery()
    )


def _entered(pledge_id: uuid.UUID) -> list[PledgeMovement]:
    db.session.flush()
    return list(
        db.session.scalars(
            select(PledgeMovement)
            .where(PledgeMovement.pledge_id == pledge_id)
            .order_by(PledgeMovement.at, PledgeMovement.id)
        )
    )


def counted(pledge: Pledge, now: datetime) -> int:
    """Return `counted_minor` of one pledge that has begun."""
    yearly = yearly_minor(pledge.amount_minor, Interval(pledge.interval))
    if pledge.status == PledgeStatus.ACTIVE:
        return yearly
    if pledge.status == PledgeStatus.PAST_DUE and pledge.past_due_since is not None:
        grace = timedelta(days=settings().grace_days)
        return yearly if pledge.past_due_since > now - grace else 0
    return 0


def _begin(pledge: Pledge, now: datetime) -> PledgeMovement:
    """Enter that a pledge began, also where it has ended or rests by the time this is known."""
    assert pledge.started_at is not None
    kind, cause = MovementKind.NEW, MovementCause.FIRST_GIFT
    if _gives_otherwise(pledge):
        kind, cause = MovementKind.UP, MovementCause.ANOTHER_PLEDGE
    elif _gave_before(pledge):
        kind = MovementKind.RETURNING
    yearly = yearly_minor(pledge.amount_minor, Interval(pledge.interval))
    return enter(pledge, kind, cause, yearly, at=pledge.started_at, now=now)


def _what(
    pledge: Pledge, last: PledgeMovement, before: int, value: int
) -> tuple[MovementKind, str]:
    """Tell what kind of movement leads from one value to the other, and what brought it about."""
    if before and value:
        kind = MovementKind.UP if value > before else MovementKind.DOWN
        return kind, MovementCause.TERMS
    if value and last.kind == MovementKind.PAUSED:
        return MovementKind.RESUMED, MovementCause.RESUME
    if value:
        gives_on = _gives_otherwise(pledge)
        return (MovementKind.UP if gives_on else MovementKind.RETURNING), MovementCause.RECOVERED
    if pledge.status == PledgeStatus.PAUSED:
        return MovementKind.PAUSED, MovementCause.PAUSE
    if pledge.status in FINAL:
        reason = EndReason(pledge.end_reason or EndReason.UNKNOWN)
        return (MovementKind.DOWN if before and _gives_otherwise(pledge) else ENDS[reason]), reason
    gives_on = _gives_otherwise(pledge)
    return (MovementKind.DOWN if gives_on else MovementKind.LAPSED), MovementCause.GRACE_OVER


def _gives_otherwise(pledge: Pledge) -> bool:
    """Whether another pledge of the same person brings something."""
    # Two pledges that change at once wait for each other, or neither would see the other.
    db.session.get(Account, pledge.account_id, with_for_update={"key_share": True})
    return bool(
        db.session.scalar(
            select(func.coalesce(func.sum(PledgeMovement.yearly_minor), 0)).where(
                PledgeMovement.account_id == pledge.account_id,
                PledgeMovement.pledge_id != pledge.id,
            )
        )
    )


def _gave_before(pledge: Pledge) -> bool:
    """Whether the person gave on another pledge before this one began."""
    return bool(
        db.session.scalar(
            select(
                select(PledgeMovement.id)
                .where(
                    PledgeMovement.account_id == pledge.account_id,
                    PledgeMovement.pledge_id != pledge.id,
                    PledgeMovement.at <= pledge.started_at,
                )
                .exists()
            )
        )
    )


def _when(pledge: Pledge, cause: str, now: datetime) -> datetime:
    """Return when it happened: as the pledge itself tells, or when Stripe was asked."""
    if pledge.ended_at is not None:
        return pledge.ended_at
    if cause == MovementCause.GRACE_OVER and pledge.past_due_since is not None:
        return pledge.past_due_since + timedelta(days=settings().grace_days)
    return pledge.seen_at or now


def _begin_earlier(pledge: Pledge, first: PledgeMovement, now: datetime) -> list[PledgeMovement]:
    """Enter that a pledge had begun earlier than was known, so that every month is right."""
    assert pledge.started_at is not None
    kind, cause, minor = MovementKind.CORRECTION, MovementCause.EARLIER_GIFT, first.yearly_minor
    moments = ((minor, pledge.started_at), (-minor, first.at))
    return [
        enter(pledge, kind, cause, by, at=at, now=now, currency=first.currency)
        for by, at in moments
    ]


def enter(
    pledge: Pledge,
    kind: MovementKind,
    cause: str,
    minor: int,
    *,
    at: datetime,
    now: datetime,
    currency: str | None = None,
) -> PledgeMovement:
    """Add one movement of a pledge whose row the caller holds; the caller commits."""
    row = PledgeMovement(
        account_id=pledge.account_id,
        pledge_id=pledge.id,
        kind=kind,
        cause=cause,
        yearly_minor=minor,
        currency=currency or pledge.currency,
        interval=pledge.interval,
        at=at,
        entered_at=now,
    )
    db.session.add(row)
    return row
