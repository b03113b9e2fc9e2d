"""Where the periods of a pledge end, month ends and leap days included."""

from datetime import UTC, datetime

import pytest

from app.payments.stripe_gateway.periods import boundary


def day(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("anchor", "interval", "least", "expected"),
    [
        ("2026-05-14", "month", "2026-05-14", "2026-05-14"),
        ("2026-05-14", "month", "2026-05-15", "2026-06-14"),
        ("2026-05-14", "month", "2026-12-14", "2026-12-14"),
        ("2026-05-14", "month", "2027-01-01", "2027-01-14"),
        ("2026-01-31", "month", "2026-02-01", "2026-02-28"),
        ("2026-01-31", "month", "2026-02-28", "2026-02-28"),
        ("2026-01-31", "month", "2026-03-01", "2026-03-31"),
        ("2028-02-29", "year", "2029-01-01", "2029-02-28"),
        ("2028-02-29", "year", "2029-03-01", "2030-02-28"),
        ("2028-02-29", "year", "2032-02-01", "2032-02-29"),
        # An anchor that still lies ahead is the first boundary.
        ("2026-09-01", "month", "2026-05-14", "2026-09-01"),
        ("2026-09-01", "year", "2026-05-14", "2026-09-01"),
    ],
)
def test_a_period_ends_on_the_day_it_began_or_on_the_last_of_a_shorter_month(
    anchor: str, interval: str, least: str, expected: str
) -> None:
    assert boundary(day(anchor), interval, day(least)) == day(expected)
