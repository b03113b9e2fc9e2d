"""Calendar months, kept days and smaller amounts, as tables."""

from datetime import UTC, datetime

import pytest

from app.giving.rules import Interval
from app.giving.wishes import cycles, lower
from app.money import Money


def day(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("due", "months", "started", "back"),
    [
        ("2026-09-14", 1, "2026-08-14", "2026-10-14"),
        ("2026-11-30", 3, "2026-08-30", "2027-02-28"),
        ("2027-02-28", 1, "2026-12-31", "2027-03-31"),
        ("2027-02-28", 1, "2026-12-28", "2027-03-28"),
        ("2028-02-29", 6, "2024-02-29", "2028-08-29"),
        ("2026-09-30", 6, "2026-08-31", "2027-03-31"),
    ],
)
def test_a_pause_keeps_the_day_of_the_month(due: str, months: int, started: str, back: str) -> None:
    assert cycles.returns_at(day(due), months, day(started)) == day(back)


@pytest.mark.parametrize(
    ("interval", "now", "due"),
    [
        (Interval.MONTH, "2026-09-01", "2026-09-14"),
        (Interval.MONTH, "2026-11-20", "2026-12-14"),
        (Interval.YEAR, "2026-09-01", "2026-09-14"),
        (Interval.YEAR, "2026-11-20", "2026-11-20"),
    ],
)
def test_after_a_pause_what_is_paid_stays_paid(interval: Interval, now: str, due: str) -> None:
    paid_until, started = day("2026-09-14"), day("2026-08-14")
    assert cycles.due_after_pause(paid_until, interval, started, day(now)) == day(due)


@pytest.mark.parametrize(
    ("minor", "currency", "offered"),
    [
        (2000, "EUR", [1500, 1000, 500]),
        (500, "EUR", [300, 200]),
        (200, "EUR", []),
        (537, "EUR", [400, 200]),
        (10000, "UAH", [7500, 5000]),
        (700, "JPY", [500, 350, 300]),
        (20000, "EUR", [15000, 10000, 5000]),
    ],
)
def test_smaller_amounts_are_plain_ones_and_never_under_the_least(
    minor: int, currency: str, offered: list[int]
) -> None:
    assert [one.minor for one in lower.offers(Money(minor, currency))] == offered
