"""Connections to the database: alive without being asked, and some for a single statement."""

import threading
from typing import Any

import psycopg
from flask import Flask, current_app
from sqlalchemy import Engine, event
from sqlalchemy.exc import DisconnectionError


def init_app(app: Flask, engine: Engine) -> None:
    """Watch the engine's connections, and learn where the database is."""
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
    fresh = _own.cursors[address] = psycopg.connect(address, autocommit=True).cursor()
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


def _insist_on_life(connection: psycopg.Connection, _record: Any, _proxy: Any) -> None:
    """Raise `DisconnectionError` for a connection that has ended; the pool then opens another."""
    if _has_ended(connection):
        raise DisconnectionError("the server closed this connection")


def _has_ended(connection: psycopg.Connection) -> bool:
    """Whether the server has hung up.

    A server that stops or restarts says so and closes: what it said is read first, then that it is
    gone. At rest there is nothing else to read. Looking so costs less than a microsecond where
    `pool_pre_ping` costs every page an exchange, and `poll` lets another thread go first.
    """
    try:
        connection.pgconn.consume_input()
        connection.pgconn.consume_input()
    except psycopg.OperationalError:
        return True
    return connection.closed
