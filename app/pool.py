"""Connections to the database: alive without being asked, and some for a single statement."""

import threading
from collections import deque
from typing import Any
from weakref import WeakKeyDictionary

import psycopg
from flask import Flask, current_app
from psycopg.errors import Diagnostic
from sqlalchemy import Engine, event
from sqlalchemy.exc import DisconnectionError


def init_app(app: Flask, engine: Engine) -> None:
    """Watch the engine's connections, and learn where the database is."""
    event.listen(engine, "connect", _hear)
    event.listen(engine, "checkout", _insist_on_life)
    address = engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    app.extensions["database_address"] = address


def at_once() -> psycopg.Cursor:
    """Return the cursor of this thread's own connection; each of its statements commits itself.

    For what is done often and by one statement: there is no transaction to begin and to end, no
    pool to ask, and no cursor to equip, which takes as long as to hand over a small statement. The
    next statement of the thread forgets the rows of the one before. Raises
    `psycopg.OperationalError` while the database cannot be reached.
    """
    address: str = current_app.extensions["database_address"]
    kept = _own.cursors.get(address)
    if kept is not None and not _has_ended(kept.connection):
        return kept
    if kept is not None:
        kept.connection.close()
    connection = psycopg.connect(address, autocommit=True)
    _hear(connection)
    fresh = _own.cursors[address] = connection.cursor()
    return fresh


def hang_up() -> None:
    """Close this thread's own connections."""
    while _own.cursors:
        _own.cursors.popitem()[1].connection.close()


class _Own(threading.local):
    """What each thread has for itself."""

    def __init__(self) -> None:
        self.cursors: dict[str, psycopg.Cursor] = {}


_own = _Own()


#: How grave what the server said of its own accord on each connection was, the last time.
_said: WeakKeyDictionary[psycopg.Connection, deque[str | None]] = WeakKeyDictionary()


def _hear(connection: psycopg.Connection, _record: Any = None) -> None:
    said = _said[connection] = deque(maxlen=1)

    def note(told: Diagnostic) -> None:
        # It can be read only now: the driver throws it away.
        said.append(told.severity_nonlocalized)

    connection.add_notice_handler(note)


def _insist_on_life(connection: psycopg.Connection, _record: Any, _proxy: Any) -> None:
    """Raise `DisconnectionError` for a connection that has ended; the pool then opens another."""
    if _has_ended(connection):
        raise DisconnectionError("the server closed this connection")


def _has_ended(connection: psycopg.Connection) -> bool:
    """Whether the server has hung up, or said that it will.

    A server that stops or restarts says so and closes: the driver reads what there is, and hears
    it. That costs less than a microsecond where `pool_pre_ping` costs every page an exchange, and
    asks the system for nothing that lets another thread go first, as `poll` does.
    """
    try:
        connection.pgconn.consume_input()
        connection.pgconn.notifies()
    except psycopg.OperationalError:
        return True
    return connection.closed or "FATAL" in _said[connection]
