"""Years that yearly payments began and that have ended, and whether each was paid again."""

from collections.abc import Mapping
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Interval as Span
from sqlalchemy import Select, Subquery, case, cast, func, select

from app.accounts.models import Account
from app.current import settings
from app.extensions import db
from app.giving.models import Adjustment, Donation, Pledge
from app.giving.rules import EndReason
from app.reports import periods
from app.reports.rollups import yearly_days
from app.reports.shape import Asked
from app.reports.yearly_money import A_YEAR

#: No year is shorter, whatever its clocks do.
LEAST = timedelta(days=364)


class Came(StrEnum):
    """What came of a year."""

    RENEWED = "renewed"
    LEFT = "left"
    UNPAID = "unpaid"
    OTHERWISE = "otherwise"
    #: The days of grace still run.
    OPEN = "open"


def years(asked: Asked) -> Subquery:
    """Select the years that ended in the period: giver, `began`, `ended`, `again`, `came`.

    `again` is the next payment of the same pledge; null where there was none in time.
    """
    gift = yearly_days.gifts()
    zone, following = asked.zone.key, Donation.__table__.alias("following")
    ended = func.timezone(zone, func.timezone(zone, gift.c.received_at) + cast("1 year", Span))
    again = (
        select(func.min(following.c.received_at))
        .where(
            following.c.pledge_id == gift.c.pledge_id,
            following.c.received_at > gift.c.received_at,
        )
        .correlate(gift)
        .scalar_subquery()
    )
    went_back = (
        select(func.coalesce(func.sum(Adjustment.amount_minor), 0))
        .where(Adjustment.donation_id == gift.c.id)
        .correlate(gift)
        .scalar_subquery()
    )
    begun = (
        select(gift, ended.label("ended"), again.label("next"))
        .where(
            gift.c.received_at >= asked.since - A_YEAR,
            gift.c.received_at < max(asked.until - LEAST, asked.since - A_YEAR),
            gift.c.amount_minor + went_back > 0,
        )
        .subquery("begun")
    )
    last = begun.c.ended + timedelta(days=settings().grace_days)
    in_time = begun.c.next <= last
    came = case(
        (in_time, Came.RENEWED),
        (last > asked.now, Came.OPEN),
        (Pledge.end_reason == EndReason.LEFT, Came.LEFT),
        (Pledge.end_reason.in_((EndReason.UNPAID, EndReason.DISPUTED)), Came.UNPAID),
        else_=Came.OTHERWISE,
    )
    return (
        select(
            begun.c.id,
            begun.c.account_id,
            begun.c.received_at.label("began"),
            begun.c.ended,
            case((in_time, begun.c.next)).label("again"),
            begun.c.amount_minor,
            begun.c.currency,
            came.label("came"),
        )
        .join(Pledge, Pledge.id == begun.c.pledge_id)
        .where(
            periods.within(begun.c.ended, asked),
            *(() if asked.currency is None else (begun.c.currency == asked.currency,)),
        )
        .subquery("year")
    )


def by_month(asked: Asked) -> Mapping[tuple[date, Came], int]:
    """Count the years that ended in each month by what came of them; one statement."""
    if not asked.spans():
        return {}
    year = years(asked)
    place = periods.place_of(year.c.ended, asked).label("place")
    rows = db.session.execute(
        select(place, year.c.came, func.count()).group_by("place", year.c.came)
    )
    return {(periods.month_at(asked, at), Came(came)): count for at, came, count in rows}


def rows_of(asked: Asked, month: date | None, came: Came | None) -> Select[*tuple[Any, ...]]:
    """Select the years of a month, or of all, by what came of them, the newest first."""
    year = years(asked)
    wanted = [] if came is None else [year.c.came == came]
    for of, since, until in asked.spans():
        if of == month:
            wanted += [year.c.ended >= since, year.c.ended < until]
    return (
        select(year, Account.name)
        .join(Account, Account.id == year.c.account_id)
        .where(*wanted)
        .order_by(year.c.ended.desc(), year.c.id.desc())
    )
