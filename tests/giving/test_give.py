"""The giving page: what it offers, what it takes, and what bad input gets."""

import re
import uuid
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from app.accounts.models import Account
from app.extensions import db
from app.giving.models import Checkout, Pledge
from app.payments.facts import Reading
from tests.builders import a_patron, a_reader, signed_in
from tests.fakes import FakeGateway
from tests.giving.facts import page, paid, seen
from tests.giving.steps import ANN, fill, gift_form


def count(model: type) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def errors(response: TestResponse) -> list[str]:
    found = re.findall(r'class="error"[^>]*>.*?</span>\s*(.*?)</p>', response.text)
    return [text.replace("&#39;", "'") for text in found]


def test_a_reader_is_led_to_the_page_to_pay_on_with_all_written_before(
    client: FlaskClient, gateway: FakeGateway
) -> None:
    answer = fill(client, "/give?article=the-night-shift-in-kharkiv", listed="y")
    assert answer.status_code == 303
    pledge = db.session.scalars(select(Pledge)).one()
    checkout = db.session.scalars(select(Checkout)).one()
    account = db.session.get_one(Account, pledge.account_id)
    assert answer.location == f"https://pay.test/{checkout.id}"
    assert (pledge.status, pledge.amount_minor, pledge.interval) == ("pending", 500, "month")
    assert pledge.article == checkout.article == "the-night-shift-in-kharkiv"
    assert (account.name, account.email, account.listed) == ("Ann", "ann@example.org", True)
    order = gateway.orders[0]
    assert (order.checkout_id, order.pledge_id) == (checkout.id, pledge.id)
    assert checkout.stripe_session_id == f"cs_{checkout.id}"


def test_a_gift_given_once_makes_no_pledge(client: FlaskClient) -> None:
    assert fill(client, interval="once", amount="10").status_code == 303
    assert (count(Pledge), count(Checkout)) == (0, 1)


def test_the_same_form_sent_twice_is_one_gift(client: FlaskClient, gateway: FakeGateway) -> None:
    values = gift_form(client.get("/give")) | ANN
    first, second = (client.post("/give", data=values) for _ in range(2))
    assert first.location == second.location
    assert (count(Pledge), count(Checkout), count(Account)) == (1, 1, 1)


def test_going_back_and_changing_the_amount_is_a_new_order(client: FlaskClient) -> None:
    values = gift_form(client.get("/give")) | ANN
    first = client.post("/give", data=values)
    second = client.post("/give", data=values | {"amount": "10"})
    assert first.location != second.location
    assert count(Checkout) == 2


@pytest.mark.parametrize(
    ("over", "said"),
    [
        ({"interval": ""}, "Choose how often you want to give."),
        ({"interval": "weekly"}, "Choose how often you want to give."),
        ({"amount": ""}, "Choose an amount."),
        ({"amount": "other", "other_amount": ""}, "Type an amount as a number, such as 7.50."),
        ({"amount": "other", "other_amount": "lots"}, "Type an amount as a number, such as 7.50."),
        ({"amount": "other", "other_amount": "1"}, "Choose an amount from €2 to €10,000."),
        ({"amount": "other", "other_amount": "10001"}, "Choose an amount from €2 to €10,000."),
        ({"amount": "0.5"}, "Choose an amount from €2 to €10,000."),
        ({"name": " "}, "Type your name; it stands on your receipt."),
        ({"name": "n" * 121}, "Shorten your name to 120 characters."),
        ({"email": ""}, "Type your e-mail address; your receipt goes there."),
        ({"email": "ann"}, "Check the address; it should look like name@example.org."),
        ({"email": "a" * 250 + "@example.org"}, "This address is too long to be one."),
    ],
)
def test_bad_input_is_told_beside_its_field_and_nothing_typed_is_lost(
    client: FlaskClient, over: dict[str, str], said: str
) -> None:
    answer = fill(client, **{"name": "Ann Olena", **over})
    assert answer.status_code == 422
    assert said in errors(answer)
    kept = gift_form(answer)
    for name, value in over.items():
        if name in ("name", "email", "other_amount") and value.strip():
            assert kept[name] == value
    if "name" not in over:
        assert kept["name"] == "Ann Olena"
    assert (count(Account), count(Pledge), count(Checkout)) == (0, 0, 0)


def test_who_fills_in_what_people_do_not_see_reaches_nobody(
    client: FlaskClient, gateway: FakeGateway
) -> None:
    assert fill(client, website="https://spam.example").status_code == 422
    assert gateway.orders == []


def test_a_currency_that_is_not_offered_becomes_the_first(client: FlaskClient) -> None:
    assert fill(client, currency="XXX").status_code == 303
    assert db.session.scalars(select(Checkout)).one().currency == "EUR"


def test_a_form_without_its_token_is_refused(client: FlaskClient) -> None:
    assert client.post("/give", data={"amount": "5"}).status_code == 400
    assert count(Account) == 0


def test_a_form_id_that_is_none_is_replaced(client: FlaskClient) -> None:
    assert fill(client, gift_id="1 OR 1=1").status_code == 303


def test_when_stripe_does_not_answer_the_form_is_kept_and_pressing_again_works(
    client: FlaskClient, gateway: FakeGateway
) -> None:
    gateway.down = True
    answer = fill(client)
    assert answer.status_code == 503
    assert "Nothing was charged" in answer.text
    gateway.down = False
    again = client.post("/give", data=gift_form(answer))
    assert again.status_code == 303
    assert (count(Pledge), count(Checkout)) == (1, 1)


def test_a_stranger_cannot_tell_whether_an_address_is_a_patrons(
    client: FlaskClient, gateway: FakeGateway
) -> None:
    patron = a_patron("known@example.org", name="Known")
    known = fill(client, email="known@example.org", name="Stranger")
    unknown = fill(client, email="unknown@example.org", name="Stranger")
    shape = re.compile(r"[0-9a-f-]{36}")
    assert known.status_code == unknown.status_code == 303
    assert shape.sub("id", known.location) == shape.sub("id", unknown.location)
    db.session.refresh(patron)
    assert patron.name == "Known"


def test_a_patron_who_is_signed_in_is_led_to_the_pledge_and_not_charged_twice(
    client: FlaskClient, gateway: FakeGateway
) -> None:
    signed_in(client, a_patron())
    answer = fill(client)
    assert (answer.status_code, answer.location) == (303, "/pledge")
    assert gateway.orders == []


def test_a_patron_may_give_once_besides(client: FlaskClient, gateway: FakeGateway) -> None:
    patron = signed_in(client, a_patron("p@example.org"))
    assert fill(patron, interval="once", email="other@example.org").status_code == 303
    assert gateway.orders[0].email == "p@example.org"


def test_the_button_says_amount_and_period(client: FlaskClient) -> None:
    button = re.compile(r"<button[^>]*data-give-button[^>]*>(.*?)</button>", re.DOTALL)
    english = button.search(client.get("/give").text)
    assert english is not None
    assert english[1].strip() == "Give €5 each month"


@pytest.mark.parametrize("query", ["currency=UAH", "currency=JPY", "interval=year", "interval=x"])
def test_every_link_to_the_page_shows_a_form(client: FlaskClient, query: str) -> None:
    assert client.get(f"/give?{query}").status_code == 200


def test_more_tries_than_a_person_makes_are_asked_to_wait(client: FlaskClient) -> None:
    answers = [fill(client, name="").status_code for _ in range(13)]
    assert answers[:6] == [422] * 6
    assert answers[-1] == 429


def come_back(client: FlaskClient, session_id: str) -> TestResponse:
    return client.get(f"/give/thanks?session_id={session_id}")


def a_paid_page(client: FlaskClient, gateway: FakeGateway) -> tuple[str, Pledge]:
    fill(client)
    pledge = db.session.scalars(select(Pledge)).one()
    checkout = db.session.scalars(select(Checkout)).one()
    facts = (page(checkout, "paid"), seen(pledge), paid(pledge))
    gateway.readings["cs_1"] = Reading(facts)
    return "cs_1", pledge


def test_thanks_come_before_the_event_and_make_a_patron(
    client: FlaskClient, gateway: FakeGateway
) -> None:
    session_id, pledge = a_paid_page(client, gateway)
    answer = come_back(client, session_id)
    assert "You give €5 each month. Your first gift has arrived." in answer.text
    assert "ann@example.org" in answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    db.session.refresh(pledge)
    assert pledge.status == "active"
    assert come_back(client, session_id).status_code == 200


def test_thanks_name_nobody_to_another_browser(
    app: Flask, client: FlaskClient, gateway: FakeGateway
) -> None:
    session_id, _pledge = a_paid_page(client, gateway)
    assert "ann@example.org" not in come_back(app.test_client(), session_id).text


def test_thanks_wait_for_the_bank_when_stripe_has_no_answer_yet(
    client: FlaskClient, gateway: FakeGateway
) -> None:
    session_id, _pledge = a_paid_page(client, gateway)
    gateway.down = True
    answer = come_back(client, session_id)
    assert answer.status_code == 200
    assert "not confirmed yet" in answer.text


@pytest.mark.parametrize("session_id", ["", "x", "cs_" + "a" * 300, "cs_none", "cs_%01"])
def test_an_address_made_up_is_no_page(client: FlaskClient, session_id: str) -> None:
    assert come_back(client, session_id).status_code == 404


def test_a_page_of_a_checkout_we_never_made_is_no_page(
    app: Flask, client: FlaskClient, gateway: FakeGateway
) -> None:
    checkout = Checkout(
        id=uuid.uuid4(), account_id=a_reader().id, interval="once", amount_minor=5, currency="EUR"
    )
    gateway.readings["cs_2"] = Reading((page(checkout, "paid"),))
    assert come_back(client, "cs_2").status_code == 404


def test_who_comes_back_to_an_expired_page_may_begin_again(
    client: FlaskClient, gateway: FakeGateway
) -> None:
    fill(client)
    checkout = db.session.scalars(select(Checkout)).one()
    gateway.readings["cs_1"] = Reading((page(checkout, "expired"),))
    answer: Any = come_back(client, "cs_1")
    assert (answer.status_code, answer.location) == (303, "/give")
