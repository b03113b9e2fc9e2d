"""A person's page: everything that happened, in one place, for those who may see it."""

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.accounts.models import Account, AccountNote, AuditEntry, Role
from app.desk import notes, timeline
from app.desk.person import of_stripe
from app.desk.timeline import Kind
from app.extensions import db
from app.giving.models import Donation, Pledge
from app.giving.reversals import refunds
from app.giving.rules import RefundReason
from app.money import Money
from app.payments.facts import Standing
from app.payments.models import InboxEvent
from tests.builders import a_pledge, a_reader, a_staff_member, a_touch, signed_in
from tests.giving.facts import AUGUST, MONTH, disputed, failed, seen
from tests.giving.gifts import NOW, a_gift, a_gift_outside, enter
from tests.pages import send


def page(person: Account) -> str:
    return f"/staff/people/{person.id}"


@pytest.fixture
def person(app: Flask) -> Account:
    """A patron who gave once so far."""
    return a_reader(email="ann@example.org", name="Ann Marchenko")


@pytest.fixture
def desk(client: FlaskClient, app: Flask) -> FlaskClient:
    """A fundraiser's browser."""
    return signed_in(client, a_staff_member(Role.FUNDRAISER, name="Iryna Bondar"))


def test_everything_about_a_person_stands_on_one_page(desk: FlaskClient, person: Account) -> None:
    gift, charge = a_gift(2000, account=person)
    enter(disputed(charge))
    finance = a_staff_member("finance")
    a_gift_outside(700, account=person, by=finance.id)
    shown = desk.get(page(person)).text
    for said in (
        "Ann Marchenko",
        "ann@example.org",
        "€20 a month",
        "Gave €20",
        "Gave €7, bank transfer",
        "Dispute of €20",
        "Letter: receipt",
        "entered a gift outside Stripe",
        f"{gift.receipt.reference}",
    ):
        assert said in shown.replace("<wbr>", ""), said


def test_what_led_somebody_to_a_pledge_stands_with_it(desk: FlaskClient, person: Account) -> None:
    a_touch(a_pledge(person, article="night-shift"), campaign="winter", referrer="news.example")
    assert (
        "Came: from night-shift, campaign winter, sent by news.example."
        in desk.get(page(person)).text
    )


def test_a_failed_payment_says_what_helps_and_when_it_is_tried_next(
    desk: FlaskClient, person: Account
) -> None:
    gift, _charge = a_gift(2000, account=person)
    pledge = a_pledge(person)
    enter(seen(pledge, Standing.PAST_DUE), failed(pledge))
    shown = desk.get(page(person), query_string={"kind": "money"}).text
    assert "A payment of €5 failed, attempt 1" in shown
    assert "Mostly passes by itself" in shown
    assert "The bank said: insufficient funds." in shown
    assert gift.id


def test_a_refund_that_waits_is_shown_as_such(app: Flask, person: Account) -> None:
    gift, _charge = a_gift(50000, account=person)
    asker = a_staff_member("finance")
    a_staff_member("owner")
    refunds.ask(
        gift.id,
        Money(50000, "EUR"),
        reason=RefundReason.MISTAKE,
        note="",
        tells=True,
        by=asker.id,
        now=NOW,
    )
    with app.test_request_context():
        (line,) = [
            one
            for one in timeline.page([person.id], Kind.MONEY, 1).lines
            if one.text == "Refund of €500"
        ]
        assert line.tag == ("Waits for a second person", "warn")


def test_opening_the_page_is_entered_once_an_hour(desk: FlaskClient, person: Account) -> None:
    for _look in range(3):
        assert desk.get(page(person)).status_code == 200
    entries = db.session.scalars(select(AuditEntry).where(AuditEntry.act == "person_seen")).all()
    assert [entry.account_id for entry in entries] == [person.id]
    assert "opened the person" not in desk.get(page(person)).text
    assert "opened the person" in desk.get(page(person), query_string={"kind": "deeds"}).text


def test_a_long_life_is_shown_in_pages(desk: FlaskClient, person: Account) -> None:
    staff = a_staff_member()
    db.session.add_all(
        AccountNote(
            account_id=person.id,
            by_account_id=staff.id,
            text=f"call {number}",
            written_at=AUGUST + timedelta(minutes=number),
        )
        for number in range(timeline.PAGE + 1)
    )
    db.session.commit()
    first = timeline.page([person.id], Kind.NOTES, 1)
    assert (first.pages, first.total, first.lines[0].more) == (2, 41, "call 40")
    assert [line.more for line in timeline.page([person.id], Kind.NOTES, 9).lines] == ["call 0"]
    assert "Page 2 of 2" in desk.get(page(person), query_string={"kind": "notes", "page": 2}).text


@pytest.mark.parametrize("query", [{"kind": "nothing"}, {"page": "-3"}, {"page": "x"}])
def test_a_page_nobody_links_to_is_answered_all_the_same(
    desk: FlaskClient, person: Account, query: dict[str, str]
) -> None:
    assert desk.get(page(person), query_string=query).status_code == 200


def test_nobody_is_no_page(desk: FlaskClient, person: Account) -> None:
    assert desk.get("/staff/people/99999").status_code == 404
    assert desk.get(f"{page(person)}/gifts/99999").status_code == 404


def test_the_gift_of_somebody_else_is_no_page_of_this_person(
    desk: FlaskClient, person: Account
) -> None:
    other, _charge = a_gift(2000)
    assert desk.get(f"{page(person)}/gifts/{other.id}").status_code == 404
    assert desk.get(f"{page(person)}/gifts/{other.id}/receipt.pdf").status_code == 404


def test_a_note_is_kept_and_removed_by_who_may(desk: FlaskClient, person: Account) -> None:
    answer = send(
        desk,
        f"{page(person)}/notes",
        page=page(person),
        action=f"{page(person)}/notes",
        text="Prefers calls\nin the evening",
    )
    assert answer.status_code == 303
    assert "Prefers calls\nin the evening" in desk.get(page(person)).text
    (note, by) = notes.standing(person.id)[0]
    assert by == "Iryna Bondar"
    assert send(desk, f"{page(person)}/notes/{note.id}/remove").status_code == 303
    assert notes.standing(person.id) == []
    assert desk.get(f"{page(person)}/notes/{note.id}/remove").status_code == 303


def test_an_empty_note_is_told_beside_its_field(desk: FlaskClient, person: Account) -> None:
    where = f"{page(person)}/notes"
    answer = send(desk, where, page=page(person), action=where, text="  ")
    assert answer.status_code == 422
    assert "Write what you want to remember." in answer.text


def test_finance_looks_and_does_not_write(client: FlaskClient, person: Account) -> None:
    gift, _charge = a_gift(2000, account=person)
    signed_in(client, a_staff_member("finance"))
    shown = client.get(page(person)).text
    assert "Keep the note" not in shown
    assert "Merge with another account" not in shown
    assert client.get(f"{page(person)}/correct").status_code == 403
    assert "/refund" in client.get(f"{page(person)}/gifts/{gift.id}").text


def test_a_receipt_is_downloaded_by_staff(desk: FlaskClient, person: Account) -> None:
    gift, _charge = a_gift(2000, account=person)
    answer = desk.get(f"{page(person)}/gifts/{gift.id}/receipt.pdf")
    assert answer.data.startswith(b"%PDF")
    assert answer.headers["Cache-Control"] == "no-store"


def test_supporters_lead_to_their_pages(desk: FlaskClient, person: Account) -> None:
    a_gift(2000, account=person)
    assert f'href="{page(person)}"' in desk.get("/staff/supporters").text


def test_sums_of_different_currencies_stand_apart(desk: FlaskClient, person: Account) -> None:
    a_gift(2000, account=person)
    a_gift(90000, account=person, currency="UAH", received_at=AUGUST + MONTH)
    shown = desk.get(page(person)).text
    assert "€20" in shown
    assert "UAH" in shown
    assert db.session.scalars(select(Donation)).all()


def test_what_stripe_speaks_of_leads_to_the_person(client: FlaskClient, person: Account) -> None:
    gift, charge = a_gift(2000, account=person)
    enter(disputed(charge))
    assert gift.pledge_id is not None
    pledge = db.session.get_one(Pledge, gift.pledge_id)
    known = (
        charge.charge_id,
        charge.invoice_id,
        charge.payment_intent_id,
        pledge.stripe_subscription_id,
        pledge.stripe_customer_id,
        f"du_{charge.charge_id}",
    )
    assert {of_stripe(one) for one in known} == {person.id}
    assert of_stripe("ch_of_somebody_else") is None
    assert of_stripe(None) is None
    event = InboxEvent(
        id="evt_1", type="charge.updated", stripe_object_id=charge.charge_id, body={}, attempts=0
    )
    db.session.add(event)
    db.session.commit()
    signed_in(client, a_staff_member("finance"))
    assert f'href="{page(person)}"' in client.get("/staff/inbox/evt_1").text
