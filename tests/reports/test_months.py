"""The newsroom's months begin when its own clocks say so."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from app.reports import months

KYIV = ZoneInfo("Europe/Kyiv")


@pytest.mark.parametrize(
    ("day", "zone", "begins"),
    [
        (date(2026, 3, 1), "Europe/Kyiv", datetime(2026, 2, 28, 22, tzinfo=UTC)),
        (date(2026, 4, 1), "Europe/Kyiv", datetime(2026, 3, 31, 21, tzinfo=UTC)),
        (date(2026, 11, 1), "Europe/Kyiv", datetime(2026, 10, 31, 22, tzinfo=UTC)),
        # Clocks there go forward at midnight, so this day begins at one o'clock.
        (date(2026, 4, 24), "Africa/Cairo", datetime(2026, 4, 23, 22, tzinfo=UTC)),
        (date(2026, 1, 1), "UTC", datetime(2026, 1, 1, tzinfo=UTC)),
    ],
)
def test_a_day_begins_by_the_zone_in_summer_and_in_winter(
    day: date, zone: str, begins: datetime
) -> None:
    assert months.start_of(day, ZoneInfo(zone)) == begins


def test_the_last_hours_of_a_month_in_kyiv_belong_to_it_though_utc_says_so_differently() -> None:
    assert months.first_day(datetime(2026, 3, 31, 20, 59, tzinfo=UTC), KYIV) == date(2026, 3, 1)
    assert months.first_day(datetime(2026, 3, 31, 21, 0, tzinfo=UTC), KYIV) == date(2026, 4, 1)
    assert months.first_day(datetime(2026, 10, 31, 21, 59, tzinfo=UTC), KYIV) == date(2026, 10, 1)
    assert months.first_day(datetime(2026, 10, 31, 22, 0, tzinfo=UTC), KYIV) == date(2026, 11, 1)


def test_the_last_months_run_over_the_turn_of_a_year() -> None:
    found = months.latest(14, datetime(2026, 2, 10, tzinfo=UTC), KYIV)

    assert found[0] == date(2025, 1, 1)
    assert found[-1] == date(2026, 2, 1)
    assert found == sorted(found)
    assert len(set(found)) == 14
