"""Amounts and days, as banks of four countries write them."""

from datetime import date
from decimal import Decimal

import pytest

from app.bank import figures
from app.bank.figures import Mark, Order
from app.bank.statement import Unreadable, account_number, one_line

COMMA, POINT = Mark.COMMA, Mark.POINT


@pytest.mark.parametrize(
    ("text", "mark", "value"),
    [
        ("50,00", COMMA, "50.00"),
        ("1.234,56", COMMA, "1234.56"),
        ("1 234,56", COMMA, "1234.56"),
        ("1\u00a0234\u202f567,8", COMMA, "1234567.8"),
        ("-2 000,00", COMMA, "-2000.00"),
        ("\u22129,90", COMMA, "-9.90"),
        ("9,90-", COMMA, "-9.90"),
        ("(9.90)", POINT, "-9.90"),
        ("+12", POINT, "12"),
        ("$1,050.00", POINT, "1050.00"),
        ("1'234.50", POINT, "1234.50"),
        ("1,234", POINT, "1234"),
        ("1,234", COMMA, "1.234"),
        ("12 грн.", COMMA, "12"),
        ("EUR 12,50", COMMA, "12.50"),
        ("12,50 zł", COMMA, "12.50"),
        ("₴500", POINT, "500"),
        ("0", POINT, "0"),
    ],
)
def test_a_figure_is_read_exactly(text: str, mark: Mark, value: str) -> None:
    assert figures.amount(text, mark) == Decimal(value)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "-",
        "abc",
        "12,34,56",
        "1.23.4",
        "01.08.2026",
        "12-34",
        "1e5",
        "NaN",
        "1,5 of 3",
        "9" * 25,
    ]
    + ["--5", "٣", "12,34,567"],
)
@pytest.mark.parametrize("mark", [COMMA, POINT])
def test_what_is_no_figure_is_refused(text: str, mark: Mark) -> None:
    with pytest.raises(Unreadable):
        figures.amount(text, mark)


@pytest.mark.parametrize(
    ("texts", "mark"),
    [
        (["50,00", "-9,90"], COMMA),
        (["50.00"], POINT),
        (["1.234,56"], COMMA),
        (["1,234.56", "1,000"], POINT),
        (["1.234.567"], COMMA),
        (["12,5", "1 000"], COMMA),
        (["1,234"], POINT),
        (["1.234", "2.000"], COMMA),
        (["100", "250"], POINT),
        ([], POINT),
        (["", "—"], POINT),
    ],
)
def test_a_column_of_figures_tells_its_decimal_mark(texts: list[str], mark: Mark) -> None:
    assert figures.guess_mark(texts) is mark


@pytest.mark.parametrize(
    ("text", "order", "day"),
    [
        ("2026-08-03", Order.DAY_FIRST, date(2026, 8, 3)),
        ("2026-08-03 10:14:00", Order.MONTH_FIRST, date(2026, 8, 3)),
        ("2026-08-03T10:14:00Z", Order.DAY_FIRST, date(2026, 8, 3)),
        ("03.08.2026 10:14:00", Order.DAY_FIRST, date(2026, 8, 3)),
        ("03-08-2026", Order.DAY_FIRST, date(2026, 8, 3)),
        ("3/8/26", Order.DAY_FIRST, date(2026, 8, 3)),
        ("08/03/2026", Order.MONTH_FIRST, date(2026, 8, 3)),
        ("20260803", Order.DAY_FIRST, date(2026, 8, 3)),
    ],
)
def test_a_day_is_read_whatever_stands_behind_it(text: str, order: Order, day: date) -> None:
    assert figures.day(text, order) == day


@pytest.mark.parametrize("text", ["", "Saldo", "31.02.2026", "13/13/2026", "1.2.345", "99"])
def test_what_is_no_day_is_refused(text: str) -> None:
    with pytest.raises(Unreadable):
        figures.day(text, Order.DAY_FIRST)


@pytest.mark.parametrize(
    ("texts", "order"),
    [
        (["08/13/2026"], Order.MONTH_FIRST),
        (["08/03/2026", "13/08/2026"], Order.DAY_FIRST),
        (["08/03/2026"], Order.DAY_FIRST),
        (["2026-08-13"], Order.DAY_FIRST),
    ],
)
def test_a_column_of_days_tells_their_order(texts: list[str], order: Order) -> None:
    assert figures.guess_order(texts) is order


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("UA21 3223 1300 0002 6007 2335 66001", "UA213223130000026007233566001"),
        ("'61109010140000071219812874'", "61109010140000071219812874"),
        ("**** 1234", ""),
        ("", ""),
        ("cash", ""),
    ],
)
def test_an_account_number_is_kept_only_when_it_is_whole(text: str, number: str) -> None:
    assert account_number(text) == number


def test_a_text_has_no_line_breaks_and_no_control_characters() -> None:
    assert one_line(" a\r\n\tb\u200b c\x07 ", 5) == "a b c"
