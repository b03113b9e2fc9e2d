"""What comes about a person while they are erased, and after: nothing goes on in their name."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Connection, event, select, text

from app.clock import utcnow
from app.current import settings
from app.desk import acts, merging, notes
from app.desk.merging import IsErased
from app.extensions import db
from app.giving import settlement
from app.giving.gift import confirmations
from app.giving.models import Donation, Pledge
from app.giving.rules import Interval
from app.payments.facts import Reading, Standing
from app.privacy import erasing, erasure_books, erasure_events, erasures
from app.privacy.erasure_models import ErasureState
from tasks.privacy import erase
from tests.builders import a_patron, a_reader, a_staff_member, signed_in
from tests.fakes import FakeGateway, FakeMailer
from tests.giving.facts import failed, page, paid_once, seen
from tests.privacy.late import an_attempt, is_paid, settled, the_pledge
from tests.privacy.people import (
    EMAIL,
    NAME,
    an_event,
    asked_and_confirmed,
    carried_out,
    everywhere,
    the_account,
)


def _hurry(connection: Connection) -> None:
    connection.exec_driver_sql("SET LOCAL lock_timeout = '200ms'")


@contextmanager
def held(table: str) -> Iterator[None]:
    """Another process holds every row of a table; who waits for one gives up at once."""
    db.session.commit()
    with db.engine.connect() as other:
        other.execute(text(f"SELECT 1 FROM {table} FOR UPDATE"))
        event.listen(db.engine, "begin", _hurry)
        try:
            yield
        finally:
            event.remove(db.engine, "begin", _hurry)


def test_a_pledge_paid_for_whose_event_has_not_come_yet_ends_as_well(
    app: Flask, gateway: FakeGateway, mailer: FakeMailer
) -> None:
    reader = a_reader(EMAIL, name=NAME)
    checkout, _pledge = an_attempt()
    checkout.stripe_session_id = f"cs_{checkout.id.hex[:8]}"
    db.session.commit()
    subscription = is_paid(checkout, gateway)
    carried_out(asked_and_confirmed(reader.id), gateway, mailer)
    assert gateway.ended == [subscription]
    pledge = the_pledge(checkout)
    assert (pledge.status, pledge.stripe_customer_id) == ("ended", "erased")
    assert ("delete_customer", f"cus_{pledge.id.hex[:8]}", {}) in gateway.acts
    assert everywhere(EMAIL, NAME) == {}


def test_a_page_opened_at_the_last_moment_and_paid_afterwards_brings_no_pledge_to_life(
    app: Flask, gateway: FakeGateway, mailer: FakeMailer
) -> None:
    reader = a_reader(EMAIL, name=NAME)
    checkout, _pledge = an_attempt()
    erasure = asked_and_confirmed(reader.id)
    carried_out(erasure, gateway, mailer)
    assert erasures.find(erasure.id).state == ErasureState.DONE
    subscription = is_paid(checkout, gateway)
    settled(checkout, gateway)
    assert the_pledge(checkout).status == "active"
    erase()
    assert gateway.ended == [subscription]
    pledge = the_pledge(checkout)
    assert (pledge.status, pledge.stripe_customer_id, pledge.card_last4) == (
        "ended",
        "erased",
        None,
    )
    asked = len(gateway.acts)
    erase()
    assert len(gateway.acts) == asked, "it is followed up once"


def test_a_gift_told_of_late_stays_in_the_books_and_its_payer_is_deleted(
    app: Flask, gateway: FakeGateway, mailer: FakeMailer
) -> None:
    reader = a_reader(EMAIL, name=NAME)
    checkout, _none = an_attempt(Interval.ONCE)
    carried_out(asked_and_confirmed(reader.id), gateway, mailer)
    fact = paid_once(checkout, customer_id="cus_late")
    gateway.payers[fact.payment_intent_id or ""] = "cus_late"
    settlement.apply((page(checkout, "paid"), fact), now=utcnow())
    db.session.commit()
    erase()
    assert ("delete_customer", "cus_late", {}) in gateway.acts
    assert db.session.scalars(select(Donation.amount_minor)).all() == [900]
    assert everywhere(EMAIL, NAME, "cus_late") == {}


def test_the_page_of_a_payment_that_failed_and_is_told_of_late_does_not_stay(
    app: Flask, gateway: FakeGateway, mailer: FakeMailer
) -> None:
    patron = a_patron(EMAIL, name=NAME)
    pledge = db.session.scalars(select(Pledge)).one()
    gateway.readings[str(pledge.stripe_subscription_id)] = Reading(
        (seen(pledge, Standing.ENDED, ended_at=utcnow(), seen_at=utcnow() + timedelta(days=9)),)
    )
    carried_out(asked_and_confirmed(patron.id), gateway, mailer)
    settlement.apply((failed(pledge),), now=utcnow())
    db.session.commit()
    erase()
    assert everywhere("pay.test") == {}


def test_while_the_books_keep_a_gift_its_erasure_is_not_even_looked_at(
    app: Flask, gateway: FakeGateway, mailer: FakeMailer
) -> None:
    reader = a_reader(EMAIL, name=NAME)
    checkout, _none = an_attempt(Interval.ONCE)
    settlement.apply((page(checkout, "paid"), paid_once(checkout)), now=utcnow())
    db.session.commit()
    erasure = asked_and_confirmed(reader.id)
    carried_out(erasure, gateway, mailer)
    with held("erasure"):
        assert erasure_books.cut(now=utcnow()) == 0
    years = timedelta(days=366 * (settings().books_years + 1))
    assert erasure_books.cut(now=utcnow() + years) == 1
    assert erasures.find(erasure.id).books_cut_at is not None


def test_the_button_pressed_again_does_not_wait_for_the_account(app: Flask) -> None:
    erasure = asked_and_confirmed(a_reader(EMAIL).id)
    with held("account"):
        assert erasures.confirm(erasure.id, now=utcnow()).state == ErasureState.COMING


def test_what_had_come_but_was_not_settled_when_it_ended_is_emptied_later(
    app: Flask, gateway: FakeGateway, mailer: FakeMailer
) -> None:
    patron = a_patron(EMAIL, name=NAME)
    customer = f"cus_{patron.id}"
    pledge = db.session.scalars(select(Pledge)).one()
    gateway.readings[str(pledge.stripe_subscription_id)] = Reading(
        (seen(pledge, Standing.ENDED, ended_at=utcnow(), seen_at=utcnow() + timedelta(days=9)),)
    )
    about = {"id": "ch_1", "customer": customer, "billing_details": {"name": NAME}}
    an_event("evt_waits", "charge.updated", about, settled=False)
    carried_out(asked_and_confirmed(patron.id), gateway, mailer)
    db.session.execute(text("UPDATE inbox_event SET settled_at = now(), due_at = NULL"))
    db.session.commit()
    erasure_events.watch(now=utcnow())
    assert everywhere(NAME, customer) == {}


def test_the_link_that_confirms_a_gift_is_dead_once_its_giver_is_erased(
    app: Flask, client: FlaskClient, gateway: FakeGateway, mailer: FakeMailer
) -> None:
    reader = a_reader(EMAIL, name=NAME)
    checkout, _pledge = an_attempt()
    path = f"/give/confirm/{confirmations.token(checkout.id)}"
    assert client.get(path).status_code == 200
    carried_out(asked_and_confirmed(reader.id), gateway, mailer)
    assert client.get(path).status_code == 410
    assert gateway.orders == []


@pytest.mark.parametrize("moment", ["coming", "running", "done"])
def test_nobody_is_merged_with_who_is_being_erased(
    app: Flask, gateway: FakeGateway, mailer: FakeMailer, moment: str
) -> None:
    staff = a_staff_member("fundraiser")
    reader, other = a_reader(EMAIL, name=NAME), a_reader()
    erasure = asked_and_confirmed(reader.id)
    if moment != "coming":
        erasing.carry_out(erasure.id, gateway, now=utcnow())
    if moment == "done":
        carried_out(erasure, gateway, mailer)
    assert erasures.find(erasure.id).state == moment
    for kept, merged in ((reader.id, other.id), (other.id, reader.id)):
        with pytest.raises(IsErased):
            merging.merge(kept, merged, by=staff.id, now=utcnow())


def test_a_wish_confirmed_after_a_merge_is_about_who_was_kept(
    app: Flask, client: FlaskClient
) -> None:
    staff, reader, kept = a_staff_member("fundraiser"), a_reader(EMAIL), a_reader()
    wish = erasures.ask(reader.id, now=utcnow())
    merging.merge(kept.id, reader.id, by=staff.id, now=utcnow())
    erasures.confirm(wish.id, now=utcnow())
    assert erasures.open_of(kept.id) is not None
    assert "Your data will be erased on" in signed_in(client, kept).get("/account/erase").text


def test_nothing_is_written_down_of_who_was_erased(
    app: Flask, client: FlaskClient, gateway: FakeGateway, mailer: FakeMailer
) -> None:
    staff, reader = a_staff_member("fundraiser"), a_reader(EMAIL, name=NAME)
    carried_out(asked_and_confirmed(reader.id), gateway, mailer)
    with pytest.raises(notes.IsErased):
        notes.write(reader.id, f"{NAME} wrote again", by=staff.id, now=utcnow())
    with pytest.raises(acts.NotHere):
        acts.correct(reader.id, name=NAME, email=EMAIL, locale="en", by=staff.id, now=utcnow())
    shown = signed_in(client, staff).get(f"/staff/people/{reader.id}").text
    assert "Correct name or address" not in shown
    assert "Keep the note" not in shown
    answer = client.get(f"/staff/people/{reader.id}/correct")
    assert answer.status_code == 303
    assert the_account(reader.id).name == ""
