"""The one door to the queue: jobs are asked for by name, after the commit that makes them owed.

Every job drains what is owed in the database, so a job carries no arguments, one that is already
waiting need not be asked for twice, and one that is lost is made good by the beat.
"""

import time
from enum import StrEnum

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
    SEND_LETTERS = "letters.send_letters"
    TURN_ROUNDS = "voting.turn_rounds"
    FORGET = "accounts.forget"


#: A nudge that was lost with its worker stands in the way of others no longer than this.
NUDGE_SECONDS = 10
#: After the queue failed to answer, it is left alone for this long; the beat asks again.
QUIET_SECONDS = 1.0


class _Quiet:
    """Until when this process leaves the queue alone; a moment of `time.monotonic`."""

    until = 0.0


def enqueue_after_commit(job: Job) -> None:
    """Ask for a job once the current transaction has committed; a rollback forgets it."""
    db.session().info.setdefault("jobs", set()).add(job)


def enqueue(job: Job) -> None:
    """Ask for a job now, unless the same is already waiting.

    Never raises for a queue that is down: what is owed stands in the database.
    """
    if time.monotonic() < _Quiet.until:
        return
    try:
        if _nudges().set(_mark(job), 1, nx=True, ex=NUDGE_SECONDS):
            current_app.extensions["celery"].send_task(job.value, retry=False, headers=_headers())
    except (RedisError, OperationalError, OSError) as error:
        _Quiet.until = time.monotonic() + QUIET_SECONDS
        log.warning("queue_down", job=job.value, error=type(error).__name__)


def begin(job: Job) -> None:
    """Say, as a job starts, that the next one may be asked for: later rows may escape this one."""
    try:
        _nudges().delete(_mark(job))
    except RedisError as error:
        log.warning("queue_down", job=job.value, error=type(error).__name__)


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
