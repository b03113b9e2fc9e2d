"""What came from where: the movements by which something came, and gifts given once, by origin."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
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
    tuple_,
    union_all,
)

from app.extensions import db
from app.giving.models import Donation
from app.reports import months
from app.reports.rollups import sources
from app.reports.rollups.origin_rows import CAME, KEPT, TOUCHES, Origin, apart
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
    return _gifts(asked, {"origin": by})


def _gifts(asked: Asked, by: Mapping[str, Origin]) -> Subquery:
    """Select what `gifts` selects, with each origin under its name."""
    columns: list[Any] = [
        Donation.id,
        Donation.account_id,
        Donation.received_at,
        Donation.amount_minor,
        Donation.currency,
        *(origin.of_gift().label(name) for name, origin in by.items()),
    ]
    found = select(*columns).where(
        Donation.checkout_id.is_not(None),
        Donation.received_at >= asked.since,
        Donation.received_at < max(asked.since, asked.until),
    )
    if asked.currency:
        found = found.where(Donation.currency == asked.currency)
    return _beside_touches(found, by, "checkout_id", Donation.checkout_id).subquery()


def given_once(asked: Asked, by: Origin) -> list[Once]:
    """Sum gifts given once in these months by one origin; one statement."""
    return given_once_by(asked, [by])[by]


def given_once_by(asked: Asked, by: Sequence[Origin]) -> dict[Origin, list[Once]]:
    """Sum gifts given once in these months by each of several origins; one statement for all."""
    named = _named(by)
    one = _gifts(asked, named)
    sums = [func.count(), func.sum(one.c.amount_minor)]
    found: dict[Origin, list[Once]] = {origin: [] for origin in by}
    for place, currency, name, (count, minor) in _grouped(one, named, sums):
        found[by[place]].append(Once(currency, name, count, minor))
    return found


def _beside_touches(found: Select[Any], by: Mapping[str, Origin], key: str, of: Any) -> Select[Any]:
    """Join the touches of the turns that are asked for, which bear `key`, the same as `of`."""
    for turn, touch in TOUCHES.items():
        if any(origin.turn is turn for origin in by.values()):
            found = found.outerjoin(touch, and_(getattr(touch, key) == of, touch.turn == turn))
    return found


def _named(by: Sequence[Origin]) -> dict[str, Origin]:
    return {f"origin{place}": origin for place, origin in enumerate(by)}


def _grouped(
    one: Subquery, names: Iterable[str], values: Sequence[ColumnElement[Any]]
) -> Iterator[tuple[int, str, str, list[int]]]:
    """Yield (which origin, currency, its name, the values) for each currency and origin."""
    columns = [one.c[name] for name in names]
    sets = (tuple_(one.c.currency, column) for column in columns)
    rows = db.session.execute(
        select(one.c.currency, func.grouping(*columns), *columns, *values).group_by(
            func.grouping_sets(*sets)
        )
    )
    many = len(columns)
    for currency, grouping, *rest in rows:
        # The bit of the column by which a row is grouped, from the left, is the one not set.
        place = next(at for at in range(many) if not grouping & 1 << (many - 1 - at))
        yield place, currency, rest[place], [int(value) for value in rest[many:]]
