"""What is asked of a report, read from the words of an address: which months, which currency."""

from collections.abc import Mapping
from datetime import date, datetime
from zoneinfo import ZoneInfo

from app.reports import months, queries
from app.reports.shape import Asked, Report

#: How many months a report covers at first.
AT_FIRST = 12
#: A period is no longer than this many months: ten years.
LONGEST = 120


def read(report: Report, words: Mapping[str, str], now: datetime, zone: ZoneInfo) -> Asked:
    """Read which months and which currency are asked for; what makes no sense is left out."""
    now = queries.up_to(now)
    running = months.first_day(now, zone)
    last = _month(words.get("to")) if report.by_period else None
    last = min(last or running, running)
    first = _month(words.get("from")) if report.by_period else None
    first = min(first or months.following(last, 1 - AT_FIRST), last)
    first = max(first, months.following(last, 1 - LONGEST))
    currency = words.get("currency") if report.by_currency else None
    if currency and currency not in queries.currencies():
        currency = None
    return Asked(first, last, now, zone, currency)


def words_of(report: Report, asked: Asked) -> dict[str, str]:
    """Write what is asked as the words of an address, from which `read` reads the same again."""
    words: dict[str, str] = {}
    if report.by_period:
        words |= {"from": f"{asked.first:%Y-%m}", "to": f"{asked.last:%Y-%m}"}
    if asked.currency:
        words["currency"] = asked.currency
    return words


def _month(text: str | None) -> date | None:
    try:
        return months.read(text or "")
    except ValueError:
        return None
