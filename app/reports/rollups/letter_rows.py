"""The statement that defines the rollup of letters: how many became owed each day, by kind."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Date, Select, cast, func, literal_column, select

from app.letters.models import Letter
from app.owed import MAX_ATTEMPTS
from app.reports.rollups.kept import Day, day_at, within
from app.reports.rollups.people_rows import local

#: How far a letter has come; each is in exactly one. In the order of the columns of the report.
STATES: dict[str, ColumnElement[bool]] = {
    "sent": Letter.sent_at.is_not(None),
    "waiting": Letter.due_at.is_not(None) & (Letter.attempts < MAX_ATTEMPTS),
    "given_up": Letter.given_up(),
    "undue": Letter.sent_at.is_(None) & Letter.due_at.is_(None),
}


def days(of: Sequence[Day] | None = None, *which: ColumnElement[bool]) -> Select[Any]:
    """Define `LetterDay`, for some days or for all; `which` narrows the letters."""
    day: ColumnElement[Any] = cast(local(Letter.created_at), Date)
    if of is not None:
        day = day_at(Letter.created_at, of)
        which += (within(Letter.created_at, of),)
    return (
        select(
            day.label("day"),
            Letter.kind,
            func.count().label("owed"),
            *(func.count().filter(state).label(name) for name, state in STATES.items()),
        )
        .where(*which)
        .group_by(literal_column("1"), Letter.kind)
    )
