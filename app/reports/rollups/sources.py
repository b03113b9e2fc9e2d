"""Where reports read: the tables that are kept, or the raw rows, to hold these against."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from sqlalchemy import FromClause, Select

from app.extensions import Base
from app.reports.rollups import (
    brought_rows,
    following,
    letter_days,
    letter_rows,
    people,
    people_rows,
    round_rows,
    wish_rows,
)
from app.reports.rollups.letter_tables import LetterDay
from app.reports.rollups.people_tables import (
    BegunCount,
    Brought,
    BroughtSum,
    GivingSum,
    LastingCount,
    LeaveWish,
    LeaveWishCount,
    LeftCount,
    Span,
    Stay,
    StayCount,
)
from app.reports.rollups.round_tables import StayerCount, Turnout

_raw: ContextVar[bool] = ContextVar("raw", default=False)

#: What each table is defined as, by what is read of the tables before it.
DEFINED: dict[type[Base], Callable[[], Select[Any]]] = {
    Span: people_rows.spans,
    Stay: lambda: people_rows.stays(read(Span)),
    GivingSum: lambda: people_rows.giving(read(Span)),
    StayCount: lambda: people_rows.stay_counts(read(Stay)),
    BegunCount: lambda: people_rows.begun(read(Stay)),
    LastingCount: lambda: people_rows.lasting(read(Stay)),
    LeftCount: lambda: people_rows.left(read(Stay)),
    Brought: lambda: brought_rows.brought(read(Stay)),
    BroughtSum: lambda: brought_rows.sums(read(Brought)),
    LeaveWish: lambda: wish_rows.wishes(read(Span)),
    LeaveWishCount: lambda: wish_rows.counts(read(LeaveWish)),
    Turnout: round_rows.turnouts,
    StayerCount: lambda: round_rows.stayers(read(Span)),
    LetterDay: letter_rows.days,
}


@contextmanager
def raw() -> Iterator[None]:
    """Read everything from the raw rows for a while, which is slow and always right."""
    before = _raw.set(True)
    try:
        yield
    finally:
        _raw.reset(before)


def read(table: type[Base]) -> FromClause:
    """Return what to read a table's columns from, up to date; each call is a relation of its own.

    Commits where something was out of date.
    """
    if _raw.get():
        return DEFINED[table]().subquery()
    following.fresh(letter_days.ROLLUP if table is LetterDay else people.ROLLUP)
    return table.__table__.alias()


def is_raw() -> bool:
    """Whether the raw rows are read."""
    return _raw.get()
