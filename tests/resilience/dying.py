"""`python -m tests.resilience.dying ROUND...`: count rounds by workers that are killed.

The first round is counted whole, to learn how many lines that takes. For each other one a worker
begins and is killed at another line, then three workers count it at once. Prints where each died.
"""

import os
import signal
import sys
from collections.abc import Callable
from types import FrameType
from typing import Any

from flask import Flask

from app import create_app
from app.clock import utcnow
from app.extensions import db
from app.voting import results

AT_ONCE = 3


class Lines:
    """Counts the lines of the voting room that are run, and kills the process at one of them."""

    def __init__(self, last: int | None, tell: Callable[[str], object]) -> None:
        self.run = 0
        self._last = last
        self._tell = tell

    def __call__(self, frame: FrameType, what: str, _value: Any) -> "Lines | None":
        """Follow the interpreter, as `sys.settrace` asks."""
        if "/app/voting/" not in frame.f_code.co_filename:
            return None
        if what == "line":
            self.run += 1
            if self.run == self._last:
                name = os.path.basename(frame.f_code.co_filename)  # noqa: PTH119 - quick, no import
                self._tell(f"{name}:{frame.f_lineno}")
                os.kill(os.getpid(), signal.SIGKILL)
        return self


def count(app: Flask, round_id: int) -> None:
    """Do what the job does."""
    with app.app_context():
        results.close_and_tally(round_id, now=utcnow())
        db.session.remove()


def child(work: Callable[[Callable[[str], object]], object]) -> tuple[int, int]:
    """Do something in a process of its own; return its id and where what it tells can be read."""
    read, write = os.pipe()
    if pid := os.fork():
        os.close(write)
        return pid, read
    code = 1
    try:
        work(lambda line: os.write(write, line.encode()))
        code = 0
    finally:
        os._exit(code)


def ended(pid: int, read: int) -> tuple[int, str]:
    """Wait for a process; return how it ended and what it told."""
    with os.fdopen(read) as told:
        said = told.read()
    return os.waitpid(pid, 0)[1], said


def main(round_ids: list[int]) -> int:
    """Count every round; return the process's exit code."""
    app = create_app()

    def whole(tell: Callable[[str], object]) -> None:
        lines = Lines(None, tell)
        sys.settrace(lines)
        count(app, round_ids[0])
        sys.settrace(None)
        tell(str(lines.run))

    status, said = ended(*child(whole))
    assert status == 0, "the first round was not counted"
    total, others = int(said), round_ids[1:]
    for place, round_id in enumerate(others):
        last = total * (2 * place + 1) // (2 * len(others))

        def dying(tell: Callable[[str], object], last: int = last, id_: int = round_id) -> None:
            sys.settrace(Lines(last, tell))
            count(app, id_)

        status, said = ended(*child(dying))
        assert os.WTERMSIG(status) == signal.SIGKILL, f"not killed at line {last}: {status}"
        print(said)
        again = [child(lambda _tell, id_=round_id: count(app, id_)) for _ in range(AT_ONCE)]  # type: ignore[misc]
        assert [ended(*one)[0] for one in again] == [0] * AT_ONCE, f"after {said}"
    return 0


if __name__ == "__main__":
    sys.exit(main([int(text) for text in sys.argv[1:]]))
