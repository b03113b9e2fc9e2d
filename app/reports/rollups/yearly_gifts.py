"""Which gifts carried a pledge for a year, and what came of each of these years."""

from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    ColumnElement,
    DateTime,
    Subquery,
    and_,
    case,
    cast,
    false,
    func,
    literal,
    select,
)
from sqlalchemy import Interval as Span

from app.current import settings, zone
from app.giving.models import Adjustment, Donation, Pledge, PledgeChange
from app.giving.rules import ChangeKind, EndReason, Interval
from app.reports import months


class Came(StrEnum):
    """What came of a year."""

    RENEWED = "renewed"
    LEFT = "left"
    UNPAID = "unpaid"
    OTHERWISE = "otherwise"
    #: The days of grace still run.
    OPEN = "open"


def gifts(*of: ColumnElement[bool]) -> Any:
    """Every wanted gift that carried a pledge for a year, as far as its changes tell."""
    changed = select(PledgeChange.pledge_id).where(PledgeChange.kind == ChangeKind.INTERVAL)
    # The first change after a gift tells the terms it was given on.
    before_change = (
        select(PledgeChange.interval_before)
        .where(
            PledgeChange.pledge_id == Donation.pledge_id,
            PledgeChange.applied_at > Donation.received_at,
        )
        .order_by(PledgeChange.applied_at)
        .limit(1)
        .correlate(Donation)
        .scalar_subquery()
    )
    return (
        select(
            Donation.id,
            Donation.account_id,
            Donation.pledge_id,
            Donation.received_at,
            Donation.amount_minor,
            Donation.currency,
        )
        .join(Pledge, Pledge.id == Donation.pledge_id)
        .where(
            (Pledge.interval == Interval.YEAR) | Pledge.id.in_(changed),
            func.coalesce(before_change, Pledge.interval) == Interval.YEAR,
            *of,
        )
        .subquery("yearly")
    )


def years(*of: ColumnElement[bool], now: datetime | None = None) -> Subquery:
    """Select the years that wanted gifts began: giver, `began`, `ended`, `again`, `came`.

    `again` is the next payment of the same pledge; null where there was none in time. Years of
    which all went back are left out. Without a `now` none is open.
    """
    gift = gifts(*of)
    following = Donation.__table__.alias("following")
    here = zone().key
    ended = func.timezone(here, func.timezone(here, gift.c.received_at) + cast("1 year", Span))
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
        .where(gift.c.amount_minor + went_back > 0)
        .subquery("begun")
    )
    grace = timedelta(days=settings().grace_days)
    in_time = begun.c.next <= begun.c.ended + grace
    came = case(
        (in_time, Came.RENEWED),
        (false() if now is None else is_open(begun.c.ended, now), Came.OPEN),
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
        .subquery("year")
    )


def is_open(ended: Any, now: datetime) -> ColumnElement[bool]:
    """Whether the days of grace after the end of a year still run."""
    last = now - timedelta(days=settings().grace_days)
    return ended > literal(last, DateTime(timezone=True))


def ends_between(since: datetime, until: datetime) -> ColumnElement[bool]:
    """Whether a gift may have begun a year that ends between two moments; an index finds it.

    A few of other days are among them.
    """
    here = zone()
    first, last = (_a_year_before(moment.astimezone(here).date()) for moment in (since, until))
    # A day more, for the 29th of February, on which no other year ends.
    return and_(
        Donation.received_at >= months.start_of(first, here),
        Donation.received_at < months.start_of(last + timedelta(days=2), here),
    )


def _a_year_before(day: date) -> date:
    try:
        return day.replace(year=day.year - 1)
    except ValueError:
        return day.replace(year=day.year - 1, day=28)


def has_moved() -> ColumnElement[bool]:
    """Whether something of a gift went back or came again: such gifts are looked at one by one."""
    return select(Adjustment.id).where(Adjustment.donation_id == Donation.id).exists()
