"""The rollup of letters by the day on which they became owed."""

from collections.abc import Sequence

from app.letters.models import Letter
from app.reports.rollups import letter_rows
from app.reports.rollups.kept import Day, Rollup, by_day
from app.reports.rollups.letter_tables import LetterDay
from app.reports.rollups.shifting import replace


def refill(days: Sequence[Day]) -> None:
    """Count the letters of some days again; the caller commits."""
    replace(LetterDay, LetterDay.day.in_([one.day for one in days]), letter_rows.days(days))


ROLLUP: Rollup = by_day("letter_day", [LetterDay], refill, [Letter.created_at])
