"""The statements that define wishes to leave: each with its reason, and what became of it.

A wish that is repeated before it was taken back is one. What ended at Stripe without a wish here
is one too, without a reason.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    DateTime,
    FromClause,
    Select,
    String,
    Subquery,
    and_,
    case,
    cast,
    exists,
    func,
    literal,
    literal_column,
    null,
    or_,
    select,
    union_all,
)
from sqlalchemy.orm import aliased

from app.giving.models import Pledge, PledgeChange
from app.giving.rules import ChangeKind, EndReason, Interval, yearly_minor
from app.reports.rollups.people_rows import month, of

#: A change of the gift within so long of staying belongs to it.
AFTER = timedelta(days=30)
#: What became of a wish.
LEFT, LEAVING, SAVED = "left", "leaving", "saved"
#: How somebody who wished to leave stayed.
PAUSED, LOWERED, STAYED, ELSEWHERE = "paused", "lowered", "stayed", "elsewhere"
#: The reasons of who gave none, and of pledges ended at Stripe, where none is asked.
UNSAID, AT_STRIPE = "unsaid", "at_stripe"
LEAVES = (ChangeKind.LEAVE, ChangeKind.LEAVE_NOW)


def wishes(span: FromClause, accounts: Sequence[int] | None = None) -> Select[Any]:
    """Define `LeaveWish`."""
    spoken = union_all(_spoken(accounts), _silent(accounts)).subquery()
    return select(spoken, span.c.pledge_id.is_not(None).label("stood"), span.c.out_at).outerjoin(
        span, span.c.pledge_id == spoken.c.pledge_id
    )


def counts(wish: FromClause) -> Select[Any]:
    """Define `LeaveWishCount`."""
    keys = (
        wish.c.currency,
        month(wish.c.at).label("month"),
        wish.c.reason,
        wish.c.became,
        func.coalesce(wish.c.how, "").label("how"),
    )
    places = (literal_column(str(place), String) for place in range(1, len(keys) + 1))
    return select(*keys, func.count().label("wishes")).select_from(wish).group_by(*places)


def _spoken(accounts: Sequence[int] | None) -> Select[Any]:
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
            *_of(PledgeChange.pledge_id, accounts),
        )
        .subquery()
    )
    saved, ended = said.c.saved_at.is_not(None), Pledge.ended_at.is_not(None)
    back_at_stripe = and_(~ended, Pledge.ends_at.is_(None))
    return (
        select(
            said.c.id.label("id"),
            Pledge.id.label("pledge_id"),
            Pledge.account_id,
            Pledge.currency,
            said.c.asked_at.label("at"),
            func.coalesce(said.c.reason, UNSAID).label("reason"),
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
            *of(Pledge.account_id, accounts),
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
    return case(
        *(
            (interval == each, amount * yearly_minor(1, each))
            for each in (Interval.MONTH, Interval.YEAR)
        )
    )


def _silent(accounts: Sequence[int] | None) -> Select[*tuple[Any, ...]]:
    """Pledges that the patron ended where no wish of theirs was carried out here."""
    wish = exists().where(
        PledgeChange.pledge_id == Pledge.id,
        PledgeChange.kind.in_(LEAVES),
        PledgeChange.applied_at.is_not(None),
    )
    return select(
        Pledge.id.label("id"),
        Pledge.id.label("pledge_id"),
        Pledge.account_id,
        Pledge.currency,
        Pledge.ended_at.label("at"),
        literal(AT_STRIPE).label("reason"),
        literal(LEFT).label("became"),
        cast(null(), DateTime(timezone=True)).label("saved_at"),
        cast(null(), String).label("how"),
    ).where(
        Pledge.end_reason == EndReason.LEFT,
        Pledge.started_at.is_not(None),
        Pledge.ended_at.is_not(None),
        ~wish,
        *of(Pledge.account_id, accounts),
    )


def _of(pledge_id: Any, accounts: Sequence[int] | None) -> tuple[ColumnElement[bool], ...]:
    """The condition that something is of a pledge of some accounts; none for all."""
    if accounts is None:
        return ()
    return (pledge_id.in_(select(Pledge.id).where(*of(Pledge.account_id, accounts))),)
