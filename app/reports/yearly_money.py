"""Sums of yearly gifts spread over the year they carry: what is owed, what came, what went back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Date,
    Select,
    Time,
    cast,
    func,
    literal,
    select,
    union_all,
)
from sqlalchemy import Interval as Span

from app.extensions import db
from app.giving.models import Adjustment, Donation
from app.reports import periods
from app.reports.rollups import following, reading, yearly_days
from app.reports.rollups.mode import is_raw
from app.reports.rollups.yearly_days import YearlyDay, YearlyEntry
from app.reports.rollups.yearly_gifts import gifts
from app.reports.shape import Asked
from app.reports.yearly_rest import A_YEAR, moments_of, only, rest_of, unearned


@dataclass(frozen=True, slots=True)
class Owed:
    """What of yearly gifts is not earned, and of how many gifts; in minor units."""

    rest: int
    gifts: int


@dataclass(frozen=True, slots=True)
class Begun:
    """The yearly gifts of the day a period ends in: what came, and what of it has not gone back."""

    received: int
    left: Owed


def begun(asked: Asked) -> dict[str, Begun]:
    """Return what is not kept by day yet, by currency: nothing where the period ends as a day does.

    What came on a day has earned nothing on it.
    """
    cut = None if is_raw() else reading.begun(asked.until)
    if cut is None or asked.until < asked.since:
        return {}
    following.fresh(yearly_days.ROLLUP)
    gift = select(gifts(Donation.received_at >= cut.since, Donation.received_at < cut.until))
    # Few of a day's gifts are yearly: what went back is looked up of these.
    of = gift.cte("of_today").prefix_with("MATERIALIZED")
    went_back = (
        select(func.coalesce(func.sum(Adjustment.amount_minor), 0))
        .where(Adjustment.donation_id == of.c.id, Adjustment.happened_at < cut.until)
        .scalar_subquery()
    )
    total = (of.c.amount_minor + went_back).label("total")
    one = select(of.c.currency, of.c.amount_minor, total).where(
        *only(of.c.currency, asked.currency)
    )
    each = one.subquery().c
    rows = db.session.execute(
        select(
            each.currency,
            func.sum(each.amount_minor),
            func.coalesce(func.sum(each.total).filter(each.total > 0), 0),
            func.count().filter(each.total > 0),
        ).group_by(each.currency)
    )
    return {
        currency: Begun(int(received), Owed(int(rest), count))
        for currency, received, rest, count in rows
    }


def owed_at(
    asked: Asked, moments: Sequence[datetime], begun: Mapping[str, Begun]
) -> dict[tuple[datetime, str], Owed]:
    """Return what is owed at each moment in each currency; `begun` is what is not kept yet."""
    if not moments:
        return {}
    if is_raw():
        parts = [rest_of(asked, moments)]
    else:
        following.fresh(yearly_days.ROLLUP)
        parts = [_kept_rest(asked, moments), _moved_rest(asked, moments)]
    each = union_all(*(_as_sums(part) for part in parts)).subquery("each")
    rows = db.session.execute(
        select(
            each.c.moment,
            each.c.currency,
            func.sum(each.c.rest),
            func.sum(each.c.gifts),
        ).group_by(each.c.moment, each.c.currency)
    )
    found = {(at, code): Owed(int(rest), int(count)) for at, code, rest, count in rows}
    for currency, one in begun.items():
        key = max(moments), currency
        so_far = found.get(key, Owed(0, 0))
        found[key] = Owed(so_far.rest + one.left.rest, so_far.gifts + one.left.gifts)
    return found


def _as_sums(part: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
    rest = part.subquery()
    gifts_of = rest.c.gifts if "gifts" in rest.c else literal(1)
    return select(
        rest.c.moment,
        rest.c.currency,
        func.sum(rest.c.rest * gifts_of).label("rest"),
        func.sum(gifts_of).label("gifts"),
    ).group_by(rest.c.moment, rest.c.currency)


def _kept_rest(asked: Asked, moments: Sequence[datetime]) -> Select[*tuple[Any, ...]]:
    """What `rest_of` says of gifts of whole days of which nothing moved, alike ones together."""
    at, table = moments_of(asked, moments), YearlyDay.__table__.c
    # How long each year is, is reckoned once and not for every moment.
    kept = (
        select(table.day, table.currency, table.amount_minor, table.gifts, _length(table.day))
        .where(
            table.day >= reading.day_of(min(moments) - A_YEAR).day,
            table.day < reading.day_of(max(moments)).day,
            *only(table.currency, asked.currency),
        )
        .cte("kept")
        .prefix_with("MATERIALIZED")
    ).c
    rest = unearned(kept.amount_minor, func.least(at.c.day - kept.day, kept.length), kept.length)
    return (
        select(at.c.moment, kept.currency, kept.gifts, rest.label("rest"))
        .where(_carried(kept.day, at.c.day))
        .where(rest != 0)
    )


def _moved_rest(asked: Asked, moments: Sequence[datetime]) -> Select[*tuple[Any, ...]]:
    """What `rest_of` says of gifts of whole days of which something moved, at whatever time."""
    at, entry = moments_of(asked, moments), YearlyEntry.__table__.c
    gift = (
        select(
            at.c.moment,
            at.c.day.label("on"),
            entry.day,
            entry.currency,
            cast(func.sum(entry.amount_minor), BigInteger).label("total"),
        )
        .join_from(at, YearlyEntry, _carried(entry.day, at.c.day) & (entry.at < at.c.moment))
        .where(*only(entry.currency, asked.currency))
        .group_by(at.c.moment, at.c.day, entry.donation_id, entry.day, entry.currency)
        .subquery("gift")
    )
    length = _length(gift.c.day)
    rest = unearned(gift.c.total, func.least(gift.c.on - gift.c.day, length), length)
    return select(gift.c.moment, gift.c.currency, rest.label("rest")).where(
        gift.c.total > 0, rest != 0
    )


def _carried(day: Any, at: Any) -> ColumnElement[bool]:
    """Whether the year of a gift of a day before another one may not be over on that."""
    return (day < at) & (day >= at - A_YEAR.days)


def _length(day: Any) -> Any:
    """How many days the year has that began on a day."""
    return (cast(day + cast("1 year", Span), Date) - day).label("length")


def received(asked: Asked, begun: Mapping[str, Begun]) -> dict[tuple[date, str], int]:
    """Sum the yearly gifts of each month by currency; `begun` is what is not kept yet."""
    if is_raw():
        return _summed(asked, _received())
    following.fresh(yearly_days.ROLLUP)
    table, entry = YearlyDay.__table__.c, YearlyEntry.__table__.c
    first, last = reading.day_of(asked.since).day, reading.day_of(asked.until).day
    # By noon the day is the same in the newsroom's zone, whatever its clocks do.
    noon = func.timezone(asked.zone.key, table.day + cast("12:00", Time))
    parts = [
        select(noon, table.currency, cast(func.sum(table.amount_minor * table.gifts), BigInteger))
        .where(table.day >= first, table.day < last)
        .group_by(table.day, table.currency),
        select(entry.at, entry.currency, entry.amount_minor).where(
            entry.gift, entry.day >= first, entry.day < last
        ),
    ]
    found = _summed(asked, union_all(*parts))
    for currency, one in begun.items():
        key = asked.spans()[-1][0], currency
        found[key] = found.get(key, 0) + one.received
    return found


def _received(*of: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    gift = gifts(*of)
    return select(gift.c.received_at, gift.c.currency, gift.c.amount_minor)


def went_back(asked: Asked) -> dict[tuple[date, str], int]:
    """Sum what moved on yearly gifts in each month, of whatever time; what went is negative."""
    if is_raw():
        gift = gifts()
        moved = select(Adjustment.happened_at, gift.c.currency, Adjustment.amount_minor)
        return _summed(
            asked, moved.join_from(Adjustment, gift, gift.c.id == Adjustment.donation_id)
        )
    following.fresh(yearly_days.ROLLUP)
    entry = YearlyEntry.__table__.c
    return _summed(asked, select(entry.at, entry.currency, entry.amount_minor).where(~entry.gift))


def _summed(asked: Asked, each: Any) -> dict[tuple[date, str], int]:
    if not asked.spans():
        return {}
    at, currency, minor = each.subquery("entry").c
    place = periods.place_of(at, asked).label("place")
    rows = db.session.execute(
        select(place, currency, func.sum(minor))
        .where(periods.within(at, asked), *only(currency, asked.currency))
        .group_by(place, currency)
    )
    return {(periods.month_at(asked, found), code): int(total) for found, code, total in rows}
