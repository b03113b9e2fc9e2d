"""Yearly gifts by day: what deferred income is spread from, and what came of their years."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import (
    BigInteger,
    Boolean,
    Date,
    Index,
    Integer,
    String,
    delete,
    func,
    insert,
    literal,
    select,
)
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions import Base, Key, Moment, db
from app.giving.models import Adjustment, Donation
from app.reports.rollups.kept import Day, by_day, day_at, within
from app.reports.rollups.yearly_gifts import gifts, has_moved, years


class YearlyDay(Base):
    """How many yearly gifts of one amount came on one day, of which nothing has gone back."""

    __tablename__ = "yearly_day"

    day: Mapped[date] = mapped_column(Date, primary_key=True)
    currency: Mapped[str] = mapped_column(String(3), primary_key=True)
    amount_minor: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    gifts: Mapped[int] = mapped_column(Integer)


class YearlyEntry(Base):
    """A yearly gift of which something has moved, or what moved of it; `day` is the gift's."""

    __tablename__ = "yearly_entry"

    id: Mapped[Key]
    day: Mapped[date] = mapped_column(Date, index=True)
    donation_id: Mapped[int] = mapped_column(BigInteger)
    #: Whether it is the gift itself.
    gift: Mapped[bool] = mapped_column(Boolean)
    at: Mapped[Moment] = mapped_column(index=True)
    currency: Mapped[str] = mapped_column(String(3))
    amount_minor: Mapped[int] = mapped_column(BigInteger)


class YearEnd(Base):
    """How many years that gifts of one day began end at one moment, by what came of them."""

    __tablename__ = "year_end"
    __table_args__ = (
        Index("ix_year_end_ended", "ended", postgresql_include=["currency", "came", "years"]),
    )

    day: Mapped[date] = mapped_column(Date, primary_key=True)
    ended: Mapped[Moment] = mapped_column(primary_key=True)
    currency: Mapped[str] = mapped_column(String(3), primary_key=True)
    #: A `Came`; of years whose days of grace run, what came of them if they were over.
    came: Mapped[str] = mapped_column(String(9), primary_key=True)
    years: Mapped[int] = mapped_column(Integer)


TABLES = (YearlyDay, YearlyEntry, YearEnd)


def refill(days: Sequence[Day]) -> None:
    """Fill the tables of some days again; the caller commits."""
    for table in TABLES:
        of_days = table.__table__.c.day.in_([one.day for one in days])
        db.session.execute(
            delete(table).where(of_days).execution_options(synchronize_session=False)
        )
    _whole(days)
    _moved(days)
    _ended(days)


def _whole(days: Sequence[Day]) -> None:
    one = gifts(within(Donation.received_at, days), ~has_moved()).c
    alike = (day_at(one.received_at, days).label("day"), one.currency, one.amount_minor)
    db.session.execute(
        insert(YearlyDay).from_select(
            ["day", "currency", "amount_minor", "gifts"],
            select(*alike, func.count()).group_by(*alike),
        )
    )


def _moved(days: Sequence[Day]) -> None:
    gift = select(gifts(within(Donation.received_at, days), has_moved())).cte("moved")
    one = gift.c
    day = day_at(one.received_at, days)
    gave = select(day, one.id, literal(True), one.received_at, one.currency, one.amount_minor)
    went = select(
        day, one.id, literal(False), Adjustment.happened_at, one.currency, Adjustment.amount_minor
    ).join_from(gift, Adjustment, Adjustment.donation_id == one.id)
    db.session.execute(
        insert(YearlyEntry).from_select(
            ["day", "donation_id", "gift", "at", "currency", "amount_minor"], gave.union_all(went)
        )
    )


def _ended(days: Sequence[Day]) -> None:
    one = years(within(Donation.received_at, days)).c
    alike = (day_at(one.began, days).label("day"), one.ended, one.currency, one.came)
    db.session.execute(
        insert(YearEnd).from_select(
            ["day", "ended", "currency", "came", "years"],
            select(*alike, func.count()).group_by(*alike),
        )
    )


ROLLUP = by_day("yearly_day", TABLES, refill, [Donation.received_at])
