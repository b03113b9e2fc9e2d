"""What survives a restart: everything kept is also written to a small SQLite file.

Writing happens in the background a few times a second, so that a kill costs at most
half a second of play money. Without a directory nothing is written.
"""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

_PAUSE = 0.3
_TABLE = """
create table if not exists kept (
    place text not null, id text not null, serial integer not null, body blob not null,
    primary key (place, id))
"""
_PUT = "insert or replace into kept (place, id, serial, body) values (?, ?, ?, ?)"


class Journal:
    """Rows of (place, id, serial, body); the newest body of an id is the one that counts."""

    def __init__(self, directory: Path | None) -> None:
        self._pending: dict[tuple[str, str], tuple[int, bytes] | None] = {}
        self._guard = threading.Lock()
        self._writing = threading.Lock()
        self._closing = threading.Event()
        self._db: sqlite3.Connection | None = None
        self._facts: dict[str, Any] = {}
        if directory is not None:
            directory.mkdir(parents=True, exist_ok=True)
            self._db = sqlite3.connect(directory / "sandbox.sqlite", check_same_thread=False)
            self._db.execute("pragma journal_mode = wal")
            self._db.execute("pragma synchronous = normal")
            self._db.execute(_TABLE)
            self._facts = {id_: json.loads(body) for id_, _, body in self.rows("fact")}
            threading.Thread(target=self._run, name="journal", daemon=True).start()

    def rows(self, place: str) -> Iterator[tuple[str, int, bytes]]:
        """Yield (id, serial, body) of a place as last written, oldest serial first."""
        if self._db is not None:
            query = "select id, serial, body from kept where place = ? order by serial"
            yield from self._db.execute(query, (place,)).fetchall()

    def put(self, place: str, id_: str, serial: int, body: bytes) -> None:
        """Keep a body under an id; written soon."""
        if self._db is not None:
            with self._guard:
                self._pending[place, id_] = (serial, body)

    def drop(self, place: str, id_: str) -> None:
        """Forget an id."""
        if self._db is not None:
            with self._guard:
                self._pending[place, id_] = None

    def fact(self, name: str, default: Any) -> Any:
        """Give a single remembered value."""
        return self._facts.get(name, default)

    def keep_fact(self, name: str, value: Any) -> None:
        """Remember a single value."""
        self._facts[name] = value
        if self._db is None:
            return
        self.put("fact", name, 0, json.dumps(value).encode())

    def clear(self) -> None:
        """Forget everything but the facts."""
        with self._writing, self._guard:
            self._pending.clear()
            if self._db is not None:
                self._db.execute("delete from kept where place != 'fact'")
                self._db.commit()

    def flush(self) -> None:
        """Write what is waiting, now."""
        with self._writing:
            with self._guard:
                pending, self._pending = self._pending, {}
            if self._db is None or not pending:
                return
            gone = [key for key, row in pending.items() if row is None]
            kept = [(*key, *row) for key, row in pending.items() if row is not None]
            self._db.executemany("delete from kept where place = ? and id = ?", gone)
            self._db.executemany(_PUT, kept)
            self._db.commit()

    def close(self) -> None:
        """Write what is waiting and let the file go."""
        self._closing.set()
        self.flush()
        with self._writing:
            if self._db is not None:
                self._db.close()
                self._db = None

    def _run(self) -> None:
        while not self._closing.wait(_PAUSE):
            self.flush()
