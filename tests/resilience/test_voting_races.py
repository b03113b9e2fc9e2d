"""Many vote at the closing instant, in two windows, while workers are killed: nothing is lost."""

import random
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import requests

from app.voting.models import Round
from config.local import demo
from config.local.postgres import Postgres
from config.local.services import scratch_home
from tests.processes import Newsroom
from tests.resilience.electorate import Electorate

VOTERS = 200
TWICE = 50
DEATHS = 10
#: Seconds before and after the close in which ballots are sent.
AROUND = 1.5


@pytest.fixture(scope="module")
def newsroom(postgres: Postgres) -> Iterator[Newsroom]:
    """A newsroom with four web workers."""
    with (
        scratch_home() as home,
        Newsroom(postgres, home, WEB_WORKERS="4", LEASE_SECONDS="2") as running,
    ):
        yield running


@pytest.fixture(scope="module")
def electorate(newsroom: Newsroom) -> Iterator[Electorate]:
    """The patrons of this newsroom."""
    made = Electorate(newsroom)
    yield made
    made.close()


def at_once(acts: Sequence[Callable[[], requests.Response]]) -> list[requests.Response]:
    """Do many things in the same moment."""
    gate = threading.Barrier(len(acts))

    def act(one: Callable[[], requests.Response]) -> requests.Response:
        gate.wait()
        return one()

    with ThreadPoolExecutor(len(acts)) as crowd:
        return list(crowd.map(act, acts))


def result_letters(newsroom: Newsroom, round_: Round) -> list[int]:
    """To whom the result is owed or was sent, once for each letter."""
    rows = newsroom.query(
        "SELECT account_id FROM letter WHERE kind = 'round_result' AND matter LIKE %s"
        " ORDER BY account_id",
        f"{round_.id}:%",
    )
    return [account for (account,) in rows]


def test_what_was_acknowledged_around_the_close_is_counted_and_who_was_refused_was_told(
    newsroom: Newsroom, electorate: Electorate
) -> None:
    round_ = electorate.round()
    people = electorate.patrons(VOTERS)
    with ThreadPoolExecutor(8) as readers:
        windows = list(readers.map(lambda one: electorate.window(one[1], round_), people))
    chance = random.Random(20261123)
    waits = [chance.uniform(0, 2 * AROUND) for _ in people]
    newsroom.query(
        "UPDATE voting_round SET closes_at = moment, due_at = moment"
        " FROM (SELECT clock_timestamp() + %s AS moment) m WHERE id = %s",
        timedelta(seconds=AROUND),
        round_.id,
    )
    began = time.monotonic()

    def vote(place: int) -> requests.Response:
        # Ballots are to arrive on both sides of the close: the moment is what is tested.
        time.sleep(max(0.0, began + waits[place] - time.monotonic()))
        return windows[place].cast([1 + place % 4])

    with ThreadPoolExecutor(VOTERS) as crowd:
        answers = list(crowd.map(vote, range(VOTERS)))
    statuses = Counter(answer.status_code for answer in answers)
    print(f"\nacknowledged {statuses[303]}, refused {statuses[409]}")
    assert set(statuses) == {303, 409}
    assert min(statuses.values()) > VOTERS / 20, "too few on one side to prove anything"
    assert all("was not accepted" in one.text for one in answers if one.status_code == 409)
    newsroom.wait_until(
        lambda: newsroom.query("SELECT 1 FROM publication WHERE round_id = %s", round_.id),
        60,
        "the result is published",
    )
    acknowledged = {
        who.id for (who, _), a in zip(people, answers, strict=True) if a.status_code == 303
    }
    ((ballots, approvals),) = newsroom.query(
        "SELECT (result->>'ballots')::int, result->'approvals' FROM tally WHERE round_id = %s",
        round_.id,
    )
    expected = Counter(
        str(1 + place % 4) for place, answer in enumerate(answers) if answer.status_code == 303
    )
    assert (ballots, approvals) == (len(acknowledged), dict(expected))
    took_part = newsroom.query(
        "SELECT account_id FROM participation WHERE round_id = %s", round_.id
    )
    assert {account for (account,) in took_part} == acknowledged
    assert result_letters(newsroom, round_) == sorted(acknowledged)


def test_of_two_windows_one_is_accepted_and_the_other_told(
    newsroom: Newsroom, electorate: Electorate
) -> None:
    round_ = electorate.round()
    people = electorate.patrons(TWICE)
    pairs = [(electorate.window(web, round_), electorate.window(web, round_)) for _, web in people]
    for (who, _), (one, other) in zip(people, pairs, strict=True):
        first, second = at_once([lambda w=one: w.cast([1, 2]), lambda w=other: w.cast([3])])  # type: ignore[misc]
        assert sorted((first.status_code, second.status_code)) == [303, 409]
        told = first if first.status_code == 409 else second
        assert "another window" in told.text
        held = electorate.held(round_, who)
        assert held == ((3,) if told is first else (1, 2))
    counts = newsroom.query(
        "SELECT (SELECT count(*) FROM ballot WHERE round_id = r.id),"
        " (SELECT count(*) FROM participation WHERE round_id = r.id)"
        " FROM voting_round r WHERE r.id = %s",
        round_.id,
    )
    assert counts == [(TWICE, TWICE)]


def test_a_tally_killed_at_ten_lines_and_run_three_times_at_once_is_one_tally(
    newsroom: Newsroom, electorate: Electorate
) -> None:
    # The newsroom's own workers would count the rounds before they can be killed.
    for name in ("worker", "beat"):
        newsroom.stop(name)
    people = electorate.patrons(3)
    opened = [electorate.round() for _ in range(DEATHS + 1)]
    for round_ in opened:
        for place, (_, web) in enumerate(people):
            assert electorate.window(web, round_).cast([1, 2 + place]).status_code == 303
    newsroom.query(
        "UPDATE voting_round SET closes_at = clock_timestamp() WHERE id = ANY(%s)",
        [round_.id for round_ in opened],
    )
    done = subprocess.run(
        [sys.executable, "-m", "tests.resilience.dying", *(str(one.id) for one in opened)],
        env=newsroom.env,
        cwd=demo.ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    died = [line for line in done.stdout.splitlines() if ".py:" in line and "{" not in line]
    print(f"\nkilled at {', '.join(died)}")
    assert len(set(died)) == DEATHS
    everybody = sorted(who.id for who, _ in people)
    for round_ in opened:
        counts = newsroom.query(
            "SELECT (SELECT count(*) FROM tally WHERE round_id = r.id),"
            " (SELECT count(*) FROM publication WHERE round_id = r.id), status"
            " FROM voting_round r WHERE r.id = %s",
            round_.id,
        )
        assert counts == [(1, 1, "published")]
        assert result_letters(newsroom, round_) == everybody


def test_no_log_of_any_process_says_who_cast_what(newsroom: Newsroom) -> None:
    """Runs after the others: by then a few hundred ballots have been cast."""
    logs = "\n".join(path.read_text() for path in (newsroom.home / "log").glob("*.log"))
    assert '"voting.cast"' in logs
    marks = newsroom.query("SELECT receipt, encode(ballot_key, 'hex') FROM ballot")
    assert len(marks) > TWICE
    assert not [code for code, key in marks if code in logs or key in logs]
    cast = [line for line in logs.splitlines() if '"voting.cast"' in line]
    assert not [line for line in cast if "account" in line or "choices" in line or "ip" in line]
