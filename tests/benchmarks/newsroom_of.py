"""A newsroom of any number of people with five years behind it, the same for the same number.

Four in five give by the month; they raise, rest, fail to pay, leave and come back; the ledgers hold
what the services would have entered. A million people, some twelve million gifts, take minutes.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

import psycopg

from tests.benchmarks import newsroom_arrivals as arrivals
from tests.benchmarks import newsroom_later as later
from tests.benchmarks import newsroom_sql as first

#: What each statement fills; the temporary tables it reads are made in between.
STEPS = (
    ("account", first.ACCOUNTS),
    ("account", first.STAFF),
    ("", first.LIVES),
    ("", first.LIVES_AGAIN),
    ("pledge", first.PLEDGES),
    ("", first.GIFTS),
    ("donation", first.DONATIONS),
    ("donation_fee", first.FEES),
    ("receipt", first.RECEIPTS),
    ("receipt_year", first.RECEIPT_YEARS),
    ("failed_payment", later.FAILURES),
    ("pledge_movement", later.MOVEMENTS),
    ("pledge_change", later.CHANGES),
    ("refund", later.REFUNDS),
    ("dispute", later.DISPUTES),
    ("adjustment", later.ADJUSTMENTS),
    ("voting_round", later.ROUNDS),
    ("roll_entry", later.ROLLS),
    ("participation", later.PARTICIPATIONS),
    ("letter", later.LETTERS),
    *arrivals.STEPS,
)
#: Tables whose ids are given here and not counted by the database.
COUNTED = ("account", "donation", "voting_round", "payout")


def fill(link: psycopg.Connection, people: int, *, now: datetime, zone: str) -> dict[str, float]:
    """Fill empty tables; return the seconds of each. `link` commits each statement.

    The rollups are left as they are: whoever calls this rebuilds them.
    """
    took: dict[str, float] = {}
    link.execute("SET session_replication_role = replica")
    link.execute("SET maintenance_work_mem = '1GB'")
    link.execute("SET work_mem = '256MB'")
    link.execute(first.CHANCE)
    for table, statement in STEPS:
        began = time.monotonic()
        # One statement at a time, so that each may be given its values.
        with _bare(link, table):
            for one in statement.split(";"):
                if one.strip():
                    link.execute(one, {"people": people, "now": now, "zone": zone})
        took[table] = took.get(table, 0.0) + time.monotonic() - began
    for table in COUNTED:
        link.execute(
            f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), max(id)) FROM {table}"
        )
    link.execute("DROP TABLE gift, life")
    link.execute("SET session_replication_role = origin")
    link.execute("VACUUM (ANALYZE)")
    return took


@contextmanager
def _bare(link: psycopg.Connection, table: str) -> Iterator[None]:
    """Take a table's indexes away while it is filled, and make them again over all its rows."""
    unique = link.execute(
        "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint"
        " WHERE conrelid = to_regclass(%s) AND contype = 'u'",
        (table,),
    ).fetchall()
    for name, _definition in unique:
        link.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
    others = link.execute(
        "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = %s"
        " AND indexname NOT IN (SELECT conname FROM pg_constraint)",
        (table,),
    ).fetchall()
    for name, _definition in others:
        link.execute(f"DROP INDEX {name}")
    yield
    for name, definition in unique:
        link.execute(f"ALTER TABLE {table} ADD CONSTRAINT {name} {definition}")
    for _name, definition in others:
        link.execute(definition)
