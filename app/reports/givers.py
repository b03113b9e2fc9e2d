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
    and_,
    case,
    cast,
    func,
    literal_column,
    select,
)
from sqlalchemy.dialects.postgresql import ARRAY

from app.accounts.models import Account
from app.extensions import db
from app.giving.models import Pledge, PledgeMovement
from app.giving.rules import Interval, MovementKind
from app.reports.recurring import of
from app.reports.shape import Asked

#: What a yearly sum is divided by where it is shown by the month.
MONTHS = 12


class Plan(StrEnum):
    """On which pledges somebody gives: monthly ones, yearly ones, or some of each."""

    MONTH = "month"
    YEAR = "year"
    BOTH = "both"


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
    if not moments:
        return {}
    ordered = sorted(moments)
    bounds = cast(ordered, ARRAY(DateTime(timezone=True)))
    by_person = (PledgeMovement.account_id, PledgeMovement.currency)
    order = (PledgeMovement.at, PledgeMovement.id)
    step = select(
        PledgeMovement.currency,
        func.width_bucket(PledgeMovement.at, bounds).label("came"),
        func.coalesce(
            func.width_bucket(
                func.lead(PledgeMovement.at).over(partition_by=by_person, order_by=order), bounds
            ),
            len(ordered),
        ).label("went"),
        func.sum(PledgeMovement.yearly_minor)
        .over(partition_by=by_person, order_by=order, rows=(None, 0))
        .label("yearly_minor"),
    ).subquery()
    rows = db.session.execute(
        select(step.c.currency, step.c.came, step.c.went, func.count())
        .where(step.c.yearly_minor > 0, step.c.came < step.c.went)
        .group_by(step.c.currency, step.c.came, step.c.went)
    ).all()
    found: dict[tuple[datetime, str], int] = {}
    for currency, came, went, people in rows:
        # A sum holds for each moment after its movement and up to the next one of the person.
        for place in range(came, went):
            key = ordered[place], currency
            found[key] = found.get(key, 0) + people
    return found


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

    The columns are those of the ledger, the number of the month from 1, and `stood`, see `Turn`.
    """
    edges = [since for _month, since, _until in asked.spans()]
    begin, end = edges[0], asked.until
    bounds = cast(edges, ARRAY(DateTime(timezone=True)))
    movers = select(PledgeMovement.account_id).where(
        PledgeMovement.at >= begin, PledgeMovement.at < end
    )
    by_person = (PledgeMovement.account_id, PledgeMovement.currency)
    order = (PledgeMovement.at, PledgeMovement.id)
    so_far = func.sum(PledgeMovement.yearly_minor).over(
        partition_by=by_person, order_by=order, rows=(None, 0)
    )
    step = (
        select(
            *PledgeMovement.__table__.c,
            func.width_bucket(PledgeMovement.at, bounds).label("month"),
            (so_far - PledgeMovement.yearly_minor).label("before_minor"),
        )
        .where(PledgeMovement.account_id.in_(movers), PledgeMovement.at < end, *of(asked))
        .subquery()
    )
    in_month = (step.c.account_id, step.c.currency, step.c.month)
    then = (step.c.at, step.c.id)
    start = func.first_value(step.c.before_minor).over(partition_by=in_month, order_by=then)
    # Whoever was lost and is back is of those who came, whatever happens to them then.
    back = func.bool_or(step.c.kind == MovementKind.RETURNING).over(
        partition_by=in_month, order_by=then, rows=(None, 0)
    )
    found = select(step, and_(start > 0, ~back).label("stood")).subquery()
    return select(found).where(found.c.month > 0).subquery()


def turns(asked: Asked) -> list[Turn]:
    """Sum the movements of each month by currency, kind, cause and standing; one statement."""
    spans = asked.spans()
    if not spans:
        return []
    one = moved(asked)
    rows = db.session.execute(
        select(
            one.c.month,
            one.c.currency,
            one.c.kind,
            one.c.cause,
            one.c.stood,
            func.sum(one.c.yearly_minor),
            func.count(),
        )
        .group_by(*(literal_column(str(place)) for place in range(1, 6)))
        .order_by(*(literal_column(str(place)) for place in range(1, 6)))
    )
    return [
        Turn(spans[month - 1][1], currency, MovementKind(kind), cause, stood, int(total), number)
        for month, currency, kind, cause, stood, total, number in rows
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
