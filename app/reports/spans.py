"""From when to when each pledge stood: the one definition all counts of patrons share."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, literal, or_, select

from app.current import settings
from app.giving.models import Pledge
from app.giving.rules import EndReason, MovementCause, PledgeStatus

#: Why a pledge no longer stands although it has not ended: the patron put it to rest.
PAUSED = "paused"
#: What the first movement of a pledge was caused by.
BEGINS = (MovementCause.FIRST_GIFT, MovementCause.ANOTHER_PLEDGE)


class Why(StrEnum):
    """Why somebody is no patron any more; a payment that was disputed is one that failed."""

    WISH = "wish"
    PAYMENT = "payment"
    PAUSED = "paused"
    UNKNOWN = "unknown"


#: The causes that have a word of their own; any other is unknown.
CAUSES = {
    EndReason.LEFT.value: Why.WISH,
    EndReason.UNPAID.value: Why.PAYMENT,
    EndReason.DISPUTED.value: Why.PAYMENT,
    PAUSED: Why.PAUSED,
}


def ends() -> tuple[ColumnElement[datetime], ColumnElement[str]]:
    """When a pledge ceased to stand, or will if nothing else happens to it, and why; or null.

    It ended, its grace runs out, or its paused time is used up. Whoever asks at some moment takes
    what lies ahead as not having happened.
    """
    grace = timedelta(days=settings().grace_days)
    owes = and_(Pledge.status == PledgeStatus.PAST_DUE, Pledge.past_due_since.is_not(None))
    rests = Pledge.status == PledgeStatus.PAUSED
    ended = Pledge.ended_at.is_not(None)
    out_at = case(
        (ended, Pledge.ended_at),
        (owes, Pledge.past_due_since + grace),
        (rests, func.coalesce(Pledge.paid_until, Pledge.started_at)),
    )
    cause = case(
        (ended, func.coalesce(Pledge.end_reason, EndReason.UNKNOWN.value)),
        (owes, literal(EndReason.UNPAID.value)),
        (rests, literal(PAUSED)),
    )
    return out_at, cause


def spans(now: datetime) -> Select[Any]:
    """Select id, account_id, came_at, out_at and cause of every pledge that stood at some time.

    `out_at` is null while it stands, and then `pledges.standing_at(now)` holds: it ended, its grace
    ran out, or its paused time was used up. The past is told by what is known now: a pledge that
    ended after its grace had run out is counted to its end, since a renewal that failed leaves no
    row of its own.
    """
    ends_at, reason = ends()
    over = or_(Pledge.ended_at.is_not(None), ends_at <= now)
    out_at, cause = case((over, ends_at)), case((over, reason))
    return select(
        Pledge.id,
        Pledge.account_id,
        Pledge.started_at.label("came_at"),
        out_at.label("out_at"),
        cause.label("cause"),
    ).where(
        Pledge.started_at <= now,
        or_(out_at.is_(None), out_at > Pledge.started_at),
    )


def stood_at(span: object, moment: ColumnElement[datetime] | datetime) -> ColumnElement[bool]:
    """Whether a row of `spans` stood at a moment; it stands from its first and not at its last."""
    columns = span.c  # type: ignore[attr-defined]
    return and_(columns.came_at <= moment, or_(columns.out_at.is_(None), columns.out_at > moment))
