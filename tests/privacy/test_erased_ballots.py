"""Ballots of somebody who is erased: turnout, roll and count add up in every round."""

import pytest
from flask import Flask
from sqlalchemy import select

from app.accounts.models import Account
from app.clock import utcnow
from app.extensions import db
from app.privacy import erasing, erasures
from app.privacy.erasure_ballots import BeingCounted, sever
from app.privacy.erasure_models import ErasureState
from app.voting import recounts, results, secrecy
from app.voting.models import Ballot, Participation, RollEntry, Round, RoundStatus
from tests.builders import a_patron, a_staff_member
from tests.fakes import FakeGateway, FakeMailer
from tests.giving.gifts import count, sent
from tests.privacy.people import asked_and_confirmed, carried_out, somebody
from tests.voting.builders import an_open_round, tallies, time_passes, votes


def gone(account_id: int) -> None:
    """What the erasure's step does with an account's ballots."""
    sever([account_id])
    db.session.commit()


def counted(round_: Round) -> Round:
    """The round closes and is counted."""
    time_passes(round_)
    results.close_and_tally(round_.id, now=utcnow())
    return db.session.get_one(Round, round_.id, populate_existing=True)


def test_during_an_open_round_the_ballot_is_withdrawn_and_the_rest_adds_up(
    app: Flask, gateway: FakeGateway, mailer: FakeMailer
) -> None:
    one = somebody(gateway)
    others = [a_patron() for _ in range(3)]
    round_ = an_open_round()
    votes(db.session.get_one(Account, one.id), round_, 1)
    for other in others:
        votes(other, round_, 2)
    carried_out(asked_and_confirmed(one.id), gateway, mailer)
    assert (count(Participation), count(Ballot)) == (3, 3)
    after = counted(round_)
    assert after.status == RoundStatus.PUBLISHED
    (tally,) = tallies(round_)
    assert tally.params["voted"] == 3
    assert tally.voided == 0
    roll = db.session.scalars(select(RollEntry).where(RollEntry.round_id == round_.id)).all()
    assert sorted(entry.account_id for entry in roll) == sorted(other.id for other in others)


def test_after_the_count_the_ballot_stays_and_nobody_can_tell_whose_it_is(app: Flask) -> None:
    patron, other, round_ = a_patron(), a_patron(), an_open_round()
    votes(patron, round_, 1)
    votes(other, round_, 2)
    counted(round_)
    keys = secrecy.ballot_keys(db.session.get_one(Round, round_.id, populate_existing=True))
    assert keys is not None
    gone(patron.id)
    left = db.session.scalars(select(Ballot.ballot_key)).all()
    assert len(left) == 2
    assert keys.of(patron.id) not in left
    assert keys.of(other.id) in left
    assert count(Participation) == 2
    by = a_staff_member("editor").id
    assert recounts.again(round_.id, by=by, reason="", now=utcnow()).identical


def test_once_the_secret_is_destroyed_there_is_nothing_to_cut(app: Flask) -> None:
    patron, round_ = a_patron(), an_open_round()
    votes(patron, round_, 1)
    after = counted(round_)
    after.ballot_key_sealed = None
    db.session.commit()
    before = db.session.scalars(select(Ballot.ballot_key)).all()
    gone(patron.id)
    assert db.session.scalars(select(Ballot.ballot_key)).all() == before


def test_between_the_close_and_the_count_the_erasure_waits(
    app: Flask, gateway: FakeGateway, mailer: FakeMailer
) -> None:
    one = somebody(gateway)
    round_ = an_open_round()
    votes(db.session.get_one(Account, one.id), round_, 1)
    erasure = asked_and_confirmed(one.id)
    time_passes(round_)
    with pytest.raises(BeingCounted):
        sever([one.id])
    db.session.rollback()
    erasing.carry_out(erasure.id, gateway, now=utcnow())
    assert "BeingCounted" in (erasures.find(erasure.id).error or "")
    results.close_and_tally(round_.id, now=utcnow())
    erasing.carry_out(erasure.id, gateway, now=utcnow())
    sent(mailer, "erasure_done")
    erasing.carry_out(erasure.id, gateway, now=utcnow())
    assert erasures.find(erasure.id).state == ErasureState.DONE
    (tally,) = tallies(round_)
    assert tally.params["voted"] == 1
