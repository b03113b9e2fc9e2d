"""Covering the fee: an honest estimate, kept apart, and the same everywhere it is said."""

import re
from urllib.parse import parse_qs, urlsplit

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from app.extensions import db
from app.giving.models import Checkout, Pledge
from app.giving.rules import CURRENCIES, FEES, fee_cover
from app.money import Money
from app.payments.facts import Reading
from tests.fakes import FakeGateway
from tests.giving.facts import page, paid
from tests.giving.steps import ANN, fill, gift_form

BUTTON = re.compile(r"<button[^>]*data-give-button[^>]*>(.*?)</button>", re.DOTALL)


@pytest.mark.parametrize(
    ("amount", "cover"),
    [
        (Money(500, "EUR"), 37),
        (Money(1000, "EUR"), 49),
        (Money(500, "USD"), 50),
        (Money(10_000, "UAH"), 1909),
        (Money(700, "JPY"), 32),
        (Money(1, "JPY"), 1),
    ],
)
def test_the_cover_is_what_is_missing_after_the_fee(amount: Money, cover: int) -> None:
    assert fee_cover(amount) == Money(cover, amount.currency)


@pytest.mark.parametrize("currency", CURRENCIES)
def test_after_the_estimated_fee_the_amount_is_left_and_no_cent_too_many(currency: str) -> None:
    share, fixed = FEES[currency]
    for minor in range(CURRENCIES[currency].least, CURRENCIES[currency].least + 2000, 7):
        whole = minor + fee_cover(Money(minor, currency)).minor

        def left(gross: int) -> float:
            return gross - (gross * share / 10_000 + fixed)

        assert left(whole) >= minor - 1e-6
        assert left(whole - 1) < minor


def test_the_whole_is_paid_and_the_cover_kept_apart(
    client: FlaskClient, gateway: FakeGateway
) -> None:
    assert fill(client, cover="y").status_code == 303
    checkout = db.session.scalars(select(Checkout)).one()
    pledge = db.session.scalars(select(Pledge)).one()
    assert (checkout.amount_minor, checkout.cover_minor) == (537, 37)
    assert (pledge.amount_minor, pledge.cover_minor) == (537, 37)
    order = gateway.orders[0]
    assert (order.amount, order.cover_minor) == (Money(537, "EUR"), 37)
    assert order.confirmation == "€5.37 each month, from today, until you stop."


@pytest.mark.parametrize(
    ("interval", "said"),
    [
        ("month", "€5 each month, from today, until you stop."),
        ("year", "€5 each year, from today, until you stop."),
        ("once", "€5 once. Nothing is taken after that."),
    ],
)
def test_the_page_to_pay_on_says_amount_and_period_once_more(
    client: FlaskClient, gateway: FakeGateway, interval: str, said: str
) -> None:
    fill(client, interval=interval)
    assert gateway.orders[0].confirmation == said


def test_ticking_the_box_is_another_order_than_leaving_it(
    client: FlaskClient, gateway: FakeGateway
) -> None:
    values = gift_form(client.get("/give")) | ANN
    client.post("/give", data=values)
    client.post("/give", data=values | {"cover": "y"})
    assert [order.amount.minor for order in gateway.orders] == [500, 537]


def test_a_page_shown_again_says_the_whole_on_its_button(client: FlaskClient) -> None:
    answer = fill(client, cover="y", name="")
    button = BUTTON.search(answer.text)
    assert button is not None
    assert button[1].strip() == "Give €5.37 each month"
    assert "Add €0.37 to cover the card fee on €5" in answer.text


def test_the_largest_gift_may_be_covered(client: FlaskClient) -> None:
    assert fill(client, amount="other", other_amount="10000", cover="y").status_code == 303


def test_thanks_say_the_whole_and_what_of_it_is_for_the_fee(
    client: FlaskClient, gateway: FakeGateway
) -> None:
    fill(client, cover="y")
    checkout = db.session.scalars(select(Checkout)).one()
    pledge = db.session.scalars(select(Pledge)).one()
    gateway.readings["cs_1"] = Reading((page(checkout, "paid"), paid(pledge)))
    thanks = client.get("/give/thanks?session_id=cs_1").text
    assert "You give €5.37 each month." in thanks
    assert "€0.37 of it cover the card fee." in thanks
    assert "€5.37 is taken each month until you stop." in thanks
    assert "My pledge" in thanks


@pytest.mark.parametrize("currency", CURRENCIES)
def test_every_currency_shipped_can_be_given_in(
    client: FlaskClient, gateway: FakeGateway, currency: str
) -> None:
    taken = CURRENCIES[currency]
    assert f"currency={currency}" in client.get("/give").text
    shown = client.get(f"/give?currency={currency}")
    form = gift_form(shown)
    assert form["currency"] == currency
    first = Money(taken.monthly[0], currency)
    assert form["amount"] == str(first.major.normalize()) or int(form["amount"]) == first.major
    answer = client.post("/give", data=ANN | form | {"name": "Ann", "email": "ann@example.org"})
    assert answer.status_code == 303
    assert gateway.orders[0].amount == first
    below = Money(taken.least - 1, currency).major
    refused = fill(client, f"/give?currency={currency}", amount="other", other_amount=str(below))
    assert refused.status_code == 422


def test_yen_have_no_decimals(client: FlaskClient, gateway: FakeGateway) -> None:
    path = "/give?currency=JPY"
    assert fill(client, path, amount="other", other_amount="700.50").status_code == 422
    assert fill(client, path, amount="other", other_amount="700", cover="y").status_code == 303
    assert gateway.orders[0].amount == Money(732, "JPY")
    assert "700.00" not in client.get(path).text


def test_the_way_back_is_never_longer_than_stripe_takes(
    client: FlaskClient, gateway: FakeGateway
) -> None:
    article = "Ніч-у-Харкові-" * 40
    fill(client, f"/give?article={article}")
    back = gateway.orders[0].cancel_url
    assert len(back) < 2000
    kept = parse_qs(urlsplit(back).query)["article"][0]
    assert len(kept) > 200
    assert article.startswith(kept)
    fill(client, "/give?article=short")
    assert gateway.orders[1].cancel_url.endswith("&article=short")
