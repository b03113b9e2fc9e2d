"""Alembic's entry: migrate the database of the running application."""

from alembic import context
from flask import current_app
from sqlalchemy import Connection

from app.extensions import db

#: Two deployments of one release may migrate at once; the second waits here.
LOCK = 4_707_665_001


def run(connection: Connection) -> None:
    """Bring the database to the wanted revision in one transaction."""
    context.configure(
        connection=connection,
        target_metadata=db.metadata,
        **current_app.extensions["migrate"].configure_args,
    )
    with context.begin_transaction():
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({LOCK})")
        context.run_migrations()


with db.engine.connect() as connection:
    run(connection)
