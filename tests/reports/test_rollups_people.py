"""What is kept of patrons, rounds and letters is what the raw rows say, whatever happened."""

import random
import threading
import uuid
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select, update

from app.accounts.models import Account
from app.extensions import Base, db
from app.giving.models import Donation, Pledge, PledgeChange, PledgeMovement
from app.giving.rules import ChangeKind
from app.letters.models import Letter
from app.reports import catalogue
from app.reports.rollups import following, letter_days, people, round_rows, sources
from app.reports.rollups.people_tables import Span, Stay, StayCount
from app.reports.rollups.round_tables import TurnoutAgain
from app.voting.models import Round, RoundStatus
from tests.builders import a_pledge, a_reader
from tests.conftest import _empty
from tests.reports.entries import a_donation
from tests.reports.lives import DAY, NOW, asked, live
from tests.reports.rolls import a_round_held
from tests.reports.stories import FEW, FIRST, Story, stories

ROLLUPS = [people.ROLLUP, letter_days.ROLLUP]
REPORTS = (
    "patrons",
    "churn",
    "cohorts",
    "first-90-days",
    "lifetime",
    "reasons",
    "win-back",
    "participation",
    "votes-and-staying",
    "letters",
    "articles",
)


@pytest.fixture(autouse=True)
def request_(app: Flask) -> Iterator[None]:
    """Words are written in a request's language."""
    with app.test_request_context():
        yield


def _follow() -> None:
    assert following.follow(ROLLUPS)


def _rows(table: type[Base]) -> Counter[tuple[Any, ...]]:
    source = sources.read(table)
    names = [column.name for column in table.__table__.columns]
    return Counter(tuple(row) for row in db.session.execute(select(*(source.c[n] for n in names))))


def _hold() -> None:
    """Hold every table against the statement that defines it, over the raw rows."""
    for table in sources.DEFINED:
        kept = _rows(table)
        with sources.raw():
            assert kept == _rows(table), table.__tablename__


TURNS = ("wish", "stay", "gift", "merge", "round", "roll", "letter", "sent", "article")


def _what_happens(chance: random.Random) -> None:
    """Something of what changes rows after they were entered."""
    pledges = db.session.scalars(
        select(Pledge).where(Pledge.started_at.is_not(None)).order_by(Pledge.started_at)
    ).all()
    pledge = chance.choice(pledges)
    assert pledge.started_at is not None
    at = pledge.started_at + timedelta(days=chance.randrange(1, 90))
    match chance.choice(TURNS):
        case "wish" | "stay" as turn:
            kind = ChangeKind.LEAVE if turn == "wish" else ChangeKind.STAY
            db.session.add(_a_change(pledge, kind, at))
        case "gift":
            account = db.session.get_one(Account, pledge.account_id)
            a_donation(account, at=at, pledge=pledge, net_minor=chance.choice([470, 450]))
        case "merge":
            _merge(pledge, chance.choice(pledges))
        case "round":
            accounts = db.session.scalars(select(Account)).all()
            roll = {one: chance.random() < 0.5 for one in accounts if chance.random() < 0.7}
            a_round_held(NOW - chance.randrange(1, 200) * DAY, roll)
        case "roll":
            rounds = db.session.scalars(select(Round)).all()
            for one in rounds[:1]:
                one.status = chance.choice([RoundStatus.TALLIED, RoundStatus.PUBLISHED])
                one.closes_at -= DAY
        case "article":
            pledge.article = chance.choice(["winter", "spring", None])
        case "letter":
            db.session.add(_a_letter(pledge.account_id, at))
        case _:
            for letter in db.session.scalars(select(Letter).limit(2)):
                letter.sent_at, letter.due_at = NOW, None
    db.session.commit()


def _merge(kept: Pledge, merged: Pledge) -> None:
    # Read before: the first statement changes what the pledge itself says.
    to, gone = kept.account_id, merged.account_id
    for model in (Pledge, Donation, PledgeMovement):
        db.session.execute(update(model).where(model.account_id == gone).values(account_id=to))


def _a_change(pledge: Pledge, kind: ChangeKind, at: Any) -> PledgeChange:
    return PledgeChange(
        pledge_id=pledge.id,
        kind=kind,
        asked_at=at,
        applied_at=at,
        amount_before=500,
        interval_before="month",
    )


def _a_letter(account_id: int, at: Any) -> Letter:
    return Letter(
        kind="receipt", matter=str(uuid.uuid4()), account_id=account_id, created_at=at, due_at=at
    )


@FEW
@given(story=stories(), chance=st.randoms(use_true_random=False), turns=st.integers(0, 25))
def test_what_is_kept_is_what_the_raw_rows_say_whatever_happens(
    story: Story, chance: random.Random, turns: int
) -> None:
    db.session.remove()
    _empty()
    live(story)
    _follow()
    for _turn in range(turns):
        _what_happens(chance)
        if chance.random() < 0.4:
            _follow()
    _follow()
    _hold()
    kept = {table: _rows(table) for table in sources.DEFINED}
    following.begin_anew(ROLLUPS)
    _follow()
    assert {table: _rows(table) for table in sources.DEFINED} == kept


@FEW
@given(
    story=stories(most_people=16),
    chance=st.randoms(use_true_random=False),
    currency=st.sampled_from([None, "EUR"]),
)
def test_each_report_tells_the_same_from_the_raw_rows(
    story: Story, chance: random.Random, currency: str | None
) -> None:
    db.session.remove()
    _empty()
    live(story)
    for _turn in range(20):
        _what_happens(chance)
    for first, last in (("2026-01", "2026-08"), ("2026-03", "2026-05"), ("2025-01", "2026-07")):
        of = asked(first, last, currency)
        for name in REPORTS:
            report = catalogue.named(name)
            kept = report.build(of)
            with sources.raw():
                assert report.build(of) == kept, name


def test_what_lies_ahead_has_not_happened_yet_and_then_has(app: Flask) -> None:
    resting = a_pledge(a_reader(), started_at=FIRST, status="paused", paid_until=NOW + 3 * DAY)
    late = a_pledge(a_reader(), started_at=FIRST, status="past_due")
    late.past_due_since = NOW - 10 * DAY
    db.session.commit()
    report = catalogue.named("patrons")
    of = asked("2026-08", "2026-08")
    assert report.build(of).tables[0].rows[0][-1].value == 2  # type: ignore[union-attr]
    later = replace(of, now=NOW + 5 * DAY)
    assert report.build(later).tables[0].rows[0][-1].value == 0  # type: ignore[union-attr]
    assert resting.paid_until is not None


def test_two_who_follow_at_once_lose_nothing(app: Flask) -> None:
    accounts = [a_reader().id for _one in range(12)]
    pledges = [a_pledge(db.session.get_one(Account, one), started_at=FIRST).id for one in accounts]
    done = threading.Event()

    def change(seed: int) -> None:
        chance = random.Random(seed)
        for turn in range(40):
            with app.app_context():
                pledge = db.session.get_one(Pledge, chance.choice(pledges))
                pledge.interval = chance.choice(["month", "year"])
                pledge.ended_at = chance.choice([None, FIRST + timedelta(days=turn + 1)])
                db.session.commit()

    def follow() -> None:
        while not done.is_set():
            with app.app_context():
                following.follow(ROLLUPS)

    with ThreadPoolExecutor() as pool:
        followers = [pool.submit(follow) for _one in range(2)]
        try:
            for one in [pool.submit(change, seed) for seed in (1, 2)]:
                one.result()
        finally:
            done.set()
        for one in followers:
            one.result()
    _follow()
    _hold()
    counted = db.session.scalar(select(func.sum(StayCount.people)))
    assert counted == db.session.scalar(select(func.count()).select_from(Stay)) == 24


def test_three_rounds_in_a_row_are_counted_again_when_one_is_void() -> None:
    reader = a_reader()
    rounds = [a_round_held(NOW - day * DAY, {reader: True}) for day in (40, 30, 20, 10)]
    _follow()
    assert db.session.scalars(select(TurnoutAgain.times)).all() == [3, 3]
    rounds[1].status, rounds[1].void_reason = RoundStatus.VOID, "A fault."
    db.session.commit()
    _follow()
    kept = db.session.scalars(select(TurnoutAgain)).one()
    assert (kept.first_id, kept.middle_id, kept.round_id) == (
        rounds[0].id,
        rounds[2].id,
        rounds[3].id,
    )


def test_three_rounds_that_a_late_count_comes_between_are_let_go() -> None:
    reader = a_reader()
    first, middle, last = (a_round_held(NOW - day * DAY, {reader: True}) for day in (40, 20, 10))
    _follow()
    between = a_round_held(NOW - 30 * DAY, {reader: True})
    _follow()
    kept = db.session.execute(
        select(TurnoutAgain.first_id, TurnoutAgain.middle_id, TurnoutAgain.round_id)
    ).all()
    assert sorted(map(tuple, kept)) == sorted(
        [(first.id, between.id, middle.id), (between.id, middle.id, last.id)]
    )


def test_many_rounds_counted_together_are_what_each_three_of_them_are() -> None:
    chance = random.Random(5)
    readers = [a_reader() for _one in range(8)]
    rounds = []
    for day in range(70, 0, -10):
        roll = {one: chance.random() < 0.5 for one in readers if chance.random() < 0.8}
        rounds.append(a_round_held(NOW - day * DAY, roll).id)
    _follow()
    for three in zip(rounds, rounds[1:], rounds[2:], strict=False):
        told = db.session.execute(round_rows.again(three)).all()
        kept = db.session.execute(
            select(TurnoutAgain.times, TurnoutAgain.people).where(
                TurnoutAgain.first_id == three[0], TurnoutAgain.round_id == three[2]
            )
        ).all()
        assert sorted((row.times, row.people) for row in told) == sorted(map(tuple, kept))


def test_another_grace_begins_anew(app: Flask) -> None:
    late = a_pledge(a_reader(), started_at=FIRST, status="past_due")
    late.past_due_since = NOW
    db.session.commit()
    _follow()
    before = app.extensions["settings"]
    assert db.session.scalars(select(Span.out_at)).one() == NOW + before.grace_days * DAY
    app.extensions["settings"] = before.model_copy(update={"grace_days": 3})
    try:
        _follow()
        assert db.session.scalars(select(Span.out_at)).one() == NOW + 3 * DAY
    finally:
        app.extensions["settings"] = before
