"""From when to when each person was a patron without a break, and how many were in each month.

A stay joins the spans of one person's pledges that meet or overlap, so that standing means here
what it means in `spans`. With a currency only pledges in it are looked at.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
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
    null,
    or_,
    select,
)
from sqlalchemy.dialects.postgresql import ARRAY, aggregate_order_by

from app.accounts.models import Account
from app.extensions import db
from app.giving.models import Pledge
from app.giving.rules import EndReason, Interval
from app.reports.shape import Asked
from app.reports.spans import PAUSED, spans


class Why(StrEnum):
    """Why a stay is over; a payment that was disputed is one that failed."""

    WISH = "wish"
    PAYMENT = "payment"
    PAUSED = "paused"
    UNKNOWN = "unknown"


#: The causes of `spans` that have a column of their own; any other is unknown.
CAUSES = {
    EndReason.LEFT.value: Why.WISH,
    EndReason.UNPAID.value: Why.PAYMENT,
    EndReason.DISPUTED.value: Why.PAYMENT,
    PAUSED: Why.PAUSED,
}


@dataclass(frozen=True, slots=True)
class Alike:
    """How many stays began and ended in the same months, for the same reason, on the same plan.

    Months count from 1 in the order they were asked for; 0 is before the first, one more than the
    last is after it or, for `went`, not yet.
    """

    came: int
    went: int
    first: bool
    plan: Interval
    why: Why | None
    people: int


@dataclass(frozen=True, slots=True)
class Month:
    """What to count in one month, by its number, of stays that are `Alike`."""

    number: int

    def began(self, of: Alike) -> bool:
        """Who was a patron at the first instant of the month, before anything moved in it."""
        return of.came < self.number <= of.went

    def ended(self, of: Alike) -> bool:
        """Who was one at its end."""
        return of.came <= self.number < of.went

    def came(self, of: Alike, *, first: bool) -> bool:
        """Who became one in it, for the first time or again."""
        return of.came == self.number and of.first is first

    def went(self, of: Alike, why: Why) -> bool:
        """Who ceased to be one in it, for a reason."""
        return of.went == self.number and of.why is why


def people(alike: Iterable[Alike], counts: Callable[[Alike], bool]) -> int:
    """Add up the people that are to be counted."""
    return sum(one.people for one in alike if counts(one))


def counted(asked: Asked) -> list[Alike]:
    """Count the stays of all time by the months that were asked for; one statement."""
    edges = [since for _month, since, _until in asked.spans()]
    if not edges:
        return []
    edges.append(asked.until)
    bounds = cast(edges, ARRAY(DateTime(timezone=True)))
    one = joined(asked)
    rows = db.session.execute(
        select(
            func.width_bucket(one.c.came_at, bounds),
            func.coalesce(func.width_bucket(one.c.out_at, bounds), len(edges)),
            one.c.first,
            one.c.plan,
            one.c.why,
            func.count(),
        ).group_by(*(literal_column(str(place)) for place in range(1, 6)))
    )
    return [
        Alike(came, went, first, Interval(plan), why and Why(why), number)
        for came, went, first, plan, why, number in rows
    ]


def joined(asked: Asked) -> Subquery:
    """Select account_id, came_at, out_at, why, plan and first of every stay there ever was.

    `out_at` and `why` are null while it lasts; `plan` is that of the pledge that stood the longest.
    """
    of = spans(asked.now).add_columns(Pledge.interval)
    if asked.currency:
        of = of.where(Pledge.currency == asked.currency)
    span = of.subquery()
    never = literal_column("'infinity'::timestamptz", DateTime(timezone=True))
    reached = func.max(func.coalesce(span.c.out_at, never)).over(
        partition_by=span.c.account_id, order_by=(span.c.came_at, span.c.id), rows=(None, -1)
    )
    begins = case((or_(reached.is_(None), reached < span.c.came_at), 1), else_=0)
    marked = select(span, begins.label("begins")).subquery()
    place = func.sum(marked.c.begins).over(
        partition_by=marked.c.account_id, order_by=(marked.c.came_at, marked.c.id)
    )
    part = select(marked, place.label("place")).subquery()
    lasts = func.bool_or(part.c.out_at.is_(None))
    why = case(
        *((part.c.cause == cause, why.value) for cause, why in CAUSES.items()),
        else_=Why.UNKNOWN.value,
    )
    return (
        select(
            part.c.account_id,
            func.min(part.c.came_at).label("came_at"),
            case((lasts, null()), else_=func.max(part.c.out_at)).label("out_at"),
            case((lasts, null()), else_=_of_last(part, why)).label("why"),
            _of_last(part, part.c.interval).label("plan"),
            (part.c.place == 1).label("first"),
        )
        .group_by(part.c.account_id, part.c.place)
        .subquery()
    )


def _of_last(part: Subquery, value: ColumnElement[Any]) -> ColumnElement[Any]:
    """The value of the pledge of a stay that stood the longest; of equals the lesser id."""
    order = (part.c.out_at.desc().nulls_first(), part.c.id)
    return func.array_agg(aggregate_order_by(value, *order), type_=ARRAY(value.type))[1]


def listed(
    asked: Asked, counts: Callable[[Subquery], ColumnElement[bool]]
) -> Select[*tuple[Any, ...]]:
    """Select stays with the name of each person, by the day they came, the newest first."""
    one = joined(asked)
    return (
        select(one, Account.name)
        .join(Account, Account.id == one.c.account_id)
        .where(counts(one))
        .order_by(one.c.came_at.desc(), one.c.account_id)
    )


def stood_before(one: Subquery, moment: datetime) -> ColumnElement[bool]:
    """Whether a stay had begun before a moment and was not over before it."""
    return and_(one.c.came_at < moment, or_(one.c.out_at.is_(None), one.c.out_at >= moment))


def came_in(one: Subquery, since: datetime, until: datetime, *, first: bool) -> ColumnElement[bool]:
    """Whether a stay began in a time."""
    return and_(one.c.came_at >= since, one.c.came_at < until, one.c.first == first)


def went_in(one: Subquery, since: datetime, until: datetime, why: Why) -> ColumnElement[bool]:
    """Whether a stay ended in a time, for a reason."""
    return and_(one.c.out_at >= since, one.c.out_at < until, one.c.why == why.value)
