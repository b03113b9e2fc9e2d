"""Ballots: accepted means counted, and nothing kept leads from a voter to a vote."""

import base64
import hashlib
import hmac
import threading
from collections.abc import Iterator, MutableMapping
from datetime import UTC, date, timedelta
from typing import Any

import psycopg
import pytest
import structlog
from flask import Flask
from sqlalchemy import DateTime, func, inspect, select, text, update

from app import pool
from app.clock import utcnow
from app.extensions import Base, db
from app.giving.models import Pledge
from app.voting import ballots, casting, results, rounds, secrecy
from app.voting.models import Ballot, Participation, Round
from config.settings import Environment
from tests.builders import a_patron, a_reader
from tests.voting.builders import a_draft, an_open_round, tallies, time_passes, votes


def test_every_ballot_acknowledged_around_the_close_is_in_the_tally(app: Flask) -> None:
    """Twelve voters cast without pause while the clock passes the close and the count begins."""
    round_ = an_open_round()
    patrons = [a_patron().id for _ in range(12)]
    closes_at = utcnow() + timedelta(seconds=1.2)
    db.session.execute(update(Round).values(closes_at=closes_at))
    db.session.commit()
    acknowledged: dict[int, tuple[int, ...]] = {}
    refused: set[int] = set()
    slug = round_.slug or ""

    def cast_on(account_id: int) -> None:
        version, choice = 0, 0
        with app.app_context():
            try:
                while True:
                    choices = (1 + choice % 4, 1 + (choice + 1) % 4)
                    version = casting.cast(
                        account_id, slug, choices, seen_version=version, now=utcnow()
                    ).version
                    acknowledged[account_id] = tuple(sorted(choices))
                    choice += 1
            except casting.RoundClosed:
                refused.add(account_id)
            finally:
                pool.hang_up()
                db.session.remove()

    def count() -> None:
        with app.app_context():
            while not tallies(round_):
                results.close_and_tally(round_.id, now=utcnow())
            db.session.remove()

    threads = [threading.Thread(target=cast_on, args=(id_,)) for id_ in patrons]
    threads += [threading.Thread(target=count) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert refused == set(patrons)
    db.session.rollback()
    found = results.published(slug, now=utcnow())
    assert found is not None
    expected = dict.fromkeys(range(1, 5), 0)
    for choices in acknowledged.values():
        for choice in choices:
            expected[choice] += 1
    assert found.outcome.approvals == expected
    assert found.outcome.ballots == len(acknowledged) == len(patrons)


def test_of_two_windows_sent_at_once_one_is_told_of_the_other(app: Flask) -> None:
    round_, patron = an_open_round(), a_patron()
    slug, start = round_.slug or "", threading.Barrier(8)
    accepted: list[int] = []
    told: list[int] = []

    def window(choice: int) -> None:
        with app.app_context():
            start.wait()
            try:
                casting.cast(patron.id, slug, [choice], seen_version=0, now=utcnow())
                accepted.append(choice)
            except casting.ChangedElsewhere:
                told.append(choice)
            finally:
                pool.hang_up()
                db.session.remove()

    threads = [threading.Thread(target=window, args=(1 + i % 4,)) for i in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    db.session.rollback()
    held = db.session.scalars(select(Ballot.choices)).all()
    # The same choices may be accepted twice; no others.
    assert [set(accepted)] == [{held[0][0]}]
    assert len(held) == 1
    assert len(accepted) + len(told) == 8


def test_a_ballot_is_refused_by_the_databases_clock_before_any_job_has_closed_the_round(
    app: Flask,
) -> None:
    round_, patron = an_open_round(), a_patron()
    time_passes(round_)
    with pytest.raises(casting.RoundClosed) as refused:
        # What the web server's clock says is of no account.
        casting.cast(
            patron.id, round_.slug or "", [1], seen_version=0, now=utcnow() - timedelta(hours=1)
        )
    assert refused.value.at > round_.closes_at
    assert db.session.scalar(select(func.count()).select_from(Participation)) == 0


def test_closing_now_waits_for_a_ballot_under_way_and_refuses_the_next(app: Flask) -> None:
    round_, patron = an_open_round(), a_patron()
    slug = round_.slug or ""
    holds, closed = threading.Event(), threading.Event()
    ballot = {
        "slug": slug,
        "account_id": patron.id,
        "session_version": None,
        "choices": [1],
        "seen_version": 0,
        "now": utcnow(),
        "today": utcnow().date(),
    }

    def slow_cast() -> None:
        with app.app_context():
            with psycopg.connect(app.extensions["database_address"]) as connection:
                held = secrecy.held(slug, anew=True)
                assert held
                assert casting.enter(connection.cursor(), held, ballot)
                holds.set()
                assert not closed.wait(timeout=0.3), "the close did not wait"
            db.session.remove()

    def close() -> None:
        with app.app_context():
            assert holds.wait(timeout=10), "nothing was cast"
            rounds.close_now(round_.id, now=utcnow())
            closed.set()
            db.session.remove()

    threads = [threading.Thread(target=slow_cast), threading.Thread(target=close)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    db.session.rollback()
    with pytest.raises(casting.RoundClosed):
        votes(a_patron(), round_, 2)
    results.close_and_tally(round_.id, now=utcnow())
    found = results.published(slug, now=utcnow())
    assert found is not None
    assert found.outcome.approvals[1] == 1


def test_a_patron_whose_pledge_ended_may_not_vote(app: Flask) -> None:
    round_, patron = an_open_round(), a_patron()
    db.session.execute(update(Pledge).values(status="ended", ended_at=utcnow(), end_reason="left"))
    db.session.commit()
    with pytest.raises(casting.NotOnRoll):
        votes(patron, round_, 1)


def test_who_has_promised_but_not_yet_paid_may_not_vote(app: Flask) -> None:
    round_, patron = an_open_round(), a_patron()
    db.session.execute(update(Pledge).values(status="pending", started_at=None))
    db.session.commit()
    with pytest.raises(casting.NotOnRoll):
        votes(patron, round_, 1)


def test_two_equal_ballots_have_two_receipts_and_each_voter_can_prove_theirs(app: Flask) -> None:
    round_ = an_open_round()
    first, second = a_patron(), a_patron()
    one, other = votes(first, round_, 2, 1), votes(second, round_, 1, 2)
    assert one.receipt != other.receipt
    message = f"receipt-v1\n{round_.slug}\n{first.id}\n1 2".encode()
    proof = hmac.digest(bytes.fromhex(one.secret), message, hashlib.sha256)
    assert base64.b32encode(proof).decode()[:26] == one.receipt


def test_no_column_of_a_ballot_tells_who_or_when(app: Flask) -> None:
    columns = {column.name: column for column in Base.metadata.tables["ballot"].columns}
    assert set(columns) == {
        "round_id",
        "ballot_key",
        "choices",
        "version",
        "receipt",
        "void_reason",
    }
    assert not [c for c in columns.values() if isinstance(c.type, DateTime)]
    targets = {fk.target_fullname for c in columns.values() for fk in c.foreign_keys}
    assert targets == {"voting_round.id"}
    stored = {column["name"] for column in inspect(db.engine).get_columns("ballot")}
    assert stored == set(columns)
    default = [c["default"] for c in inspect(db.engine).get_columns("ballot") if c["default"]]
    assert default == []


def test_who_voted_is_known_only_by_the_day(app: Flask) -> None:
    types = {c.name: c.type.python_type for c in Base.metadata.tables["participation"].columns}
    assert types == {"round_id": int, "account_id": int, "first_cast_on": date}


def test_without_the_rounds_secret_a_ballot_key_says_nothing(app: Flask) -> None:
    round_, patron = an_open_round(), a_patron()
    votes(patron, round_, 1)
    key = db.session.scalars(select(Ballot.ballot_key)).one()
    assert len(key) == 32
    keys = secrecy.ballot_keys(rounds.find(round_.id))
    assert keys is not None
    assert keys.of(patron.id) == key
    assert keys.secret not in (round_.ballot_key_sealed or b"")
    assert secrecy.BallotKeys(round_.id, bytes(32)).of(patron.id) != key


@pytest.fixture
def logged() -> Iterator[list[MutableMapping[str, Any]]]:
    """Everything the application says to its log."""
    with structlog.testing.capture_logs() as lines:
        yield lines


def test_neither_log_nor_error_repeats_a_choice(
    app: Flask, logged: list[MutableMapping[str, Any]], caplog: pytest.LogCaptureFixture
) -> None:
    round_, patron = an_open_round(), a_patron()
    caplog.set_level("DEBUG")
    cast = votes(patron, round_, 1, 3)
    with pytest.raises(Exception, match="hide_parameters") as broken:
        db.session.execute(
            text("SELECT CAST(:choices AS int)"), {"choices": "choices 1 3 of a ballot"}
        )
    db.session.rollback()
    said = f"{logged} {caplog.text} {str(broken.value).partition('DETAIL')[0]}"
    assert cast.receipt not in said
    assert "[1, 3]" not in said
    assert "[parameters" not in said


def test_ballots_are_made_up_only_for_a_demo(app: Flask) -> None:
    round_ = an_open_round()
    real = app.extensions["settings"]
    app.extensions["settings"] = real.model_copy(update={"environment": Environment.PRODUCTION})
    try:
        with pytest.raises(PermissionError):
            ballots.enter_history(round_.id, [], cast_on=date(2026, 8, 3))
    finally:
        app.extensions["settings"] = real
    draft = a_draft()
    with pytest.raises(rounds.NotOpen):
        ballots.enter_history(draft.id, [(a_reader().id, [1])], cast_on=date(2026, 8, 3))


def test_the_day_of_a_vote_is_the_newsrooms_day(app: Flask) -> None:
    round_, patron = an_open_round(), a_patron()
    late_evening_in_utc = utcnow().astimezone(UTC).replace(hour=22, minute=30)
    casting.cast(patron.id, round_.slug or "", [], seen_version=0, now=late_evening_in_utc)
    on = db.session.scalars(select(Participation.first_cast_on)).one()
    assert on == late_evening_in_utc.date() + timedelta(days=1)
