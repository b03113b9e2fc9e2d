"""A patron's own pages of wishes: what each shows before it is done, and what is told after."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from app.clock import utcnow
from app.extensions import db
from app.giving.models import Checkout, FailedPayment, Pledge, PledgeChange
from app.money import Money
from app.payments.facts import Card, PaymentFailed, Reading, Remedy
from app.payments.orders import Terms
from tests.builders import a_pledge, a_reader, signed_in
from tests.fakes import FakeGateway
from tests.giving.facts import paid, seen
from tests.pages import form_of, send

FAR = datetime(2090, 9, 14, 10, 30, tzinfo=UTC)


def a_signed_in_patron(client: FlaskClient, **over: Any) -> Pledge:
    """A patron before the own pages, whose pledge is paid to 14 September 2090."""
    account = a_reader()
    pledge = a_pledge(account, **({"paid_until": FAR} | over))
    signed_in(client, account)
    return pledge


def texts(html: str) -> str:
    """The words of a page, with single blanks."""
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def test_a_change_shows_both_amounts_and_the_day_before_it_is_confirmed(
    client: FlaskClient, gateway: FakeGateway
) -> None:
    pledge = a_signed_in_patron(client)
    path = f"/pledge/{pledge.id}/change"
    answer = send(client, path, action=path, amount="10")
    assert answer.status_code == 303
    assert gateway.acts == []
    page = client.get(answer.location)
    said = texts(page.text)
    assert "From €5 a month to €10 a month?" in said
    assert "Taken today Nothing" in said
    assert "First taken €10 on September 14, 2090" in said
    done = client.post(f"{path}/confirm", data=form_of(page, action=f"{path}/confirm"))
    assert done.location == "/pledge"
    assert gateway.acts[0][2]["terms"] == Terms(Money(1000, "EUR"), "month", 0)


def test_covering_the_fee_is_part_of_the_amount_that_is_shown(
    client: FlaskClient, gateway: FakeGateway
) -> None:
    pledge = a_signed_in_patron(client)
    path = f"/pledge/{pledge.id}/change"
    answer = send(client, path, action=path, amount="other", other_amount="7,50", cover="y")
    page = client.get(answer.location)
    send(client, f"{path}/confirm", page=answer.location, action=f"{path}/confirm")
    terms = gateway.acts[0][2]["terms"]
    assert terms.amount.minor == 750 + terms.cover_minor
    assert terms.cover_minor > 0
    assert f"€{terms.amount.major} a month" in page.text


def test_another_period_begins_when_the_paid_one_ends(
    client: FlaskClient, gateway: FakeGateway
) -> None:
    pledge = a_signed_in_patron(client)
    path = f"/pledge/{pledge.id}/change"
    page = client.get(path + "?interval=year")
    assert "Give monthly instead" in page.text
    answer = client.post(path, data=form_of(page, action=path) | {"amount": "50"})
    confirm = client.get(answer.location)
    assert "What you have paid lasts to the end." in confirm.text
    assert "€50 on September 14, 2090" in confirm.text
    client.post(f"{path}/confirm", data=form_of(confirm, action=f"{path}/confirm"))
    assert gateway.acts[0][2]["terms"] == Terms(Money(5000, "EUR"), "year", 0)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"amount": "other", "other_amount": "many"}, "Type an amount as a number"),
        ({"amount": "other", "other_amount": "1"}, "Choose an amount from €2 to €10,000"),
        ({"amount": ""}, "Choose an amount."),
    ],
)
def test_a_wrong_amount_is_said_beside_its_field(
    client: FlaskClient, fields: dict[str, str], said: str
) -> None:
    pledge = a_signed_in_patron(client)
    path = f"/pledge/{pledge.id}/change"
    answer = send(client, path, action=path, **fields)
    assert answer.status_code == 422
    assert said in answer.text


def test_the_same_terms_and_bent_addresses_lead_back_to_the_choice(client: FlaskClient) -> None:
    pledge = a_signed_in_patron(client)
    path = f"/pledge/{pledge.id}/change"
    for query in ("amount=5&interval=month", "amount=x", "", "amount=10&interval=once&cover=y&x=1"):
        answer = client.get(f"{path}/confirm?{query}")
        if answer.status_code == 303:
            assert answer.location == path
        else:
            assert "€10.49 a month" in answer.text, "an unknown period is the pledge's own"


def test_an_amount_a_year_never_becomes_an_amount_a_month(
    client: FlaskClient, gateway: FakeGateway
) -> None:
    pledge = a_signed_in_patron(client)
    path = f"/pledge/{pledge.id}/change"
    page = client.get(f"{path}/confirm?amount=100&interval=year")
    assert "€100 a year" in page.text
    pledge.status = "past_due"
    db.session.commit()
    form = form_of(page, action=f"{path}/confirm")
    for answer in (
        client.post(f"{path}/confirm", data=form),
        client.post(path, data=form),
        client.get(f"{path}?interval=year"),
        client.get(f"{path}/confirm?amount=100&interval=year"),
    ):
        assert answer.location == "/pledge"
    assert gateway.acts == []


def test_a_button_pressed_twice_says_what_the_first_press_did(
    client: FlaskClient, gateway: FakeGateway
) -> None:
    pledge = a_signed_in_patron(client)
    changing = f"/pledge/{pledge.id}/change/confirm"
    token = form_of(client.get("/account")) | {"amount": "5", "interval": "month", "when": "end"}
    answer = client.post(changing, data=token, follow_redirects=True)
    assert "You give €5 a month from your next gift on." in answer.text
    pledge.ends_at = FAR
    db.session.commit()
    answer = client.post(f"/pledge/{pledge.id}/leave", data=token, follow_redirects=True)
    assert "Your pledge ends on September 14, 2090" in answer.text
    assert gateway.acts == []


def test_a_past_due_pledge_changes_its_amount_but_not_the_open_payment(
    client: FlaskClient, gateway: FakeGateway
) -> None:
    pledge = a_signed_in_patron(client, status="past_due")
    path = f"/pledge/{pledge.id}/change"
    page = client.get(path)
    assert "Give yearly instead" not in page.text
    answer = client.post(path, data=form_of(page, action=path) | {"amount": "10"})
    assert "It keeps the old amount" in client.get(answer.location).text


def test_a_pause_says_the_day_of_each_length_and_what_becomes_of_the_vote(
    client: FlaskClient, gateway: FakeGateway
) -> None:
    pledge = a_signed_in_patron(client)
    path = f"/pledge/{pledge.id}/pause"
    page = client.get(path)
    said = texts(page.text)
    for line in (
        "1 month: the next gift is on October 14, 2090",
        "6 months: the next gift is on March 14, 2091",
        "You keep your vote until September 14, 2090",
    ):
        assert line in said
    back = datetime(2090, 11, 14, 10, 30, tzinfo=UTC)
    fact = seen(pledge, seen_at=utcnow(), standing="paused", resumes_at=back, next_payment_at=back)  # type: ignore[arg-type]
    gateway.readings[pledge.stripe_subscription_id or ""] = Reading((fact,))
    answer = client.post(path, data=form_of(page) | {"months": "2"}, follow_redirects=True)
    assert gateway.acts[0][2]["resumes_at"] == back
    assert "Your next gift, €5, is taken on November 14, 2090." in answer.text
    assert "If you resume now, €5 is taken on September 14, 2090." in answer.text


def test_a_pause_has_a_length(client: FlaskClient, gateway: FakeGateway) -> None:
    pledge = a_signed_in_patron(client)
    assert send(client, f"/pledge/{pledge.id}/pause", months="4").status_code == 422
    assert gateway.acts == []


def test_resuming_a_yearly_pledge_whose_year_is_over_is_said_to_charge_today(
    client: FlaskClient,
) -> None:
    over = {"interval": "year", "status": "paused", "paid_until": utcnow() - timedelta(days=40)}
    a_signed_in_patron(client, **over)
    assert "If you resume now, €5 is taken today." in client.get("/pledge").text


def test_leaving_takes_two_clicks_and_offers_what_fits_a_reason(
    client: FlaskClient, gateway: FakeGateway
) -> None:
    pledge = a_signed_in_patron(client, amount_minor=2000)
    path = f"/pledge/{pledge.id}/leave"
    assert path in client.get("/pledge").text
    page = client.get(path)
    for offer in ("Give €15 a month instead", "Give €5 a month instead", "Pause for 1 to 6"):
        assert offer in page.text
    client.post(path, data=form_of(page) | {"reason": "content", "comment": " More climate. "})
    change = db.session.scalars(select(PledgeChange)).one()
    assert (change.kind, change.reason, change.comment) == ("leave", "content", "More climate.")
    assert "confirm?amount=15&amp;interval=month" in page.text


def test_leaving_at_once_is_offered_too(client: FlaskClient, gateway: FakeGateway) -> None:
    pledge = a_signed_in_patron(client)
    path = f"/pledge/{pledge.id}/leave"
    send(client, path, when="now")
    assert gateway.ended == [pledge.stripe_subscription_id]


def test_past_due_says_what_is_at_stake_and_has_one_button(client: FlaskClient) -> None:
    pledge = a_signed_in_patron(client, status="past_due")
    pledge.past_due_since = utcnow() - timedelta(days=1)
    db.session.commit()
    page = client.get("/pledge")
    assert "You keep your vote until" in page.text
    assert len(re.findall(r'<button type="submit" class="button"', page.text)) == 1
    assert "Use another card" in page.text
    approve = FailedPayment(
        pledge_id=pledge.id,
        stripe_invoice_id="in_1",
        attempt=1,
        amount_minor=500,
        currency="EUR",
        failed_at=utcnow(),
        remedy="approve",
        pay_url="https://pay.test/i/1",
        entered_at=utcnow(),
    )
    db.session.add(approve)
    db.session.commit()
    page = client.get("/pledge")
    assert 'href="https://pay.test/i/1"' in page.text
    assert "Use another card" not in page.text


def test_a_new_card_is_one_click_away_and_its_news_are_told(
    client: FlaskClient, gateway: FakeGateway
) -> None:
    pledge = a_signed_in_patron(client)
    customer = pledge.stripe_customer_id or ""
    path = f"/pledge/{pledge.id}/card"
    answer = send(client, path, page="/pledge", action=path)
    assert answer.location == f"https://pay.test/card/{customer}"
    assert gateway.acts[-1][2]["return_url"] == f"http://localhost{path}"
    card = Card("visa", "1111", 2091, 1)
    new = seen(pledge, card=card, seen_at=utcnow(), customer_id=customer)
    failed = PaymentFailed(
        pledge_id=pledge.id,
        invoice_id="in_2",
        attempt=2,
        amount=Money(500, "EUR"),
        failed_at=utcnow(),
        next_attempt_at=None,
        remedy=Remedy.ASK_BANK,
        decline_code="do_not_honor",
        pay_url=None,
    )
    for facts, said in [
        ((new,), "From now on your gifts are taken from Visa ···· 1111."),
        ((new, failed), "the bank refused this card too"),
        ((new, paid(pledge, paid_until=FAR)), "it went through"),
    ]:
        gateway.readings[customer] = Reading(facts)
        assert said in client.get(path, follow_redirects=True).text
    assert "Visa ···· 1111, good to 01/2091" in client.get("/pledge").text


def test_who_has_ended_comes_back_with_one_click_at_the_same_amount(
    client: FlaskClient, gateway: FakeGateway
) -> None:
    pledge = a_signed_in_patron(client, status="lapsed", amount_minor=537)
    pledge.end_reason, pledge.ended_at, pledge.cover_minor = "unpaid", utcnow(), 37
    db.session.commit()
    page = client.get("/pledge")
    assert "because the payment never went through" in page.text
    assert "Come back with €5.37 a month" in page.text
    path = f"/pledge/{pledge.id}/return"
    answer = send(client, path, page="/pledge", action=path)
    assert answer.location.startswith("https://pay.test/")
    checkout = db.session.scalars(select(Checkout)).one()
    assert (checkout.amount_minor, checkout.cover_minor) == (537, 37)
    assert gateway.orders[0].interval == "month"
