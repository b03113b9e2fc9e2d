"""Failures on demand, so that what survives them can be tested."""

from __future__ import annotations

import random
import re
import threading
from dataclasses import dataclass, field, fields
from fnmatch import fnmatchcase
from typing import Any

from tests.sandbox.errors import invalid

#: "status" (answered with it, nothing done), "hang" (done and answered late), "drop" (the
#: act is done, the answer lost), "before" (the connection is cut and nothing done).
KINDS = ("status", "hang", "drop", "before")


@dataclass(slots=True)
class Fault:
    """One kind of trouble for requests of a method and path."""

    kind: str
    #: A method, or "*" for any.
    method: str = "POST"
    #: The beginning of a path; with * or ? in it a pattern for the whole; after ^ a regular
    #: expression.
    path: str = "/v1/"
    #: How many requests it meets; None for all until it is called off.
    times: int | None = 1
    status: int = 500
    seconds: float = 30.0
    #: What the header Stripe-Should-Retry says; without it the library decides for itself.
    retry: bool | None = None
    code: str | None = None
    #: How likely a fitting request is met, drawn anew for each from the seed.
    probability: float = 1.0
    seed: int = 0
    #: How many requests it has met.
    met: int = 0
    draws: random.Random | None = None
    #: Set when it is called off, which ends the wait of those it has met.
    over: threading.Event = field(default_factory=threading.Event)

    def fits(self, method: str, path: str) -> bool:
        """Tell whether a request is of the kind meant."""
        if self.method not in ("*", method) or (self.times is not None and self.met >= self.times):
            return False
        if self.path.startswith("^"):
            return re.search(self.path, path) is not None
        if "*" in self.path or "?" in self.path:
            return fnmatchcase(path, self.path)
        return path.startswith(self.path)

    def strikes(self) -> bool:
        """Draw whether a fitting request is met, and count it if so."""
        if self.draws is None:
            self.draws = random.Random(self.seed)
        if self.draws.random() >= self.probability:
            return False
        self.met += 1
        return True

    def shown(self) -> dict[str, Any]:
        """Give what was asked for and how often it came true."""
        return {name: getattr(self, name) for name in (*ASKABLE, "met")}


ASKABLE = tuple(one.name for one in fields(Fault) if one.name not in ("met", "draws", "over"))


def fault(asked: dict[str, Any]) -> Fault:
    """Make a fault as asked for; refuse what is not known."""
    if unknown := asked.keys() - set(ASKABLE):
        raise invalid(f"Unknown: {sorted(unknown)}; known: {sorted(ASKABLE)}")
    if asked.get("kind") not in KINDS:
        raise invalid(f"A fault's kind is one of {', '.join(KINDS)}.", param="kind")
    return Fault(**asked)


class Faults:
    """The faults still to come."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []
        self._guard = threading.Lock()

    def add(self, fault: Fault) -> None:
        """Ask for trouble."""
        with self._guard:
            self._faults.append(fault)

    def take(self, method: str, path: str) -> Fault | None:
        """Use up one fault that meets this request, if there is one."""
        with self._guard:
            for fault in self._faults:
                if fault.fits(method, path) and fault.strikes():
                    return fault
        return None

    def shown(self) -> list[dict[str, Any]]:
        """List all trouble asked for, with how often each was met."""
        with self._guard:
            return [fault.shown() for fault in self._faults]

    def clear(self) -> None:
        """Call off all trouble; who still waits is answered at once."""
        with self._guard:
            for fault in self._faults:
                fault.over.set()
            self._faults.clear()


def linger(fault: Fault) -> None:
    """Keep the caller waiting, until the fault is called off at the latest."""
    fault.over.wait(fault.seconds)
