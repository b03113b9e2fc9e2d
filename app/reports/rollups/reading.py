"""How rollups by day are read up to any moment: whole days as kept, the day it lies in raw."""

from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Date, Select, cast, func, literal, union_all
from sqlalchemy.dialects.postgresql import ARRAY

from app.current import zone
from app.extensions import db
from app.reports.rollups.kept import Day, whole


def day_of(moment: datetime) -> Day:
    """Return the day of the newsroom's that a moment lies in."""
    return whole(moment.astimezone(zone()).date())


def begun(until: datetime) -> Day | None:
    """Return the day a time ends in, cut off there; None where it ends as a day does."""
    day = day_of(until)
    return Day(day.day, day.since, until) if day.since < until else None


def place(day: Any, days: Sequence[date]) -> ColumnElement[int]:
    """How many of some days, which come in order, are not after a day."""
    return func.width_bucket(day, cast(list(days), ARRAY(Date)))


def together(kept: Select[*tuple[Any, ...]], raw: Select[Any] | None) -> Any:
    """What is kept and what is read raw, of the same columns, as one subquery."""
    return (kept if raw is None else kept.union_all(raw)).subquery("kept")


def before(
    moments: Sequence[datetime],
    day: Any,
    kept: Select[*tuple[Any, ...]],
    rest: Callable[[Day], Select[*tuple[Any, ...]]],
) -> dict[tuple[datetime, str], int]:
    """Add up from the beginning to just before each moment, by currency; one statement.

    `kept` selects a currency and a sum of the rows of whole days, whose column is `day`; `rest` the
    same of the raw rows of a day that is cut off.
    """
    ordered = sorted(set(moments))
    if not ordered:
        return {}
    days = [day_of(moment).day for moment in ordered]
    currency = kept.selected_columns[0]
    number = place(day, days).label("place")
    parts = [
        kept.add_columns(number, literal(True)).where(day < days[-1]).group_by(number, currency)
    ]
    for order, moment in enumerate(ordered):
        if cut := begun(moment):
            part = rest(cut)
            parts.append(
                part.add_columns(literal(order), literal(False)).group_by(part.selected_columns[0])
            )
    found: dict[tuple[datetime, str], int] = {}
    for code, total, order, lasting in db.session.execute(union_all(*parts)):
        # What moved on a whole day counts for every moment after it.
        for moment in ordered[order:] if lasting else ordered[order : order + 1]:
            found[moment, code] = found.get((moment, code), 0) + int(total)
    return found
