"""Connections to the database that are known to be alive without asking them."""

import select
from typing import Any

from sqlalchemy import Engine, event
from sqlalchemy.exc import DisconnectionError


def watch(engine: Engine) -> None:
    """Let an engine give out no connection whose server has hung up; it opens another instead."""
    event.listen(engine, "checkout", _insist_on_life)


def _insist_on_life(connection: Any, _record: object, _proxy: object) -> None:
    """Raise `DisconnectionError` for a connection that has ended, which the pool answers to.

    A server that stops or restarts says so and closes, and a connection at rest has nothing else
    to read. Looking costs microseconds where `pool_pre_ping` costs every page an exchange.
    """
    if not connection.closed:
        resting = select.poll()
        resting.register(connection.pgconn.socket, select.POLLIN)
        if not resting.poll(0):
            return
    raise DisconnectionError("the server closed this connection")
