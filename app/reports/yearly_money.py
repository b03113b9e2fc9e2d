"""Yearly gifts spread over the year they carry: what of them is earned by a day and what is not."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Date,
    DateTime,
    Select,
    Time,
    cast,
    column,
    func,
    literal,
    select,
    union_all,
)
from sqlalchemy import Interval as Span
from sqlalchemy.dialects.postgresql import ARRAY

from app.accounts.models import Account
from app.extensions import db
from app.giving.models import Adjustment, Donation
from app.reports import periods
from app.reports.rollups import following, reading, yearly_days
from app.reports.rollups.mode import is_raw
from app.reports.rollups.yearly_days import YearlyDay, YearlyEntry
from app.reports.rollups.yearly_gifts import gifts
from app.reports.shape import Asked

#: No year is longer, whatever its clocks do.
A_YEAR = timedelta(days=368)


def _rest(
    asked: Asked, moments: Sequence[datetime], *of: ColumnElement[bool]
) -> Select[*tuple[Any, ...]]:
    """Each wanted yearly gift at each moment with its `total` and what of it is not earned, `rest`.

    Earned is the total by the days that have passed of the year from the day it was received, to
    the nearest minor unit. What went back by then is no part of the total; a gift of which nothing
    is left has no rest.
    """
    at = _at(asked, moments)
    gift = gifts(*of)
    went_back = (
        select(func.coalesce(func.sum(Adjustment.amount_minor), 0))
        .where(Adjustment.donation_id == gift.c.id, Adjustment.happened_at < at.c.moment)
        .correlate(gift, at)
        .scalar_subquery()
    )
    total = cast(gift.c.amount_minor + went_back, BigInteger)
    began = cast(func.timezone(asked.zone.key, gift.c.received_at), Date)
    length = cast(began + cast("1 year", Span), Date) - began
    spread = (
        select(
            at.c.moment,
            gift,
            total.label("total"),
            length.label("length"),
            func.least(at.c.day - began, length).label("passed"),
        )
        .join_from(
            at,
            gift,
            (gift.c.received_at < at.c.moment) & (gift.c.received_at >= at.c.moment - A_YEAR),
        )
        .where(*_only(gift.c.currency, asked.currency))
        .subquery("spread")
    )
    columns = spread.c
    rest = _unearned(columns.total, columns.passed, columns.length)
    return select(spread, rest.label("rest")).where(columns.total > 0, rest != 0)


def _at(asked: Asked, moments: Sequence[datetime]) -> Any:
    """Moments as rows, each with its day."""
    days = [moment.astimezone(asked.zone).date() for moment in moments]
    return (
        func.unnest(cast(list(moments), ARRAY(DateTime(timezone=True))), cast(days, ARRAY(Date)))
        .table_valued(column("moment", DateTime(timezone=True)), column("day", Date))
        .render_derived()
    )


def _unearned(total: Any, passed: Any, length: Any) -> ColumnElement[int]:
    """What of a total is not earned after so many days of its year, to the nearest minor unit."""
    # Of whole numbers nothing is less than 0, and their division is quick.
    return total - (2 * total * passed + length) // (2 * length)


def owed_at(asked: Asked, moments: Sequence[datetime]) -> dict[tuple[datetime, str], Any]:
    """Return `rest` and `gifts`, their sum and number, at each moment in each currency."""
    if not moments:
        return {}
    if is_raw():
        parts = [_rest(asked, moments)]
    else:
        following.fresh(yearly_days.ROLLUP)
        parts = [_kept_rest(asked, moments), _moved_rest(asked, moments)]
        last = max(moments)
        if cut := reading.begun(last):
            parts.append(_rest(asked, [last], Donation.received_at >= cut.since))
    each = union_all(*(_as_sums(part) for part in parts)).subquery("each")
    rows = db.session.execute(
        select(
            each.c.moment,
            each.c.currency,
            func.sum(each.c.rest).label("rest"),
            func.sum(each.c.gifts).label("gifts"),
        ).group_by(each.c.moment, each.c.currency)
    )
    found: dict[tuple[datetime, str], Any] = {}
    for row in rows:
        found[row.moment, row.currency] = row
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
    """What `_rest` says of gifts of whole days of which nothing moved, alike ones together."""
    at, kept = _at(asked, moments), YearlyDay.__table__.c
    rest = _rest_of(kept.amount_minor, kept.day, at.c.day)
    return (
        select(at.c.moment, kept.currency, kept.gifts, rest.label("rest"))
        .join_from(at, YearlyDay, _carried(kept.day, at.c.day))
        .where(rest != 0, *_only(kept.currency, asked.currency))
    )


def _moved_rest(asked: Asked, moments: Sequence[datetime]) -> Select[*tuple[Any, ...]]:
    """What `_rest` says of gifts of whole days of which something moved, at whatever time."""
    at, entry = _at(asked, moments), YearlyEntry.__table__.c
    gift = (
        select(
            at.c.moment,
            at.c.day.label("on"),
            entry.day,
            entry.currency,
            cast(func.sum(entry.amount_minor), BigInteger).label("total"),
        )
        .join_from(at, YearlyEntry, _carried(entry.day, at.c.day) & (entry.at < at.c.moment))
        .where(*_only(entry.currency, asked.currency))
        .group_by(at.c.moment, at.c.day, entry.donation_id, entry.day, entry.currency)
        .subquery("gift")
    )
    rest = _rest_of(gift.c.total, gift.c.day, gift.c.on)
    return select(gift.c.moment, gift.c.currency, rest.label("rest")).where(
        gift.c.total > 0, rest != 0
    )


def _carried(day: Any, at: Any) -> ColumnElement[bool]:
    """Whether the year of a gift of a day before another one may not be over on that."""
    return (day < at) & (day >= at - A_YEAR.days)


def _rest_of(total: Any, day: Any, at: Any) -> ColumnElement[int]:
    """What of a total given on a day is not earned on another one."""
    length = cast(day + cast("1 year", Span), Date) - day
    return _unearned(total, func.least(at - day, length), length)


def received(asked: Asked) -> dict[tuple[date, str], int]:
    """Sum the yearly gifts of each month by currency."""
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
    if cut := reading.begun(asked.until):
        parts.append(_received(Donation.received_at >= cut.since))
    return _summed(asked, union_all(*parts))


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
        .where(periods.within(at, asked), *_only(currency, asked.currency))
        .group_by(place, currency)
    )
    return {(periods.month_at(asked, found), code): int(total) for found, code, total in rows}


def rows_at(asked: Asked, moment: datetime, currency: str) -> Select[*tuple[Any, ...]]:
    """Select the gifts with a rest at a moment, the newest first, each with its giver's name."""
    rest = _rest(asked, [moment]).subquery("rest")
    return (
        select(rest, Account.name)
        .join(Account, Account.id == rest.c.account_id)
        .where(rest.c.currency == currency)
        .order_by(rest.c.received_at.desc(), rest.c.id.desc())
    )


def rows_received(since: datetime, until: datetime, currency: str) -> Select[*tuple[Any, ...]]:
    """Select the yearly gifts of a span, the newest first, each with its giver's name."""
    gift = gifts()
    return (
        select(gift, Account.name)
        .join(Account, Account.id == gift.c.account_id)
        .where(
            gift.c.received_at >= since,
            gift.c.received_at < until,
            gift.c.currency == currency,
        )
        .order_by(gift.c.received_at.desc(), gift.c.id.desc())
    )


def _only(of: Any, value: str | None) -> tuple[ColumnElement[bool], ...]:
    return () if value is None else (of == value,)
