"""What is noted of changes to patrons and rounds, and what must leave no note."""

import pytest
from flask import Flask
from sqlalchemy import select, text

from app.accounts.models import Account
from app.extensions import db
from app.giving.models import Donation
from app.reports.rollups import following, letter_days, people, sources
from app.reports.rollups.round_tables import Turnout
from app.reports.rollups.tables import RollupStale
from app.voting.models import Participation, RoundStatus
from tests.builders import a_pledge, a_reader
from tests.giving.gifts import a_gift
from tests.reports.copies import copies
from tests.reports.lives import DAY, NOW
from tests.reports.rolls import a_round_held
from tests.reports.stories import FIRST

ROLLUPS = [people.ROLLUP, letter_days.ROLLUP]


@pytest.fixture(autouse=True)
def in_the_newsroom(app: Flask) -> None:
    """Every test has a database."""


def _notes() -> list[tuple[str, int]]:
    found = db.session.execute(select(RollupStale.rollup, RollupStale.key).order_by(RollupStale.id))
    return [(rollup, key) for rollup, key in found if rollup in ("people", "letter_day")]


def test_a_renewal_leaves_nothing_to_do() -> None:
    pledge = a_pledge(a_reader(), started_at=FIRST)
    assert _notes() == [("people", pledge.account_id)]
    assert following.follow(ROLLUPS)
    pledge.paid_until, pledge.next_payment_at = NOW + 30 * DAY, NOW + 30 * DAY
    pledge.seen_at = NOW
    db.session.commit()
    assert _notes() == []
    pledge.status = "paused"
    db.session.commit()
    assert _notes() == [("people", pledge.account_id)]


def test_whoever_casts_leaves_no_note_of_it_while_a_round_runs() -> None:
    reader = a_reader()
    held = a_round_held(NOW - DAY, {reader: False}, status=RoundStatus.OPEN)
    assert following.follow(ROLLUPS)
    db.session.add(Participation(round_id=held.id, account_id=reader.id, first_cast_on=NOW.date()))
    db.session.commit()
    assert _notes() == []
    held.status = RoundStatus.TALLIED
    db.session.commit()
    assert _notes() == [("people", -held.id)]
    assert following.follow(ROLLUPS)
    kept = sources.read(Turnout)
    assert db.session.scalars(select(kept.c.round_id)).all() == [held.id]


def _a_fee_becomes_known(donation_id: int) -> None:
    db.session.execute(
        text(
            "INSERT INTO donation_fee (donation_id, fee_minor, net_minor, currency,"
            " stripe_balance_transaction_id, entered_at)"
            " VALUES (:id, 20, 480, 'EUR', 'txn_' || :id, now())"
        ),
        {"id": donation_id},
    )


def _read_whole() -> int:
    """How many rows were read of late by going through a table from its beginning."""
    return (
        db.session.scalar(
            text(
                "SELECT sum(seq_tup_read)::int FROM pg_stat_xact_user_tables"
                " WHERE relname IN ('donation', 'touch', 'adjustment')"
            )
        )
        or 0
    )


def test_many_gifts_in_one_transaction_do_not_read_all_gifts_for_each_of_them() -> None:
    # The triggers keep the plans that they make while the database knows of tables without rows.
    db.session.execute(text("ANALYZE donation, donation_fee, touch, adjustment"))
    db.session.commit()
    gift, _fact = a_gift()
    copies(Account, gift.account_id, 1, 1_000)
    copies(Donation, gift.id, 1, 10)
    for number in range(1, 11):
        _a_fee_becomes_known(1_000 + number)
    copies(Donation, gift.id, 11, 1_000)
    before = _read_whole()
    for number in range(11, 41):
        _a_fee_becomes_known(1_000 + number)
    assert _read_whole() - before < 1_000
