"""Money is whole minor units and a currency, and what people type is read with care."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.money import CurrencyMismatch, Money, NotAnAmount, parse


@pytest.mark.parametrize(
    ("text", "currency", "minor"),
    [
        ("5", "EUR", 500),
        ("7.50", "EUR", 750),
        ("7,5", "UAH", 750),
        (" 1 000 ", "UAH", 100_000),
        ("1 000,50", "EUR", 100_050),
        ("1500", "JPY", 1500),
        ("0.01", "USD", 1),
    ],
)
def test_an_amount_is_read_as_people_type_it(text: str, currency: str, minor: int) -> None:
    assert parse(text, currency) == Money(minor, currency)


@pytest.mark.parametrize(
    "text",
    ["", "five", "-5", "0", "0.001", "1e3", "1.000,50", "NaN", "inf", "5 EUR", "9" * 20]
    + ["5,000", "5.000", "1_000", "٥", "+5", ".", "1,5,0", "9" * 5000],
)
def test_what_is_no_amount_is_refused(text: str) -> None:
    with pytest.raises(NotAnAmount):
        parse(text, "EUR")


def test_a_yen_has_no_smaller_part() -> None:
    with pytest.raises(NotAnAmount):
        parse("1500.5", "JPY")


@given(st.integers(min_value=1, max_value=10**11))
def test_what_was_written_out_is_read_back(minor: int) -> None:
    for currency in ("EUR", "JPY"):
        assert parse(str(Money(minor, currency).major), currency) == Money(minor, currency)


def test_currencies_are_never_added_or_compared() -> None:
    with pytest.raises(CurrencyMismatch):
        Money(1, "EUR") + Money(1, "UAH")
    with pytest.raises(CurrencyMismatch):
        assert Money(1, "EUR") < Money(2, "USD")


@pytest.mark.parametrize("minor", [5.0, Decimal(5), True, "5"])
def test_minor_units_are_whole_numbers(minor: object) -> None:
    with pytest.raises(TypeError):
        Money(minor, "EUR")  # type: ignore[arg-type]


@pytest.mark.parametrize("currency", ["eur", "EURO", "", "€€€"])
def test_a_currency_is_an_upper_case_code(currency: str) -> None:
    with pytest.raises(ValueError, match="ISO 4217"):
        Money(1, currency)
