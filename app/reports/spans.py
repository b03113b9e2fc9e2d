"""From when to when each pledge stood: the one definition all counts of patrons share."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, literal, or_, select

from app.current import settings
from app.giving.models import Pledge
from app.giving.rules import EndReason, PledgeStatus

#: Why a pledge no longer stands although it has not ended: the patron put it to rest.
PAUSED = "paused"


def spans(now: datetime) -> Select[Any]:
    """Select id, account_id, came_at, out_at and cause of every pledge that stood at some time.

    `out_at` is null while it stands, and then `pledges.standing_at(now)` holds: it ended, its grace
    ran out, or its paused time was used up. The past is told by what is known now: a pledge that
    ended after its grace had run out is counted to its end, since a renewal that failed leaves no
    row of its own.
    """
    grace = timedelta(days=settings().grace_days)
    grace_out = and_(Pledge.status == PledgeStatus.PAST_DUE, Pledge.past_due_since + grace <= now)
    rested_to = func.coalesce(Pledge.paid_until, Pledge.started_at)
    pause_out = and_(Pledge.status == PledgeStatus.PAUSED, rested_to <= now)
    ended = Pledge.ended_at.is_not(None)
    out_at = case(
        (ended, Pledge.ended_at),
        (grace_out, Pledge.past_due_since + grace),
        (pause_out, rested_to),
    )
    cause = case(
        (ended, func.coalesce(Pledge.end_reason, EndReason.UNKNOWN.value)),
        (grace_out, literal(EndReason.UNPAID.value)),
        (pause_out, literal(PAUSED)),
    )
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
