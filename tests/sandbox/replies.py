"""Answers kept under their idempotency keys, for whoever asks the same again."""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass

from tests.sandbox.errors import Refusal
from tests.sandbox.journal import Journal


@dataclass(frozen=True, slots=True)
class Reply:
    """A finished answer, kept for whoever asks again with the same key."""

    fingerprint: str
    status: int
    body: str


class Replies:
    """Answers by idempotency key, and the keys whose first request is still being answered."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._kept: dict[str, Reply] = {}
        self._busy: set[str] = set()
        self._guard = threading.Lock()
        for key, _, body in journal.rows("reply"):
            fingerprint, status, text = json.loads(body)
            self._kept[key] = Reply(fingerprint, status, text)

    def begin(self, key: str, fingerprint: str) -> Reply | None:
        """Give the kept answer, or take the key in hand; refuse a changed or busy one."""
        with self._guard:
            kept = self._kept.get(key)
            if kept is not None and kept.fingerprint != fingerprint:
                raise Refusal(
                    400,
                    "idempotency_error",
                    "Keys for idempotent requests can only be used with the same parameters they "
                    f"were first used with. Try using a key other than '{key}' if you meant to "
                    "execute a different request.",
                )
            if kept is None and key in self._busy:
                raise Refusal(
                    409,
                    "invalid_request_error",
                    "There is currently another in-progress request using this Idempotent Key.",
                    code="idempotency_key_in_use",
                )
            if kept is None:
                self._busy.add(key)
            return kept

    def end(self, key: str, reply: Reply | None) -> None:
        """Let go of a key; keep the answer unless the request never began to be carried out."""
        with self._guard:
            self._busy.discard(key)
            if reply is not None:
                self._kept[key] = reply
                body = json.dumps([reply.fingerprint, reply.status, reply.body]).encode()
                self._journal.put("reply", key, 0, body)

    def clear(self) -> None:
        """Forget every answer."""
        with self._guard:
            self._kept.clear()
