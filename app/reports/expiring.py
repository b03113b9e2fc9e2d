"""What is at risk now: pledges past due by the age of the failure, and cards about to expire."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Date,
    Interval,
    Select,
    and_,
    case,
    cast,
    func,
    literal,
    or_,
    select,
)

from app.accounts.models import Account
from app.current import settings
from app.extensions import db
from app.giving.models import Pledge
from app.giving.rules import PledgeStatus
from app.reports.queries import by_the_year


class Age(StrEnum):
    """For how long a pledge has been past due."""

    TO_3 = "to_3"
    TO_7 = "to_7"
    TO_14 = "to_14"
    LONGER = "longer"
    #: Grace is over, and Stripe still tries: it stands no more and brings nothing.
    AFTER_GRACE = "after_grace"


class Card(StrEnum):
    """How long the card of a pledge is still good for."""

    EXPIRED = "expired"
    IN_30 = "in_30"
    IN_60 = "in_60"
    #: Good for longer than that.
    GOOD = "good"
    #: No card is known: another way to pay, or Stripe has not told of one yet.
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Group:
    """How many pledges of one currency are of one group, and what they bring by the year."""

    name: str
    currency: str
    count: int
    yearly_minor: int


def _age(now: datetime) -> ColumnElement[str]:
    grace = timedelta(days=settings().grace_days)

    def within(days: int) -> ColumnElement[bool]:
        return Pledge.past_due_since > now - timedelta(days=days)

    return case(
        (Pledge.past_due_since <= now - grace, Age.AFTER_GRACE.value),
        (within(4), Age.TO_3.value),
        (within(8), Age.TO_7.value),
        (within(15), Age.TO_14.value),
        else_=Age.LONGER.value,
    )


def _past_due() -> tuple[ColumnElement[bool], ...]:
    return (
        Pledge.status == PledgeStatus.PAST_DUE,
        Pledge.started_at.is_not(None),
        Pledge.past_due_since.is_not(None),
    )


def by_age(now: datetime, currency: str | None) -> list[Group]:
    """Count the pledges past due by the age of the failure."""
    return _counted(_age(now), currency, *_past_due())


def past_due(
    now: datetime, age: Age | None, currency: str | None
) -> tuple[ColumnElement[bool], ...]:
    """The conditions of a pledge past due of an age; of null in grace, of whatever age."""
    wanted = _age(now) != Age.AFTER_GRACE if age is None else _age(now) == age
    return (*_past_due(), wanted, *_of(currency))


def _card(now: datetime, zone: tzinfo, of: Any = Pledge) -> ColumnElement[str]:
    """Which group a pledge's card is of; a card is good to the end of its month."""
    today = literal(now.astimezone(zone).date(), Date)
    month = func.make_date(of.card_exp_year, of.card_exp_month, 1)
    over = cast(month + cast("1 month", Interval), Date)
    return case(
        (or_(of.card_exp_year.is_(None), of.card_exp_month.is_(None)), Card.UNKNOWN.value),
        (over <= today, Card.EXPIRED.value),
        (over <= today + 30, Card.IN_30.value),
        (over <= today + 60, Card.IN_60.value),
        else_=Card.GOOD.value,
    )


def _to_be_charged() -> ColumnElement[bool]:
    """The pledges in standing whose card will be charged again and has not failed."""
    return and_(
        Pledge.status == PledgeStatus.ACTIVE,
        Pledge.started_at.is_not(None),
        Pledge.ends_at.is_(None),
    )


def by_card(now: datetime, zone: tzinfo, currency: str | None) -> list[Group]:
    """Count the pledges that go on by how long their card is good for."""
    alike = (Pledge.card_exp_year, Pledge.card_exp_month, Pledge.currency)
    # An index holds all of this, month by month.
    by_month = (
        select(*alike, func.count().label("count"), func.sum(by_the_year()).label("yearly"))
        .where(_to_be_charged(), *_of(currency))
        .group_by(*alike)
        .subquery()
    )
    columns = by_month.c
    named = _card(now, zone, columns).label("named")
    rows = db.session.execute(
        select(named, columns.currency, func.sum(columns.count), func.sum(columns.yearly))
        .group_by(named, columns.currency)
        .order_by(named, columns.currency)
    )
    return [Group(name, code, int(count), int(yearly)) for name, code, count, yearly in rows]


def with_cards(
    now: datetime, zone: tzinfo, cards: Sequence[Card], currency: str | None
) -> Select[Pledge, str]:
    """Select the pledges that go on whose card is of some groups, the next to be charged first."""
    return (
        select(Pledge, Account.name)
        .join(Account, Account.id == Pledge.account_id)
        .where(_to_be_charged(), _card(now, zone).in_(cards), *_of(currency))
        .order_by(Pledge.next_payment_at.asc().nulls_last(), Account.name, Pledge.id)
    )


def _counted(
    group: ColumnElement[str], currency: str | None, *wanted: ColumnElement[bool]
) -> list[Group]:
    named = group.label("named")
    rows = db.session.execute(
        select(named, Pledge.currency, func.count(), func.sum(by_the_year()))
        .where(*wanted, *_of(currency))
        .group_by(named, Pledge.currency)
        .order_by(named, Pledge.currency)
    )
    return [Group(name, code, count, int(yearly)) for name, code, count, yearly in rows]


def _of(currency: str | None) -> tuple[ColumnElement[bool], ...]:
    return () if currency is None else (Pledge.currency == currency,)
