"""What came from each article: the movements by which something came, with the page before them."""

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
    union_all,
)

from app.extensions import db
from app.reports import months
from app.reports.rollups import sources
from app.reports.rollups.origin_rows import CAME, KEPT
from app.reports.rollups.origin_tables import Origin, OriginCount
from app.reports.shape import Asked

#: The counts of pledges that have had so many months, and of those that were kept.
OVER = tuple(f"over_{count}" for count in KEPT)
STOOD = tuple(f"kept_{count}" for count in KEPT)


@dataclass(frozen=True, slots=True)
class Brought:
    """What one article (empty for unknown) brought in one currency.

    `counts` and `yearly` are by `CAME`. Of the pledges that began, `over` have had the months of
    `KEPT` since, and `kept` of these stood then.
    """

    currency: str
    article: str
    counts: tuple[int, ...]
    yearly: tuple[int, ...]
    over: tuple[int, ...]
    kept: tuple[int, ...]


def moved(asked: Asked) -> Subquery:
    """Select each movement by which something came, with its article and how long it stood.

    `came` is one of `CAME`; `out_at` is null while the pledge stands; `begins` is false for a
    failed payment made good, no new pledge. `over_3` and so on say whether a pledge that began has
    had so many months, and `kept_3` and so on whether it stood all of them.
    """
    one = sources.read(Origin)
    over = {count: and_(one.c.begins, one.c[f"later_{count}"] <= asked.now) for count in KEPT}
    found = select(
        one.c.id,
        one.c.account_id,
        one.c.at,
        one.c.yearly_minor,
        one.c.currency,
        one.c.came,
        one.c.article,
        case((one.c.out_at <= asked.now, one.c.out_at)).label("out_at"),
        *(over[count].label(f"over_{count}") for count in KEPT),
        *(and_(over[count], one.c[f"kept_{count}"]).label(f"kept_{count}") for count in KEPT),
    ).where(one.c.at >= asked.since, one.c.at < max(asked.since, asked.until))
    if asked.currency:
        found = found.where(one.c.currency == asked.currency)
    return found.subquery()


def by_article(asked: Asked) -> list[Brought]:
    """Sum what came in these months; one statement."""
    running = months.first_day(asked.now, asked.zone)
    # In these months some have had their time and others have not.
    mixed = [running, *(months.following(running, -count) for count in KEPT)]
    spans = asked.spans()
    alike = [month for month, _since, _until in spans if month not in mixed]
    others = [(since, until) for month, since, until in spans if month in mixed]
    one = union_all(_by_month(alike, running, asked), _one_by_one(others, asked)).subquery()
    moved, minor = one.c.moved, one.c.yearly_minor
    counts: list[ColumnElement[Any]] = [
        func.coalesce(func.sum(case((one.c.came == came, what))), 0)
        for what in (moved, minor)
        for came in CAME
    ]
    counts += [func.sum(one.c[name]) for name in (*OVER, *STOOD)]
    rows = db.session.execute(
        select(one.c.currency, one.c.article, *counts)
        .group_by(one.c.currency, one.c.article)
        .having(func.sum(moved) > 0)
    )
    many = len(CAME)
    return [
        Brought(
            currency,
            article,
            *(
                tuple(int(each) for each in found[start : start + many])
                for start in range(0, 4 * many, many)
            ),
        )
        for currency, article, *found in rows
    ]


def _by_month(alike: Sequence[date], running: date, asked: Asked) -> Select[Any]:
    """What came in months of which everything or nothing has had its time."""
    one = sources.read(OriginCount)

    def of_over(count: int, what: ColumnElement[Any]) -> ColumnElement[Any]:
        over = one.c.month < months.following(running, -count)
        return case((over, what), else_=0)

    found = select(
        one.c.currency,
        one.c.article,
        one.c.came,
        one.c.moved,
        one.c.yearly_minor,
        *(of_over(count, one.c.begun).label(f"over_{count}") for count in KEPT),
        *(of_over(count, one.c[f"kept_{count}"]).label(f"kept_{count}") for count in KEPT),
    ).where(one.c.month.in_(alike))
    return found.where(one.c.currency == asked.currency) if asked.currency else found


def _one_by_one(spans: Sequence[tuple[datetime, datetime]], asked: Asked) -> Select[Any]:
    one = moved(asked)
    return select(
        one.c.currency,
        one.c.article,
        one.c.came,
        literal(1, Integer),
        one.c.yearly_minor,
        *(cast(one.c[name], Integer) for name in (*OVER, *STOOD)),
    ).where(or_(false(), *(and_(one.c.at >= since, one.c.at < end) for since, end in spans)))
