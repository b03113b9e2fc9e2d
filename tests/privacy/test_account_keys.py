"""What holds an account is found by an index: where one goes, no long table is read whole."""

from flask import Flask
from sqlalchemy import text

from app.extensions import db

#: Tables in which a row is something that staff did by hand, a few a week: however long a newsroom
#: lives, to read one whole costs next to nothing.
SMALL = {
    "approval",
    "comparison",
    "correction_answer",
    "correction_note_version",
    "editorial_pick",
    "own_rate",
    "promise_update",
    "recount",
    "reprint_permission",
    "round_correction",
    "round_extension",
    "round_template",
    "shield_log",
    "statement_import",
    "story",
    "voting_round",
}

# An index serves where the column is the first in it, and where it holds every row that holds an
# account: one that holds none need not be in it.
UNSERVED = """
SELECT held.conrelid::regclass::text, attribute.attname
FROM pg_constraint AS held
JOIN pg_attribute AS attribute
  ON attribute.attrelid = held.conrelid AND attribute.attnum = held.conkey[1]
WHERE held.contype = 'f' AND held.confrelid = 'account'::regclass
  AND NOT EXISTS (
    SELECT FROM pg_index AS found
    WHERE found.indrelid = held.conrelid AND found.indisvalid AND found.indkey[0] = held.conkey[1]
      AND (found.indpred IS NULL
           OR pg_get_expr(found.indpred, found.indrelid)
              = format('(%I IS NOT NULL)', attribute.attname)))
ORDER BY 1, 2
"""


def unserved() -> list[tuple[str, str]]:
    """Every (table, column) that holds an account and has no index to find it by."""
    return [(row[0], row[1]) for row in db.session.execute(text(UNSERVED))]


def test_every_key_that_holds_an_account_has_an_index_or_stands_in_a_small_table(
    app: Flask,
) -> None:
    assert [key for key in unserved() if key[0] not in SMALL] == []
    assert SMALL - {table for table, _column in unserved()} == set(), "these need no excuse"


def test_a_new_key_without_an_index_is_found_and_a_partial_one_only_counts_if_it_is_whole(
    app: Flask,
) -> None:
    db.session.execute(text("CREATE TABLE notice (by_id bigint REFERENCES account (id), at date)"))
    assert ("notice", "by_id") in unserved()
    db.session.execute(text("CREATE INDEX ON notice (by_id) WHERE at IS NOT NULL"))
    assert ("notice", "by_id") in unserved()
    db.session.execute(text("CREATE INDEX ON notice (by_id) WHERE by_id IS NOT NULL"))
    assert ("notice", "by_id") not in unserved()
    db.session.rollback()
