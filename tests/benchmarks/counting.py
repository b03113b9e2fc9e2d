"""A round closed and counted, against the database's own sums and a plain export of its ballots.

`python -m tests.benchmarks.counting count ROUND` counts one round in a process of its own and
prints the seconds it took and the megabytes it held at most.
"""

import os
import statistics
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

import psycopg

from app import create_app
from app.clock import utcnow
from app.extensions import db
from app.voting import results, rounds
from app.voting.rounds import RoundDraft, TopicDraft
from config.local import demo
from config.local.postgres import Postgres
from tests.benchmarks.figures import Figure
from tests.benchmarks.house import connection, product
from tests.processes import Newsroom

#: The whole of closing and counting, as a multiple of what the database needs by itself.
CEILING = 1.3
BALLOTS = 1_000_000
MANY = 10_000_000
TOPICS = 12
RUNS = 7
#: For the many: seconds, and megabytes of the worker.
SECONDS, MEGABYTES = 60.0, 300.0

#: One to five ticks, the first topics more often than the last.
BALLOT = """
INSERT INTO ballot (round_id, ballot_key, choices, version, receipt)
SELECT %(id)s, sha256(int8send(i)),
  ARRAY(SELECT DISTINCT (1 + floor(%(topics)s * random() * random()))::smallint
        FROM generate_series(1, 1 + i %% 5) WHERE i = i ORDER BY 1),
  1, upper(translate(substr(encode(sha256(int8send(-i)), 'hex'), 1, 26), '0189', 'WXYZ'))
FROM generate_series(1, %(count)s) i
"""


def measure(postgres: Postgres, *, ballots: int = BALLOTS, many: int = MANY) -> list[Figure]:
    """Count both ways in turns; the round's roll is frozen before, and told by itself."""
    with product(postgres) as room, connection(room) as link:
        round_id = _fill(room, link, "one", ballots)
        roll, _ = _count(room, round_id)
        plain, ours = [], []
        for _ in range(RUNS):
            plain.append(_plainly(link, round_id))
            _again(link, round_id)
            ours.append(_count(room, round_id)[0])
        figures = [_ratio(ballots, plain, ours), _roll(ballots, roll - statistics.median(ours))]
        if many:
            link.execute("TRUNCATE ballot, participation")
            figures += _many(_count(room, _fill(room, link, "many", many)), many)
        return figures


def _ratio(ballots: int, plain: list[float], ours: list[float]) -> Figure:
    raw, whole = statistics.median(plain), statistics.median(ours)
    return Figure(
        f"Close, seal, count and publish {ballots:,} ballots of {TOPICS} topics",
        f"{whole:.1f} s",
        f"GROUP BY and an export in order: {raw:.1f} s",
        whole / raw,
        CEILING,
        at_most=True,
    )


def _roll(people: int, seconds: float) -> Figure:
    return Figure(f"Freezing the roll of {people:,} who voted, in seconds", "", "", seconds)


def _many(counted: tuple[float, float], ballots: int) -> list[Figure]:
    name = f"The same for {ballots:,} ballots"
    return [
        Figure(f"{name}, in seconds", "", "", counted[0], SECONDS, at_most=True),
        Figure(f"{name}, in megabytes of the worker", "", "", counted[1], MEGABYTES, at_most=True),
    ]


def _fill(room: Newsroom, link: psycopg.Connection, slug: str, count: int) -> int:
    """A round that has just closed, with as many ballots and as many people who voted."""
    round_id = int(_ours(room, "open", slug))
    link.execute(
        "INSERT INTO account (email, name, locale, listed, session_version)"
        " SELECT %s || i || '@example.org', '', 'en', false, 1 FROM generate_series(1, %s) i",
        (slug, min(count, BALLOTS)),
    )
    # Of ten million the accounts are not needed: whether they exist is not looked up here.
    link.execute("SET session_replication_role = replica")
    link.execute(BALLOT, {"id": round_id, "topics": TOPICS, "count": count})
    link.execute(
        "INSERT INTO participation (round_id, account_id, first_cast_on)"
        " SELECT %s, i, current_date FROM generate_series(1, %s) i",
        (round_id, count),
    )
    link.execute("SET session_replication_role = origin")
    link.execute("VACUUM ANALYZE")
    link.execute("UPDATE voting_round SET closes_at = clock_timestamp() WHERE id = %s", (round_id,))
    return round_id


def _plainly(link: psycopg.Connection, round_id: int) -> float:
    """The seconds of what the database does by itself: sums, and the list read to its end."""
    began = time.perf_counter()
    link.execute(
        "SELECT choices, count(*) FROM ballot WHERE round_id = %s AND void_reason IS NULL"
        " GROUP BY choices",
        (round_id,),
    ).fetchall()
    with (
        Path(os.devnull).open("wb") as nowhere,
        link.cursor() as cursor,
        cursor.copy(
            "COPY (SELECT receipt || ',' || array_to_string(choices, ' ') FROM ballot"
            " WHERE round_id = %s AND void_reason IS NULL ORDER BY receipt) TO STDOUT",
            (round_id,),
        ) as lines,
    ):
        for line in lines:
            nowhere.write(line)
    return time.perf_counter() - began


def _again(link: psycopg.Connection, round_id: int) -> None:
    """Take the count away, as nothing but a benchmark may."""
    link.execute("SET session_replication_role = replica")
    link.execute("TRUNCATE publication, tally CASCADE")
    link.execute("UPDATE voting_round SET status = 'open' WHERE id = %s", (round_id,))
    link.execute("SET session_replication_role = origin")


def _count(room: Newsroom, round_id: int) -> tuple[float, float]:
    """Count in a process of its own; return its seconds and the most megabytes it held."""
    seconds, megabytes = _ours(room, "count", str(round_id)).split()
    return float(seconds), float(megabytes)


def _ours(room: Newsroom, *asked: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks.counting", *asked],
        env=room.env | {"LOG_LEVEL": "ERROR"},
        cwd=demo.ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.splitlines()[-1]


def main(act: str, what: str) -> None:
    """Open a round of the demo's newsroom, or count one."""
    with create_app().app_context():
        if act == "open":
            topics = tuple(TopicDraft(f"Topic {number}") for number in range(1, TOPICS + 1))
            now = utcnow()
            closes_at = now + timedelta(days=1)
            draft = RoundDraft(title=what, topics=topics, closes_at=closes_at, seats=3)
            print(rounds.open_(rounds.make(draft, now=now).id, now=now, tell=False).id)
            return
        began = time.perf_counter()
        results.close_and_tally(int(what), now=utcnow(), tell=False)
        seconds = time.perf_counter() - began
        db.session.remove()
    peak = next(
        line.split()[1]
        for line in Path("/proc/self/status").read_text().splitlines()
        if line.startswith("VmHWM")
    )
    print(seconds, int(peak) / 1000)


if __name__ == "__main__":
    main(*sys.argv[1:])
