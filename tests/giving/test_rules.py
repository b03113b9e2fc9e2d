"""Which amounts are taken, and what a gift comes to in a year."""

import pytest

from app.giving.rules import CURRENCIES, AmountOutOfRange, Interval, check_amount, yearly_minor
from app.money import Money


@pytest.mark.parametrize("currency", CURRENCIES)
def test_every_suggested_amount_is_itself_taken(currency: str) -> None:
    for interval in Interval:
        for minor in CURRENCIES[currency].suggested(interval):
            check_amount(Money(minor, currency))


@pytest.mark.parametrize(
    ("amount", "least"),
    [(Money(199, "EUR"), 200), (Money(299, "JPY"), 300), (Money(10**9, "UAH"), 5000)],
)
def test_an_amount_outside_the_range_names_what_is_taken(amount: Money, least: int) -> None:
    with pytest.raises(AmountOutOfRange) as refused:
        check_amount(amount)
    assert refused.value.least == Money(least, amount.currency)


def test_a_monthly_gift_counts_twelve_times_a_year_and_a_yearly_one_once() -> None:
    assert yearly_minor(500, Interval.MONTH) == 6000
    assert yearly_minor(6000, Interval.YEAR) == 6000
