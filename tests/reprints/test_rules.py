"""Numbers of permissions and how long they hold."""

from datetime import date

import pytest

from app.reprints.rules import Number, Standing, articles, read_number, standing

NUMBER = Number(2026, 123, "7K2M9QXD")


def test_a_number_is_read_back_as_it_was_written() -> None:
    assert str(NUMBER) == "RP-2026-000123-7K2M9QXD"
    assert read_number(str(NUMBER)) == NUMBER
    assert read_number(str(Number(2026, 1234567, "22222222"))) == Number(2026, 1234567, "22222222")


@pytest.mark.parametrize("typed", [" rp-2026-000123-7k2m9qxd ", "RP-2026-000123 -7K2M9QXD\n"])
def test_a_number_is_read_however_it_was_typed(typed: str) -> None:
    assert read_number(typed) == NUMBER


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "123",
        "RP-2026-000123",
        "RP-2026-000123-7K2M9QX",
        "RP-2026-000123-7K2M9QXO",
        "RP-2026-123-7K2M9QXD",
        "RP-2026-000123-7K2M9QXD'--",
    ],
)
def test_what_is_no_whole_number_is_none(typed: str) -> None:
    assert read_number(typed) is None


@pytest.mark.parametrize(
    ("until", "withdrawn", "stands"),
    [
        (date(2026, 8, 3), False, Standing.VALID),
        (date(2026, 8, 2), False, Standing.EXPIRED),
        (None, False, Standing.VALID),
        (None, True, Standing.WITHDRAWN),
        (date(2026, 8, 2), True, Standing.WITHDRAWN),
    ],
)
def test_a_permission_holds_to_the_end_of_its_last_day(
    until: date | None, withdrawn: bool, stands: Standing
) -> None:
    assert standing(until, withdrawn=withdrawn, today=date(2026, 8, 3)) is stands


def test_each_article_counts_once_however_it_was_typed() -> None:
    assert articles("  One   story\r\n\r\nOne story\nhttps://a.example/b ") == (
        "One story",
        "https://a.example/b",
    )
