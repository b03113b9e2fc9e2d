"""A round is closed by the clock, counted once, published and told."""

import hashlib
import threading
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select, text, update

from app.accounts.models import Role
from app.clock import utcnow
from app.extensions import db
from app.giving.models import Pledge
from app.letters.models import Letter
from app.voting import ballots, results, rounds, secrecy, tally, turnouts, turns
from app.voting.box import CountsDiffer
from app.voting.models import Ballot, Participation, Publication, RollEntry, Round, RoundStatus
from app.voting.tally import Method, TieRule
from tests.builders import a_patron, a_pledge, a_reader
from tests.voting.builders import an_open_round, tallies, time_passes, votes


def counted(round_: Round) -> results.Published:
    found = results.published(round_.slug or "", now=utcnow())
    assert found is not None
    return found


def test_the_topic_with_most_ticks_wins_and_everybody_who_voted_is_told(app: Flask) -> None:
    round_ = an_open_round()
    voters = [a_patron() for _ in range(3)]
    a_patron()
    votes(voters[0], round_, 1, 2)
    votes(voters[1], round_, 2)
    votes(voters[2], round_)
    time_passes(round_)
    turns.turn(round_.id, now=utcnow())
    result = counted(round_)
    assert result.winners == ["Veterans looking for work"]
    assert result.outcome.approvals == {1: 1, 2: 2, 3: 0, 4: 0}
    assert (result.outcome.ballots, result.outcome.blank) == (3, 1)
    assert result.turnout == turnouts.Turnout(eligible=4, voted=3)
    told = db.session.scalars(select(Letter.account_id).where(Letter.kind == "round_result")).all()
    assert sorted(told) == [voter.id for voter in voters]


def test_before_its_time_a_round_is_not_closed_whoever_asks(app: Flask) -> None:
    round_ = an_open_round()
    results.close_and_tally(round_.id, now=utcnow() + timedelta(days=30))
    assert db.session.get_one(Round, round_.id, populate_existing=True).status == RoundStatus.OPEN
    assert not tallies(round_)


def test_the_count_done_again_after_a_worker_died_at_any_step_is_one_count(app: Flask) -> None:
    round_ = an_open_round()
    voter = a_patron()
    votes(voter, round_, 3)
    time_passes(round_)
    for _ in range(2):
        results._close(round_.id, utcnow())
    for _ in range(2):
        results._freeze(round_.id, utcnow())
    for _ in range(2):
        results._count(round_.id, utcnow())
    for _ in range(2):
        results._publish(round_.id, utcnow(), tell=True)
    results.close_and_tally(round_.id, now=utcnow())
    assert len(tallies(round_)) == 1
    assert db.session.scalar(select(func.count()).select_from(Publication)) == 1
    letters = select(func.count()).select_from(Letter).where(Letter.kind == "round_result")
    assert db.session.scalar(letters) == 1


def test_five_workers_at_once_give_one_tally_and_one_letter_each(app: Flask) -> None:
    round_ = an_open_round()
    for _ in range(6):
        votes(a_patron(), round_, 1, 4)
    time_passes(round_)
    start = threading.Barrier(5)

    def work() -> None:
        with app.app_context():
            start.wait()
            results.close_and_tally(round_.id, now=utcnow())
            db.session.remove()

    workers = [threading.Thread(target=work) for _ in range(5)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    db.session.rollback()
    assert len(tallies(round_)) == 1
    letters = select(func.count()).select_from(Letter).where(Letter.kind == "round_result")
    assert db.session.scalar(letters) == 6


def test_counting_the_same_ballots_again_gives_the_same_bytes(app: Flask) -> None:
    round_ = an_open_round(method=Method.SHARE_THE_WINS, seats=2)
    for ticks in ((1, 2), (1, 3), (2,), (), (1, 2, 3)):
        votes(a_patron(), round_, *ticks)
    time_passes(round_)
    results.close_and_tally(round_.id, now=utcnow())
    (row,) = tallies(round_)
    papers = db.session.execute(select(Ballot.receipt, Ballot.choices)).all()
    root = row.input_root
    assert (
        hashlib.sha256(bytes.fromhex(row.params["seed"])).hexdigest() == row.params["seed_commit"]
    )
    profile: dict[tuple[int, ...], int] = {}
    for _, choices in papers:
        profile[tuple(choices)] = profile.get(tuple(choices), 0) + 1
    again = tally.tally(
        profile,
        row.params["topics"],
        tally.Rules(Method(row.params["method"]), 2, TieRule(row.params["tie_rule"])),
        tally.Lot(bytes.fromhex(row.params["seed"]), root, row.params["slug"]),
        row.params["withdrawn"],
    )
    written = tally.canonical(tally.as_json(again))
    assert hashlib.sha256(written).digest() == row.result_hash
    assert written == tally.canonical(row.result)


def test_the_roll_says_of_each_why_and_a_contested_payment_voids_the_ballot(app: Flask) -> None:
    round_ = an_open_round()
    stays, leaves, disputes, joins_staff = (a_patron() for _ in range(4))
    a_reader()
    idle = a_patron()
    for voter in (stays, leaves, disputes, joins_staff):
        votes(voter, round_, 2)
    ended = {"ended_at": utcnow(), "status": "ended"}
    db.session.execute(
        update(Pledge).where(Pledge.account_id == leaves.id).values(end_reason="left", **ended)
    )
    db.session.execute(
        update(Pledge)
        .where(Pledge.account_id == disputes.id)
        .values(end_reason="disputed", ended_at=utcnow(), status="lapsed")
    )
    joins_staff.role = Role.EDITOR
    db.session.commit()
    time_passes(round_)
    results.close_and_tally(round_.id, now=utcnow())
    roll = {
        entry.account_id: (entry.eligible, entry.reason)
        for entry in db.session.scalars(select(RollEntry))
    }
    assert roll == {
        stays.id: (True, "patron"),
        idle.id: (True, "patron"),
        leaves.id: (True, "left_since"),
        disputes.id: (False, "disputed"),
        joins_staff.id: (False, "staff"),
    }
    result = counted(round_)
    assert (result.outcome.ballots, result.counted.voided) == (2, 2)
    assert result.outcome.approvals[2] == 2


def test_a_late_count_takes_the_roll_as_it_was_at_the_close(app: Flask) -> None:
    round_ = an_open_round(now=utcnow() - timedelta(days=10), lasts=timedelta(days=7))
    stayed = a_patron(started_at=round_.closes_at - timedelta(days=30))
    ended_since = a_patron(started_at=round_.closes_at - timedelta(days=30))
    a_patron(started_at=round_.closes_at + timedelta(days=1))
    db.session.execute(
        update(Pledge)
        .where(Pledge.account_id == ended_since.id)
        .values(status="ended", end_reason="left", ended_at=round_.closes_at + timedelta(days=2))
    )
    db.session.commit()
    results.close_and_tally(round_.id, now=utcnow())
    assert set(db.session.scalars(select(RollEntry.account_id))) == {stayed.id, ended_since.id}


def test_nothing_is_published_when_two_ways_of_counting_differ(app: Flask) -> None:
    round_ = an_open_round()
    votes(a_patron(), round_, 1)
    db.session.execute(update(Participation).values(account_id=a_reader().id))
    db.session.add(Ballot(round_id=round_.id, ballot_key=b"stuffed", choices=[1], receipt="A" * 26))
    db.session.commit()
    time_passes(round_)
    with pytest.raises(CountsDiffer):
        results.close_and_tally(round_.id, now=utcnow())
    db.session.rollback()
    assert not tallies(round_)
    assert results.published(round_.slug or "", now=utcnow()) is None


def test_a_withdrawn_topic_keeps_its_ballots_and_does_not_win(app: Flask) -> None:
    round_ = an_open_round()
    for _ in range(2):
        votes(a_patron(), round_, 1)
    votes(a_patron(), round_, 4)
    rounds.withdraw_topic(round_.id, 1, "Published by us last week.", now=utcnow())
    time_passes(round_)
    results.close_and_tally(round_.id, now=utcnow())
    result = counted(round_)
    assert result.outcome.winners == (4,)
    assert result.outcome.withdrawn == (1,)
    assert (result.outcome.ballots, result.outcome.blank) == (3, 0)


def test_a_round_past_can_be_filled_and_counted_for_a_demo(app: Flask) -> None:
    began = utcnow() - timedelta(days=40)
    round_ = an_open_round(now=began)
    people = [a_patron(started_at=began - timedelta(days=1)) for _ in range(5)]
    entered = ballots.enter_history(
        round_.id, [(person.id, [1, 2]) for person in people], cast_on=began.date()
    )
    results.close_and_tally(round_.id, now=round_.closes_at, tell=False)
    result = counted(round_)
    assert entered == result.outcome.ballots == result.turnout.voted == 5
    assert result.round.published_at == round_.closes_at
    assert db.session.scalar(select(func.count()).select_from(Letter)) == 0


def test_after_the_dispute_window_the_key_is_gone_and_with_it_every_way_to_a_voter(
    app: Flask,
) -> None:
    round_ = an_open_round(now=utcnow() - timedelta(days=20), lasts=timedelta(days=7))
    people = [a_patron(started_at=round_.closes_at - timedelta(days=30)) for _ in range(20)]
    for person in people:
        ballots.enter_history(
            round_.id, [(person.id, [1 + person.id % 4])], cast_on=round_.closes_at.date()
        )
    results.close_and_tally(round_.id, now=round_.closes_at)
    keys = secrecy.ballot_keys(rounds.find(round_.id))
    assert keys is not None
    before = db.session.execute(
        select(Ballot.receipt, Ballot.choices).order_by(Ballot.receipt)
    ).all()
    assert not ballots.shred(round_.id, now=round_.closes_at + timedelta(days=6))
    assert ballots.shred(round_.id, now=round_.closes_at + timedelta(days=8))
    assert ballots.shred(round_.id, now=round_.closes_at + timedelta(days=9))
    shredded = rounds.find(round_.id)
    assert shredded.ballot_key_sealed is None
    assert shredded.due_at is None
    assert ballots.mine(shredded, people[0].id) == ballots.Mine()
    after = db.session.execute(
        select(Ballot.receipt, Ballot.choices).order_by(Ballot.receipt)
    ).all()
    assert after == before
    ballot_rows = (
        db.session.execute(select(Ballot.ballot_key).order_by(text("ctid"))).scalars().all()
    )
    assert ballot_rows == sorted(ballot_rows)
    writers = db.session.execute(text("SELECT DISTINCT xmin::text FROM ballot")).all()
    assert len(writers) == 1
    # Known only to this test: the order of the disk no longer tells who cast which ballot.
    assert ballot_rows != [keys.of(person.id) for person in people]


def test_a_void_round_is_not_counted_and_its_keys_go_too(app: Flask) -> None:
    round_ = an_open_round()
    votes(a_patron(), round_, 1)
    rounds.void(round_.id, "A topic was missing.", now=utcnow())
    time_passes(round_)
    turns.turn(round_.id, now=utcnow())
    assert not tallies(round_)
    turns.turn(round_.id, now=utcnow() + timedelta(days=8))
    assert rounds.find(round_.id).ballot_key_sealed is None


def test_a_second_pledge_does_not_make_two_voters(app: Flask) -> None:
    round_ = an_open_round()
    patron = a_patron()
    a_pledge(patron, interval="year", amount_minor=5000)
    votes(patron, round_, 1)
    assert turnouts.turnout(round_.id, now=utcnow()) == turnouts.Turnout(eligible=1, voted=1)
    time_passes(round_)
    results.close_and_tally(round_.id, now=utcnow())
    assert turnouts.turnout(round_.id, now=utcnow()) == turnouts.Turnout(eligible=1, voted=1)
