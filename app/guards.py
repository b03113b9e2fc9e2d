"""The one way past the database's guard over logs whose entries end with their time.

It is for consents and for what staff did, and lets entries be removed, never changed. The guard is
against mistakes and not against whoever holds the database.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import text

from app.extensions import db


@contextmanager
def lifted() -> Iterator[None]:
    """Let entries of those logs be removed in this transaction, until the block ends."""
    db.session.execute(text("SELECT set_config('hromada.forgetting', 'on', true)"))
    yield
    db.session.flush()
    db.session.execute(text("SELECT set_config('hromada.forgetting', '', true)"))
