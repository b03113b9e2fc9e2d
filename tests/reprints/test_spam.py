"""Requests that no reader sent or nobody answered: told on the register, and forgotten in time."""

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from app.accounts import accounts
from app.accounts.models import AuditEntry
from app.extensions import db
from app.letters.models import Letter
from app.privacy import forgetting, limits
from app.reprints import permissions
from app.reprints.models import ReprintRequest
from app.reprints.permissions import Decided
from app.reprints.rules import SPAM_KEPT, UNANSWERED_KEPT
from tests.builders import AUGUST, a_patron, a_staff_member, signed_in
from tests.pages import send
from tests.reprints.builders import TYPED, a_request, granted

HOUR = timedelta(hours=1)


@pytest.fixture
def editor(client: FlaskClient) -> FlaskClient:
    """An editor's browser."""
    return signed_in(client, a_staff_member("editor"))


def letters() -> int:
    return db.session.scalar(select(func.count()).select_from(Letter)) or 0


def press(editor: FlaskClient, one: ReprintRequest, act: str) -> None:
    """Press a button of the page of a request."""
    where = f"/staff/reprints/{one.id}"
    answer = send(editor, f"{where}/{act}", page=where, action=f"{where}/{act}")
    assert (answer.status_code, answer.location) == (303, where)


def test_spam_stands_on_the_register_and_gets_no_letter(editor: FlaskClient) -> None:
    one = a_request(organisation="Best Pills")
    a_request(organisation="Open House")
    press(editor, one, "spam")
    assert letters() == 0
    page = editor.get(f"/staff/reprints/{one.id}").text
    assert "No letter went out." in page
    assert "Grant with terms" not in page
    found = editor.get("/staff/reprints?filter=spam").text
    assert ("Best Pills" in found, "Open House" in found) == (True, False)
    assert "Best Pills" not in editor.get("/staff/reprints?filter=open").text
    assert "Spam" in editor.get("/staff/reprints.csv?q=pills").text


def test_what_was_no_spam_is_answered_after_all(editor: FlaskClient) -> None:
    one = a_request()
    press(editor, one, "spam")
    press(editor, one, "reopen")
    assert "Grant with terms" in editor.get(f"/staff/reprints/{one.id}").text
    granted(db.session.get_one(ReprintRequest, one.id))
    assert letters() == 1
    acts = db.session.scalars(select(AuditEntry.act).order_by(AuditEntry.id)).all()
    assert acts == ["reprint_spam", "reprint_reopened", "reprint_granted"]


def test_what_was_answered_becomes_no_spam_nor_open_again(app: Flask) -> None:
    one, by = a_request(), a_staff_member().id
    permissions.refuse(one.id, "No.", by=by, now=AUGUST)
    with pytest.raises(Decided):
        permissions.spam(one.id, by=by, now=AUGUST)
    with pytest.raises(Decided):
        permissions.reopen(one.id, by=by, now=AUGUST)
    other = a_request()
    permissions.spam(other.id, by=by, now=AUGUST)
    with pytest.raises(Decided):
        granted(other)


@pytest.mark.parametrize(
    ("key", "period"), [("reprint_spam", SPAM_KEPT), ("reprint_unanswered", UNANSWERED_KEPT)]
)
def test_it_goes_at_its_period_with_the_account_it_made(
    app: Flask, key: str, period: timedelta
) -> None:
    one = a_request()
    if key == "reprint_spam":
        permissions.spam(one.id, by=a_staff_member().id, now=AUGUST)
    limit = limits.named(key)
    assert limit.period() == period
    assert forgetting.run(limit, now=AUGUST + period - HOUR) == 0
    assert forgetting.run(limit, now=AUGUST + period + HOUR) == 1
    db.session.expire_all()
    assert db.session.scalar(select(func.count()).select_from(ReprintRequest)) == 0
    assert accounts.find(TYPED["email"]) is None


def test_whoever_gives_or_asked_for_something_else_keeps_the_account(app: Flask) -> None:
    by = a_staff_member().id
    a_patron("taras@example.org", name="Taras Koval")
    permissions.spam(a_request(name="Taras Koval", email="taras@example.org").id, by=by, now=AUGUST)
    permissions.spam(a_request().id, by=by, now=AUGUST)
    permissions.refuse(a_request().id, "No.", by=by, now=AUGUST)
    assert forgetting.run(limits.named("reprint_spam"), now=AUGUST + SPAM_KEPT + HOUR) == 2
    for email in ("taras@example.org", TYPED["email"]):
        assert accounts.find(email) is not None
