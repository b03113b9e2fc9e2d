"""Being erased: asked for, confirmed by letter, undone in time, or agreed to by two of staff."""

import re
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.accounts.models import Account, AuditEntry, Role
from app.clock import utcnow
from app.extensions import db
from app.mailer import Draft
from app.privacy import erasing, erasure_ends, erasure_lists, erasures
from app.privacy.erasure_models import Erasure, ErasureState
from app.privacy.erasures import CONFIRMED_WITHIN, CannotErase, TooLate
from tests.builders import a_patron, a_reader, a_staff_member, signed_in
from tests.fakes import FakeGateway, FakeMailer
from tests.giving.gifts import letters_of, sent
from tests.pages import send


def link_in(draft: Draft) -> str:
    """The path of a letter's one link."""
    found = re.search(r"http://localhost(/erase/\S+)", draft.text)
    assert found is not None
    return found[1]


def the_one() -> Erasure:
    """The only erasure there is, as it stands now."""
    found = erasure_lists.latest(limit=2)
    assert len(found) == 1
    return erasures.find(found[0].id)


def asked(client: FlaskClient, mailer: FakeMailer) -> tuple[Account, str]:
    """A patron has asked; the path of the letter's link."""
    patron = a_patron("oksana@example.org")
    send(signed_in(client, patron), "/account/erase")
    (draft,) = sent(mailer, "erasure_confirm")
    assert draft.to == "oksana@example.org"
    return patron, link_in(draft)


def test_looking_at_the_letters_page_confirms_nothing(
    client: FlaskClient, mailer: FakeMailer
) -> None:
    _patron, path = asked(client, mailer)
    page = client.get(path)
    assert "Erase all your data?" in page.text
    assert the_one().state == ErasureState.ASKED


def test_the_button_of_the_letters_page_plans_it_for_a_week_later(
    client: FlaskClient, mailer: FakeMailer
) -> None:
    _patron, path = asked(client, mailer)
    send(client, path)
    found = the_one()
    assert found.state == ErasureState.COMING
    assert found.confirmed_at is not None
    assert found.comes_at == found.confirmed_at + timedelta(days=7)
    (draft,) = sent(mailer, "erasure_coming")
    assert "Do not erase my data" in draft.text


def test_before_its_day_the_job_does_nothing(
    client: FlaskClient, mailer: FakeMailer, gateway: FakeGateway
) -> None:
    _patron, path = asked(client, mailer)
    send(client, path)
    erasing.carry_out(the_one().id, gateway, now=utcnow() + timedelta(days=6, hours=23))
    assert the_one().state == ErasureState.COMING
    assert gateway.acts == []


def test_it_is_undone_from_the_letter_without_signing_in(
    app: Flask, client: FlaskClient, mailer: FakeMailer
) -> None:
    _patron, path = asked(client, mailer)
    send(client, path)
    (draft,) = sent(mailer, "erasure_coming")
    stranger = app.test_client()
    assert "Do not erase my data" in stranger.get(link_in(draft)).text
    assert the_one().state == ErasureState.COMING
    send(stranger, link_in(draft))
    assert the_one().state == ErasureState.UNDONE
    assert "Everything stays as it is" in stranger.get(link_in(draft)).text


def test_it_is_undone_on_the_page_and_may_be_asked_for_again(
    client: FlaskClient, mailer: FakeMailer
) -> None:
    patron, path = asked(client, mailer)
    send(client, path)
    page = signed_in(client, patron)
    assert "Your data will be erased on" in page.get("/account/erase").text
    send(page, "/account/erase/undo", page="/account/erase", action="/account/erase/undo")
    assert erasures.open_of(patron.id) is None
    assert erasures.ask(patron.id, now=utcnow()).state == ErasureState.ASKED


def test_what_has_begun_cannot_be_undone(
    client: FlaskClient, mailer: FakeMailer, gateway: FakeGateway
) -> None:
    patron = a_reader()
    erasure = erasures.ask(patron.id, now=utcnow())
    erasures.confirm(erasure.id, now=utcnow())
    erasing.carry_out(erasure.id, gateway, now=utcnow() + timedelta(days=8))
    with pytest.raises(TooLate):
        erasures.undo(erasure.id, now=utcnow())


def test_a_link_of_another_purpose_or_a_forged_one_does_nothing(
    client: FlaskClient, mailer: FakeMailer
) -> None:
    _patron, path = asked(client, mailer)
    assert client.get(path.replace("/confirm/", "/undo/")).status_code == 404
    assert client.get(path[:-3] + "abc").status_code == 404
    assert the_one().state == ErasureState.ASKED


def test_a_letter_that_is_days_old_confirms_nothing(
    app: Flask, client: FlaskClient, mailer: FakeMailer
) -> None:
    reader = a_reader()
    erasure = erasures.ask(reader.id, now=utcnow() - CONFIRMED_WITHIN - timedelta(minutes=1))
    with pytest.raises(TooLate):
        erasures.confirm(erasure.id, now=utcnow())
    assert erasure_ends.expire(now=utcnow()) == 1
    assert the_one().state == ErasureState.EXPIRED


def test_asked_twice_there_is_one_letter(app: Flask) -> None:
    reader = a_reader()
    first = erasures.ask(reader.id, now=utcnow())
    assert erasures.ask(reader.id, now=utcnow()).id == first.id
    assert len(letters_of("erasure_confirm")) == 1


@pytest.mark.parametrize("role", list(Role))
def test_staff_are_not_erased_while_they_have_a_role(app: Flask, role: Role) -> None:
    with pytest.raises(CannotErase):
        erasures.ask(a_staff_member(role).id, now=utcnow())


def test_staff_start_it_and_a_second_one_agrees(client: FlaskClient, mailer: FakeMailer) -> None:
    patron = a_patron()
    one, other = a_staff_member("fundraiser"), a_staff_member("finance")
    send(signed_in(client, one), f"/staff/erasures/of/{patron.id}")
    found = the_one()
    assert (found.state, found.at_once) == (ErasureState.WANTED, False)
    assert [letter.account_id for letter in letters_of("approval_wanted")] == [other.id]
    # Who asked cannot agree.
    page = f"/staff/erasures/{found.id}"
    client.post(page, data={"answer": "approve", "csrf_token": token_of(client, page)})
    assert the_one().state == ErasureState.WANTED
    second = signed_in(client, other)
    second.post(page, data={"answer": "approve", "csrf_token": token_of(second, page)})
    assert the_one().state == ErasureState.COMING
    (draft,) = sent(mailer, "erasure_coming")
    assert draft.to == patron.email
    assert "asked our staff" in draft.text


def test_a_second_one_may_decline_and_then_nothing_happens(
    client: FlaskClient, mailer: FakeMailer
) -> None:
    patron, one = a_patron(), a_staff_member("fundraiser")
    other = a_staff_member("owner")
    erasure = erasures.ask_for(patron.id, at_once=False, by=one.id, now=utcnow())
    page = f"/staff/erasures/{erasure.id}"
    browser = signed_in(client, other)
    browser.post(page, data={"answer": "decline", "csrf_token": token_of(browser, page)})
    assert the_one().state == ErasureState.DECLINED
    assert letters_of("erasure_coming") == []


def test_at_once_needs_no_days_but_the_second_member_all_the_same(
    app: Flask, gateway: FakeGateway, mailer: FakeMailer
) -> None:
    reader, one, other = a_reader(), a_staff_member("fundraiser"), a_staff_member("owner")
    erasure = erasures.ask_for(reader.id, at_once=True, by=one.id, now=utcnow())
    erasing.carry_out(erasure.id, gateway, now=utcnow() + timedelta(days=30))
    assert the_one().state == ErasureState.WANTED
    erasures.decide(erasure.id, approved=True, by=other.id, now=utcnow())
    assert letters_of("erasure_coming") == []
    erasing.carry_out(erasure.id, gateway, now=utcnow())
    sent(mailer, "erasure_done")
    erasing.carry_out(erasure.id, gateway, now=utcnow())
    assert the_one().state == ErasureState.DONE


def test_what_staff_read_of_a_done_one_names_nobody(
    client: FlaskClient, gateway: FakeGateway, mailer: FakeMailer
) -> None:
    reader = a_reader("gone@example.org", name="Gone Away")
    erasure = erasures.ask(reader.id, now=utcnow())
    erasures.confirm(erasure.id, now=utcnow())
    later = utcnow() + timedelta(days=8)
    erasing.carry_out(erasure.id, gateway, now=later)
    sent(mailer, "erasure_done")
    erasing.carry_out(erasure.id, gateway, now=later)
    staff = signed_in(client, a_staff_member("finance"))
    page = staff.get(f"/staff/erasures/{erasure.id}").text
    assert "Accounts emptied of name and address" in page
    assert "Gone Away" not in page
    assert "gone@example.org" not in page
    assert "have been erased" in staff.get(f"/staff/people/{reader.id}").text


def test_each_act_of_staff_is_in_the_audit_log(app: Flask) -> None:
    patron, one, other = a_patron(), a_staff_member("fundraiser"), a_staff_member("owner")
    erasure = erasures.ask_for(patron.id, at_once=False, by=one.id, now=utcnow())
    erasures.decide(erasure.id, approved=True, by=other.id, now=utcnow())
    erasures.undo(erasure.id, by=one.id, now=utcnow())
    acts = [
        (entry.act, entry.by_account_id)
        for entry in db.session.query(AuditEntry).order_by(AuditEntry.id)
    ]
    assert acts == [
        ("erasure_asked", one.id),
        ("erasure_approved", other.id),
        ("erasure_undone", one.id),
    ]


def test_the_person_is_told_when_staff_take_back_what_they_know_of(
    client: FlaskClient, mailer: FakeMailer
) -> None:
    patron, staff = a_patron(), a_staff_member("fundraiser")
    erasure = erasures.ask(patron.id, now=utcnow())
    erasures.confirm(erasure.id, now=utcnow())
    page, browser = f"/staff/erasures/{erasure.id}", signed_in(client, staff)
    browser.post(page, data={"answer": "undo", "csrf_token": token_of(browser, page)})
    assert the_one().state == ErasureState.UNDONE
    (draft,) = sent(mailer, "erasure_undone")
    assert (draft.to, draft.subject) == (patron.email, "Your data will not be erased")
    assert "http://localhost/account/erase" in draft.text


def test_who_takes_it_back_is_written_no_letter_about_it(app: Flask) -> None:
    patron, staff = a_patron(), a_staff_member("fundraiser")
    a_staff_member("owner")
    own = erasures.ask(patron.id, now=utcnow())
    erasures.undo(own.id, now=utcnow())
    wanted = erasures.ask_for(patron.id, at_once=False, by=staff.id, now=utcnow())
    erasures.undo(wanted.id, by=staff.id, now=utcnow())
    assert letters_of("erasure_undone") == [], "the second one never reached the person"


def token_of(client: FlaskClient, page: str) -> str:
    """The token of a page's forms."""
    found = re.search(r'name="csrf_token" value="([^"]+)"', client.get(page).text)
    assert found is not None
    return found[1]
