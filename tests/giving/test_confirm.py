"""A gift while the shield is up: the letter, its link, and what is never asked of Stripe before."""

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from redis import Redis
from sqlalchemy import select

from app import QUICK
from app.accounts.models import Account
from app.clock import utcnow
from app.extensions import db
from app.giving import settlement
from app.giving.gift.confirmations import LIFETIME, DeadLink, read, token
from app.giving.models import Checkout, Pledge
from app.letters import letters
from app.letters.models import Letter
from app.shield import counters
from app.shield.counters import Counts
from tests.builders import a_reader, signed_in
from tests.fakes import FakeGateway, FakeMailer
from tests.giving.facts import page, paid
from tests.giving.steps import fill, gift_form
from tests.pages import form_of
from tests.shield.steps import letter_to


@pytest.fixture(autouse=True)
def up(app: Flask) -> None:
    """The shield is up."""
    counters.put_up(Counts(), utcnow())


def confirm(client: FlaskClient, mailer: FakeMailer, email: str = "ann@example.org") -> str:
    """Follow the letter to the page to pay on, and return its address."""
    link = letter_to(email, mailer)
    answer = client.post(link, data=form_of(client.get(link)))
    assert answer.status_code == 303
    return answer.location


def test_the_letter_leads_to_the_gift_and_on_to_stripe(
    client: FlaskClient, gateway: FakeGateway, mailer: FakeMailer
) -> None:
    answer = fill(client, "/give?article=kharkiv", cover="y")
    assert (answer.status_code, answer.location) == (303, "/give/letter")
    assert "ann@example.org" in client.get("/give/letter").text
    link = letter_to("ann@example.org", mailer)
    shown = client.get(link)
    assert "Give €5.37 each month" in shown.text
    assert "€0.37" in shown.text
    assert (shown.headers["Referrer-Policy"], shown.headers["Cache-Control"]) == (
        "no-referrer",
        "no-store",
    )
    assert gateway.orders == []
    assert confirm(client, mailer).startswith("https://pay.test/")
    [order] = gateway.orders
    assert (order.amount.minor, order.email) == (537, "ann@example.org")
    assert "article=kharkiv" in order.cancel_url


def test_the_link_pressed_again_leads_to_the_same_page_and_after_paying_to_the_thanks(
    client: FlaskClient, gateway: FakeGateway, mailer: FakeMailer
) -> None:
    fill(client)
    assert confirm(client, mailer) == confirm(client, mailer)
    assert gateway.orders[0] == gateway.orders[1]
    checkout = db.session.scalars(select(Checkout)).one()
    pledge = db.session.scalars(select(Pledge)).one()
    settlement.apply([page(checkout, "paid"), paid(pledge)], now=utcnow())
    db.session.commit()
    link = letter_to("ann@example.org", mailer)
    assert "/give/thanks" in client.get(link).location
    assert counters.counts() == Counts(held_back=1, reached_stripe=1, paid=1)


def test_the_link_works_on_another_device_and_proves_the_address(
    app: Flask, client: FlaskClient, mailer: FakeMailer
) -> None:
    fill(client)
    assert db.session.scalars(select(Account.confirmed_at)).one() is None
    confirm(app.test_client(), mailer)
    assert db.session.scalars(select(Account.confirmed_at)).one() is not None


def test_the_order_is_in_the_language_of_the_form_wherever_the_link_is_opened(
    app: Flask, client: FlaskClient, gateway: FakeGateway, mailer: FakeMailer
) -> None:
    fill(client, "/give?lang=uk")
    confirm(app.test_client(), mailer)
    counters.take_down()
    fill(client, "/give?lang=uk")
    mine, direct = gateway.orders
    assert (mine.locale, mine.description) == (direct.locale, direct.description)


def test_a_gift_sent_twice_owes_one_letter(client: FlaskClient) -> None:
    values = gift_form(client.get("/give"))
    typed = {"interval": "month", "amount": "5", "name": "Ann", "email": "ann@example.org"}
    for _ in range(2):
        assert client.post("/give", data=values | typed).location == "/give/letter"
    assert len(db.session.scalars(select(Letter)).all()) == 1


def test_a_link_lasts_a_day(app: Flask, client: FlaskClient, mailer: FakeMailer) -> None:
    fill(client)
    checkout = db.session.scalars(select(Checkout)).one()
    found, _ = read(token(checkout.id), now=checkout.created_at + LIFETIME)
    assert found.id == checkout.id
    with pytest.raises(DeadLink):
        read(token(checkout.id), now=checkout.created_at + LIFETIME + timedelta(seconds=1))
    checkout.created_at -= LIFETIME
    db.session.commit()
    letters.send(db.session.scalars(select(Letter.id)).one(), mailer, now=utcnow())
    assert mailer.sent == [], "a letter whose link is dead is not sent"
    assert client.get(f"/give/confirm/{token(checkout.id)}").status_code == 410


@pytest.mark.parametrize("text", ["x", "x.y", "AAAAAAAAAAAAAAAAAAAAAA.forged", "%D1%8B.1"])
def test_a_link_made_up_leads_nowhere(client: FlaskClient, text: str) -> None:
    assert client.get(f"/give/confirm/{text}").status_code == 410
    assert "Begin your gift again" in client.get(f"/give/confirm/{text}").text


def test_a_stranger_sees_the_same_whether_an_address_is_known(client: FlaskClient) -> None:
    a_reader("known@example.org")
    known, unknown = (fill(client, email=f"{who}@example.org") for who in ("known", "unknown"))
    assert (known.status_code, known.location) == (unknown.status_code, unknown.location)


def test_the_smallest_amounts_are_not_taken_meanwhile(
    client: FlaskClient, gateway: FakeGateway
) -> None:
    answer = fill(client, amount="other", other_amount="2")
    assert answer.status_code == 422
    assert "Choose an amount from €5 to €10,000." in answer.text
    assert "The least amount is €5 meanwhile." in client.get("/give").text


def test_who_is_signed_in_goes_on_at_once(client: FlaskClient, gateway: FakeGateway) -> None:
    signed_in(client, a_reader("ann@example.org"))
    assert "Robots" not in client.get("/give").text
    assert fill(client).location.startswith("https://pay.test/")


def test_who_must_wait_keeps_what_was_typed_and_is_told_for_how_long(
    client: FlaskClient, gateway: FakeGateway
) -> None:
    for number in range(2):
        fill(client, email=f"r{number}@example.org")
    answer = fill(client, email="r3@example.org", name="Olena")
    assert answer.status_code == 429
    assert 0 < int(answer.headers["Retry-After"]) <= 3600
    assert gift_form(answer)["name"] == "Olena"
    assert "Nothing was charged" in answer.text


def test_when_stripe_does_not_answer_the_link_may_be_pressed_again(
    client: FlaskClient, gateway: FakeGateway, mailer: FakeMailer
) -> None:
    fill(client)
    link = letter_to("ann@example.org", mailer)
    gateway.down = True
    assert client.post(link, data=form_of(client.get(link))).status_code == 503
    gateway.down = False
    assert client.post(link, data=form_of(client.get(link))).status_code == 303


def test_nobody_is_told_that_a_letter_is_on_its_way_who_asked_for_none(
    client: FlaskClient,
) -> None:
    assert client.get("/give/letter").location == "/give"


def test_while_the_counters_are_silent_a_reader_still_gives_by_letter(
    app: Flask, client: FlaskClient, gateway: FakeGateway, mailer: FakeMailer
) -> None:
    lasting = app.extensions["redis"]
    app.extensions["redis"] = Redis.from_url("redis://127.0.0.1:1/0", **QUICK)
    try:
        assert "so a letter asks you to confirm" in client.get("/give").text
        assert fill(client).location == "/give/letter"
        assert gateway.orders == []
        assert confirm(client, mailer).startswith("https://pay.test/")
    finally:
        app.extensions["redis"] = lasting
