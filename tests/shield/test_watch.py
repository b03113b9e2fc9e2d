"""The shield is raised once, outlives Redis, ends by itself, and says so."""

import uuid
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from app.accounts import audit
from app.extensions import db
from app.letters import letters
from app.letters.models import Letter
from app.shield import counters, gate, watch
from app.shield.counters import Counts
from app.shield.models import ShieldLog
from app.shield.rules import Mode
from tests.builders import AUGUST, a_reader, a_staff_member
from tests.fakes import FakeMailer

MINUTE = timedelta(minutes=1)


def raised() -> ShieldLog:
    """Raise the shield as an attack does, and return its entry."""
    counters.put_up(Counts(reached_stripe=30), AUGUST)
    watch.enter_raised(now=AUGUST)
    entry = watch.current()
    assert entry is not None
    return entry


def told(kind: str) -> list[int]:
    found = select(Letter.account_id).where(Letter.kind == kind).order_by(Letter.account_id)
    return list(db.session.scalars(found))


def test_staff_get_one_letter_however_often_the_shield_is_entered(app: Flask) -> None:
    owner, finance = a_staff_member("owner"), a_staff_member("finance")
    a_staff_member("editor")
    a_reader()
    raised()
    watch.enter_raised(now=AUGUST + MINUTE)
    watch.sweep(now=AUGUST + MINUTE)
    assert told("shield_raised") == [owner.id, finance.id]


def test_it_ends_when_it_has_been_quiet_and_says_what_came(app: Flask, mailer: FakeMailer) -> None:
    a_staff_member("finance")
    entry = raised()
    counters.held("one", keep=3600, now=AUGUST)
    assert watch.sweep(now=AUGUST + 29 * MINUTE)
    assert (entry.held_back, entry.reached_stripe) == (1, 30)
    assert not watch.sweep(now=AUGUST + 31 * MINUTE)
    assert gate.mode() is Mode.CALM
    assert entry.lowered_at == AUGUST + 31 * MINUTE
    for letter in db.session.scalars(select(Letter)):
        letters.send(letter.id, mailer, now=AUGUST)
    # The one that said it was up is no news any more.
    assert [draft.subject for _, draft in mailer.sent] == ["The giving page is open as usual again"]
    assert "Reached Stripe: 30" in mailer.sent[0][1].text


def test_it_stays_up_while_tries_go_on(app: Flask) -> None:
    raised()
    for number in range(40):
        counters.held(str(number), keep=7200, now=AUGUST + timedelta(minutes=number))
    assert watch.sweep(now=AUGUST + 39 * MINUTE)
    assert not watch.sweep(now=AUGUST + 60 * MINUTE)


def test_readers_who_confirm_and_pay_do_not_keep_it_up(app: Flask) -> None:
    raised()
    for number in range(60):
        key, now = uuid.uuid4(), AUGUST + timedelta(minutes=number)
        gate.asked_by_letter(key, now=now)
        if number % 2:
            counters.let(key, keep=7200, now=now)
            gate.was_paid(key, now=now)
    assert not watch.sweep(now=AUGUST + 60 * MINUTE)


def test_a_redis_that_was_emptied_is_told_that_the_shield_is_up(app: Flask) -> None:
    raised()
    app.extensions["redis"].flushall()
    assert gate.mode() is Mode.CALM
    assert watch.sweep(now=AUGUST + MINUTE)
    assert gate.mode() is Mode.RAISED


def test_a_shield_whose_worker_died_before_entering_it_is_entered_by_the_sweep(app: Flask) -> None:
    finance = a_staff_member("finance")
    counters.put_up(Counts(reached_stripe=30), AUGUST)
    assert watch.sweep(now=AUGUST + MINUTE)
    assert told("shield_raised") == [finance.id]


def test_a_quiet_day_enters_nothing(app: Flask) -> None:
    assert not watch.sweep(now=AUGUST)
    assert list(watch.entries()) == []


def test_by_hand_it_goes_up_and_down_and_who_did_it_gets_no_letter(app: Flask) -> None:
    owner, finance = a_staff_member("owner"), a_staff_member("finance")
    watch.raise_by_hand(owner.id, now=AUGUST)
    watch.raise_by_hand(finance.id, now=AUGUST)
    assert gate.mode() is Mode.RAISED
    watch.lower_by_hand(finance.id, now=AUGUST + MINUTE)
    watch.lower_by_hand(finance.id, now=AUGUST + MINUTE)
    assert gate.mode() is Mode.CALM
    [entry] = watch.entries()
    assert (entry.why, entry.raised_by_id, entry.lowered_by_id) == ("staff", owner.id, finance.id)
    assert (told("shield_raised"), told("shield_lowered")) == ([finance.id], [owner.id])
    noted = [(one.act, one.by_account_id) for one in audit.of_subject("shield", entry.id)]
    assert noted == [("shield_lowered", finance.id), ("shield_raised", owner.id)]


@pytest.mark.parametrize("locale", ["en", "uk"])
def test_the_alert_says_what_readers_see_and_that_nothing_is_to_be_done(
    app: Flask, mailer: FakeMailer, locale: str
) -> None:
    staff = a_staff_member("finance")
    staff.locale = locale
    raised()
    letters.send(db.session.scalars(select(Letter.id)).one(), mailer, now=AUGUST)
    [(_, draft)] = mailer.sent
    assert draft.locale == locale
    assert "/staff/shield" in draft.text
    assert "/staff/shield" in draft.html
