"""Every rollup there is."""

from app.reports.rollups import cash_days, letter_days, movement_days, people
from app.reports.rollups.kept import Rollup

ROLLUPS: tuple[Rollup, ...] = (
    movement_days.ROLLUP,
    cash_days.ROLLUP,
    people.ROLLUP,
    letter_days.ROLLUP,
)
