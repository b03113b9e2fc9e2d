"""How many visits reached each step on the way to a gift, by day and by month, each side apart.

Visits are told apart by so much together that a day has thousands of rows; reports ask by one side.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Date,
    DateTime,
    FromClause,
    Index,
    Select,
    String,
    and_,
    cast,
    column,
    delete,
    false,
    func,
    insert,
    literal,
    literal_column,
    or_,
    select,
    true,
    union_all,
)
from sqlalchemy.dialects.postgresql import array
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions import Base, db
from app.giving.arrivals.steps import Step
from app.giving.arrivals.touches import Turn
from app.giving.models import Checkout, FunnelDay, Touch
from app.reports import months
from app.reports.rollups.kept import Day, Rollup, by_day, day_at, within
from app.reports.rollups.mode import is_raw
from app.reports.rollups.people_rows import local
from app.reports.rollups.reading import begun, day_of
from app.reports.rollups.shifting import differs, shift
from app.reports.shape import Asked

#: The step that checkouts tell, and no visit.
PAID = "paid"


class Side(StrEnum):
    """By what visits are told apart."""

    LANGUAGE = "language"
    DEVICE = "device"
    CAMPAIGN = "campaign"
    ARTICLE = "article"


#: Stands for no side: all visits together, whose name is empty.
WHOLE = "whole"


class ReachedDay(Base):
    """How many visits of one day reached a step, of those that one side has a name for."""

    __tablename__ = "reached_day"

    day: Mapped[date] = mapped_column(Date, primary_key=True)
    #: A `Side`, or `WHOLE`.
    side: Mapped[str] = mapped_column(String(8), primary_key=True)
    #: Empty for unknown.
    name: Mapped[str] = mapped_column(String(500), primary_key=True)
    #: A `Step`, or `PAID`: then it is checkouts that are counted.
    step: Mapped[str] = mapped_column(String(10), primary_key=True)
    count: Mapped[int] = mapped_column(BigInteger)


class ReachedMonth(Base):
    """The sum of a month's `ReachedDay`."""

    __tablename__ = "reached_month"
    __table_args__ = (Index("ix_reached_month_zero", "month", postgresql_where="count = 0"),)

    month: Mapped[date] = mapped_column(Date, primary_key=True)
    side: Mapped[str] = mapped_column(String(8), primary_key=True)
    name: Mapped[str] = mapped_column(String(500), primary_key=True)
    step: Mapped[str] = mapped_column(String(10), primary_key=True)
    count: Mapped[int] = mapped_column(BigInteger)


def visits(*which: ColumnElement[bool]) -> Select[Any]:
    """Select counts of visits with their day, step and sides; views of an appeal are none."""
    return select(
        FunnelDay.day.label("day"),
        FunnelDay.step.label("step"),
        *(getattr(FunnelDay, side).label(side) for side in Side),
        FunnelDay.count.label("count"),
    ).where(FunnelDay.step != Step.SHOWN, *which)


def paid(*which: ColumnElement[bool]) -> Select[Any]:
    """Select checkouts that were paid, with the sides of their visits.

    One whose browser is not known was begun by no visit that is counted, but by a letter's button.
    """
    last = and_(Touch.checkout_id == Checkout.id, Touch.turn == Turn.LAST)
    columns: list[Any] = [
        Checkout.id,
        Checkout.account_id,
        Checkout.closed_at,
        Checkout.interval,
        Checkout.amount_minor,
        Checkout.currency,
        Checkout.locale.label(Side.LANGUAGE),
        Checkout.device.label(Side.DEVICE),
        func.coalesce(Touch.campaign, "").label(Side.CAMPAIGN),
        func.coalesce(Touch.article, "").label(Side.ARTICLE),
    ]
    return (
        select(*columns)
        .outerjoin(Touch, last)
        .where(Checkout.status == "paid", Checkout.device.is_not(None), *which)
    )


def _gifts(one: FromClause, day: Any) -> Select[Any]:
    """Put checkouts beside visits: each is one more that reached the last step."""
    return select(
        day.label("day"),
        literal(PAID, String).label("step"),
        *(one.c[side] for side in Side),
        literal(1, BigInteger).label("count"),
    )


def summed(one: FromClause) -> Select[Any]:
    """Add visits and checkouts up as `ReachedDay` does."""
    sides = [literal(WHOLE), *(literal(side.value) for side in Side)]
    names = [literal("", String), *(one.c[side] for side in Side)]
    each = (
        func.unnest(array(sides), array(names))
        .table_valued(column("side", String), column("name", String))
        .render_derived()
        .lateral("each")
    )
    alike = (one.c.day, each.c.side, each.c.name, one.c.step)
    return (
        select(*alike, cast(func.sum(one.c.count), BigInteger).label("count"))
        .select_from(one)
        .join(each, true())
        .group_by(*alike)
    )


def by_month(day: FromClause) -> Select[Any]:
    """Define `ReachedMonth`."""
    month = cast(func.date_trunc("month", cast(day.c.day, DateTime)), Date)
    alike = (month.label("month"), day.c.side, day.c.name, day.c.step)
    return select(*alike, cast(func.sum(day.c.count), BigInteger).label("count")).group_by(
        literal_column("1"), *alike[1:]
    )


def refill(days: Sequence[Day]) -> None:
    """Fill the days again, and move the sums of their months; the caller commits."""
    names = [one.day for one in days]
    table = ReachedDay.__table__
    those = select(table).where(table.c.day.in_(names))
    shift(ReachedMonth, by_month(those.subquery()), -1)
    db.session.execute(
        delete(ReachedDay)
        .where(ReachedDay.day.in_(names))
        .execution_options(synchronize_session=False)
    )
    gift = paid(within(Checkout.closed_at, days)).subquery()
    every = union_all(
        visits(FunnelDay.day.in_(names)), _gifts(gift, day_at(gift.c.closed_at, days))
    )
    db.session.execute(
        insert(ReachedDay).from_select(
            [column.name for column in table.columns], summed(every.subquery())
        )
    )
    shift(ReachedMonth, by_month(those.subquery()), 1)


def read(asked: Asked, since: date) -> FromClause:
    """The sides, names, steps and counts of a period; gifts from the day `since` on.

    Each stands as often as there are parts to add up.
    """
    if is_raw():
        first = max(asked.since, months.start_of(since, asked.zone))
        gift = paid(Checkout.closed_at >= first, Checkout.closed_at < asked.until).subquery()
        every = union_all(
            visits(FunnelDay.day >= asked.first, FunnelDay.day < months.following(asked.last)),
            _gifts(gift, cast(local(gift.c.closed_at), Date)),
        )
        return summed(every.subquery()).subquery()
    running, begins = months.first_day(asked.now, asked.zone), since.replace(day=1)
    # In these months some days count and others do not.
    mixed = [month for month in asked.months if month in (running, begins)]
    alike = [month for month in asked.months if month not in mixed]
    parts = [_months(alike, begins, running), _days(mixed, since, day_of(asked.now).day)]
    if running in mixed and (today := begun(asked.now)) and today.day >= since:
        gift = paid(Checkout.closed_at >= today.since, Checkout.closed_at < asked.now).subquery()
        one = _gifts(gift, literal(today.day, Date)).subquery()
        parts.append(_of(summed(one).subquery()))
    return union_all(*parts).subquery("reached")


def _of(table: FromClause) -> Select[Any]:
    return select(table.c.side, table.c.name, table.c.step, table.c.count)


def _months(of: Sequence[date], begins: date, running: date) -> Select[Any]:
    """Whole months, with the gifts of those between the first that was counted and this one."""
    table = ReachedMonth.__table__
    counts = and_(table.c.month > begins, table.c.month < running)
    return _of(table).where(table.c.month.in_(of), or_(table.c.step != PAID, counts))


def _days(of: Sequence[date], since: date, today: date) -> Select[Any]:
    """The days of some months, with the gifts of those from the first on that are over."""
    table = ReachedDay.__table__
    spans = (and_(table.c.day >= month, table.c.day < months.following(month)) for month in of)
    counts = and_(table.c.day >= since, table.c.day < today)
    return _of(table).where(or_(false(), *spans), or_(table.c.step != PAID, counts))


def _of_keys(table: type[Base], keys: Sequence[int]) -> ColumnElement[bool]:
    """The condition that a row is of some keys; sums of months are of none alone."""
    return _BY_DAY.of(table, keys) if table is ReachedDay else false()


def _wrong() -> int:
    """Count the tables of sums that are not what the days come to."""
    return int(differs(ReachedMonth, by_month(ReachedDay.__table__.alias())))


_BY_DAY = by_day(
    "reached_day",
    (ReachedDay, ReachedMonth),
    refill,
    [
        func.timezone("UTC", cast(FunnelDay.day, DateTime), type_=DateTime(timezone=True)),
        Checkout.closed_at,
    ],
)
ROLLUP: Rollup = replace(_BY_DAY, of=_of_keys, wrong=_wrong)
