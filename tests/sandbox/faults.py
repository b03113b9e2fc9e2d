"""Failures on demand, so that what survives them can be tested."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass


@dataclass(slots=True)
class Fault:
    """One kind of trouble for requests of a method and path, a number of times."""

    #: "status" (answered with it, nothing done), "hang" (answered late), "drop" (the act is
    #: done, the answer lost).
    kind: str
    method: str = "POST"
    path: str = "/v1/"
    times: int = 1
    status: int = 500
    seconds: float = 30.0


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
        """Use up one fault that fits this request, if there is one."""
        with self._guard:
            for fault in self._faults:
                if fault.times > 0 and fault.method == method and path.startswith(fault.path):
                    fault.times -= 1
                    return fault
        return None

    def clear(self) -> None:
        """Call off all trouble."""
        with self._guard:
            self._faults.clear()


def linger(fault: Fault) -> None:
    """Keep the caller waiting."""
    time.sleep(fault.seconds)
