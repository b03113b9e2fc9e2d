"""The statements that define the rollups of patrons: spans of pledges, stays, and their counts.

Each table of people is defined from raw rows or from the table before it, for some accounts or for
all; each table of counts from its table of people. So the slow way and the quick one are the same.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Date,
    DateTime,
    FromClause,
    Integer,
    Select,
    String,
    any_,
    case,
    cast,
    func,
    literal,
    literal_column,
    null,
    or_,
    select,
)
from sqlalchemy.dialects.postgresql import ARRAY, aggregate_order_by, array

from app.current import zone
from app.giving.models import Pledge, PledgeMovement
from app.giving.rules import PledgeStatus
from app.reports.rollups.people_tables import ALL, NEVER, NOT_LEFT
from app.reports.spans import BEGINS, CAUSES, Why, ends
from app.reports.survival import HORIZON

#: The days somebody must have stayed to have been kept at first.
FIRST_DAYS = timedelta(days=90)
#: Within how many days of leaving somebody comes back.
WITHIN = (90, 365)


def of(column: Any, accounts: Sequence[int] | None) -> tuple[ColumnElement[bool], ...]:
    """The condition that a row is of some accounts; none for all."""
    if accounts is None:
        return ()
    return (column == any_(cast(list(accounts), ARRAY(Pledge.account_id.type))),)


def month(moment: Any) -> ColumnElement[Any]:
    """The first day of the newsroom's month a moment lies in."""
    return cast(func.date_trunc("month", local(moment)), Date)


def local(moment: Any) -> ColumnElement[Any]:
    """A moment as the newsroom's clocks show it."""
    return func.timezone(zone().key, moment)


def whole_months(since: Any, until: Any) -> ColumnElement[int]:
    """How many months of the calendar have passed between two readings of the newsroom's clocks."""
    age = func.age(until, since)
    return cast(func.extract("year", age) * 12 + func.extract("month", age), Integer)


def lasted(came_at: Any, out_at: Any) -> ColumnElement[int]:
    """By the end of which month of theirs somebody had left; null for who has not."""
    came, went = local(came_at), local(out_at)
    whole = whole_months(came, went)
    more = case((came + func.make_interval(0, whole) < went, 1), else_=0)
    return case((out_at.is_not(None), whole + more))


def spans(accounts: Sequence[int] | None = None) -> Select[*tuple[Any, ...]]:
    """Define `Span` from the pledges."""
    out_at, cause = ends()
    entered = (
        select(func.min(PledgeMovement.interval))
        .where(PledgeMovement.pledge_id == Pledge.id, PledgeMovement.cause.in_(BEGINS))
        .correlate(Pledge)
        .scalar_subquery()
    )
    return select(
        Pledge.id.label("pledge_id"),
        Pledge.account_id,
        Pledge.currency,
        Pledge.interval,
        Pledge.amount_minor,
        Pledge.started_at.label("came_at"),
        out_at.label("out_at"),
        cause.label("cause"),
        func.coalesce(entered, Pledge.interval).label("begun_as"),
        func.coalesce(Pledge.article, "").label("article"),
        Pledge.status.in_((PledgeStatus.ACTIVE, PledgeStatus.PAST_DUE)).label("gives"),
    ).where(
        Pledge.started_at.is_not(None),
        or_(out_at.is_(None), out_at > Pledge.started_at),
        *of(Pledge.account_id, accounts),
    )


def stays(span: FromClause, accounts: Sequence[int] | None = None) -> Select[Any]:
    """Define `Stay`: the spans of a person that meet or overlap are one stay.

    `plan` and `why` are those of the pledge that stands the longest; of equals the lesser id.
    """
    scope = func.unnest(array([literal(ALL), span.c.currency])).label("scope")
    each = select(span, scope).where(*of(span.c.account_id, accounts)).subquery()
    never = literal_column("'infinity'::timestamptz", DateTime(timezone=True))
    by_person: dict[str, Any] = {
        "partition_by": (each.c.account_id, each.c.scope),
        "order_by": (each.c.came_at, each.c.pledge_id),
    }
    reached = func.max(func.coalesce(each.c.out_at, never)).over(rows=(None, -1), **by_person)
    begins = case((or_(reached.is_(None), reached < each.c.came_at), 1), else_=0)
    marked = select(each, begins.label("begins")).subquery()
    number = func.sum(marked.c.begins).over(
        partition_by=(marked.c.account_id, marked.c.scope),
        order_by=(marked.c.came_at, marked.c.pledge_id),
    )
    return _joined(select(marked, cast(number, Integer).label("number")).subquery())


def _joined(part: FromClause) -> Select[Any]:
    lasts = func.bool_or(part.c.out_at.is_(None))
    why = case(
        *((part.c.cause == cause, why.value) for cause, why in CAUSES.items()),
        else_=Why.UNKNOWN.value,
    )
    longest = (part.c.out_at.desc().nulls_first(), part.c.pledge_id)
    first = (part.c.came_at, part.c.pledge_id)
    one = (
        select(
            part.c.account_id,
            part.c.scope,
            part.c.number,
            func.min(part.c.came_at).label("came_at"),
            case((lasts, null()), else_=func.max(part.c.out_at)).label("out_at"),
            case((lasts, null()), else_=_at_first(why, longest)).label("why"),
            _at_first(part.c.interval, longest).label("plan"),
            *(
                _at_first(part.c[name], first).label(name)
                for name in ("begun_as", "currency", "article")
            ),
        )
        .group_by(part.c.account_id, part.c.scope, part.c.number)
        .subquery()
    )
    by_person: dict[str, Any] = {
        "partition_by": (one.c.account_id, one.c.scope),
        "order_by": one.c.number,
    }
    return select(
        one.c.account_id,
        one.c.scope,
        one.c.number,
        one.c.came_at,
        one.c.out_at,
        one.c.why,
        one.c.plan,
        (one.c.number == 1).label("first"),
        func.first_value(one.c.came_at).over(**by_person).label("since"),
        *(
            func.first_value(one.c[name]).over(**by_person).label(name)
            for name in ("begun_as", "currency", "article")
        ),
        func.lead(one.c.came_at).over(**by_person).label("back_at"),
    )


def _at_first(value: ColumnElement[Any], order: Sequence[Any]) -> ColumnElement[Any]:
    return func.array_agg(aggregate_order_by(value, *order), type_=ARRAY(value.type))[1]


def giving(span: FromClause) -> Select[Any]:
    """Define `GivingSum`."""
    return (
        select(
            span.c.interval,
            span.c.currency,
            func.count().label("pledges"),
            func.sum(span.c.amount_minor).label("amount_minor"),
        )
        .where(span.c.gives)
        .group_by(span.c.interval, span.c.currency)
    )


def stay_counts(stay: FromClause) -> Select[Any]:
    """Define `StayCount`."""
    return _counted(
        stay,
        stay.c.scope,
        month(stay.c.since).label("since_month"),
        stay.c.begun_as,
        month(stay.c.came_at).label("came_month"),
        func.coalesce(month(stay.c.out_at), NEVER).label("out_month"),
        stay.c.first,
        stay.c.plan,
        func.coalesce(stay.c.why, "").label("why"),
    )


def begun(stay: FromClause) -> Select[Any]:
    """Define `BegunCount`."""
    kept = or_(stay.c.out_at.is_(None), stay.c.out_at >= stay.c.came_at + FIRST_DAYS)
    return _counted(
        stay,
        stay.c.scope,
        month(stay.c.came_at).label("came_month"),
        stay.c.begun_as,
        stay.c.article,
        kept=func.count().filter(kept),
    ).where(stay.c.first)


def lasting(stay: FromClause) -> Select[Any]:
    """Define `LastingCount`."""
    return _counted(
        stay,
        stay.c.scope,
        cast(local(stay.c.came_at), Date).label("came_day"),
        stay.c.begun_as,
        stay.c.currency,
        lasted_of(stay).label("lasted"),
    ).where(stay.c.first)


def lasted_of(stay: FromClause) -> ColumnElement[int]:
    """`LastingCount.lasted` of a stay."""
    months = lasted(stay.c.came_at, stay.c.out_at)
    return func.coalesce(case((months <= HORIZON, months)), NOT_LEFT)


def left(stay: FromClause) -> Select[Any]:
    """Define `LeftCount`."""
    return _counted(
        stay,
        stay.c.scope,
        month(stay.c.out_at).label("out_month"),
        stay.c.why,
        **{f"back_{days}": func.count().filter(back(stay, days)) for days in WITHIN},
    ).where(stay.c.out_at.is_not(None))


def back(stay: FromClause, days: int) -> ColumnElement[bool]:
    """Whether somebody came back within so many days."""
    return stay.c.back_at <= stay.c.out_at + timedelta(days=days)


def _counted(
    stay: FromClause, *keys: ColumnElement[Any], **sums: ColumnElement[int]
) -> Select[Any]:
    places = (literal_column(str(place), String) for place in range(1, len(keys) + 1))
    return (
        select(
            *keys, func.count().label("people"), *(one.label(name) for name, one in sums.items())
        )
        .select_from(stay)
        .group_by(*places)
    )
