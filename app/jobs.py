"""The one door to the queue: jobs are asked for by name, after the commit that makes them owed.

Every job drains what is owed in the database, so a job carries no arguments, one that is already
waiting need not be asked for twice, and one that is lost is made good by the beat.
"""

import atexit
import os
import threading
import time
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import structlog
from flask import current_app, g, has_request_context
from kombu.exceptions import OperationalError
from redis import Redis, RedisError
from sqlalchemy import event
from sqlalchemy.orm import Session

from app.extensions import db

log = structlog.get_logger()


class Job(StrEnum):
    """Every job there is. The functions that answer stand in `tasks/`."""

    SETTLE_EVENTS = "giving.settle_events"
    FETCH_FEES = "giving.fetch_fees"
    CARRY_OUT = "giving.carry_out"
    REMIND = "giving.remind"
    FOLLOW_GRACE = "giving.follow_grace"
    COUNT_STEPS = "giving.count_steps"
    FOLLOW_PAYOUTS = "giving.follow_payouts"
    SEND_LETTERS = "letters.send_letters"
    TURN_ROUNDS = "voting.turn_rounds"
    KEEP_PROMISES = "promises.keep_promises"
    KEEP_PASSES = "passes.keep_passes"
    FORGET = "accounts.forget"
    WATCH_SHIELD = "shield.watch"
    COMPARE = "desk.compare"
    PULSE = "desk.pulse"
    MONDAY = "reports.monday"
    EXPORT = "reports.export"
    FOLLOW_ROLLUPS = "reports.follow_rollups"
    TAKE_OUT = "privacy.take_out"
    ERASE = "privacy.erase"


#: A nudge that was lost with its worker stands in the way of others no longer than this.
NUDGE_SECONDS = 3
#: After the queue failed to answer, it is left alone for this long; the beat asks again.
QUIET_SECONDS = 1.0


#: Between two turns of asking: what many requests ask for at once is asked of the queue once.
PAUSE_SECONDS = 0.02
#: How long the end of a process waits for its last nudge.
LAST_SECONDS = 1.0


def enqueue_after_commit(job: Job) -> None:
    """Ask for a job once the current transaction has committed; a rollback forgets it."""
    db.session().info.setdefault("jobs", set()).add(job)


def enqueue(job: Job) -> None:
    """Ask for a job now, unless the same is already waiting; returns before the queue answers.

    Never raises for a queue that is down: what is owed stands in the database.
    """
    if not _asking.about_to_ask(job):
        _asking.put(_Nudge(job, _headers(), current_app.extensions))


@dataclass(frozen=True, slots=True)
class _Nudge:
    """A job, the headers it travels with, and the parts of the application that carry it."""

    job: Job
    headers: dict[str, str]
    extensions: dict[str, Any]


class _Asking:
    """The one thread of a process that speaks to the queue, so that nobody waits for it."""

    def __init__(self) -> None:
        self.begin_anew()

    def begin_anew(self) -> None:
        """Forget what was asked for; after a fork the thread is the parent's."""
        self._wanted: dict[Job, _Nudge] = {}
        self._finished: list[threading.Event] = []
        self._wake = threading.Event()
        self._starting = threading.Lock()
        self._thread: threading.Thread | None = None

    def about_to_ask(self, job: Job) -> bool:
        """Whether a job will be asked for anyway, later than now."""
        return job in self._wanted and not self._idle()

    def put(self, nudge: _Nudge) -> None:
        """Ask soon."""
        self._wanted[nudge.job] = nudge
        self._wake.set()
        if self._idle():
            with self._starting:
                if self._idle():
                    self._thread = threading.Thread(target=self._run, name="nudges", daemon=True)
                    self._thread.start()

    def _idle(self) -> bool:
        """Whether nobody asks: not yet, or no more, since an error nobody foresaw ended it."""
        return self._thread is None or not self._thread.is_alive()

    def finish(self) -> None:
        """Wait, though not for long, until everything was asked."""
        if not self._idle():
            finished = threading.Event()
            self._finished.append(finished)
            self._wake.set()
            finished.wait(LAST_SECONDS)

    def _run(self) -> None:
        quiet_until = 0.0
        while True:
            self._wake.wait()
            self._wake.clear()
            finished, self._finished = self._finished, []
            # Out of the way before the queue is asked: who commits from now on must ask again.
            nudges = [self._wanted.pop(job) for job in list(self._wanted)]
            if time.monotonic() >= quiet_until and not all(map(_ask, nudges)):
                quiet_until = time.monotonic() + QUIET_SECONDS
            for waiting in finished:
                waiting.set()
            time.sleep(PAUSE_SECONDS)


def _ask(nudge: _Nudge) -> bool:
    """Ask the queue for a job, unless it waits there; False when the queue did not answer."""
    try:
        if nudge.extensions["redis"].set(_mark(nudge.job), 1, nx=True, ex=NUDGE_SECONDS):
            nudge.extensions["celery"].send_task(
                nudge.job.value, retry=False, headers=nudge.headers
            )
            log.info("job_asked", job=nudge.job.value, **nudge.headers)
    except (RedisError, OperationalError, OSError) as error:
        log.warning("queue_down", job=nudge.job.value, error=type(error).__name__)
        return False
    return True


_asking = _Asking()
os.register_at_fork(after_in_child=_asking.begin_anew)
atexit.register(_asking.finish)


def begin(job: Job) -> None:
    """Say, as a job starts, that the next one may be asked for: later rows may escape this one."""
    try:
        _nudges().delete(_mark(job))
    except RedisError as error:
        log.warning("queue_down", job=job.value, error=type(error).__name__)


def workers(seconds: float) -> list[frozenset[str]]:
    """Return of each worker that answers, within so many seconds, which queues it answers.

    Raises `OSError` for a queue that is down.
    """
    try:
        asked = current_app.extensions["celery"].control.inspect(timeout=seconds)
        told = asked.active_queues() or {}
        return [frozenset(queue["name"] for queue in queues) for queues in told.values()]
    except (RedisError, OperationalError) as error:
        raise OSError(type(error).__name__) from error


def _headers() -> dict[str, str]:
    """What a job inherits from the request that asks for it: the id in its log lines."""
    return {"request_id": g.request_id} if has_request_context() and "request_id" in g else {}


def _mark(job: Job) -> str:
    return f"hromada:nudge:{job.value}"


def _nudges() -> "Redis":
    redis: Redis = current_app.extensions["redis"]
    return redis


@event.listens_for(Session, "after_commit")
def _publish(session: Session) -> None:
    # The hook also runs when a savepoint is released; then nothing has been committed yet.
    if session.in_nested_transaction():
        return
    for job in session.info.pop("jobs", ()):
        enqueue(job)


@event.listens_for(Session, "after_rollback")
def _forget(session: Session) -> None:
    if not session.in_nested_transaction():
        session.info.pop("jobs", None)
