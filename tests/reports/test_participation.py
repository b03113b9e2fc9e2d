"""Taking part: turnout, who votes again, what patrons suggest and what was promised to them."""

import random
import uuid
from datetime import UTC, date, datetime, timedelta

import pytest
from flask import Flask

from app.extensions import db
from app.promises.models import Promise
from app.reports.figures.participation import REPORT
from app.reports.shape import Behind, Share
from app.topics.models import Proposal
from app.voting.models import Round, RoundStatus, RoundTopic
from tests.builders import a_pledge, a_reader
from tests.reports.lives import DAY, NOW, asked, cells, opened, plain
from tests.reports.rolls import a_round_held

CLOSE = datetime(2026, 3, 10, 18, tzinfo=UTC)
TURNOUT, AGAIN, SUGGESTED, PER_HUNDRED, KEPT, DAYS = range(6)


def a_promise(
    round_: Round,
    number: int,
    *,
    due_on: date | None = None,
    out_on: date | None = None,
    dropped: bool = False,
    overtaken: bool = False,
) -> Promise:
    """A topic taken up after a round."""
    db.session.add(RoundTopic(round_id=round_.id, number=number, title=f"Topic {number}"))
    db.session.flush()
    promise = Promise(
        round_id=round_.id,
        number=number,
        title=f"Topic {number}",
        state="published" if out_on else ("dropped" if dropped else "in_work"),
        due_on=due_on,
        first_due_on=due_on,
        dated_at=CLOSE if due_on else None,
        story_title="A story" if out_on else None,
        story_url="https://news.example.org/story" if out_on else None,
        published_on=out_on,
        drop_reason="No time." if dropped else None,
        overtaken_at=CLOSE if overtaken else None,
        made_at=CLOSE,
    )
    db.session.add(promise)
    db.session.commit()
    return promise


def a_proposal(at: datetime) -> Proposal:
    """A topic that a patron suggested."""
    proposal = Proposal(
        request_key=uuid.uuid4(),
        title="Roads",
        why="They matter.",
        locale="en",
        named=False,
        trigrams=[],
        created_at=at,
    )
    db.session.add(proposal)
    db.session.commit()
    return proposal


def test_turnout_is_of_the_frozen_roll_and_void_and_uncounted_rounds_have_none(app: Flask) -> None:
    first, second, third, fourth = (a_reader() for _ in range(4))
    a_round_held(
        CLOSE, {first: True, second: False, third: False}, left=(fourth,), refused=(a_reader(),)
    )
    a_round_held(CLOSE + DAY, {first: True}, status=RoundStatus.VOID, title="Void")
    a_round_held(CLOSE + 2 * DAY, {}, status=RoundStatus.CLOSED, title="Closed")
    a_round_held(NOW + DAY, {}, status=RoundStatus.OPEN, title="Open")
    answer = REPORT.build(asked())
    assert answer.figures[TURNOUT].values == [Share(2, 4)]
    assert [row[0] for row in cells(answer)[0]] == ["What next?", "Void", "Closed"]
    assert [row[2:] for row in cells(answer)[0]] == [
        [2, 4, Share(2, 4), "counted"],
        [None, None, None, "void"],
        [None, None, None, "not counted yet"],
    ]
    assert answer.tables[0].muted == {1, 2}
    assert answer.chart is not None
    assert [bar[2] for bar in answer.chart.bars] == [2]
    for value, rows in opened(REPORT, asked(), answer):
        assert len(rows) == value.value, value.key
        assert not any(first.name in str(row) for row in rows)


def test_who_votes_again_is_asked_of_those_on_all_three_latest_rolls(app: Flask) -> None:
    often, once, late, never = (a_reader() for _ in range(4))
    a_round_held(CLOSE - 90 * DAY, {never: True})
    a_round_held(CLOSE, {often: True, once: True, never: False})
    a_round_held(CLOSE + DAY, {often: False, once: False, never: False, late: True})
    assert plain(REPORT.build(asked("2026-02")).figures[AGAIN].values[0]) == Share(0, 1)
    a_round_held(CLOSE + 2 * DAY, {often: True, once: False, never: False, late: True})
    answer = REPORT.build(asked())
    (again,) = answer.figures[AGAIN].values
    assert again == Behind(Share(1, 3), "again")
    assert [rows for value, rows in opened(REPORT, asked(), answer) if value == again] == [[[1, 2]]]
    assert REPORT.build(asked("2026-01", "2026-02")).figures[AGAIN].values == [None]


def test_a_promise_counts_in_the_month_of_its_first_date_once_that_is_over(app: Flask) -> None:
    round_, today = a_round_held(CLOSE, {a_reader(): True}), NOW.date()
    due = date(2026, 5, 1)
    a_promise(round_, 1, due_on=due, out_on=due)
    a_promise(round_, 2, due_on=due, out_on=due + DAY)
    a_promise(round_, 3, due_on=due)
    a_promise(round_, 4, due_on=due, dropped=True)
    a_promise(round_, 5, due_on=due, overtaken=True)
    a_promise(round_, 6, due_on=today)
    a_promise(round_, 7, due_on=date(2026, 4, 30), out_on=date(2026, 4, 20))
    a_promise(round_, 8, out_on=today)
    answer = REPORT.build(asked())
    assert answer.figures[KEPT].values == [Share(2, 5)]
    assert [row[1] for row in cells(answer)[1]] == [2, 1, 1, 1, 1]
    # 41, 52, 53 and 163 days after the 10th of March.
    assert plain(answer.figures[DAYS].values[0]) == "52.5"
    may = REPORT.build(asked("2026-05", "2026-05"))
    assert may.figures[KEPT].values == [Share(1, 4)]
    assert may.figures[KEPT].before == [Share(1, 1)]
    for value, rows in opened(REPORT, asked(), answer):
        assert value.key == "published" or len(rows) == plain(value), value.key
        assert value.key != "published" or len(rows) == 4


def test_suggestions_are_set_against_the_patrons_of_the_end(app: Flask) -> None:
    for began in (CLOSE, CLOSE, NOW - 10 * DAY):
        a_pledge(a_reader(), started_at=began)
    # Midnight in Kyiv is 21:00 in UTC in summer: the second one is of July already.
    midnight = datetime(2026, 6, 30, 21, tzinfo=UTC)
    for at in (midnight - timedelta(seconds=1), midnight, midnight + 20 * DAY):
        a_proposal(at)
    answer = REPORT.build(asked("2026-07", "2026-07"))
    assert plain(answer.figures[SUGGESTED].values[0]) == 2
    assert answer.figures[SUGGESTED].before == [1]
    assert answer.figures[PER_HUNDRED].values == ["100"]
    assert answer.figures[PER_HUNDRED].before == ["50"]
    assert REPORT.build(asked()).figures[PER_HUNDRED].values == ["100"]


@pytest.mark.parametrize("seed", range(3))
def test_turnout_and_who_votes_again_are_what_a_walk_over_the_rolls_finds(
    app: Flask, seed: int
) -> None:
    chance = random.Random(seed)
    people = [a_reader() for _ in range(12)]
    rolls = []
    for place in range(5):
        roll = {one: chance.random() < 0.6 for one in people if chance.random() < 0.8}
        a_round_held(CLOSE + 20 * place * DAY, roll)
        rolls.append({account.id: voted for account, voted in roll.items()})
    answer = REPORT.build(asked())
    assert answer.figures[TURNOUT].values == [
        Share(sum(sum(roll.values()) for roll in rolls), sum(map(len, rolls)))
    ]
    assert [row[2:4] for row in cells(answer)[0]] == [
        [sum(roll.values()), len(roll)] for roll in rolls
    ]
    times = [
        sum(roll[one.id] for roll in rolls[-3:])
        for one in people
        if all(one.id in roll for roll in rolls[-3:])
    ]
    assert plain(answer.figures[AGAIN].values[0]) == Share(sum(n >= 2 for n in times), len(times))
