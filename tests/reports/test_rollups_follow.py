"""Who keeps the rollups up waits for nobody, comes to an end, and is stopped by none of them."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, insert, select, text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from app.current import zone
from app.extensions import db
from app.reports.rollups import catalogue, checking, following, notes
from app.reports.rollups.cash_days import CashDay
from app.reports.rollups.kept import Rollup
from app.reports.rollups.tables import RollupStale, RollupState
from tasks.reports import follow_rollups
from tests.builders import a_reader
from tests.reports.entries import a_donation
from tests.reports.lives import NOW

CASH, SUPPORTERS, YEARLY = (
    next(one for one in catalogue.ROLLUPS if one.name == name)
    for name in ("cash_day", "supporter", "yearly_day")
)


@pytest.fixture(autouse=True)
def kept(app: Flask) -> Iterator[None]:
    """A gift that every rollup knows of, and a request that reads."""
    a_donation(a_reader(), at=NOW, net_minor=470)
    assert following.follow(catalogue.ROLLUPS)
    with app.test_request_context():
        yield


@pytest.fixture
def another(app: Flask) -> Iterator[Session]:
    """Somebody else's transaction."""
    with Session(db.engine) as session:
        yield session
        session.rollback()


def _note(rollup: Rollup, *keys: int) -> None:
    rows = [{"rollup": rollup.name, "key": key} for key in keys]
    db.session.execute(insert(RollupStale), rows)
    db.session.commit()


def _noted() -> set[str]:
    return set(db.session.scalars(select(RollupStale.rollup)))


def _hold(another: Session, rollup: Rollup) -> None:
    another.execute(select(func.pg_advisory_xact_lock(*following._lock(rollup))))


def _fails(_keys: Sequence[int]) -> None:
    db.session.execute(text("SELECT 1 / 0"))


def _state() -> Any:
    db.session.expire_all()
    return db.session.get_one(RollupState, 1)


def test_one_that_cannot_be_filled_stops_none_behind_it_and_is_told_of() -> None:
    _note(CASH, 1)
    _note(YEARLY, 1)
    with pytest.raises(DBAPIError):
        following.follow([replace(CASH, refill=_fails), YEARLY])
    assert _noted() == {CASH.name}
    assert following.follow([CASH])
    assert _noted() == set()


def test_one_that_fails_before_a_page_leaves_it_late_and_the_others_filled() -> None:
    _note(CASH, 1)
    _note(YEARLY, 1)
    following.fresh(replace(CASH, refill=_fails), YEARLY)
    assert _noted() == {CASH.name}
    assert following.waiting_since() is not None


def test_the_nightly_check_begins_though_one_cannot_be_filled() -> None:
    _note(CASH, 1)
    _note(YEARLY, 1)
    db.session.execute(update(CashDay).values(count=CashDay.count + 1))
    db.session.commit()
    rollups = [replace(YEARLY, refill=_fails), CASH]
    with pytest.raises(DBAPIError):
        following.follow(rollups)
    assert checking.due(NOW, zone())
    # What could not be filled, and what was not right.
    assert checking.check(rollups, now=NOW) == 2
    assert (_state().differing, _state().checked_at) == (2, NOW)
    assert not checking.due(NOW, zone())
    assert checking.check([CASH], now=NOW) == 0


def test_one_that_takes_too_long_leaves_the_page_late_and_the_others_filled() -> None:
    def sleeps(_keys: Sequence[int]) -> None:
        db.session.execute(text("SELECT pg_sleep(30)"))

    _note(CASH, 1)
    _note(YEARLY, 1)
    following.fresh(replace(YEARLY, refill=sleeps), CASH)
    assert _noted() == {YEARLY.name}
    assert following.waiting_since() is not None
    assert db.session.scalar(text("SHOW statement_timeout")) == "0"


def test_whoever_follows_ends_while_rows_keep_coming() -> None:
    def more(keys: Sequence[int]) -> None:
        CASH.refill(keys)
        db.session.execute(insert(RollupStale), [{"rollup": CASH.name, "key": 1}])

    _note(CASH, 1)
    endless = replace(CASH, refill=more)
    assert following.follow([endless])
    following.fresh(endless)
    checking.check([endless], now=NOW)
    assert _noted() == {CASH.name}


def test_a_page_fills_neither_everything_nor_more_than_a_few_parts() -> None:
    _note(SUPPORTERS, 0)
    _note(CASH, *(96 * day for day in range(following.FEW + 1)))
    following.fresh(SUPPORTERS, CASH)
    assert _noted() == {SUPPORTERS.name, CASH.name}
    assert following.waiting_since() is not None


def test_a_page_waits_for_nobody_who_fills(another: Session) -> None:
    _note(CASH, 1)
    _hold(another, CASH)
    following.fresh(CASH)
    assert _noted() == {CASH.name}
    assert following.waiting_since() is not None


def test_a_check_that_could_not_look_at_all_of_them_stays_due(another: Session) -> None:
    _hold(another, CASH)
    assert checking.check(catalogue.ROLLUPS, now=NOW) == 0
    assert _state().checked_at is None
    another.rollback()
    assert checking.check(catalogue.ROLLUPS, now=NOW) == 0
    assert _state().checked_at == NOW


def test_who_begins_anew_waits_for_no_reader(another: Session) -> None:
    before = another.scalar(select(func.sum(CashDay.count)))
    following.begin_anew([CASH])
    assert following.follow([CASH])
    assert another.scalar(select(func.sum(CashDay.count))) == before == 1


def test_a_note_of_later_is_not_taken() -> None:
    _note(CASH, 1)
    last = notes.newest(CASH)
    _note(CASH, 97)
    assert notes.take(CASH, last) == 1
    assert notes.waiting(CASH)
    assert not notes.waiting(CASH, last)


def test_to_fill_all_people_there_is_more_time_than_for_any_other_job(app: Flask) -> None:
    usual = app.extensions["celery"].conf
    assert follow_rollups.soft_time_limit > 5 * usual.task_soft_time_limit
    limit = follow_rollups.time_limit
    assert follow_rollups.soft_time_limit < limit
    assert limit < usual.broker_transport_options["visibility_timeout"]


def test_the_commands_fill_what_there_is(app: Flask) -> None:
    _note(CASH, 1)
    runner = app.test_cli_runner()
    assert runner.invoke(args=["rollups", "follow"]).output == "Up to date.\n"
    assert _noted() == set()
    assert "cash_day: filled" in runner.invoke(args=["rollups", "rebuild", "cash_day"]).output
    assert _noted() == set()
