"""Letters by month and kind: each that was owed is in exactly one state."""

import random
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import delete

from app.accounts.models import Account
from app.desk import letter_words
from app.extensions import db
from app.letters.models import Letter
from app.localisation import format_month
from app.owed import MAX_ATTEMPTS
from app.reports import months
from app.reports.figures.letters import REPORT
from app.reports.rollups.tables import RollupStale
from tests.builders import a_reader
from tests.reports.lives import NOW, asked, cells, opened, plain

#: What of a letter says how far it has come: sent_at, due_at, attempts.
STATES = {
    "sent": (NOW, None, 1),
    "waiting": (None, NOW, 2),
    "given_up": (None, NOW, MAX_ATTEMPTS),
    "undue": (None, None, 1),
}
LATE, GIVEN_UP, WAITING, OWED = range(4)


def a_letter(to: Account, kind: str, at: datetime, state: str) -> Letter:
    """A letter that became owed at a moment and has come so far."""
    sent_at, due_at, attempts = STATES[state]
    letter = Letter(
        kind=kind,
        matter=f"{at.isoformat()}:{random.random()}",
        account_id=to.id,
        created_at=at,
        sent_at=sent_at,
        due_at=due_at,
        attempts=attempts,
    )
    db.session.add(letter)
    db.session.commit()
    return letter


def test_receipts_owed_for_more_than_an_hour_are_red(app: Flask) -> None:
    reader = a_reader()
    a_letter(reader, "receipt", NOW - timedelta(hours=1), "waiting")
    a_letter(reader, "refund", NOW - timedelta(days=3), "waiting")
    answer = REPORT.build(asked())
    assert plain(answer.figures[LATE].values[0]) == 0
    assert not answer.alarm
    a_letter(reader, "receipt", NOW - timedelta(hours=1, seconds=1), "waiting")
    a_letter(reader, "receipt", NOW - timedelta(days=900), "given_up")
    answer = REPORT.build(asked())
    assert plain(answer.figures[LATE].values[0]) == 2
    assert answer.alarm
    assert plain(answer.figures[GIVEN_UP].values[0]) == 1
    assert plain(answer.figures[WAITING].values[0]) == 3
    assert plain(answer.figures[OWED].values[0]) == 3
    for value, rows in opened(REPORT, asked(), answer):
        assert len(rows) == value.value, value.key


def test_what_becomes_owed_while_the_report_is_read_is_not_taken_from_it(app: Flask) -> None:
    reader, of = a_reader(), asked()
    a_letter(reader, "receipt", NOW - timedelta(hours=3), "sent")
    assert plain(REPORT.build(of).figures[OWED].values[0]) == 1
    # It stands among the raw rows, and what is kept of the day has not got it.
    a_letter(reader, "receipt", NOW + timedelta(seconds=1), "waiting")
    db.session.execute(delete(RollupStale))
    db.session.commit()
    assert plain(REPORT.build(of).figures[OWED].values[0]) == 1


@pytest.mark.parametrize("seed", range(3))
def test_every_letter_is_in_the_month_it_became_owed_and_in_one_state(
    app: Flask, seed: int
) -> None:
    chance, reader, of = random.Random(seed), a_reader(), asked()
    kinds = ("receipt", "refund", "sign_in", "yearly_statement")
    expected: Counter[tuple[str, str, str]] = Counter()
    for _ in range(60):
        at = datetime(2025, 12, 20, tzinfo=UTC) + timedelta(minutes=chance.randrange(240 * 1440))
        if chance.random() < 0.2:
            at = months.start_of(months.first_day(at, of.zone), of.zone)
        kind, state = chance.choice(kinds), chance.choice(list(STATES))
        a_letter(reader, kind, at, state)
        if datetime(2025, 12, 31, 22, tzinfo=UTC) <= at < NOW:
            month = format_month(at.astimezone(of.zone))
            expected[letter_words.kind(kind), month, state] += 1
    answer = REPORT.build(of)
    by_month, by_kind = cells(answer)
    assert {
        (row[0], row[1], state): count
        for row in by_kind
        for state, count in zip(STATES, row[3:], strict=True)
        if count
    } == dict(expected)
    for row in by_kind + [[None, *row] for row in by_month]:
        assert row[2] == sum(row[3:])
    for row in by_month:
        assert row[1] == sum(n for (_, month, _), n in expected.items() if month == row[0])
    assert plain(answer.figures[OWED].values[0]) == sum(expected.values())
    for value, rows in opened(REPORT, of, answer):
        assert len(rows) == value.value, value.key
