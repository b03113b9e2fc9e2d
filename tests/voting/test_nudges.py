"""Who has not voted is reminded once, when staff want it, and nobody else is."""

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.accounts.models import Role
from app.clock import utcnow
from app.extensions import db
from app.voting import nudges, rounds, turns
from app.voting.models import Round
from app.voting.nudges import AlreadyReminded, NotWithin
from tests.builders import a_patron, a_reader, a_staff_member, signed_in
from tests.fakes import FakeMailer
from tests.pages import form_of
from tests.voting.builders import an_open_round, time_passes, votes
from tests.voting.test_letters import sent
from tests.voting.test_staff import local


def planned(round_: Round) -> None:
    """The reminder's time has come."""
    now = utcnow()
    turns.turn(round_.id, now=now)
    nudges.plan(round_.id, now, by=a_staff_member(Role.EDITOR).id, now=now)


def test_only_who_may_vote_and_has_not_is_reminded_and_once(app: Flask, mailer: FakeMailer) -> None:
    silent, voter = a_patron(), a_patron()
    a_reader()
    round_ = an_open_round()
    votes(voter, round_, 1)
    assert nudges.recipients(round_.id, now=utcnow()) == 1
    planned(round_)
    assert round_.due_at is not None
    for _ in range(3):
        turns.turn(round_.id, now=utcnow())
    (letter,) = sent("round_reminder", mailer)
    assert letter.to == silent.email
    assert "/sign-in/link/" in letter.text
    with pytest.raises(AlreadyReminded):
        nudges.plan(round_.id, None, by=voter.id, now=utcnow())
    assert rounds.find(round_.id).due_at == round_.closes_at


def test_who_votes_before_the_letter_is_written_gets_none(app: Flask, mailer: FakeMailer) -> None:
    patron = a_patron()
    round_ = an_open_round()
    planned(round_)
    turns.turn(round_.id, now=utcnow())
    votes(patron, round_, 2)
    assert sent("round_reminder", mailer) == []


def test_a_reminder_cancelled_or_too_late_goes_to_nobody(app: Flask, mailer: FakeMailer) -> None:
    a_patron()
    cancelled, late = an_open_round(), an_open_round()
    planned(cancelled)
    nudges.plan(cancelled.id, None, by=a_staff_member(Role.EDITOR).id, now=utcnow())
    turns.turn(cancelled.id, now=utcnow())
    planned(late)
    time_passes(late)
    nudges.send_due(late.id, now=utcnow())
    assert sent("round_reminder", mailer) == []


def test_it_is_planned_within_the_round_with_the_number_shown_before(client: FlaskClient) -> None:
    editor, round_ = a_staff_member(Role.EDITOR), an_open_round()
    a_patron()
    turns.turn(round_.id, now=utcnow())
    with pytest.raises(NotWithin):
        nudges.plan(round_.id, round_.closes_at, by=editor.id, now=utcnow())
    signed_in(client, editor)
    path = f"/staff/rounds/{round_.id}/remind"
    page = client.get(path)
    assert "1 patron who may vote has not yet voted." in page.text
    at = utcnow() + timedelta(days=3)
    assert client.post(path, data=form_of(page) | {"at": local(at)}).status_code == 303
    db.session.expire_all()
    assert rounds.find(round_.id).remind_at == at.replace(second=0, microsecond=0)
    page = client.get(f"/staff/rounds/{round_.id}")
    client.post(f"{path}/cancel", data=form_of(page, action=f"{path}/cancel"))
    db.session.expire_all()
    assert rounds.find(round_.id).remind_at is None


def test_the_minute_that_runs_is_now(app: Flask, mailer: FakeMailer) -> None:
    patron, editor = a_patron(), a_staff_member(Role.EDITOR)
    round_ = an_open_round()
    now = utcnow()
    minute = now.replace(second=0, microsecond=0)
    with pytest.raises(NotWithin):
        nudges.plan(round_.id, minute - timedelta(minutes=1), by=editor.id, now=now)
    nudges.plan(round_.id, minute, by=editor.id, now=now)
    turns.turn(round_.id, now=now)
    (letter,) = sent("round_reminder", mailer)
    assert letter.to == patron.email
