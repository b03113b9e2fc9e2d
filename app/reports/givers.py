"""Who gives how much a year at a moment, read from the movement ledger: people, by currency.

Whoever gives in two currencies is one person in each. Who is paused gives nothing and is not here.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    ColumnElement,
    DateTime,
    Select,
    Subquery,
    case,
    cast,
    func,
    select,
)
from sqlalchemy.dialects.postgresql import ARRAY

from app.accounts.models import Account
from app.extensions import db
from app.giving.models import Pledge, PledgeMovement
from app.giving.rules import Interval, MovementKind
from app.reports.recurring import of
from app.reports.rollups import following, kept, movement_days, reading
from app.reports.rollups.kept import Day
from app.reports.rollups.movement_days import GiverDay, MovementDay
from app.reports.shape import Asked

#: What a yearly sum is divided by where it is shown by the month.
MONTHS = 12


class Plan(StrEnum):
    """On which pledges somebody gives: monthly ones, yearly ones, or some of each."""

    MONTH = movement_days.MONTHLY
    YEAR = movement_days.YEARLY
    BOTH = movement_days.BOTH


@dataclass(frozen=True, slots=True)
class Held:
    """How many people give so much a year in one currency, on such pledges."""

    currency: str
    plan: Plan
    yearly_minor: int
    people: int


@dataclass(frozen=True, slots=True)
class Turn:
    """What movements of one kind and cause came to in a month that began with `since`.

    `stood`: of who gave in this currency as the month began and has not been lost in it; what is
    new or comes back in the month is of the others.
    """

    since: datetime
    currency: str
    kind: MovementKind
    cause: str
    stood: bool
    yearly_minor: int
    rows: int


def with_before(asked: Asked) -> Asked:
    """The months that were asked for with as many before them, to be read at once."""
    return replace(asked, first=asked.before().first)


def monthly(yearly_minor: int, people: int = 1) -> int:
    """Divide a yearly sum by twelve and by so many people, to the nearest minor unit."""
    whole = MONTHS * people
    return (2 * yearly_minor + whole) // (2 * whole)


def counts(moments: Sequence[datetime]) -> dict[tuple[datetime, str], int]:
    """Count who gave something just before each moment, by currency; one statement."""
    following.fresh(movement_days.ROLLUP)

    def rest(day: Day) -> Select[*tuple[Any, ...]]:
        size = movement_days.sizes(movement_days.steps([day], until=day.until).subquery())
        columns = size.subquery().c
        return select(columns.currency, func.sum(columns.people))

    one = movement_days.relation(GiverDay).c
    whole = select(one.currency, func.sum(one.people))
    found = reading.before(moments, one.day, whole, rest)
    return {key: people for key, people in found.items() if people}


def sizes(moment: datetime, asked: Asked) -> list[Held]:
    """Count who gave how much just before a moment, by currency and plan; one statement.

    The plan is told by what each pledge is now, or was as it ended. The largest sums come first.
    """
    following.fresh(movement_days.ROLLUP)
    columns = movement_days.read(GiverDay, None, moment).c
    people = func.sum(columns.people)
    alike = (columns.currency, columns.yearly_minor, columns.plan)
    rows = db.session.execute(
        select(*alike, people)
        .where(*((columns.currency == asked.currency,) if asked.currency else ()))
        .group_by(*alike)
        .having(people != 0)
        .order_by(columns.currency, columns.yearly_minor.desc(), columns.plan)
    )
    return [
        Held(currency, Plan(plan), yearly_minor, int(count))
        for currency, yearly_minor, plan, count in rows
    ]


def at(moment: datetime, asked: Asked) -> Subquery:
    """Select account_id, currency, yearly_minor and plan of who gave just before a moment.

    The plan is told by what each pledge is now, or was as it ended.
    """
    each = (
        select(
            PledgeMovement.account_id,
            PledgeMovement.currency,
            PledgeMovement.pledge_id,
            func.sum(PledgeMovement.yearly_minor).label("yearly_minor"),
        )
        .where(PledgeMovement.at < moment, *of(asked))
        .group_by(PledgeMovement.account_id, PledgeMovement.currency, PledgeMovement.pledge_id)
        .having(func.sum(PledgeMovement.yearly_minor) != 0)
        .subquery()
    )
    plan = case(
        (func.bool_and(Pledge.interval == Interval.MONTH), Plan.MONTH.value),
        (func.bool_and(Pledge.interval == Interval.YEAR), Plan.YEAR.value),
        else_=Plan.BOTH.value,
    )
    total = func.sum(each.c.yearly_minor)
    return (
        select(
            each.c.account_id,
            each.c.currency,
            cast(total, PledgeMovement.yearly_minor.type).label("yearly_minor"),
            plan.label("plan"),
        )
        .join(Pledge, Pledge.id == each.c.pledge_id)
        .group_by(each.c.account_id, each.c.currency)
        .having(total > 0)
        .subquery()
    )


def listed(
    giving: Subquery, *which: ColumnElement[bool], limit: int | None = None
) -> Select[*tuple[Any, ...]]:
    """Select rows of `at` with the name of each person, who gives the most first."""
    found = select(giving, Account.name).join(Account, Account.id == giving.c.account_id)
    if limit is None:
        return found.where(*which).order_by(*_largest_first(giving))
    largest = found.where(*which).order_by(*_largest_first(giving)).limit(limit).subquery()
    return select(largest).order_by(*_largest_first(largest))


def _largest_first(of: Subquery) -> tuple[ColumnElement[Any], ...]:
    return of.c.currency, of.c.yearly_minor.desc(), of.c.account_id


def moved(asked: Asked) -> Subquery:
    """Select every movement of the months that were asked for; at least one has begun.

    The columns are those of `movement_days.steps` and the number of the month from 1.
    """
    edges = [since for _month, since, _until in asked.spans()]
    days = movement_days.steps(kept.between(asked.since, asked.until), until=asked.until)
    step = days.subquery()
    month = func.width_bucket(step.c.at, cast(edges, ARRAY(DateTime(timezone=True))))
    return (
        select(step, month.label("month"))
        .where(*((step.c.currency == asked.currency,) if asked.currency else ()))
        .subquery()
    )


def turns(asked: Asked) -> list[Turn]:
    """Sum the movements of each month by currency, kind, cause and standing; one statement."""
    spans = asked.spans()
    if not spans:
        return []
    following.fresh(movement_days.ROLLUP)
    columns = movement_days.read(MovementDay, asked.since, asked.until).c
    month = reading.place(columns.day, [month for month, _since, _until in spans]).label("month")
    alike = (month, columns.currency, columns.kind, columns.cause, columns.stood)
    rows = db.session.execute(
        select(*alike, func.sum(columns.yearly_minor), func.sum(columns.count))
        .where(*((columns.currency == asked.currency,) if asked.currency else ()))
        .group_by(*alike)
        .order_by(*alike)
    )
    return [
        Turn(
            spans[place - 1][1], currency, MovementKind(kind), cause, stood, int(total), int(number)
        )
        for place, currency, kind, cause, stood, total, number in rows
    ]


def rows_of(
    asked: Asked, which: Callable[[Subquery], ColumnElement[bool]]
) -> Select[*tuple[Any, ...]]:
    """Select rows of `moved` with the name of each person, the newest first."""
    one = moved(asked)
    return (
        select(one, Account.name)
        .join(Account, Account.id == one.c.account_id)
        .where(which(one))
        .order_by(one.c.at.desc(), one.c.id.desc())
    )
