"""The nightly check of what is kept: it finds what is not as the raw rows say, and mends it."""

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import update

from app.current import zone
from app.extensions import db
from app.reports.rollups import catalogue, checking, following
from app.reports.rollups.people_tables import Stay, StayCount
from app.reports.rollups.round_tables import Turnout
from tests.builders import a_reader
from tests.reports.lives import DAY, NOW, live
from tests.reports.rolls import a_round_held
from tests.reports.stories import FIRST, Act, Amount, Begun, Story

STORY = Story(
    tuple(
        Act(FIRST + (5 * person + day) * DAY, person, 0, what)
        for person in range(5)
        for day, what in ((0, Begun(500, "EUR", "month", "winter")), (40, Amount(800)))
    )
)
FOUR = datetime(2026, 8, 20, 1, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def kept(app: Flask) -> None:
    """Everything is up to date."""
    live(STORY)
    a_round_held(NOW - DAY, {a_reader(): True})
    assert following.follow(catalogue.ROLLUPS)


def _check() -> int:
    return checking.check(catalogue.ROLLUPS, now=NOW)


def test_what_is_right_is_found_right() -> None:
    assert _check() == 0
    assert checking.differing() == 0


def test_a_stay_that_was_moved_is_found_and_mended() -> None:
    right = db.session.query(Stay.account_id, Stay.came_at).all()
    number = right[0].account_id
    db.session.execute(
        update(Stay).where(Stay.account_id == number).values(came_at=Stay.came_at - timedelta(1))
    )
    db.session.commit()
    assert _check() >= 1
    assert checking.differing() >= 1
    assert sorted(db.session.query(Stay.account_id, Stay.came_at).all()) == sorted(right)
    following.begin_anew(catalogue.ROLLUPS)
    assert _check() == 0


def test_counts_that_people_do_not_come_to_are_found() -> None:
    db.session.execute(update(StayCount).values(people=StayCount.people + 1))
    db.session.commit()
    assert _check() == 1


def test_a_turnout_that_the_roll_does_not_have_is_found_and_mended() -> None:
    db.session.execute(update(Turnout).values(voted=7))
    db.session.commit()
    assert _check() == 1
    assert _check() == 0


def test_the_check_is_due_once_a_night_from_four_on() -> None:
    assert not checking.due(FOUR - timedelta(minutes=1), zone())
    assert checking.due(FOUR, zone())
    checking.check(catalogue.ROLLUPS, now=FOUR)
    assert not checking.due(FOUR + timedelta(hours=1), zone())
    assert checking.due(FOUR + timedelta(days=1), zone())
