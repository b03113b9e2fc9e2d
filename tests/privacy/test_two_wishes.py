"""The person's own wish to be erased and that of staff for them: whichever is confirmed first."""

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.accounts.models import Account
from app.clock import utcnow
from app.desk import merging
from app.extensions import db
from app.mailer import Draft
from app.privacy import erasing, erasures
from app.privacy.erasure_models import Erasure, ErasureState
from app.privacy.erasures import TooLate
from tests.builders import a_reader, a_staff_member, signed_in
from tests.fakes import FakeGateway, FakeMailer
from tests.giving.gifts import letters_of, sent
from tests.pages import send
from tests.privacy.test_erasures import link_in


@pytest.fixture
def reader(app: Flask) -> Account:
    """Somebody who wants to be erased, and two of staff who could do it."""
    a_staff_member("owner")
    return a_reader("oksana@example.org")


def wanted(reader: Account, *, at_once: bool = False) -> Erasure:
    """What a fundraiser enters for who wrote or called."""
    by = a_staff_member("fundraiser").id
    return erasures.ask_for(reader.id, at_once=at_once, by=by, now=utcnow())


def agreed(wish: Erasure, *, approved: bool = True) -> None:
    """A second one of staff decides."""
    by = a_staff_member("finance").id
    erasures.decide(wish.id, approved=approved, by=by, now=utcnow())


def states(*wishes: Erasure) -> list[str]:
    """How far wishes have come."""
    return [erasures.find(wish.id).state for wish in wishes]


def the_letter(mailer: FakeMailer) -> Draft:
    (draft,) = sent(mailer, "erasure_confirm")
    return draft


def test_the_letter_that_was_asked_for_works_though_staff_ask_as_well(
    client: FlaskClient, mailer: FakeMailer, reader: Account
) -> None:
    own = erasures.ask(reader.id, now=utcnow())
    theirs = wanted(reader)
    assert states(own, theirs) == ["asked", "wanted"]
    path = link_in(the_letter(mailer))
    send(client, path)
    assert states(own, theirs) == ["coming", "overtaken"]
    assert "It will be done on" in client.get(path).text
    with pytest.raises(TooLate):
        agreed(theirs)
    assert erasures.find(own.id).at_once is False


def test_who_cannot_wait_for_staff_asks_for_the_letter(
    client: FlaskClient, mailer: FakeMailer, reader: Account
) -> None:
    theirs = wanted(reader, at_once=True)
    browser = signed_in(client, reader)
    page = browser.get("/account/erase").text
    assert "Our staff are preparing the erasure" in page
    send(browser, "/account/erase")
    assert the_letter(mailer).to == reader.email
    assert "A letter is on its way" in browser.get("/account/erase").text
    own = erasures.open_of(reader.id)
    assert own is not None
    assert states(own, theirs) == ["asked", "wanted"]


def test_where_staff_do_not_agree_the_own_wish_goes_on(reader: Account) -> None:
    own, theirs = erasures.ask(reader.id, now=utcnow()), wanted(reader)
    agreed(theirs, approved=False)
    assert states(own, theirs) == ["asked", "declined"]
    erasures.confirm(own.id, now=utcnow())
    assert states(own) == ["coming"]


def test_where_staff_agree_first_the_letter_says_that_it_is_under_way(
    client: FlaskClient, mailer: FakeMailer, reader: Account
) -> None:
    own, theirs = erasures.ask(reader.id, now=utcnow()), wanted(reader)
    path = link_in(the_letter(mailer))
    agreed(theirs)
    assert states(own, theirs) == ["overtaken", "coming"]
    page = client.get(path).text
    assert "was confirmed before this one" in page
    assert "Nothing was erased" not in page
    assert erasures.open_of(reader.id) == theirs


def test_who_changes_their_mind_takes_back_what_staff_want_for_them_too(
    client: FlaskClient, gateway: FakeGateway, reader: Account
) -> None:
    own, theirs = erasures.ask(reader.id, now=utcnow()), wanted(reader, at_once=True)
    browser = signed_in(client, reader)
    send(browser, "/account/erase/undo", page="/account/erase", action="/account/erase/undo")
    assert states(own, theirs) == ["undone", "undone"]
    with pytest.raises(TooLate):
        agreed(theirs)
    erasing.carry_out(theirs.id, gateway, now=utcnow() + timedelta(days=30))
    assert gateway.acts == []


def test_staff_take_back_only_what_they_asked_for(reader: Account) -> None:
    own, theirs = erasures.ask(reader.id, now=utcnow()), wanted(reader)
    erasures.undo(theirs.id, by=a_staff_member("fundraiser").id, now=utcnow())
    assert states(own, theirs) == ["asked", "undone"]
    assert letters_of("erasure_undone") == []


def test_a_fundraiser_finds_the_way_while_a_reader_has_not_pressed_the_button(
    client: FlaskClient, reader: Account
) -> None:
    own = erasures.ask(reader.id, now=utcnow())
    staff = signed_in(client, a_staff_member("fundraiser"))
    assert f"/staff/erasures/of/{reader.id}" in staff.get(f"/staff/people/{reader.id}").text
    send(staff, f"/staff/erasures/of/{reader.id}")
    theirs = wanted(reader)
    assert states(own, theirs) == ["asked", "wanted"]
    shown = staff.get(f"/staff/people/{reader.id}").text
    assert f"/staff/erasures/{theirs.id}" in shown
    assert f"/staff/erasures/of/{reader.id}" not in shown


def test_what_was_confirmed_is_not_given_up_for_a_wish_nobody_confirmed(
    app: Flask, gateway: FakeGateway, mailer: FakeMailer, reader: Account
) -> None:
    kept, staff = a_reader(), a_staff_member("fundraiser")
    wish, other = erasures.ask(reader.id, now=utcnow()), erasures.ask(kept.id, now=utcnow())
    merging.merge(kept.id, reader.id, by=staff.id, now=utcnow())
    # As though it had been confirmed at the very moment of the merge.
    found = erasures.find(wish.id)
    found.state, found.comes_at = ErasureState.COMING, utcnow()
    found.due_at = found.comes_at
    db.session.commit()
    erasing.carry_out(wish.id, gateway, now=utcnow())
    assert states(wish, other) == ["running", "overtaken"]
    assert erasures.find(wish.id).account_id == kept.id
