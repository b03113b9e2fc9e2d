"""Wishes to leave: each with its reason, what became of it, and whether a change of mind held.

A wish that is repeated before it was taken back is one. What ended at Stripe without a wish here
is one too, without a reason.
"""

from datetime import timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    DateTime,
    Select,
    String,
    Subquery,
    and_,
    case,
    cast,
    exists,
    func,
    literal,
    null,
    or_,
    select,
    union_all,
)
from sqlalchemy.orm import aliased

from app.giving.models import Pledge, PledgeChange
from app.giving.rules import ChangeKind, EndReason, yearly_minor
from app.reports.queries import PERIODS
from app.reports.shape import Asked
from app.reports.spans import spans

#: A change of the gift within so long of staying belongs to it.
AFTER = timedelta(days=30)
#: For so long somebody must stay to have been kept.
HOLDS = timedelta(days=90)
#: What became of a wish.
LEFT, LEAVING, SAVED = "left", "leaving", "saved"
#: How somebody who wished to leave stayed.
PAUSED, LOWERED, STAYED, ELSEWHERE = "paused", "lowered", "stayed", "elsewhere"
#: The reasons of who gave none, and of pledges ended at Stripe, where none is asked.
UNSAID, AT_STRIPE = "unsaid", "at_stripe"
LEAVES = (ChangeKind.LEAVE, ChangeKind.LEAVE_NOW)


def wishes(asked: Asked) -> Subquery:
    """Select what was wished in the period: id, account_id, at, reason, comment, became, how.

    And `saved_at`, `out_at` (when the pledge ceased to stand, null while it stands), `over`
    (whether the days that show whether it held are over) and `held`. `how` is null unless saved.
    """
    spoken = union_all(_spoken(asked), _silent(asked)).subquery()
    stood = spans(asked.now).subquery()
    until = spoken.c.saved_at + HOLDS
    over = func.coalesce(until <= asked.now, False)
    holds = and_(
        over, stood.c.id.is_not(None), or_(stood.c.out_at.is_(None), stood.c.out_at >= until)
    )
    return (
        select(
            spoken, stood.c.out_at, over.label("over"), func.coalesce(holds, False).label("held")
        )
        .outerjoin(stood, stood.c.id == spoken.c.id)
        .subquery()
    )


def _spoken(asked: Asked) -> Select[Any]:
    """Wishes that were carried out here."""
    by_pledge: dict[str, Any] = {
        "partition_by": PledgeChange.pledge_id,
        "order_by": (PledgeChange.asked_at, PledgeChange.id),
    }
    said = (
        select(
            PledgeChange,
            func.lag(PledgeChange.kind).over(**by_pledge).label("before"),
            func.min(case((PledgeChange.kind == ChangeKind.STAY, PledgeChange.asked_at)))
            .over(rows=(1, None), **by_pledge)
            .label("saved_at"),
        )
        .where(
            PledgeChange.kind.in_((*LEAVES, ChangeKind.STAY)),
            PledgeChange.applied_at.is_not(None),
            PledgeChange.via != "rule",
        )
        .subquery()
    )
    saved, ended = said.c.saved_at.is_not(None), Pledge.ended_at.is_not(None)
    back_at_stripe = and_(~ended, Pledge.ends_at.is_(None))
    return (
        select(
            Pledge.id,
            Pledge.account_id,
            said.c.asked_at.label("at"),
            func.coalesce(said.c.reason, UNSAID).label("reason"),
            said.c.comment.label("comment"),
            case((saved, SAVED), (ended, LEFT), (back_at_stripe, SAVED), else_=LEAVING).label(
                "became"
            ),
            said.c.saved_at,
            case(
                (and_(saved, _changed_after(said, PAUSED)), PAUSED),
                (and_(saved, _changed_after(said, LOWERED)), LOWERED),
                (saved, STAYED),
                (back_at_stripe, ELSEWHERE),
            ).label("how"),
        )
        .join(Pledge, Pledge.id == said.c.pledge_id)
        .where(
            said.c.kind.in_(LEAVES),
            or_(said.c.before.is_(None), said.c.before == ChangeKind.STAY),
            said.c.asked_at >= asked.since,
            said.c.asked_at < max(asked.since, asked.until),
            *_of(asked),
        )
    )


def _changed_after(said: Subquery, how: str) -> ColumnElement[bool]:
    """Whether the gift was paused or lowered soon after somebody stayed."""
    later = aliased(PledgeChange)
    return exists().where(
        later.pledge_id == said.c.pledge_id,
        later.applied_at.is_not(None),
        later.asked_at >= said.c.saved_at,
        later.asked_at < said.c.saved_at + AFTER,
        later.kind == ChangeKind.PAUSE
        if how == PAUSED
        else _by_year(later.amount_after, later.interval_after)
        < _by_year(later.amount_before, later.interval_before),
    )


def _by_year(amount: Any, interval: Any) -> ColumnElement[int]:
    return case(*((interval == each, amount * yearly_minor(1, each)) for each in PERIODS))


def _silent(asked: Asked) -> Select[*tuple[Any, ...]]:
    """Pledges that the patron ended where no wish of theirs was carried out here."""
    wish = exists().where(
        PledgeChange.pledge_id == Pledge.id,
        PledgeChange.kind.in_(LEAVES),
        PledgeChange.applied_at.is_not(None),
    )
    return select(
        Pledge.id,
        Pledge.account_id,
        Pledge.ended_at.label("at"),
        literal(AT_STRIPE).label("reason"),
        cast(null(), String).label("comment"),
        literal(LEFT).label("became"),
        cast(null(), DateTime(timezone=True)).label("saved_at"),
        cast(null(), String).label("how"),
    ).where(
        Pledge.end_reason == EndReason.LEFT,
        Pledge.started_at.is_not(None),
        Pledge.ended_at >= asked.since,
        Pledge.ended_at < max(asked.since, asked.until),
        ~wish,
        *_of(asked),
    )


def _of(asked: Asked) -> tuple[ColumnElement[bool], ...]:
    return (Pledge.currency == asked.currency,) if asked.currency else ()
