"""Yearly gifts by day and amount: what deferred income is spread from."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Date,
    Integer,
    String,
    delete,
    func,
    insert,
    select,
)
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions import Base, db
from app.giving.models import Adjustment, Donation, Pledge, PledgeChange
from app.giving.rules import ChangeKind, Interval
from app.reports.rollups.kept import Day, by_day, day_at, within


class YearlyDay(Base):
    """How many yearly gifts of one amount came on one day, of which nothing has gone back."""

    __tablename__ = "yearly_day"

    day: Mapped[date] = mapped_column(Date, primary_key=True)
    currency: Mapped[str] = mapped_column(String(3), primary_key=True)
    amount_minor: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    gifts: Mapped[int] = mapped_column(Integer)


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


def has_moved() -> ColumnElement[bool]:
    """Whether something of a gift went back or came again: such gifts are looked at one by one."""
    return select(Adjustment.id).where(Adjustment.donation_id == Donation.id).exists()


def refill(days: Sequence[Day]) -> None:
    """Fill the table of some days again; the caller commits."""
    db.session.execute(
        delete(YearlyDay)
        .where(YearlyDay.day.in_([one.day for one in days]))
        .execution_options(synchronize_session=False)
    )
    one = gifts(within(Donation.received_at, days), ~has_moved()).c
    alike = (day_at(one.received_at, days).label("day"), one.currency, one.amount_minor)
    db.session.execute(
        insert(YearlyDay).from_select(
            ["day", "currency", "amount_minor", "gifts"],
            select(*alike, func.count()).group_by(*alike),
        )
    )


ROLLUP = by_day("yearly_day", (YearlyDay,), refill, [Donation.received_at])
