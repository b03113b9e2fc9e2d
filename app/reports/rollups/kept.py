"""What a rollup is: its tables, how parts of it are filled again, and which parts there are."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Date,
    DateTime,
    Select,
    TableValuedAlias,
    and_,
    cast,
    column,
    func,
    or_,
    select,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.sql.elements import Grouping

from app.current import zone
from app.extensions import Base
from app.reports import months

#: Every zone's days begin on a quarter of an hour, so each quarter lies in one day.
QUARTER = 15 * 60
#: How many days, or people, are filled in one transaction.
DAYS, PEOPLE = 100, 5_000


@dataclass(frozen=True, slots=True)
class Day:
    """A day of the newsroom's with its first instant and the one after its last."""

    day: date
    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class Rollup:
    """Tables that one statement fills, part by part.

    `refill` empties the parts of some keys and fills them from the raw rows; the caller commits.
    `every` selects keys that cover all there can be. `of` is the condition that a row of one of the
    tables is of some keys.
    """

    #: As triggers write it; at most 20 letters.
    name: str
    tables: Sequence[type[Base]]
    refill: Callable[[Sequence[int]], None]
    every: Callable[[], Select[Any]]
    of: Callable[[type[Base], Sequence[int]], ColumnElement[bool]]
    #: How many parts are filled in one transaction.
    portion: int
    #: How many keys in a row are about one part: a day has 96 quarters of an hour.
    unit: int = 1
    #: The key by which `refill` fills all there is at once; null where it goes part by part.
    everything: int | None = None
    #: Counts what is wrong that no part alone can show; null where there is no such thing.
    wrong: Callable[[], int] | None = None


def by_day(
    name: str,
    tables: Sequence[type[Base]],
    refill: Callable[[Sequence[Day]], None],
    moments: Sequence[Any],
    *,
    portion: int = DAYS,
) -> Rollup:
    """Make a rollup whose tables have a column `day`; `moments` are the columns that decide it.

    `refill` is given days whose rows it takes away and makes anew.
    """

    def every() -> Select[Any]:
        ends = [select(func.min(one).label("at")) for one in moments]
        ends += [select(func.max(one)) for one in moments]
        at = ends[0].union_all(*ends[1:]).subquery().c.at
        edge = select(func.min(at).label("first"), func.max(at).label("last")).subquery()
        # No day is so short that none of these lies in it.
        half_days = func.generate_series(
            edge.c.first, edge.c.last + timedelta(days=1), timedelta(hours=12)
        )
        return select(func.quarter_of(half_days, type_=BigInteger))

    return Rollup(
        name,
        tables,
        lambda keys: refill(days_of(keys)),
        every,
        lambda table, keys: table.__table__.c.day.in_([one.day for one in days_of(keys)]),
        portion,
        24 * 60 * 60 // QUARTER,
    )


def by_person(
    name: str,
    tables: Sequence[type[Base]],
    refill: Callable[[Sequence[int]], None],
    every: Callable[[], Select[Any]],
    *,
    portion: int = PEOPLE,
) -> Rollup:
    """Make a rollup whose tables have a column `account_id`; `every` selects who may be in it.

    `refill` is given accounts whose rows it takes away and makes anew.
    """
    return Rollup(
        name,
        tables,
        refill,
        every,
        lambda table, keys: table.__table__.c.account_id.in_(keys),
        portion,
        1,
    )


def days_of(keys: Sequence[int]) -> list[Day]:
    """Return the newsroom's days that keys lie in, each once, in order."""
    here = zone()
    days = {datetime.fromtimestamp(key * QUARTER, UTC).astimezone(here).date() for key in keys}
    return [whole(day) for day in sorted(days)]


def whole(day: date) -> Day:
    """Return a day of the newsroom's with its edges."""
    here = zone()
    return Day(day, months.start_of(day, here), months.start_of(day + timedelta(days=1), here))


def between(since: datetime, until: datetime) -> list[Day]:
    """Return the newsroom's days that a span of time touches, in order."""
    here = zone()
    first, last = since.astimezone(here).date(), until.astimezone(here).date()
    days = [whole(first + timedelta(days=step)) for step in range((last - first).days + 1)]
    return [one for one in days if one.since < until] or [whole(first)]


def edges(days: Sequence[Day]) -> TableValuedAlias:
    """Days as a table with the columns day, since and until, for what moves little."""
    moment = ARRAY(DateTime(timezone=True))
    return (
        func.unnest(
            cast([one.day for one in days], ARRAY(Date)),
            cast([one.since for one in days], moment),
            cast([one.until for one in days], moment),
        )
        .table_valued(
            column("day", Date),
            column("since", DateTime(timezone=True)),
            column("until", DateTime(timezone=True)),
            name="of_day",
        )
        .render_derived()
    )


def within(moment: Any, days: Sequence[Day]) -> ColumnElement[bool]:
    """Whether a moment lies in one of some days, which come in order; an index finds it."""
    runs: list[tuple[datetime, datetime]] = []
    for one in days:
        if runs and runs[-1][1] == one.since:
            runs[-1] = runs[-1][0], one.until
        else:
            runs.append((one.since, one.until))
    return or_(*(and_(moment >= since, moment < until) for since, until in runs))


def day_at(moment: Any, days: Sequence[Day]) -> ColumnElement[date | None]:
    """The day that a moment lies in, null where it is none of these, which come in order."""
    points: list[datetime] = []
    names: list[date | None] = []
    for one in days:
        if points and points[-1] == one.since:
            names[-1] = one.day
        else:
            points.append(one.since)
            names.append(one.day)
        points.append(one.until)
        names.append(None)
    place = func.width_bucket(moment, cast(points, ARRAY(DateTime(timezone=True))))
    # PostgreSQL takes an element only of what stands in brackets.
    return Grouping(cast(names, ARRAY(Date)))[place]
