"""A patron's own page: what it shows, leaving, staying, receipts, and nobody else's."""

import uuid
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from app.accounts.models import Account
from app.clock import utcnow
from app.extensions import db
from app.giving import settlement
from app.giving.models import Donation, Pledge
from app.letters.models import Letter
from app.localisation import format_day
from app.payments.facts import Ending, Reading, Standing
from tests.builders import a_pledge, a_reader, signed_in
from tests.fakes import FakeGateway
from tests.giving.facts import AUGUST, failed, paid, seen
from tests.pages import form_of


def a_giver(email: str = "giver@example.org") -> tuple[Account, Pledge, Donation]:
    account = a_reader(email, name="Ann Olena")
    pledge = a_pledge(account)
    settlement.apply([paid(pledge)], now=AUGUST)
    db.session.commit()
    donation = db.session.scalars(select(Donation).where(Donation.pledge_id == pledge.id)).one()
    return account, pledge, donation


def test_the_page_shows_the_pledge_its_history_and_receipts(client: FlaskClient) -> None:
    account, _pledge, donation = a_giver()
    answer = signed_in(client, account).get("/pledge")
    assert "€5 a month" in answer.text
    assert "Visa ···· 4242" in answer.text
    assert f"/pledge/receipts/{donation.id}.pdf" in answer.text
    assert "Receipt 2026-000001" in answer.text


def test_who_gives_nothing_is_invited(client: FlaskClient) -> None:
    assert "You have no pledge now" in signed_in(client, a_reader()).get("/pledge").text


def test_two_pledges_are_both_shown_with_a_warning(client: FlaskClient) -> None:
    account, _pledge, _donation = a_giver()
    a_pledge(account, amount_minor=5000, interval="year")
    answer = signed_in(client, account).get("/pledge")
    assert "You have more than one pledge" in answer.text
    assert "€50 a year" in answer.text


def test_a_pledge_left_in_its_pause_is_shown_as_ending(client: FlaskClient) -> None:
    account, pledge, _donation = a_giver()
    pledge.status, pledge.ends_at = "paused", pledge.paid_until
    db.session.commit()
    answer = signed_in(client, account).get("/pledge")
    assert ">Ending<" in answer.text
    assert ">Paused<" not in answer.text


def test_leaving_says_to_what_date_everything_lasts_and_a_letter_confirms(
    client: FlaskClient, gateway: FakeGateway
) -> None:
    account, pledge, _donation = a_giver()
    ends_at = pledge.paid_until
    subscription = pledge.stripe_subscription_id or ""
    gateway.readings[subscription] = Reading((seen(pledge, ends_at=ends_at, seen_at=utcnow()),))
    browser = signed_in(client, account)
    path = f"/pledge/{pledge.id}/leave"
    confirm = browser.get(path)
    assert "Nothing more will be taken from your card" in confirm.text
    answer = browser.post(path, data=form_of(confirm))
    assert (answer.status_code, answer.location) == (303, "/pledge")
    assert pledge.ends_at == ends_at
    assert pledge.status == "active"
    letter = db.session.scalars(select(Letter).where(Letter.kind == "pledge_ending")).one()
    assert letter.account_id == account.id
    page = browser.get("/pledge")
    assert "You are leaving" in page.text


def test_leaving_while_a_payment_is_due_ends_at_once_so_that_it_is_not_tried_again(
    client: FlaskClient, gateway: FakeGateway
) -> None:
    account, pledge, _donation = a_giver()
    pledge.status, pledge.past_due_since = "past_due", utcnow() - timedelta(days=1)
    db.session.commit()
    subscription = pledge.stripe_subscription_id or ""
    ended = seen(pledge, Standing.ENDED, ended_at=utcnow(), ending=Ending.BY_WISH, seen_at=utcnow())
    gateway.readings[subscription] = Reading((ended,))
    browser = signed_in(client, account)
    path = f"/pledge/{pledge.id}/leave"
    confirm = browser.get(path)
    assert "ends at once" in confirm.text
    assert browser.post(path, data=form_of(confirm)).status_code == 303
    assert gateway.ended == [subscription]
    db.session.refresh(pledge)
    assert (pledge.status, pledge.end_reason) == ("ended", "left")
    kinds = db.session.scalars(select(Letter.kind).where(Letter.account_id == account.id)).all()
    assert "pledge_ending" in kinds
    assert browser.get("/pledge").status_code == 200


def test_each_wish_to_leave_is_confirmed_by_one_letter_wherever_it_was_spoken(app: Flask) -> None:
    _account, pledge, _donation = a_giver()
    ends_at, said = pledge.paid_until, AUGUST
    for wish in (ends_at, ends_at, None, ends_at):
        said += timedelta(hours=1)
        settlement.apply([seen(pledge, ends_at=wish, seen_at=said)], now=said)
        db.session.commit()
    said += timedelta(hours=1)
    ended = seen(
        pledge, Standing.ENDED, seen_at=said, ended_at=ends_at, ending=Ending.BY_WISH, ends_at=None
    )
    settlement.apply([ended], now=said)
    db.session.commit()
    kinds = [letter.kind for letter in db.session.scalars(select(Letter))]
    assert kinds.count("pledge_ending") == 2


def test_staying_takes_the_wish_back(client: FlaskClient, gateway: FakeGateway) -> None:
    account, pledge, _donation = a_giver()
    pledge.ends_at = pledge.paid_until
    db.session.commit()
    gateway.readings[pledge.stripe_subscription_id or ""] = Reading(
        (seen(pledge, ends_at=None, seen_at=utcnow()),)
    )
    browser = signed_in(client, account)
    token = form_of(browser.get("/pledge"))
    assert browser.post(f"/pledge/{pledge.id}/stay", data=token).status_code == 303
    db.session.refresh(pledge)
    assert pledge.ends_at is None


@pytest.mark.parametrize("act", ["leave", "stay"])
def test_when_stripe_does_not_answer_nothing_changes_and_the_page_says_so(
    client: FlaskClient, gateway: FakeGateway, act: str
) -> None:
    account, pledge, _donation = a_giver()
    browser = signed_in(client, account)
    token = form_of(browser.get(f"/pledge/{pledge.id}/leave"))
    before = pledge.ends_at = pledge.paid_until if act == "stay" else None
    db.session.commit()
    gateway.down = True
    answer = browser.post(f"/pledge/{pledge.id}/{act}", data=token, follow_redirects=True)
    assert "nothing has changed" in answer.text
    assert pledge.ends_at == before


@pytest.mark.parametrize("act", ["leave", "stay"])
def test_nobody_acts_on_another_persons_pledge(
    client: FlaskClient, gateway: FakeGateway, act: str
) -> None:
    _owner, pledge, _donation = a_giver()
    other, mine, _ = a_giver("other@example.org")
    browser = signed_in(client, other)
    token = form_of(browser.get(f"/pledge/{mine.id}/leave"))
    assert browser.get(f"/pledge/{pledge.id}/leave").status_code == 404
    assert browser.post(f"/pledge/{pledge.id}/{act}", data=token).status_code == 404
    assert browser.post(f"/pledge/{uuid.uuid4()}/{act}", data=token).status_code == 404
    assert browser.post(f"/pledge/not-an-id/{act}", data=token).status_code == 404


def test_a_pledge_that_has_ended_cannot_be_left(client: FlaskClient, gateway: FakeGateway) -> None:
    account, pledge, _donation = a_giver()
    browser = signed_in(client, account)
    token = form_of(browser.get(f"/pledge/{pledge.id}/leave"))
    pledge.status, pledge.ended_at = "ended", AUGUST + timedelta(days=1)
    db.session.commit()
    answer = browser.post(f"/pledge/{pledge.id}/leave", data=token, follow_redirects=True)
    assert "This cannot be done now" in answer.text
    assert gateway.acts == []


def test_a_receipt_is_downloaded_by_its_owner_only(client: FlaskClient) -> None:
    account, _pledge, donation = a_giver()
    path = f"/pledge/receipts/{donation.id}.pdf"
    mine = signed_in(client, account).get(path)
    assert mine.mimetype == "application/pdf"
    assert mine.data.startswith(b"%PDF")
    assert "receipt-2026-000001.pdf" in mine.headers["Content-Disposition"]
    stranger = signed_in(client, a_reader())
    assert stranger.get(path).status_code == 404
    assert stranger.get("/pledge/receipts/99999999999999999999.pdf").status_code == 404


@pytest.mark.parametrize(
    "path", ["/pledge", "/pledge/receipts/1.pdf", f"/pledge/{uuid.UUID(int=1)}/leave"]
)
def test_the_signed_out_are_asked_to_sign_in_and_brought_back(
    client: FlaskClient, path: str
) -> None:
    answer = client.get(path)
    assert answer.status_code in (302, 303)
    assert answer.location.startswith("/sign-in")
    assert "next=" in answer.location


@pytest.mark.parametrize("act", ["leave", "stay"])
def test_an_act_without_its_token_is_refused(client: FlaskClient, act: str) -> None:
    account, pledge, _donation = a_giver()
    assert signed_in(client, account).post(f"/pledge/{pledge.id}/{act}").status_code == 400


def test_the_database_refuses_to_change_or_delete_an_entry(app: Flask) -> None:
    a_giver()
    for statement in (
        "UPDATE donation SET amount_minor = 1",
        "DELETE FROM receipt",
        "UPDATE receipt SET number = 9",
    ):
        with pytest.raises(IntegrityError, match="added, never changed"):
            db.session.execute(text(statement))
        db.session.rollback()
    db.session.execute(text("UPDATE donation SET due_at = NULL"))
    db.session.commit()


def test_a_failed_gift_says_when_it_is_tried_again(client: FlaskClient) -> None:
    account = a_reader()
    pledge = a_pledge(account)
    now = utcnow()
    missed = failed(pledge, failed_at=now, next_attempt_at=now + timedelta(days=3))
    settlement.apply((seen(pledge, Standing.PAST_DUE, seen_at=now), missed), now=now)
    db.session.commit()
    page = signed_in(client, account).get("/pledge").text
    assert f"We will try again on {format_day(now + timedelta(days=3))}." in page
