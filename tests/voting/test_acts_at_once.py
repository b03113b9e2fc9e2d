"""Two things done to one round at once: neither waits for long, and neither is lost."""

import threading
import time
from collections.abc import Callable
from contextvars import Context
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select, text, update

from app.accounts.models import Role
from app.clock import utcnow
from app.extensions import db
from app.letters.models import Letter
from app.topics.rules import State
from app.voting import announcements, monthly, nudges, picks, results, rounds, turns
from app.voting.models import EditorialPick, Participation, Round, RoundStatus
from app.voting.plans import RoundTemplate
from tasks.voting import turn_rounds
from tests.builders import a_patron, a_staff_member
from tests.voting.builders import a_draft, an_open_round
from tests.voting.test_monthly import PLAN
from tests.voting.test_publishing import a_round, backed, state


def until(come: Callable[[], bool]) -> None:
    """Look until something has come."""
    end = time.monotonic() + 10
    while not come():
        assert time.monotonic() < end, "it did not come"
        time.sleep(0.01)


def beside(app: Flask, act: Callable[[], object]) -> threading.Thread:
    """Do something in a connection of its own."""

    def run() -> None:
        with app.app_context():
            act()
            db.session.remove()

    thread = threading.Thread(target=lambda: Context().run(run))
    thread.start()
    return thread


def told(kind: str) -> int:
    """How many letters of a kind anybody could send by now."""
    with db.engine.connect() as link:
        counted = select(func.count()).select_from(Letter).where(Letter.kind == kind)
        return link.execute(counted).scalar_one()


def somebody_waits() -> bool:
    with db.engine.connect() as link:
        waiting = text("SELECT count(*) FROM pg_locks WHERE NOT granted")
        return bool(link.execute(waiting).scalar_one())


def hold(round_: Round) -> None:
    """Hold a round as whoever casts a ballot does."""
    db.session.execute(select(Round.id).where(Round.id == round_.id).with_for_update(read=True))


@pytest.mark.parametrize("kind", ["round_opened", "round_reminder"])
def test_who_votes_does_not_wait_until_the_last_patron_is_told(app: Flask, kind: str) -> None:
    for _ in range(5):
        a_patron()
    round_, now = an_open_round(), utcnow()
    round_.remind_at = now
    db.session.commit()
    act = announcements.tell_opening if kind == "round_opened" else nudges.send_due
    hold(round_)
    thread = beside(app, lambda: act(round_.id, now=now))
    until(lambda: told(kind) == 5)
    db.session.commit()
    thread.join()
    found = rounds.find(round_.id)
    assert (found.told_at if kind == "round_opened" else found.reminded_at) == now
    assert found.due_at is not None


def test_a_round_declared_void_while_patrons_are_told_keeps_its_keys_last_turn(app: Flask) -> None:
    a_patron()
    round_, now = an_open_round(), utcnow()
    hold(round_)
    thread = beside(app, lambda: announcements.tell_opening(round_.id, now=now))
    until(somebody_waits)
    rounds.void(round_.id, "A topic was missing.", now=now)
    thread.join()
    db.session.expire_all()
    assert rounds.find(round_.id).due_at == now + rounds.DISPUTE_WINDOW


def test_a_pick_made_while_the_result_becomes_public_is_part_of_it(app: Flask) -> None:
    round_, editor = a_round(hours=None), a_staff_member(Role.EDITOR)
    other = backed(round_, 2, a_patron())
    turns.turn(round_.id, now=utcnow())
    rounds.locked(round_.id)
    thread = beside(app, lambda: results.publish(round_.id, by=editor.id, now=utcnow()))
    until(somebody_waits)
    # What `picks.take_up` enters under the lock that it holds until its commit.
    db.session.add(
        EditorialPick(
            round_id=round_.id,
            number=2,
            reason="It is urgent.",
            picked_by=editor.id,
            picked_at=utcnow(),
        )
    )
    db.session.commit()
    thread.join()
    assert state(other) == State.CHOSEN
    found = results.published(round_.slug or "", now=utcnow())
    assert found is not None
    assert picks.taken_up(found) == [1, 2]


def test_a_template_saved_twice_at_once_is_one(app: Flask) -> None:
    editor = a_staff_member(Role.EDITOR)
    start = threading.Barrier(4)

    def save() -> None:
        start.wait()
        monthly.save(PLAN, by=editor.id, now=utcnow())

    threads = [beside(app, save) for _ in range(4)]
    for thread in threads:
        thread.join()
    db.session.rollback()
    assert db.session.scalar(select(func.count()).select_from(RoundTemplate)) == 1


def test_a_result_counted_later_than_its_keys_last_still_becomes_public(app: Flask) -> None:
    round_ = a_round(hours=24)
    now = utcnow()
    # The close was noted, and then nothing was counted for longer than the keys are kept.
    found = rounds.locked(round_.id)
    found.status, found.closed_at = RoundStatus.CLOSED, now - rounds.DISPUTE_WINDOW
    db.session.commit()
    turns.turn(round_.id, now=now)
    found = rounds.find(round_.id)
    assert found.shredded_at == now
    assert found.due_at == now + timedelta(hours=24)
    turns.turn(round_.id, now=now + timedelta(hours=24))
    assert rounds.find(round_.id).status == RoundStatus.PUBLISHED


def test_a_count_that_fails_for_weeks_is_tried_until_it_succeeds(app: Flask) -> None:
    round_ = a_round()
    voter = db.session.scalars(select(Participation).limit(1)).one()
    db.session.delete(voter)
    db.session.commit()
    for _ in range(20):
        db.session.execute(update(Round).values(due_at=utcnow()))
        db.session.commit()
        turn_rounds()
    found = rounds.find(round_.id)
    assert "CountsDiffer" in (found.error or "")
    db.session.add(
        Participation(
            round_id=round_.id, account_id=voter.account_id, first_cast_on=utcnow().date()
        )
    )
    found.due_at = utcnow()
    db.session.commit()
    turn_rounds()
    assert rounds.find(round_.id).status == RoundStatus.PUBLISHED


def test_a_round_asked_for_too_early_tells_nobody(app: Flask) -> None:
    a_patron()
    opens_at = utcnow() + timedelta(days=1)
    round_ = rounds.open_(a_draft(opens_at=opens_at).id, now=utcnow())
    turns.turn(round_.id, now=utcnow())
    assert told("round_opened") == 0
    assert rounds.find(round_.id).due_at == opens_at
