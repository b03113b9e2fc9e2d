"""Links that lead on to Stripe's pages, and the one that mends a gift meant once."""

from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from app.accounts.models import Account
from app.clock import utcnow
from app.extensions import db
from app.giving.models import Checkout, Pledge
from app.giving.wishes.links import Purpose
from app.letters.models import Letter
from app.money import Money
from app.payments.facts import Card, DonationPaid, Ending, Reading, Standing
from config.settings import Settings
from tests.builders import signed_in
from tests.fakes import FakeGateway
from tests.giving.facts import paid, seen
from tests.giving.letter_links import a_link, press, the_change
from tests.pages import form_of


def test_a_new_card_is_used_on_coming_back_and_an_open_payment_tried(
    client: FlaskClient, gateway: FakeGateway
) -> None:
    past_due = utcnow() - timedelta(days=2)
    pledge, path = a_link(Purpose.CARD, status="past_due")
    pledge.past_due_since = past_due
    db.session.commit()
    assert "The open payment is tried at once." in client.get(path).text
    answer = press(client, path)
    customer = pledge.stripe_customer_id or ""
    assert answer.location == f"https://pay.test/card/{customer}"
    assert gateway.acts[-1][2]["return_url"] == f"http://localhost{path}/card"
    assert "Use another card" in client.get(path).text, "leading on is not yet a new card"
    money: DonationPaid = paid(pledge, received_at=utcnow(), paid_until=utcnow())
    good = seen(pledge, card=Card("visa", "1111", 2031, 1), seen_at=utcnow())
    gateway.readings[customer] = Reading((good, money))
    back = client.get(f"{path}/card")
    assert "it went through" in back.text
    assert pledge.status == "active"
    assert "This is done" in client.get(path).text
    assert client.get(f"{path}/card").status_code == 200


def test_coming_back_opens_the_same_page_of_payment_until_it_is_paid(
    client: FlaskClient, gateway: FakeGateway
) -> None:
    pledge, path = a_link(Purpose.RETURN, status="lapsed")
    pledge.ended_at, pledge.end_reason = utcnow(), "unpaid"
    db.session.commit()
    first, second = press(client, path), press(client, path)
    assert first.location == second.location
    checkout = db.session.scalars(select(Checkout)).one()
    assert (checkout.amount, checkout.interval) == (Money(2000, "EUR"), "month")
    assert checkout.account_id == pledge.account_id
    begun = db.session.get_one(Pledge, checkout.pledge_id)
    begun.status, begun.started_at = "active", utcnow()
    db.session.commit()
    assert "There is nothing to do here now" in client.get(path).text


def test_who_meant_to_give_once_keeps_the_gift_and_owes_nothing(
    client: FlaskClient, gateway: FakeGateway
) -> None:
    pledge, path = a_link(Purpose.ONCE)
    ended = seen(pledge, Standing.ENDED, ended_at=utcnow(), ending=Ending.BY_WISH, seen_at=utcnow())
    gateway.readings[pledge.stripe_subscription_id or ""] = Reading((ended,))
    assert "Your gift of €20 stands" in client.get(path).text
    press(client, path)
    assert (pledge.status, the_change().reason) == ("ended", "meant_once")
    assert db.session.scalars(select(Letter.kind)).all() == ["pledge_ending"]


def test_who_gave_what_is_not_taken_any_more_is_led_to_the_form_instead(
    client: FlaskClient, gateway: FakeGateway
) -> None:
    pledge, path = a_link(Purpose.RETURN, status="lapsed", amount_minor=150)
    pledge.ended_at, pledge.end_reason = utcnow(), "unpaid"
    db.session.commit()
    assert "There is nothing to do here now" in client.get(path).text
    assert client.post(path).status_code == 200
    signed_in(client, db.session.get_one(Account, pledge.account_id))
    page = client.get("/pledge")
    assert "Come back" not in page.text
    answer = client.post(f"/pledge/{pledge.id}/return", data=form_of(client.get("/account")))
    assert answer.status_code == 303
    assert (answer.location, gateway.orders) == ("/pledge", [])


@pytest.mark.parametrize("currency", ["UAH", "SEK"])
def test_nobody_comes_back_in_a_currency_that_is_not_offered(
    client: FlaskClient, settings: Settings, currency: str
) -> None:
    pledge, path = a_link(Purpose.RETURN, status="ended", currency=currency)
    pledge.ended_at, pledge.end_reason = utcnow(), "left"
    db.session.commit()
    client.application.extensions["settings"] = settings.model_copy(update={"currencies": ("EUR",)})
    try:
        assert "There is nothing to do here now" in client.get(path).text
    finally:
        client.application.extensions["settings"] = settings
