"""How every job works off what is owed: claim a few rows, act on each, until none is due."""

import time
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

import structlog

from app import jobs
from app.clock import utcnow
from app.current import settings
from app.extensions import db
from app.jobs import Job
from app.owed import Owed, claim, give_back

log = structlog.get_logger()

#: Rows claimed at a time: few enough that a claim rarely outlives its lease.
BATCH = 10
#: A job gives its worker back after this many seconds and asks to be continued.
TURN = 45.0


def drain(
    job: Job,
    model: type[Owed],
    act: Callable[[Any], object],
    first: Sequence[Any] = (),
    *,
    batch: int = BATCH,
) -> int:
    """Act on every due row of a model and return how many there were.

    A row whose act raises keeps the error and comes back after its lease; the others go on. Acts
    that take minutes want a `batch` of one, so that none waits claimed behind another.
    """
    jobs.begin(job)
    lease = timedelta(seconds=settings().lease_seconds)
    began = time.monotonic()
    count = 0
    while keys := claim(model, now=utcnow(), lease=lease, limit=batch, first=first):
        count += _work(model, keys, act, lease)
        if time.monotonic() - began > TURN:
            jobs.enqueue(job)
            break
    return count


def _work(
    model: type[Owed], keys: list[Any], act: Callable[[Any], object], lease: timedelta
) -> int:
    """Act on claimed rows until half their lease is over; return on how many.

    The rest is given back at once: a slow mail server must not use up the attempts of letters that
    nobody has tried to send.
    """
    claimed = time.monotonic()
    for place, key in enumerate(keys):
        passed = time.monotonic() - claimed
        if passed > lease.total_seconds() / 2:
            if passed < lease.total_seconds():
                give_back(model, keys[place:], now=utcnow())
            return place
        _act(model, key, act)
    return len(keys)


def _act(model: type[Owed], key: object, act: Callable[[Any], object]) -> None:
    try:
        act(key)
    except Exception as error:
        # One row that cannot be handled must not stop those behind it; it is kept for staff.
        db.session.rollback()
        log.exception("owed_failed", model=model.__name__, key=str(key))
        row = db.session.get(model, key)
        if row is not None:
            row.failed(f"{type(error).__name__}: {error}")
            db.session.commit()
