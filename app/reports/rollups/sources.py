"""Where reports read: the tables that are kept, or the raw rows, to hold these against."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import FromClause, Select

from app.extensions import Base
from app.reports.rollups import (
    brought_rows,
    following,
    letter_days,
    letter_rows,
    origin_rows,
    people,
    people_rows,
    round_rows,
    wish_rows,
)
from app.reports.rollups.letter_tables import LetterDay
from app.reports.rollups.mode import is_raw, raw
from app.reports.rollups.origin_tables import Came, CameCount
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

__all__ = ["is_raw", "raw", "read"]

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
    Came: lambda: origin_rows.origins(read(Span)),
    CameCount: lambda: origin_rows.counts(read(Came)),
    Turnout: round_rows.turnouts,
    StayerCount: lambda: round_rows.stayers(read(Span)),
    LetterDay: letter_rows.days,
}


def read(table: type[Base]) -> FromClause:
    """Return what to read a table's columns from, up to date; each call is a relation of its own.

    Commits where something was out of date.
    """
    if is_raw():
        return DEFINED[table]().subquery()
    following.fresh(letter_days.ROLLUP if table is LetterDay else people.ROLLUP)
    return table.__table__.alias()
