"""The sandbox's time: the wall's, plus all the months it was advanced by."""

from __future__ import annotations

import calendar
import time
from datetime import UTC, datetime, timedelta

from tests.sandbox.journal import Journal

HOUR = 3600
DAY = 24 * HOUR


class Clock:
    """Seconds since 1970, running with the wall clock at an offset; only ever forward."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        #: Seconds this clock is ahead of the wall.
        self.offset = journal.fact("clock.offset", 0)
        self._at: int | None = None

    def now(self) -> int:
        """Give the sandbox's time; while it is being advanced, the moment reached so far."""
        return int(time.time()) + self.offset if self._at is None else self._at

    def reach(self, moment: int) -> None:
        """Stand at a moment on the way forward, as seen by everything that happens at it."""
        self._at = max(moment, self.now())

    def run(self) -> None:
        """Run on with the wall from wherever the clock stands."""
        if self._at is not None:
            self.offset = max(self.offset, self._at - int(time.time()))
            self._at = None
            self._journal.keep_fact("clock.offset", self.offset)


def add_months(moment: int, months: int) -> int:
    """Move by whole months in UTC; a day the month does not have becomes its last."""
    start = datetime.fromtimestamp(moment, UTC)
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    day = min(start.day, calendar.monthrange(year, month + 1)[1])
    return int(start.replace(year=year, month=month + 1, day=day).timestamp())


def month_later(moment: int, months: int) -> int:
    """Move by whole months so that every monthly renewal on the way is passed as often.

    From the last day of a month this leads to the last day of another: a renewal on the
    31st would otherwise be missed when setting out from 28 February.
    """
    day = datetime.fromtimestamp(moment, UTC)
    if (day + timedelta(days=1)).day != 1:
        return add_months(moment, months)
    return add_months(moment + DAY, months) - DAY


def add_interval(moment: int, interval: str, count: int) -> int:
    """Move by a price's interval: `day`, `week`, `month` or `year`."""
    match interval:
        case "day":
            return moment + count * DAY
        case "week":
            return moment + count * 7 * DAY
        case "year":
            return add_months(moment, 12 * count)
        case _:
            return add_months(moment, count)


def next_anchor(anchor: int, after: int, interval: str, count: int) -> int:
    """Give the first boundary after a moment, counted from the anchor.

    Counting from the anchor and not from the last boundary keeps the 31st: 31 January,
    28 February, 31 March.
    """
    steps = 0
    while (boundary := add_interval(anchor, interval, steps * count)) <= after:
        steps += 1
    return boundary
