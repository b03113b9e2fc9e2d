"""The boundaries of a subscription's periods, counted as Stripe counts them. Pure."""

from calendar import monthrange
from datetime import datetime

MONTHS = {"month": 1, "year": 12}


def boundary(anchor: datetime, interval: str, least: datetime) -> datetime:
    """Return the first boundary at or after `least`.

    Boundaries lie whole months or years after the anchor, on its day, or on the last one of a month
    that has no such day.
    """
    months = MONTHS[interval]
    apart = (least.year - anchor.year) * 12 + least.month - anchor.month
    step = max(0, apart // months)
    while (at := _later(anchor, step * months)) < least:
        step += 1
    return at


def _later(anchor: datetime, months: int) -> datetime:
    years, month = divmod(anchor.month - 1 + months, 12)
    year, month = anchor.year + years, month + 1
    return anchor.replace(year=year, month=month, day=min(anchor.day, monthrange(year, month)[1]))
