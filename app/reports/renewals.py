"""Years that yearly payments began and that have ended, and whether each was paid again."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, Subquery, case, func, select

from app.accounts.models import Account
from app.extensions import db
from app.reports import periods
from app.reports.rollups import following, yearly_days, yearly_gifts
from app.reports.rollups.mode import is_raw
from app.reports.rollups.yearly_days import YearEnd
from app.reports.rollups.yearly_gifts import Came
from app.reports.shape import Asked


def by_month(asked: Asked) -> Mapping[tuple[date, Came], int]:
    """Count the years that ended in each month by what came of them; one statement."""
    if not asked.spans():
        return {}
    year = _kept(asked)
    place = periods.place_of(year.c.ended, asked).label("place")
    rows = db.session.execute(
        select(place, year.c.came, func.sum(year.c.years)).group_by("place", year.c.came)
    )
    return {(periods.month_at(asked, at), Came(came)): int(count) for at, came, count in rows}


def _kept(asked: Asked) -> Subquery:
    """Select `ended`, `came` and how many `years` are alike."""
    if is_raw():
        raw = _years(asked, asked.since, max(asked.until, asked.since))
        return (
            select(raw.c.ended, raw.c.came, func.count().label("years"))
            .group_by(raw.c.ended, raw.c.came)
            .subquery()
        )
    following.fresh(yearly_days.ROLLUP)
    table = YearEnd.__table__.c
    waits = (table.came != Came.RENEWED) & yearly_gifts.is_open(table.ended, asked.now)
    return (
        select(table.ended, case((waits, Came.OPEN), else_=table.came).label("came"), table.years)
        .where(
            periods.within(table.ended, asked),
            *(() if asked.currency is None else (table.currency == asked.currency,)),
        )
        .subquery()
    )


def _years(asked: Asked, since: datetime, until: datetime) -> Subquery:
    """Select the years that ended between two moments of the period, from the raw rows."""
    year = yearly_gifts.years(yearly_gifts.ends_between(since, until), now=asked.now)
    return (
        select(year)
        .where(
            year.c.ended >= since,
            year.c.ended < until,
            *(() if asked.currency is None else (year.c.currency == asked.currency,)),
        )
        .subquery("ended")
    )


def rows_of(asked: Asked, month: date | None, came: Came | None) -> Select[*tuple[Any, ...]]:
    """Select the years of a month, or of all, by what came of them, the newest first."""
    since, until = asked.since, max(asked.until, asked.since)
    for of, *both in asked.spans():
        if of == month:
            since, until = both
    year = _years(asked, since, until)
    return (
        select(year, Account.name)
        .join(Account, Account.id == year.c.account_id)
        .where(*(() if came is None else (year.c.came == came,)))
        .order_by(year.c.ended.desc(), year.c.id.desc())
    )
