"""The pulse: a worker says every half minute that it is alive, and with it that the beat is."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from redis import Redis, RedisError

from app import jobs

KEY = "hromada:pulse"
#: So long a worker may take to answer when it is called.
CALL_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Pulse:
    """What there is to feel: whether the queue is there, who answers, the last sign of life."""

    queue: bool
    #: Of each worker that answers the queues that it answers.
    workers: Sequence[frozenset[str]]
    last: datetime | None


def show(redis: Redis, *, now: datetime) -> None:
    """Say that this worker is alive and was asked to say so."""
    redis.set(KEY, int(now.timestamp()))


def feel(redis: Redis) -> Pulse:
    """Look for signs of life; takes a second. A queue that is down is told, not raised."""
    try:
        last: Any = redis.get(KEY)
        answering = jobs.workers(CALL_SECONDS)
    except (RedisError, OSError):
        return Pulse(queue=False, workers=(), last=None)
    moment = datetime.fromtimestamp(int(last), UTC) if last else None
    return Pulse(queue=True, workers=answering, last=moment)
