"""What a database already holds, asked without loading the application."""

from pathlib import Path

import psycopg
from alembic.script import ScriptDirectory
from psycopg import sql

#: A newsroom that has an account is in use; the demo never writes into it.
FIRST_TABLE = "account"


def migrated(database_url: str, migrations: Path) -> bool:
    """Say whether the database stands at the newest migration."""
    with _connection(database_url) as connection:
        if not _has_table(connection, "alembic_version"):
            return False
        rows = connection.execute("SELECT version_num FROM alembic_version").fetchall()
    return {row[0] for row in rows} == set(ScriptDirectory(str(migrations)).get_heads())


def empty(database_url: str) -> bool:
    """Say whether no account was ever made in this database."""
    with _connection(database_url) as connection:
        if not _has_table(connection, FIRST_TABLE):
            return True
        rows = sql.SQL("SELECT 1 FROM {} LIMIT 1").format(sql.Identifier(FIRST_TABLE))
        return connection.execute(rows).fetchone() is None


def _has_table(connection: psycopg.Connection, name: str) -> bool:
    found = connection.execute("SELECT to_regclass(%s)", (name,)).fetchone()
    return found is not None and found[0] is not None


def _connection(database_url: str) -> psycopg.Connection:
    return psycopg.connect(database_url.replace("postgresql+psycopg://", "postgresql://", 1))
