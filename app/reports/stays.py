"""From when to when each person was a patron without a break, and how many were in each month.

A stay joins the spans of one person's pledges that meet or overlap, so that standing means here
what it means in `spans`. With a currency only pledges in it are looked at.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Date,
    DateTime,
    Integer,
    Select,
    Subquery,
    and_,
    case,
    cast,
    func,
    literal,
    or_,
    select,
    union_all,
)
from sqlalchemy.dialects.postgresql import ARRAY

from app.accounts.models import Account
from app.extensions import db
from app.giving.rules import Interval
from app.reports import months
from app.reports.rollups import people_rows, sources
from app.reports.rollups.people_tables import ALL, Stay, StayCount
from app.reports.shape import Asked
from app.reports.spans import Why


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


class Tally:
    """How many people stood, came and went in each month, by its number; added up once for all."""

    def __init__(self, alike: Iterable[Alike]) -> None:
        #: By how many the number that stood changes with the beginning of a month and by its end.
        self._began, self._ended = Counter[int](), Counter[int]()
        self._came, self._went = Counter[tuple[int, bool]](), Counter[tuple[int, Why | None]]()
        self._lost = Counter[tuple[int, Why | None]]()
        for one in alike:
            if one.came < one.went:
                self._began[one.came + 1] += one.people
                self._began[one.went + 1] -= one.people
                self._ended[one.came] += one.people
                self._ended[one.went] -= one.people
                self._lost[one.went, one.why] += one.people
            self._came[one.came, one.first] += one.people
            self._went[one.went, one.why] += one.people

    def began(self, number: int) -> int:
        """Who was a patron at the first instant of the month, before anything moved in it."""
        return sum(by for month, by in self._began.items() if month <= number)

    def ended(self, number: int) -> int:
        """Who was one at its end."""
        return sum(by for month, by in self._ended.items() if month <= number)

    def came(self, number: int, *, first: bool) -> int:
        """Who became one in it, for the first time or again."""
        return self._came[number, first]

    def went(self, number: int, why: Why) -> int:
        """Who ceased to be one in it, for a reason."""
        return self._went[number, why]

    def lost(self, number: int, why: Why) -> int:
        """Who of them had been one at the first instant of the month."""
        return self._lost[number, why]


def counted(asked: Asked) -> list[Alike]:
    """Count the stays of all time by the months that were asked for; one statement."""
    spans = asked.spans()
    if not spans:
        return []
    edges = [month for month, _since, _until in spans]
    one = placed(asked, [*edges, months.following(edges[-1])], asked.until)
    keys = (one.c.came, one.c.went, one.c.first, one.c.plan, one.c.why)
    people = func.sum(one.c.people)
    rows = db.session.execute(select(*keys, people).group_by(*keys).having(people != 0))
    return [
        Alike(came, went, first, Interval(plan), Why(why) if why else None, int(number))
        for came, went, first, plan, why, number in rows
    ]


def scope(asked: Asked) -> str:
    """The scope that was asked for."""
    return asked.currency or ALL


def placed(asked: Asked, edges: Sequence[date], until: datetime) -> Subquery:
    """Select stays that are alike, by the months of `edges`, the last of which begins at `until`.

    The columns are `since` (the month of the person's first stay), begun_as, first, plan, `why`
    (empty while it lasts), the places `came` and `went`, and how many people: of those who come or
    go after now some are taken away again, so that only sums mean anything.
    """
    count, stay = sources.read(StayCount), sources.read(Stay)
    days = cast(edges, ARRAY(Date))
    instants = [months.start_of(edge, asked.zone) for edge in edges[:-1]]
    bounds = cast([*instants, until], ARRAY(DateTime(timezone=True)))
    month = people_rows.month
    whole = select(
        count.c.since_month.label("since"),
        count.c.begun_as,
        count.c.first,
        count.c.plan,
        count.c.why,
        func.width_bucket(count.c.came_month, days).label("came"),
        func.width_bucket(count.c.out_month, days).label("went"),
        count.c.people,
    ).where(count.c.scope == scope(asked))
    late = (
        select(stay)
        .where(
            stay.c.scope == scope(asked),
            or_(stay.c.came_at >= asked.now, stay.c.out_at >= asked.now),
        )
        .cte("late")
    )
    alike = (month(late.c.since), late.c.begun_as, late.c.first, late.c.plan)
    last = len(edges)
    out = func.coalesce(func.width_bucket(month(late.c.out_at), days), last)
    less = select(
        *alike,
        func.coalesce(late.c.why, ""),
        func.width_bucket(month(late.c.came_at), days),
        out,
        literal(-1, Integer),
    )
    gone = late.c.out_at <= asked.now
    more = select(
        *alike,
        case((gone, late.c.why), else_=""),
        func.width_bucket(late.c.came_at, bounds),
        case((gone, func.width_bucket(late.c.out_at, bounds)), else_=last),
        literal(1, Integer),
    ).where(late.c.came_at <= asked.now)
    return union_all(whole, less, more).subquery()


def joined(asked: Asked) -> Subquery:
    """Select account_id, came_at, out_at, why, plan and first of every stay there ever was.

    `out_at` and `why` are null while it lasts; `plan` is that of the pledge that stood the longest.
    `until_at` is `out_at` even where it lies ahead, for conditions on what is not later than now.
    And of the person's first stay: `since`, `begun_as` (an interval), `currency` and `article`
    (empty for none); and of the next one when it began, `back_at`.
    """
    stay = sources.read(Stay)
    gone = stay.c.out_at <= asked.now
    return (
        select(
            stay.c.account_id,
            stay.c.came_at,
            case((gone, stay.c.out_at)).label("out_at"),
            stay.c.out_at.label("until_at"),
            case((gone, stay.c.why)).label("why"),
            stay.c.plan,
            stay.c.first,
            stay.c.since,
            stay.c.begun_as,
            stay.c.currency,
            stay.c.article,
            case((stay.c.back_at <= asked.now, stay.c.back_at)).label("back_at"),
        )
        .where(stay.c.scope == scope(asked), stay.c.came_at <= asked.now)
        .subquery()
    )


def standing(moment: datetime, asked: Asked) -> int:
    """Count the people who stood at a moment that is not later than now; one statement."""
    count, stay = sources.read(StayCount), sources.read(Stay)
    month = months.first_day(moment, asked.zone)
    since = months.start_of(month, asked.zone)
    until = months.start_of(months.following(month), asked.zone)
    here = stay.c.scope == scope(asked)
    stands = and_(here, or_(stay.c.out_at.is_(None), stay.c.out_at > moment))
    parts: list[Select[Any]] = [
        select(func.sum(count.c.people)).where(
            count.c.scope == scope(asked), count.c.came_month < month, count.c.out_month > month
        ),
        select(func.count())
        .select_from(stay)
        .where(stands, stay.c.came_at >= since, stay.c.came_at <= moment),
        select(func.count())
        .select_from(stay)
        # No null among these, for which every end before the moment would be looked at too.
        .where(here, stay.c.came_at < since, stay.c.out_at > moment, stay.c.out_at < until),
    ]
    total = sum((func.coalesce(part.scalar_subquery(), 0) for part in parts), literal(0))
    return int(db.session.scalar(select(total)) or 0)


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
    return and_(one.c.came_at < moment, or_(one.c.until_at.is_(None), one.c.until_at >= moment))


def came_in(one: Subquery, since: datetime, until: datetime, *, first: bool) -> ColumnElement[bool]:
    """Whether a stay began in a time."""
    return and_(one.c.came_at >= since, one.c.came_at < until, one.c.first == first)


def went_in(one: Subquery, since: datetime, until: datetime, why: Why) -> ColumnElement[bool]:
    """Whether a stay ended in a time, for a reason."""
    return and_(one.c.until_at >= since, one.c.until_at < until, one.c.why == why.value)
