"""Yearly gifts spread over the year they carry: what of them is earned by a day and what is not."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Date,
    DateTime,
    Row,
    Select,
    cast,
    column,
    func,
    select,
)
from sqlalchemy import Interval as Span
from sqlalchemy.dialects.postgresql import ARRAY

from app.accounts.models import Account
from app.extensions import db
from app.giving.models import Adjustment, Donation, Pledge, PledgeChange
from app.giving.rules import ChangeKind, Interval
from app.reports import periods
from app.reports.shape import Asked

#: No year is longer, whatever its clocks do.
A_YEAR = timedelta(days=368)


def gifts() -> Any:
    """Every gift that carried a pledge for a year, as far as its changes tell."""
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
        )
        .subquery("yearly")
    )


def _rest(asked: Asked, moments: Sequence[datetime]) -> Select[*tuple[Any, ...]]:
    """Each yearly gift at each moment with its `total` and what of it is not earned, `rest`.

    Earned is the total by the days that have passed of the year from the day it was received, to
    the nearest minor unit. What went back by then is no part of the total; a gift of which nothing
    is left has no rest.
    """
    days = [moment.astimezone(asked.zone).date() for moment in moments]
    at = (
        func.unnest(cast(list(moments), ARRAY(DateTime(timezone=True))), cast(days, ARRAY(Date)))
        .table_valued(column("moment", DateTime(timezone=True)), column("day", Date))
        .render_derived()
    )
    gift = gifts()
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
    earned = func.div(
        2 * columns.total * columns.passed + columns.length, 2 * columns.length, type_=BigInteger
    )
    rest = cast(columns.total - earned, BigInteger)
    return select(spread, rest.label("rest")).where(columns.total > 0, rest != 0)


def owed_at(asked: Asked, moments: Sequence[datetime]) -> dict[tuple[datetime, str], Row[Any]]:
    """Return `rest` and `gifts`, their sum and number, at each moment in each currency."""
    if not moments:
        return {}
    rest = _rest(asked, moments).subquery("rest")
    rows = db.session.execute(
        select(
            rest.c.moment,
            rest.c.currency,
            func.sum(rest.c.rest).label("rest"),
            func.count().label("gifts"),
        ).group_by(rest.c.moment, rest.c.currency)
    )
    return {(row.moment, row.currency): row for row in rows}


def received(asked: Asked) -> dict[tuple[date, str], int]:
    """Sum the yearly gifts of each month by currency."""
    gift = gifts()
    return _summed(asked, select(gift.c.received_at, gift.c.currency, gift.c.amount_minor))


def went_back(asked: Asked) -> dict[tuple[date, str], int]:
    """Sum what moved on yearly gifts in each month, of whatever time; what went is negative."""
    gift = gifts()
    moved = select(Adjustment.happened_at, gift.c.currency, Adjustment.amount_minor)
    return _summed(asked, moved.join_from(Adjustment, gift, gift.c.id == Adjustment.donation_id))


def _summed(asked: Asked, each: Select[*tuple[Any, ...]]) -> dict[tuple[date, str], int]:
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
