"""Rates: what payments were settled at or finance has set; sums turned exactly, rounded once."""

from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from app.accounts.models import AuditEntry, Role
from app.current import zone
from app.extensions import db
from app.giving import settlement
from app.reports import own_rates, rate_words, rates
from app.reports.figures import cash, movements, recurring
from app.reports.own_rates import OwnRate
from app.reports.rates import Rate, Rates
from app.reports.shape import Asked
from tests.builders import a_pledge, a_reader, a_staff_member, signed_in
from tests.giving.facts import paid
from tests.pages import send
from tests.reports.entries import a_donation
from tests.reports.lives import plain

NOW = datetime(2026, 4, 20, 9, tzinfo=UTC)
MARCH, APRIL = date(2026, 3, 1), date(2026, 4, 1)


def in_month(month: int) -> datetime:
    return datetime(2026, month, 10, 12, tzinfo=UTC)


def dollars(minor: int, settled: int, month: int = 3, fee: int = 30) -> None:
    """A payment in dollars and what it came to on the balance, in euro cents."""
    a_donation(
        a_reader(),
        at=in_month(month),
        minor=minor,
        currency="USD",
        net_minor=settled - fee,
        fee_minor=fee,
    )


def found(first: date = MARCH, last: date = APRIL) -> Rates:
    return rates.between(first, last, NOW, zone())


def test_the_rate_of_a_month_is_that_of_its_payments_all_together(app: Flask) -> None:
    dollars(1000, 920)
    dollars(3000, 2700)
    a_donation(a_reader(), at=in_month(3), minor=5000, currency="USD")
    rate = found().at(MARCH, "USD")
    assert rate == Rate(MARCH, "USD", "EUR", Fraction(3620, 4000), own=False, payments=2)
    assert rate.whole == Decimal("0.905")


def test_a_month_without_payments_takes_an_earlier_rate_but_no_old_one(app: Flask) -> None:
    dollars(1000, 900, month=1)
    of = found()
    assert of.at(APRIL, "USD") == of.at(MARCH, "USD") == of.at(date(2026, 1, 1), "USD")
    later = rates.between(date(2026, 5, 1), date(2026, 5, 1), in_month(5), zone())
    assert later.at(date(2026, 5, 1), "USD") is None


def test_what_finance_sets_counts_until_it_is_taken_back(app: Flask) -> None:
    dollars(1000, 900)
    by = a_staff_member().id
    for worth in (Decimal("0.8"), Decimal("0.85")):
        own_rates.enter(MARCH, "USD", "EUR", worth, by=by, now=NOW)
    rate = found().at(MARCH, "USD")
    assert rate is not None
    assert (rate.whole, rate.own) == (Decimal("0.85"), True)
    own_rates.enter(MARCH, "USD", "EUR", None, by=by, now=NOW)
    rate = found().at(MARCH, "USD")
    assert rate is not None
    assert (rate.whole, rate.own) == (Decimal("0.9"), False)
    with pytest.raises(DBAPIError):
        db.session.query(OwnRate).delete()
    db.session.rollback()


def test_a_currency_without_minor_units_is_turned_by_whole_ones(app: Flask) -> None:
    own_rates.enter(MARCH, "JPY", "EUR", Decimal("0.0061"), by=a_staff_member().id, now=NOW)
    of = found()
    money = of.together({(MARCH, "JPY"): 1000, (MARCH, "EUR"): 5}).money()
    assert money is not None
    assert (money.minor, money.currency) == (615, "EUR")
    assert rate_words.number(of.by_month[MARCH, "JPY"]) == "0.0061"


def test_without_a_rate_there_is_no_sum_and_it_says_so(app: Flask) -> None:
    with app.test_request_context():
        together = found().together({(MARCH, "USD"): 100, (MARCH, "EUR"): 5})
        assert together.money() is None
        assert "no rate: USD March 2026" in rate_words.used(together)
    assert found().together({(MARCH, "USD"): 0, (MARCH, "EUR"): 5}).money() is not None


CURRENCIES = ("USD", "UAH", "JPY")


@given(
    values=st.lists(
        st.tuples(st.sampled_from(["EUR", *CURRENCIES]), st.integers(-(10**12), 10**12)),
        max_size=12,
        unique_by=lambda one: one[0],
    ),
    worth=st.lists(
        st.fractions(Fraction(1, 10**6), 10**4, max_denominator=10**9), min_size=3, max_size=3
    ),
    parts=st.sampled_from([1, 12]),
)
def test_a_sum_is_rounded_once_and_never_before(
    values: list[tuple[str, int]], worth: list[Fraction], parts: int
) -> None:
    minor = dict(zip(CURRENCIES, worth, strict=True))
    of = Rates(
        "EUR",
        {(MARCH, one): Rate(MARCH, one, "EUR", minor[one], own=True) for one in CURRENCIES},
    )
    money = of.together({(MARCH, currency): sum_ for currency, sum_ in values}).money(parts)
    exact = sum((sum_ * minor.get(currency, Fraction(1)) for currency, sum_ in values), Fraction(0))
    assert money is not None
    assert abs(money.minor - exact / parts) <= Fraction(1, 2)


def test_reports_show_the_sum_beside_the_parts_and_with_one_currency_none(app: Flask) -> None:
    a_pledge(a_reader(), started_at=in_month(2))
    of = Asked(MARCH, APRIL, NOW, zone())
    with app.test_request_context():
        assert len(recurring.build(of).tables) == len(movements.build(of).tables) == 1
        assert len(cash.build(of).figures) == 5
        a_donation(a_reader(), at=in_month(3), minor=700, net_minor=680)
        dollars(1000, 900)
        answer = cash.build(of)
        assert [figure.label for figure in answer.figures[5:]] == ["Given, together, EUR"]
        # Seven euro, and ten dollars at 0.9.
        assert plain(answer.figures[5].values[0]).minor == 1600
        assert answer.figures[5].sentence == "1 USD = 0.9 EUR (March 2026, from 1 payment)"
        narrowed = Asked(MARCH, APRIL, NOW, zone(), "EUR")
        assert len(cash.build(narrowed).figures) == 5


def test_months_start_and_change_at_their_own_rate(app: Flask) -> None:
    from_ledger = (("EUR", 600), ("USD", 1000))
    for currency, minor in from_ledger:
        a_moved_pledge(currency, minor, in_month(3))
    a_moved_pledge("USD", 500, in_month(4))
    dollars(1000, 900)
    dollars(1000, 800, month=4)
    of = Asked(MARCH, APRIL, NOW, zone())
    with app.test_request_context():
        (march, april) = movements.build(of).tables[1].rows
        assert [one.minor for one in march[1:4]] == [0, 7200 + 10800, 18000]  # type: ignore[union-attr]
        assert [one.minor for one in april[1:4]] == [7200 + 9600, 4800, 21600]  # type: ignore[union-attr]
        (_march, april) = recurring.build(of).tables[1].rows
        assert [one.minor for one in april[1:3]] == [1800, 21600]  # type: ignore[union-attr]
        assert april[3] == "1 USD = 0.8 EUR (1 payment)"
        figure = recurring.build(of).figures[-1]
        assert plain(figure.values[0]).minor == 1800


def a_moved_pledge(currency: str, minor: int, at: datetime) -> None:
    """A pledge whose first money came at a moment."""
    from_nothing = a_pledge(
        a_reader(), status="pending", started_at=None, amount_minor=minor, currency=currency
    )
    settlement.apply([paid(from_nothing, received_at=at)], now=at)
    db.session.commit()


def test_finance_sets_a_rate_and_the_log_says_so(client: FlaskClient) -> None:
    dollars(1000, 900)
    signed_in(client, a_staff_member(Role.FINANCE))
    page = client.get("/staff/rates")
    assert page.status_code == 200
    assert "USD" in page.text
    month = page.text.split('<option value="')[1][:7]
    wrong = send(client, "/staff/rates", month=month, currency="USD", rate="much")
    assert wrong.status_code == 422
    assert "such as 0.92" in wrong.text
    for rate in ("0,85", "0.00000000001", "", "-1", "1e3"):
        status = send(client, "/staff/rates", month=month, currency="USD", rate=rate).status_code
        assert status == (303 if rate in ("0,85", "") else 422), rate
    kept = db.session.scalars(select(OwnRate).order_by(OwnRate.id)).all()
    assert [one.rate for one in kept] == [Decimal("0.85"), None]
    acts = db.session.scalars(select(AuditEntry.act).order_by(AuditEntry.id)).all()
    assert acts[-2:] == ["rate_set", "rate_taken_back"]


def test_a_newsroom_with_one_currency_is_told_that_it_needs_no_rates(client: FlaskClient) -> None:
    signed_in(client, a_staff_member(Role.FINANCE))
    assert "One currency so far" in client.get("/staff/rates").text


def test_monday_tells_all_currencies_together(client: FlaskClient) -> None:
    now = datetime.now(UTC)
    a_pledge(a_reader(), started_at=now, amount_minor=500)
    a_pledge(a_reader(), started_at=now, amount_minor=1000, currency="USD")
    signed_in(client, a_staff_member())
    assert "there is no rate: USD" in client.get("/staff").text
    a_donation(a_reader(), at=now, minor=1000, currency="USD", net_minor=870, fee_minor=30)
    assert "Together €14, at 1 USD = 0.9 EUR" in client.get("/staff").text
