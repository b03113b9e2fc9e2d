"""Triggers that note, in the transaction of a change, which parts of rollups it makes out of date.

Only for migrations: once a revision that uses it is released, what it does may not change.
"""

from collections.abc import Iterable

from alembic import op

EVENTS = ("insert", "update", "delete")


def quarters() -> None:
    """Make the function that turns a moment into the key of a day: a quarter of an hour."""
    op.execute(
        "CREATE FUNCTION quarter_of(timestamptz) RETURNS bigint"
        " LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN floor(extract(epoch FROM $1) / 900)::bigint"
    )


def watch(table: str, columns: str, **keys: str) -> None:
    """Note what changes of a table make out of date; one call for each table and set of rollups.

    `keys` selects for each rollup the keys that go out of date with `changed`: rows of the table's
    `columns` that were added or taken away, and of an update that changes one of them the values
    before and after.
    """
    new, old = (f"SELECT {columns} FROM {which}_rows" for which in ("new", "old"))  # noqa: S608
    both = f"({new} EXCEPT {old}) UNION ALL ({old} EXCEPT {new})"
    changed = {"insert": new, "update": both, "delete": old}
    given = {
        "insert": "NEW TABLE AS new_rows",
        "update": "OLD TABLE AS old_rows NEW TABLE AS new_rows",
        "delete": "OLD TABLE AS old_rows",
    }
    for event in EVENTS:
        name = _name(table, event, keys)
        notes = "".join(
            f"WITH changed AS ({changed[event]}) INSERT INTO rollup_stale (rollup, key)"  # noqa: S608
            f" SELECT DISTINCT '{rollup}', key FROM ({wanted}) AS found (key)"
            " WHERE key IS NOT NULL;\n"
            for rollup, wanted in keys.items()
        )
        op.execute(
            f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$\n"
            f"BEGIN\n{notes}RETURN NULL;\nEND $$"
        )
        op.execute(
            f"CREATE TRIGGER {name} AFTER {event} ON {table} REFERENCING {given[event]}"
            f" FOR EACH STATEMENT EXECUTE FUNCTION {name}()"
        )


def lead_by_indexes(*, by: bool = True) -> None:
    """Let all that `watch` made go from the changed rows to what they touch, by indexes alone.

    A trigger keeps the plan that it made when it first ran, which may be that of empty tables:
    read whole for each changed row, they make a long transaction take the square of its time.
    """
    settings = ("enable_seqscan", "enable_hashjoin", "enable_mergejoin")
    wanted = "".join(f" SET {one} TO off" for one in settings) + " SET join_collapse_limit TO 1"
    done = f"EXECUTE 'ALTER FUNCTION ' || each || '{wanted if by else ' RESET ALL'}'"
    op.execute(
        "DO $$ DECLARE each regprocedure; BEGIN"  # noqa: S608
        " FOR each IN SELECT oid FROM pg_proc WHERE proname LIKE 'rollups\\_%'"
        f" LOOP {done}; END LOOP; END $$"
    )


def unwatch(table: str, *rollups: str) -> None:
    """Take away what one `watch` made."""
    for event in EVENTS:
        name = _name(table, event, rollups)
        op.execute(f"DROP TRIGGER {name} ON {table}")
        op.execute(f"DROP FUNCTION {name}()")


def _name(table: str, event: str, rollups: Iterable[str]) -> str:
    named = "_".join(sorted(rollups))
    # No name is longer in PostgreSQL.
    return f"rollups_{event}_{table}_{named}"[:63]


def all_days(rollup: str, *moments: str) -> None:
    """Call every day out of date that rows there are lie in; `moments` are table.column."""
    ends = " UNION ALL ".join(
        f"SELECT min({one}), max({one}) FROM {one.partition('.')[0]}"  # noqa: S608
        for one in moments
    )
    # No day is so short that none of these moments lies in it.
    op.execute(
        f"INSERT INTO rollup_stale (rollup, key) SELECT '{rollup}', quarter_of(moment)"  # noqa: S608
        f" FROM (SELECT min(first), max(last) FROM ({ends}) AS ends (first, last))"
        " AS edge (since, until), generate_series(since, until + interval '1 day',"
        " interval '12 hours') AS moment"
    )


def all_keys(rollup: str, keys: str) -> None:
    """Call out of date the keys that a statement selects."""
    op.execute(
        f"INSERT INTO rollup_stale (rollup, key) SELECT '{rollup}', key"  # noqa: S608
        f" FROM ({keys}) AS found (key)"
    )
