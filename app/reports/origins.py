"""What came from where: the movements by which something came, and gifts given once, by origin."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    Subquery,
    and_,
    case,
    cast,
    false,
    func,
    literal,
    or_,
    select,
    true,
    union_all,
)

from app.extensions import db
from app.reports import months
from app.reports.rollups import campaign_days, following, once_days, sources
from app.reports.rollups.origin_rows import CAME, KEPT, Origin, apart
from app.reports.rollups.origin_tables import Came, CameCount
from app.reports.shape import Asked

#: The counts of pledges that have had so many months, and of those that were kept.
OVER = tuple(f"over_{count}" for count in KEPT)
STOOD = tuple(f"kept_{count}" for count in KEPT)


@dataclass(frozen=True, slots=True)
class Brought:
    """What one origin (empty for unknown) brought in one currency.

    `counts` and `yearly` are by `CAME`. Of the pledges that began, `over` have had the months of
    `KEPT` since, and `kept` of these stood then.
    """

    currency: str
    origin: str
    counts: tuple[int, ...]
    yearly: tuple[int, ...]
    over: tuple[int, ...]
    kept: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Once:
    """How many gifts given once one origin brought in one currency, and what they came to."""

    currency: str
    origin: str
    count: int
    minor: int


def moved(asked: Asked, by: Origin) -> Subquery:
    """Select each movement by which something came, with its origin and how long it stood.

    `came` is one of `CAME`; `out_at` is null while the pledge stands; `begins` is false for a
    failed payment made good, no new pledge. `over_3` and so on say whether a pledge that began has
    had so many months, and `kept_3` and so on whether it stood all of them.
    """
    one = sources.read(Came)
    return _moved(asked, one, one.c[by.name].label("origin")).subquery()


def _moved(asked: Asked, one: Any, *origins: ColumnElement[str]) -> Select[Any]:
    over = {count: and_(one.c.begins, one.c[f"later_{count}"] <= asked.now) for count in KEPT}
    found = select(
        one.c.id,
        one.c.account_id,
        one.c.at,
        one.c.yearly_minor,
        one.c.currency,
        one.c.came,
        *origins,
        case((one.c.out_at <= asked.now, one.c.out_at)).label("out_at"),
        *(over[count].label(f"over_{count}") for count in KEPT),
        *(and_(over[count], one.c[f"kept_{count}"]).label(f"kept_{count}") for count in KEPT),
    ).where(one.c.at >= asked.since, one.c.at < max(asked.since, asked.until))
    return found.where(one.c.currency == asked.currency) if asked.currency else found


def brought(asked: Asked, by: Origin) -> list[Brought]:
    """Sum what came in these months by one origin; one statement."""
    return brought_by(asked, [by])[by]


def brought_by(asked: Asked, by: Sequence[Origin]) -> dict[Origin, list[Brought]]:
    """Sum what came in these months by each of several origins; one statement for all."""
    running = months.first_day(asked.now, asked.zone)
    # In these months some have had their time and others have not.
    mixed = [running, *(months.following(running, -count) for count in KEPT)]
    spans = asked.spans()
    alike = [month for month, _since, _until in spans if month not in mixed]
    others = [(since, until) for month, since, until in spans if month in mixed]
    one = union_all(_by_month(alike, running, asked, by), _one_by_one(others, asked, by)).subquery()
    counts: list[ColumnElement[Any]] = [
        func.coalesce(func.sum(case((one.c.came == came, what))), 0)
        for what in (one.c.moved, one.c.yearly_minor)
        for came in CAME
    ]
    counts += [func.sum(one.c[name]) for name in (*OVER, *STOOD)]
    rows = db.session.execute(
        select(one.c.by, one.c.currency, one.c.origin, *counts)
        .group_by(one.c.by, one.c.currency, one.c.origin)
        .having(func.sum(one.c.moved) > 0)
    )
    named, many = {origin.name: origin for origin in by}, len(CAME)
    found: dict[Origin, list[Brought]] = {origin: [] for origin in by}
    for name, currency, origin, *values in rows:
        parts = (values[start : start + many] for start in range(0, 4 * many, many))
        sums = (tuple(int(value) for value in part) for part in parts)
        found[named[name]].append(Brought(currency, origin, *sums))
    return found


def _by_month(
    alike: Sequence[date], running: date, asked: Asked, by: Sequence[Origin]
) -> Select[Any]:
    """What came in months of which everything or nothing has had its time."""
    one = sources.read(CameCount)

    def of_over(count: int, what: ColumnElement[Any]) -> ColumnElement[Any]:
        over = one.c.month < months.following(running, -count)
        return case((over, what), else_=0)

    found = select(
        one.c.by,
        one.c.currency,
        one.c.origin,
        one.c.came,
        one.c.moved,
        one.c.yearly_minor,
        *(of_over(count, one.c.begun).label(f"over_{count}") for count in KEPT),
        *(of_over(count, one.c[f"kept_{count}"]).label(f"kept_{count}") for count in KEPT),
    ).where(one.c.by.in_([origin.name for origin in by]), one.c.month.in_(alike))
    return found.where(one.c.currency == asked.currency) if asked.currency else found


def _one_by_one(
    spans: Sequence[tuple[datetime, datetime]], asked: Asked, by: Sequence[Origin]
) -> Select[Any]:
    came = sources.read(Came)
    one = _moved(asked, came, *(came.c[origin.name] for origin in by)).subquery()
    each = apart(one, by)
    return (
        select(
            each.c.by,
            one.c.currency,
            each.c.origin,
            one.c.came,
            literal(1, Integer),
            one.c.yearly_minor,
            *(cast(one.c[name], Integer) for name in (*OVER, *STOOD)),
        )
        .select_from(one)
        .join(each, true())
        .where(or_(false(), *(and_(one.c.at >= since, one.c.at < end) for since, end in spans)))
    )


def gifts(asked: Asked, by: Origin) -> Subquery:
    """Select each gift given once on the giving page in these months, with its origin."""
    since, until = asked.since, max(asked.since, asked.until)
    one = once_days.gifts(lambda moment: (moment >= since) & (moment < until), [by]).subquery()
    columns = [column for column in one.c if column.name != by.name]
    found = select(*columns, one.c[by.name].label("origin"))
    if asked.currency:
        found = found.where(one.c.currency == asked.currency)
    return found.subquery()


def given_once(asked: Asked, by: Origin) -> list[Once]:
    """Sum gifts given once in these months by one origin; one statement."""
    return given_once_by(asked, [by])[by]


def given_once_by(asked: Asked, by: Sequence[Origin]) -> dict[Origin, list[Once]]:
    """Sum gifts given once in these months by each of several origins; one statement for all."""
    following.fresh(campaign_days.ROLLUP)
    one = once_days.read(asked.since, asked.until, by).c
    alike = (one.by, one.currency, one.origin)
    sums = select(*alike, func.sum(one.count), func.sum(one.amount_minor)).group_by(*alike)
    if asked.currency:
        sums = sums.where(one.currency == asked.currency)
    named: dict[str, Origin] = {origin.name: origin for origin in by}
    found: dict[Origin, list[Once]] = {origin: [] for origin in by}
    for name, currency, origin, count, minor in db.session.execute(sums):
        found[named[name]].append(Once(currency, origin, int(count), int(minor)))
    return found
