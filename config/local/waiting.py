"""Waiting for a condition, with a limit and a name for what is awaited."""

import os
import time
from collections.abc import Callable
from pathlib import Path

PAUSE = 0.03


class LocalFailure(SystemExit):
    """Something this machine needs is not there; the message is what a person should read."""


def until(condition: Callable[[], bool], what: str, *, timeout: float) -> None:
    """Wait for `condition`. Raises `TimeoutError` naming `what` after `timeout` seconds."""
    deadline = time.monotonic() + timeout
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"{what}: not within {timeout:g} seconds")
        time.sleep(PAUSE)


def alive(pid: int) -> bool:
    """Say whether a process with this id runs; another user's counts, a zombie does not."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        # Not Linux, or it went this moment; the signal already said that it was there.
        return True
    return state != "Z"


def tail(file: Path, lines: int = 15) -> str:
    """Return the last lines of a log, or an empty text where there is none."""
    try:
        return "\n".join(file.read_text(errors="replace").splitlines()[-lines:])
    except OSError:
        return ""
