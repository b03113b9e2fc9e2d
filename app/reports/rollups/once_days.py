"""Gifts given once on the giving page, by day and by the campaign whose link led there."""

from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Date,
    Index,
    Integer,
    Select,
    String,
    and_,
    cast,
    func,
    insert,
    literal,
    literal_column,
    select,
    true,
)
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions import Base, db
from app.giving.arrivals.touches import Turn
from app.giving.models import Donation
from app.reports.rollups.kept import Day, day_at, within
from app.reports.rollups.mode import is_raw
from app.reports.rollups.origin_rows import TOUCHES, Origin, Word, apart
from app.reports.rollups.people_rows import local
from app.reports.rollups.reading import begun, day_of, together

#: By what they are told apart; by anything else they are read raw.
BY = tuple(Origin(Word.CAMPAIGN, turn) for turn in Turn)


class OnceDay(Base):
    """How many gifts given once on one day one origin brought, and what they came to."""

    __tablename__ = "once_day"
    __table_args__ = (Index("ix_once_day_day", "day"),)

    #: By which word of which touch: `Origin.name`.
    by: Mapped[str] = mapped_column(String(14), primary_key=True)
    day: Mapped[date] = mapped_column(Date, primary_key=True)
    currency: Mapped[str] = mapped_column(String(3), primary_key=True)
    #: Empty for unknown.
    origin: Mapped[str] = mapped_column(String(100), primary_key=True)
    count: Mapped[int] = mapped_column(Integer)
    amount_minor: Mapped[int] = mapped_column(BigInteger)


def gifts(of: Callable[[Any], ColumnElement[bool]], by: Sequence[Origin]) -> Select[Any]:
    """Select gifts given once on the giving page at a wanted moment, with their origins by name."""
    columns: list[Any] = [
        Donation.id,
        Donation.account_id,
        Donation.received_at,
        Donation.amount_minor,
        Donation.currency,
        *(origin.of_gift().label(origin.name) for origin in by),
    ]
    found = select(*columns).where(Donation.checkout_id.is_not(None), of(Donation.received_at))
    for turn, touch in TOUCHES.items():
        if any(origin.turn is turn for origin in by):
            beside = and_(touch.checkout_id == Donation.checkout_id, touch.turn == turn)
            found = found.outerjoin(touch, beside)
    return found


def summed(one: Any, by: Sequence[Origin], day: Any) -> Select[Any]:
    """Add gifts up as `OnceDay` does, whatever the origins; `day` is the day that each is of."""
    each = apart(one, by)
    alike = (each.c.by, day.label("day"), one.c.currency, each.c.origin)
    return (
        select(
            *alike,
            cast(func.count(), Integer).label("count"),
            cast(func.sum(one.c.amount_minor), BigInteger).label("amount_minor"),
        )
        .select_from(one)
        .join(each, true())
        .group_by(each.c.by, literal_column("2"), one.c.currency, each.c.origin)
    )


def fill(days: Sequence[Day]) -> None:
    """Enter the sums of days that have none; the caller commits."""
    one = gifts(lambda moment: within(moment, days), BY).subquery()
    names = [column.name for column in OnceDay.__table__.columns]
    rows = summed(one, BY, day_at(one.c.received_at, days))
    db.session.execute(insert(OnceDay).from_select(names, rows))


def read(since: datetime, until: datetime, by: Sequence[Origin]) -> Any:
    """The columns of `OnceDay` from the first instant of a day up to any moment.

    Of origins by which nothing is kept, from the raw rows.
    """
    if is_raw() or not {*by} <= {*BY} or until <= since:
        one = gifts(lambda moment: (moment >= since) & (moment < until), by).subquery()
        return summed(one, by, cast(local(one.c.received_at), Date)).subquery()
    table, rest, raw = OnceDay.__table__, begun(until), None
    kept = select(table).where(
        table.c.by.in_([origin.name for origin in by]),
        table.c.day >= day_of(since).day,
        table.c.day < day_of(until).day,
    )
    if rest is not None:
        start = rest.since
        one = gifts(lambda moment: (moment >= start) & (moment < until), by).subquery()
        raw = summed(one, by, literal(rest.day, Date))
    return together(kept, raw)
