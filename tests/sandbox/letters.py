"""Letters the product sent: the newest of them, kept to be read."""

from __future__ import annotations

import re
import threading
import time
from collections import OrderedDict
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage

from tests.sandbox.journal import Journal


@dataclass(slots=True)
class Letter:
    """One letter as it came, with the addresses it was handed over for."""

    id: int
    at: float
    sender: str
    to: tuple[str, ...]
    raw: bytes

    def parsed(self) -> EmailMessage:
        """Read the letter's parts and headers."""
        return message_from_bytes(self.raw, policy=policy.default)

    @property
    def subject(self) -> str:
        """Give the subject without reading the rest."""
        head = re.split(rb"\r?\n\r?\n", self.raw, maxsplit=1)[0]
        message = message_from_bytes(head, policy=policy.default)
        return str(message.get("Subject", ""))


class Mailbox:
    """The newest letters; refuses as many as it is told to."""

    def __init__(self, journal: Journal, *, keep: int) -> None:
        self._journal, self._keep = journal, keep
        self._letters: OrderedDict[int, Letter] = OrderedDict()
        self._guard = threading.Condition()
        self._last = 0
        #: How many letters were ever taken in, also those no longer kept.
        self.taken = 0
        #: How many of the next letters get a 451.
        self.failures = 0
        #: Seconds a letter waits before it is kept, and then before the sender is told.
        self.slowness = (0.0, 0.0)
        #: How many letters have come whole whose senders wait for an answer.
        self.in_hand = 0
        for id_, serial, body in journal.rows("letter"):
            at, sender, to, raw = body.split(b"\n", 3)
            recipients = tuple(to.decode().split())
            letter = Letter(int(id_), float(at), sender.decode(), recipients, raw)
            self._letters[letter.id] = letter
            self._last = serial

    def take(self, sender: str, to: list[str], raw: bytes) -> bool:
        """Keep a letter, as slowly as told to; False when it is to be refused for now."""
        before, after = self.slowness
        with self._guard:
            self.in_hand += 1
        try:
            time.sleep(before)
            taken = self._keep_one(sender, to, raw)
            time.sleep(after)
        finally:
            with self._guard:
                self.in_hand -= 1
        return taken

    def _keep_one(self, sender: str, to: list[str], raw: bytes) -> bool:
        with self._guard:
            if self.failures > 0:
                self.failures -= 1
                return False
            self._last += 1
            self.taken += 1
            letter = Letter(self._last, time.time(), sender, tuple(to), raw)
            self._letters[letter.id] = letter
            if len(self._letters) > self._keep:
                oldest, _ = self._letters.popitem(last=False)
                self._journal.drop("letter", str(oldest))
            self._guard.notify_all()
        head = f"{letter.at}\n{sender}\n{' '.join(to)}\n".encode()
        self._journal.put("letter", str(letter.id), letter.id, head + raw)
        return True

    def newest(self, *, to: str | None = None, limit: int = 200) -> list[Letter]:
        """Give the newest letters first, all or those to one address."""
        with self._guard:
            letters = list(reversed(self._letters.values()))
        if to is not None:
            letters = [one for one in letters if to.lower() in (a.lower() for a in one.to)]
        return letters[:limit]

    def get(self, id_: int) -> Letter | None:
        """Give one letter."""
        with self._guard:
            return self._letters.get(id_)

    def clear(self) -> None:
        """Throw all letters away."""
        with self._guard:
            for id_ in self._letters:
                self._journal.drop("letter", str(id_))
            self._letters.clear()

    def __len__(self) -> int:
        return len(self._letters)
