"""What came from where: the movements by which something came, and gifts given once, by origin."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    Subquery,
    and_,
    case,
    false,
    func,
    literal_column,
    or_,
    select,
    true,
    union_all,
)

from app.extensions import db
from app.reports import months
from app.reports.rollups import campaign_days, following, once_days, origin_rows, sources
from app.reports.rollups.origin_rows import CAME, KEPT, Origin
from app.reports.rollups.origin_tables import Came, CameCount
from app.reports.shape import Asked

#: The counts of pledges that have had so many months, and of those that were kept.
OVER = tuple(f"over_{count}" for count in KEPT)
STOOD = tuple(f"kept_{count}" for count in KEPT)
#: Stands for every origin but the unknown one.
KNOWN = "known"
#: After this day of a month most pledges of a day in another month have had their time.
HALF = 15
#: Months are of different lengths, so a day of one is no farther than this from that of another.
DIFFER = timedelta(days=4)


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


def in_all(asked: Asked, by: Origin) -> list[Brought]:
    """Sum the same of all origins that are known together, as `KNOWN`, and of what is unknown."""
    return brought_by(asked, [by], apart=False)[by]


def brought_by(
    asked: Asked, by: Sequence[Origin], *, apart: bool = True
) -> dict[Origin, list[Brought]]:
    """Sum what came in these months by each of several origins; one statement for all."""
    one = union_all(_by_month(asked, by), _put_right(asked, by)).subquery()
    known = case((one.c.origin == "", ""), else_=KNOWN)
    alike = (one.c.by, one.c.currency, one.c.origin if apart else known.label("known"))
    counts: list[ColumnElement[Any]] = [
        func.coalesce(func.sum(case((one.c.came == came, what))), 0)
        for what in (one.c.moved, one.c.yearly_minor)
        for came in CAME
    ]
    counts += [func.sum(one.c[name]) for name in (*OVER, *STOOD)]
    rows = db.session.execute(
        select(*alike, *counts)
        .group_by(literal_column("1"), literal_column("2"), literal_column("3"))
        .having(func.sum(one.c.moved) > 0)
    )
    named, many = {origin.name: origin for origin in by}, len(CAME)
    found: dict[Origin, list[Brought]] = {origin: [] for origin in by}
    for name, currency, origin, *values in rows:
        parts = (values[start : start + many] for start in range(0, 4 * many, many))
        sums = (tuple(int(value) for value in part) for part in parts)
        found[named[name]].append(Brought(currency, origin, *sums))
    return found


@dataclass(frozen=True, slots=True)
class _Running:
    """How far the month that runs has come, by which months that began pledges are told apart."""

    #: Of so many months ago some pledges have had their time and others have not.
    months: Mapping[int, date]
    #: Whether most of these have: then all are counted as if they had, and the others taken out.
    most: bool

    @classmethod
    def of(cls, asked: Asked) -> "_Running":
        running = months.first_day(asked.now, asked.zone)
        return cls(
            {count: months.following(running, -count) for count in KEPT},
            asked.now.astimezone(asked.zone).day > HALF,
        )


def _by_month(asked: Asked, by: Sequence[Origin]) -> Select[Any]:
    """What came in whole months, each of which as a whole has had its time or has not."""
    one, running = sources.read(CameCount), _Running.of(asked)

    def of_over(count: int, what: ColumnElement[Any]) -> ColumnElement[Any]:
        last = running.months[count]
        over = one.c.month <= last if running.most else one.c.month < last
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
    ).where(
        one.c.by.in_([origin.name for origin in by]),
        one.c.month.in_([month for month, _since, _until in asked.spans()]),
    )
    return found.where(one.c.currency == asked.currency) if asked.currency else found


def _put_right(asked: Asked, by: Sequence[Origin]) -> Select[Any]:
    """What of the sums of months must be added or taken out: what came after now, and pledges.

    Those are pledges of months of which some have had their time, as few as possible.
    """
    came, running, now = sources.read(Came), _Running.of(asked), asked.now
    this = months.first_day(now, asked.zone)
    passed = now - months.start_of(this, asked.zone)
    ahead = and_(came.c.at >= now, came.c.at < months.start_of(months.following(this), asked.zone))
    sign = -1 if running.most else 1
    others: dict[int, ColumnElement[bool]] = {}
    for count, month in running.months.items():
        since = months.start_of(month, asked.zone)
        until = months.start_of(months.following(month), asked.zone)
        later = came.c[f"later_{count}"]
        if running.most:
            wrong = and_(later > now, came.c.at >= since + passed - DIFFER)
        else:
            wrong = and_(later <= now, came.c.at < since + passed + DIFFER)
        others[count] = and_(came.c.begins, came.c.at >= since, came.c.at < until, wrong)
    asked_for = [others[count] for count, month in running.months.items() if month in asked.months]
    each = origin_rows.apart(came, by)
    found = (
        select(
            each.c.by,
            came.c.currency,
            each.c.origin,
            came.c.came,
            case((ahead, -1), else_=0),
            case((ahead, -came.c.yearly_minor), else_=0),
            *(case((others[count], sign), else_=0) for count in KEPT),
            *(
                case((and_(others[count], came.c[f"kept_{count}"]), sign), else_=0)
                for count in KEPT
            ),
        )
        .select_from(came)
        .join(each, true())
        .where(or_(false(), *([ahead] if this in asked.months else []), *asked_for))
    )
    return found.where(came.c.currency == asked.currency) if asked.currency else found


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
