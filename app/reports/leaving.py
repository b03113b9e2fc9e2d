"""Wishes to leave as reports read them: which were wished in a time, and whether staying held."""

from datetime import timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    Subquery,
    and_,
    case,
    cast,
    func,
    literal,
    or_,
    select,
    union_all,
)

from app.giving.models import PledgeChange
from app.reports import months
from app.reports.rollups import sources
from app.reports.rollups.people_tables import LeaveWish, LeaveWishCount
from app.reports.shape import Asked

#: For so long somebody must stay to have been kept.
HOLDS = timedelta(days=90)
#: What of a wish is read as it is kept.
WISHED = ("id", "account_id", "at", "reason", "became", "how", "saved_at")
#: What is summed of wishes that are alike.
SUMS = ("wishes", "over", "held")


def wishes(asked: Asked) -> Subquery:
    """Select what was wished in the period: id, account_id, at, reason, comment, became, how.

    And `saved_at`, `out_at` (when the pledge ceased to stand, null while it stands), `over`
    (whether the days that show whether it held are over) and `held`. `how` is null unless saved.
    """
    wish = sources.read(LeaveWish)
    until = wish.c.saved_at + HOLDS
    over = func.coalesce(until <= asked.now, False)
    holds = and_(over, wish.c.stood, or_(wish.c.out_at.is_(None), wish.c.out_at >= until))
    found = (
        select(
            *(wish.c[name] for name in WISHED),
            PledgeChange.comment,
            case((wish.c.out_at <= asked.now, wish.c.out_at)).label("out_at"),
            over.label("over"),
            func.coalesce(holds, False).label("held"),
        )
        .outerjoin(PledgeChange, PledgeChange.id == wish.c.id)
        .where(wish.c.at >= asked.since, wish.c.at < max(asked.since, asked.until))
    )
    if asked.currency:
        found = found.where(wish.c.currency == asked.currency)
    return found.subquery()


def alike(asked: Asked) -> Select[Any]:
    """Select how many wishes of the period had each reason, `became` and how.

    And how many of them are `over`, and `held`. A month that runs is counted wish by wish.
    """
    count, one = sources.read(LeaveWishCount), wishes(asked)
    running = months.first_day(asked.now, asked.zone)
    closed: list[ColumnElement[bool]] = [
        count.c.month.between(asked.first, min(asked.last, months.following(running, -1)))
    ]
    if asked.currency:
        closed.append(count.c.currency == asked.currency)
    begins = months.start_of(running, asked.zone)
    parts = union_all(
        select(
            count.c.reason,
            count.c.became,
            func.nullif(count.c.how, "").label("how"),
            count.c.wishes.label("wishes"),
            literal(0).label("over"),
            literal(0).label("held"),
        ).where(*closed),
        select(one.c.reason, one.c.became, one.c.how, literal(1), literal(0), literal(0)).where(
            one.c.at >= begins
        ),
        # Few took their wish back, and whether it held depends on the day.
        select(
            one.c.reason,
            one.c.became,
            one.c.how,
            literal(0),
            cast(one.c.over, Integer),
            cast(one.c.held, Integer),
        ).where(one.c.saved_at.is_not(None)),
    ).subquery()
    keys = (parts.c.reason, parts.c.became, parts.c.how)
    wished = func.sum(parts.c.wishes)
    return (
        select(*keys, *(cast(func.sum(parts.c[name]), Integer) for name in SUMS))
        .group_by(*keys)
        .having(wished > 0)
    )
