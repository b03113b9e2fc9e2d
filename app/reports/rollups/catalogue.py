"""Every rollup there is."""

from app.reports.rollups import cash_days, movement_days
from app.reports.rollups.kept import Rollup

ROLLUPS: tuple[Rollup, ...] = (movement_days.ROLLUP, cash_days.ROLLUP)
