"""Rounds make promises: once each, kept through corrections, dropped with a void round."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from app.clock import utcnow
from app.extensions import db
from app.promises import intake
from app.promises.models import PromiseUpdate
from app.promises.rules import Entry, State
from app.voting import picks, rounds
from app.voting.models import Publication, Round, Tally
from tests.builders import a_patron, a_staff_member
from tests.promises.builders import a_promise, a_published_round, published, the_promises
from tests.voting.builders import an_open_round, votes


def corrected(round_: Round, winner: int) -> None:
    """Another count of a round is published, with another winner."""
    first = db.session.scalars(select(Tally).where(Tally.round_id == round_.id)).first()
    assert first is not None
    second = Tally(
        round_id=round_.id,
        revision=2,
        input_root=b"another",
        params=first.params,
        params_hash=first.params_hash,
        code_version=first.code_version,
        result=first.result | {"winners": [winner]},
        result_hash=b"another",
        voided=0,
        reason="A ballot was counted twice.",
    )
    db.session.add(second)
    db.session.flush()
    db.session.add(Publication(round_id=round_.id, tally_id=second.id, published_at=utcnow()))
    db.session.commit()


def test_a_published_round_makes_one_promise_for_each_winner_however_often_it_is_looked_at(
    app: Flask,
) -> None:
    round_ = a_published_round(wins=(1, 2))
    for _ in range(3):
        intake.take_in_due(now=utcnow())
        intake.take_in(round_.id, now=utcnow())
    found = the_promises(round_)
    assert len(found) == 2
    assert found[0].title == "Power cuts in Kharkiv"
    assert {promise.state for promise in found} == {State.CHOSEN}
    assert intake.take_in_due(now=utcnow()) == 0


def test_a_round_that_is_open_makes_none(app: Flask) -> None:
    round_ = an_open_round()
    votes(a_patron(), round_, 1)
    assert intake.take_in_due(now=utcnow()) == 0
    intake.take_in(round_.id, now=utcnow())
    assert the_promises(round_) == []


def test_a_topic_the_newsroom_picks_later_becomes_a_promise_too(app: Flask) -> None:
    round_ = a_published_round()
    intake.take_in_due(now=utcnow())
    editor = a_staff_member("editor")
    picks.take_up(round_.id, 3, None, "It cannot wait.", by=editor.id, now=utcnow())
    intake.take_in_due(now=utcnow())
    assert [promise.number for promise in the_promises(round_)] == [1, 3]


def test_a_corrected_count_keeps_what_was_promised_and_says_so(app: Flask) -> None:
    round_ = a_published_round()
    intake.take_in_due(now=utcnow())
    corrected(round_, 2)
    intake.take_in_due(now=utcnow())
    old, new = the_promises(round_)
    assert (old.number, old.state, old.overtaken_at is None) == (1, State.CHOSEN, False)
    assert (new.number, new.overtaken_at) == (2, None)
    entries = db.session.scalars(
        select(PromiseUpdate.entry).where(PromiseUpdate.promise_id == old.id)
    ).all()
    assert entries == [Entry.MADE, Entry.OVERTAKEN]


def test_a_void_round_drops_what_is_open_with_its_reason_and_leaves_what_is_out(
    app: Flask,
) -> None:
    round_ = a_published_round(wins=(1, 2))
    intake.take_in_due(now=utcnow())
    kept, open_ = the_promises(round_)
    published(kept)
    rounds.void(round_.id, "Some could vote twice.", now=utcnow() + timedelta(minutes=1))
    intake.take_in_due(now=utcnow())
    kept, open_ = the_promises(round_)
    assert kept.state == State.PUBLISHED
    assert (open_.state, open_.drop_reason) == (State.DROPPED, "Some could vote twice.")
    assert intake.take_in_due(now=utcnow()) == 0


def test_the_record_of_a_promise_is_added_to_and_never_changed(app: Flask) -> None:
    a_promise()
    entry = db.session.scalars(select(PromiseUpdate)).one()
    entry.text = "Something else"
    with pytest.raises(DBAPIError, match="never changed"):
        db.session.commit()
    db.session.rollback()
