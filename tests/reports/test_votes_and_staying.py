"""Who voted and who did not, and who of them was still a patron 90 days later."""

import random
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask

from app.accounts.models import Account
from app.extensions import db
from app.giving.models import Pledge
from app.giving.rules import EndReason
from app.reports.figures.votes_and_staying import REPORT
from app.reports.shape import Share
from tests.builders import a_pledge, a_reader
from tests.reports.lives import DAY, NOW, asked, cells, opened
from tests.reports.rolls import a_round_held

CLOSE = datetime(2026, 3, 10, 18, tzinfo=UTC)
LATER = CLOSE + 90 * DAY


def a_life(
    began: datetime, ended: datetime | None = None, *, interval: str = "month", name: str = "Oles"
) -> Account:
    """Somebody who gave from one moment to another."""
    account = a_reader(name=name)
    pledge = a_pledge(account, started_at=began, interval=interval)
    if ended is not None:
        pledge.status, pledge.ended_at, pledge.end_reason = "ended", ended, EndReason.LEFT
        db.session.commit()
    return account


def test_who_voted_is_set_beside_who_did_not_among_those_alike(app: Flask) -> None:
    old, fresh = CLOSE - 400 * DAY, CLOSE - 30 * DAY
    roll = {
        a_life(old, name="Old, voted, stays"): True,
        a_life(old, LATER, name="Old, voted, left on the day"): True,
        a_life(old, LATER + timedelta(seconds=1), interval="year", name="A second more"): True,
        a_life(old, CLOSE + DAY, name="Old, silent, left"): False,
        a_life(fresh, name="New, silent, stays"): False,
    }
    gone = a_life(old, CLOSE - DAY, name="Left before the close")
    a_round_held(CLOSE, roll, left=(gone,), refused=(a_life(old),))
    answer = REPORT.build(asked())
    assert [figure.values for figure in answer.figures] == [[Share(2, 3)], [Share(1, 2)]]
    both, alike = cells(answer)
    assert both == [["Voted", 3, 2, Share(2, 3)], ["Did not vote", 2, 1, Share(1, 2)]]
    assert alike == [
        ["monthly", "less than 90 days", "Did not vote", 1, 1, Share(1, 1)],
        ["monthly", "more than a year", "Voted", 2, 1, Share(1, 2)],
        ["monthly", "more than a year", "Did not vote", 1, 0, Share(0, 1)],
        ["yearly", "more than a year", "Voted", 1, 1, Share(1, 1)],
        [
            "left before the close",
            "more than a year",
            "Voted",
            1,
            0,
            Share(0, 1),
        ],
    ]
    assert answer.tables[1].muted == frozenset(range(5))
    for value, rows in opened(REPORT, asked(), answer):
        assert len(rows) == value.value, value.key


def test_a_round_that_is_not_old_enough_waits_and_without_any_there_is_no_figure(
    app: Flask,
) -> None:
    patron = a_life(CLOSE)
    a_round_held(NOW - 89 * DAY, {patron: True})
    answer = REPORT.build(asked())
    assert answer.refused
    assert not answer.tables
    a_round_held(NOW - 90 * DAY, {patron: True})
    answer = REPORT.build(asked())
    assert cells(answer)[0][0] == ["Voted", 1, 1, Share(1, 1)]
    assert answer.tables[0].note == "1 round that closed less than 90 days ago is left out."


@pytest.mark.parametrize("seed", range(4))
def test_every_figure_is_what_a_walk_over_all_rows_finds(app: Flask, seed: int) -> None:
    chance = random.Random(seed)
    closes = [datetime(2026, month, 12, 9, tzinfo=UTC) for month in (1, 2, 4, 5)]
    people = [_random_life(chance) for _ in range(25)]
    expected: Counter[tuple[str, str, str, bool]] = Counter()
    for close in closes:
        roll = {
            account: chance.random() < 0.5
            for account, pledges in people
            if any(_stands(one, close) for one in pledges)
        }
        a_round_held(close, roll)
        for account, pledges in people:
            if account in roll:
                expected[_naive(pledges, close, roll[account])] += 1
    answer = REPORT.build(asked())
    found = {(row[0], row[1], row[2]): (row[3], row[4]) for row in cells(answer)[1]}
    groups = {key[:3] for key in expected}
    assert found == {
        key: (expected[*key, True] + expected[*key, False], expected[*key, True]) for key in groups
    }
    for voted, row in zip(("Voted", "Did not vote"), cells(answer)[0], strict=True):
        assert row[1] == sum(count for key, count in expected.items() if key[2] == voted)
        assert row[2] == sum(n for key, n in expected.items() if key[2] == voted and key[3])
    for value, rows in opened(REPORT, asked(), answer):
        assert len(rows) == value.value, value.key


def _random_life(chance: random.Random) -> tuple[Account, list[Pledge]]:
    account, pledges = a_reader(), []
    for _ in range(chance.choice([1, 1, 2])):
        began = CLOSE + chance.randrange(-500, 90) * DAY
        pledge = a_pledge(account, started_at=began, interval=chance.choice(["month", "year"]))
        if chance.random() < 0.6:
            pledge.status = "ended"
            pledge.ended_at = began + chance.randrange(1, 400) * DAY
        pledges.append(pledge)
    db.session.commit()
    return account, [db.session.get_one(Pledge, one.id) for one in pledges]


def _stands(pledge: Pledge, at: datetime) -> bool:
    assert pledge.started_at is not None
    return pledge.started_at <= at and (pledge.ended_at is None or pledge.ended_at > at)


def _naive(pledges: list[Pledge], close: datetime, voted: bool) -> tuple[str, str, str, bool]:
    then = [one for one in pledges if _stands(one, close)]
    plan = "yearly" if any(one.interval == "year" for one in then) else "monthly"
    days = (close - min(one.started_at for one in pledges if one.started_at)) / DAY
    tenure = "more than a year"
    if days < 365:
        tenure = "less than 90 days" if days < 90 else "90 days to a year"
    stays = any(_stands(one, close + 90 * DAY) for one in pledges)
    return plan, tenure, "Voted" if voted else "Did not vote", stays
