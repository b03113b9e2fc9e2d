"""What is owed is worked off: urgent first, each row alone to blame, nothing tried in vain."""

import time
import uuid
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from app.clock import utcnow
from app.extensions import db
from app.jobs import Job
from app.letters import letters
from app.letters.models import Letter
from app.owed import ALONE_AFTER, claim
from tasks.drain import drain
from tests.builders import AUGUST, a_reader


def owe(*urgencies: int) -> list[uuid.UUID]:
    """Owe a letter of each urgency, all since August; return their keys in this order."""
    reader = a_reader()
    for matter, urgency in enumerate(urgencies):
        letters.owe("receipt", matter, reader.id, now=AUGUST, urgency=urgency)
    db.session.commit()
    rows = db.session.scalars(select(Letter)).all()
    return [row.id for row in sorted(rows, key=lambda row: int(row.matter))]


def done(key: uuid.UUID) -> None:
    """Do what a letter asks for."""
    db.session.get_one(Letter, key).done()
    db.session.commit()


def attempts() -> list[int]:
    """List how often each letter was taken in hand."""
    db.session.expire_all()
    return list(db.session.scalars(select(Letter.attempts).order_by(Letter.matter)))


def test_what_a_person_waits_for_goes_first_even_within_one_claim(app: Flask) -> None:
    receipt, link, another = owe(5, 0, 5)
    acted: list[uuid.UUID] = []

    def act(key: uuid.UUID) -> None:
        acted.append(key)
        done(key)

    assert drain(Job.SEND_LETTERS, Letter, act, first=(Letter.urgency,)) == 3
    assert acted[0] == link
    assert sorted(acted) == sorted((receipt, link, another))


def test_a_row_that_raises_keeps_the_reason_and_the_others_go_on(app: Flask) -> None:
    bad, *good = owe(0, 5, 5)

    def act(key: uuid.UUID) -> None:
        if key == bad:
            raise ValueError("no such template")
        done(key)

    assert drain(Job.SEND_LETTERS, Letter, act, first=(Letter.urgency,)) == 3
    db.session.expire_all()
    left = db.session.get_one(Letter, bad)
    assert left.error == "ValueError: no such template"
    assert left.due_at is not None
    assert left.due_at > utcnow()
    assert all(db.session.get_one(Letter, key).due_at is None for key in good)


def test_what_was_claimed_but_not_tried_is_given_back_untried(app: Flask) -> None:
    owe(5, 5, 5)
    settings = app.extensions["settings"]
    app.extensions["settings"] = settings.model_copy(update={"lease_seconds": 1.5})

    def slow(key: uuid.UUID) -> None:
        time.sleep(0.8)
        done(key)

    try:
        assert drain(Job.SEND_LETTERS, Letter, slow) == 3
    finally:
        app.extensions["settings"] = settings
    assert attempts() == [1, 1, 1]


def test_a_row_that_ends_its_workers_comes_alone_and_takes_no_others_with_it(app: Flask) -> None:
    deadly, *others = owe(0, 5, 5)
    lease, moment = timedelta(minutes=1), utcnow()
    for _ in range(ALONE_AFTER):
        # A worker takes all in hand, begins with the first, and dies of it.
        assert len(claim(Letter, now=moment, lease=lease, limit=10, first=(Letter.urgency,))) == 3
        moment += timedelta(hours=1)
    for key in (deadly, *others):
        (alone,) = claim(Letter, now=moment, lease=lease, limit=10, first=(Letter.urgency,))
        assert (alone == deadly) == (key == deadly)
        if alone != deadly:
            done(alone)
    fresh = letters_owed_now()
    assert claim(Letter, now=moment + timedelta(days=1), lease=lease, limit=10)[0] == fresh


def letters_owed_now() -> uuid.UUID:
    """Owe one more letter, which no worker has had in hand; return its key."""
    letters.owe("receipt", "another", a_reader().id, now=AUGUST)
    db.session.commit()
    return db.session.scalars(select(Letter).where(Letter.matter == "another")).one().id


@pytest.mark.parametrize("number", [0, 25])
def test_every_due_row_is_worked_off_however_many_there_are(app: Flask, number: int) -> None:
    owe(*[5] * number)
    assert drain(Job.SEND_LETTERS, Letter, done) == number
    assert drain(Job.SEND_LETTERS, Letter, done) == 0
