"""The job that turns rounds, as the beat calls it."""

from datetime import timedelta

from flask import Flask
from sqlalchemy import func, select, update

from app.clock import utcnow
from app.extensions import db
from app.letters.models import Letter
from app.voting import rounds
from app.voting.models import Ballot, Round, RoundStatus, Tally
from app.voting.rounds import DISPUTE_WINDOW
from tasks import voting
from tests.builders import a_patron, a_reader
from tests.voting.builders import a_draft, an_open_round, time_passes, votes


def test_a_round_passes_from_its_opening_to_its_last_turn_by_the_beat_alone(app: Flask) -> None:
    round_ = an_open_round()
    votes(a_patron(), round_, 1)
    assert voting.turn_rounds() == 1
    assert voting.turn_rounds() == 0
    opened = rounds.find(round_.id)
    assert opened.told_at is not None
    assert opened.due_at == opened.closes_at
    time_passes(round_)
    assert voting.turn_rounds() == 1
    published = rounds.find(round_.id)
    assert published.status == RoundStatus.PUBLISHED
    assert published.closed_at is not None
    assert published.due_at == published.closed_at + DISPUTE_WINDOW
    past = utcnow() - DISPUTE_WINDOW - timedelta(minutes=1)
    db.session.execute(update(Round).values(closed_at=past, due_at=past))
    db.session.commit()
    assert voting.turn_rounds() == 1
    shredded = rounds.find(round_.id)
    assert shredded.ballot_key_sealed is None
    assert shredded.due_at is None
    kinds = db.session.execute(select(Letter.kind, func.count()).group_by(Letter.kind)).all()
    assert {tuple(row) for row in kinds} == {("round_opened", 1), ("round_result", 1)}


def test_a_beat_that_comes_a_day_late_counts_all_the_same(app: Flask) -> None:
    round_ = an_open_round(now=utcnow() - timedelta(days=8), lasts=timedelta(days=7))
    assert voting.turn_rounds() == 1
    assert rounds.find(round_.id).status == RoundStatus.PUBLISHED
    assert db.session.scalar(select(func.count()).select_from(Tally)) == 1


def test_a_draft_owes_nothing(app: Flask) -> None:
    a_draft()
    assert voting.turn_rounds() == 0


def test_a_round_that_cannot_be_counted_keeps_the_reason_and_stops_no_other(app: Flask) -> None:
    spoilt, good = an_open_round(), an_open_round()
    votes(a_patron(), spoilt, 1)
    stuffed = Ballot(round_id=spoilt.id, ballot_key=b"x", choices=[1], receipt="A" * 26)
    db.session.add(stuffed)
    a_reader()
    time_passes(spoilt)
    time_passes(good)
    assert voting.turn_rounds() == 2
    assert rounds.find(good.id).status == RoundStatus.PUBLISHED
    kept = rounds.find(spoilt.id)
    assert kept.status == RoundStatus.CLOSED
    assert kept.error is not None
    assert "CountsDiffer" in kept.error
    assert kept.due_at is not None
