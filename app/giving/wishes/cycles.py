"""When a pledge's money is taken: calendar months, kept days, pauses. Pure."""

import calendar
from datetime import datetime

from app.giving.rules import Interval

#: How many months a patron may pause.
PAUSES = (1, 2, 3, 6)


def months_later(moment: datetime, months: int, day: int | None = None) -> datetime:
    """Return the moment so many calendar months later, on the same day of the month.

    `day` is the day that is kept where the month is long enough: a pledge begun on the 31st is
    charged on 28 February and again on 31 March.
    """
    years, month = divmod(moment.month - 1 + months, 12)
    year, month = moment.year + years, month + 1
    last = calendar.monthrange(year, month)[1]
    return moment.replace(year=year, month=month, day=min(day or moment.day, last))


def kept_day(due_at: datetime, started_at: datetime | None) -> int:
    """Return the day of the month that payments keep.

    Where the month is too short for it, a payment is due on its last day, and the day the pledge
    began on tells which one was meant.
    """
    last = calendar.monthrange(due_at.year, due_at.month)[1]
    if started_at is not None and due_at.day == last:
        return max(due_at.day, started_at.day)
    return due_at.day


def returns_at(due_at: datetime, months: int, started_at: datetime | None) -> datetime:
    """Return when money is taken again where the payment due at a moment waits for some months."""
    return months_later(due_at, months, kept_day(due_at, started_at))


def due_after_pause(
    paid_until: datetime, interval: Interval, started_at: datetime | None, now: datetime
) -> datetime:
    """Return when money is taken next where a pause ends now.

    What is paid stays paid. Past that, a monthly gift waits for its next day of the month, and a
    yearly one is taken at once: its next day may be a year away.
    """
    if paid_until > now:
        return paid_until
    if interval is Interval.YEAR:
        return now
    day, months = kept_day(paid_until, started_at), 0
    due_at = paid_until
    while due_at <= now:
        months += 1
        due_at = months_later(paid_until, months, day)
    return due_at
