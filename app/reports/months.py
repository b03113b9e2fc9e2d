"""The newsroom's months as moments: where each begins, whatever its clocks do. Pure."""

from datetime import UTC, date, datetime, tzinfo

#: No newsroom's books reach further back, and near the first year there is no month before.
EARLIEST = date(2000, 1, 1)


def read(text: str) -> date:
    """Return the first day of a month such as 2026-08; `ValueError` for what is none we know."""
    month = date.fromisoformat(f"{text}-01")
    if month < EARLIEST:
        raise ValueError(text)
    return month


def first_day(moment: datetime, zone: tzinfo) -> date:
    """Return the first day of the month a moment lies in, as the newsroom's clocks show it."""
    return moment.astimezone(zone).date().replace(day=1)


def start_of(day: date, zone: tzinfo) -> datetime:
    """Return the moment a day begins in the zone, in UTC.

    Where clocks change at midnight a day may begin twice or not at all; it begins at the first
    reading (`fold=0`), so that days still meet without a gap.
    """
    return datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)


def following(month: date, step: int = 1) -> date:
    """Return the first day of the month `step` months after the one that begins on `month`."""
    index = month.year * 12 + month.month - 1 + step
    return date(index // 12, index % 12 + 1, 1)


def latest(count: int, now: datetime, zone: tzinfo) -> list[date]:
    """Return the first days of the last `count` months, the running one last."""
    running = first_day(now, zone)
    return [following(running, step) for step in range(1 - count, 1)]
