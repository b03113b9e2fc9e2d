"""Every rollup there is."""

from app.reports.rollups import (
    campaign_days,
    cash_days,
    failure_days,
    letter_days,
    movement_days,
    people,
    reached_days,
    supporters,
    yearly_days,
)
from app.reports.rollups.kept import Rollup

ROLLUPS: tuple[Rollup, ...] = (
    movement_days.ROLLUP,
    cash_days.ROLLUP,
    failure_days.FAILURES,
    failure_days.RENEWALS,
    people.ROLLUP,
    supporters.ROLLUP,
    letter_days.ROLLUP,
    yearly_days.ROLLUP,
    campaign_days.ROLLUP,
    reached_days.ROLLUP,
)
