"""Hold to time limits: run those that are due, and keep of each run what went."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy import ColumnElement, delete, func, select
from sqlalchemy.dialects.postgresql import distinct_on

from app.extensions import db
from app.privacy import limits
from app.privacy.limits import Limit
from app.privacy.models import LimitRun

log = structlog.get_logger()

#: The beat asks each hour; a run a little early is no run too many.
EARLY = timedelta(minutes=10)
#: A limit that was not held to for so much longer than it should be is shown in red.
PATIENCE = timedelta(hours=6)
#: How long runs are kept.
RUNS_KEPT = timedelta(days=400)


@dataclass(frozen=True, slots=True)
class Standing:
    """How a limit stands: its last run that came to its end, the newest of all, what went."""

    limit: Limit
    last: LimitRun | None
    newest: LimitRun | None
    #: What went in the last thirty days.
    month: int
    overdue: bool


def run_due(*, now: datetime) -> int:
    """Run every limit that is due and return what went in all; commits. Safe to run twice.

    One that fails keeps its error for staff and is tried again in an hour; the others go on.
    """
    ended = _last_ended()
    gone = 0
    for limit in limits.LIMITS:
        last = ended.get(limit.key)
        if last is None or last <= now - limit.every + EARLY:
            gone += run(limit, now=now)
    db.session.execute(delete(LimitRun).where(LimitRun.began_at < now - RUNS_KEPT))
    db.session.commit()
    return gone


def run(limit: Limit, *, now: datetime) -> int:
    """Run one limit, whatever ran before; commits. Return what went; 0 where it failed."""
    entry = LimitRun(limit_key=limit.key, began_at=now)
    db.session.add(entry)
    db.session.commit()
    try:
        gone = limit.forget(limit.span(now))
    except Exception as error:
        # One limit that fails must not stop the others; it is kept for staff.
        db.session.rollback()
        log.exception("limit_failed", limit=limit.key)
        entry.error = type(error).__name__
        db.session.add(entry)
        db.session.commit()
        return 0
    entry.ended_at, entry.gone = now, gone
    db.session.commit()
    return gone


def standings(*, now: datetime) -> Sequence[Standing]:
    """Return how every limit stands, in the order in which they run."""
    newest = _newest()
    ended = _newest(LimitRun.ended_at.is_not(None))
    sums = db.session.execute(
        select(LimitRun.limit_key, func.sum(LimitRun.gone))
        .where(LimitRun.began_at > now - timedelta(days=30))
        .group_by(LimitRun.limit_key)
    )
    month = {key: gone for key, gone in sums}  # noqa: C416 - rows are no pairs to a checker
    since = db.session.scalar(select(func.min(LimitRun.began_at)))
    return [
        Standing(
            limit,
            ended.get(limit.key),
            newest.get(limit.key),
            int(month.get(limit.key) or 0),
            _overdue(limit, ended.get(limit.key), newest.get(limit.key), since or now, now),
        )
        for limit in limits.LIMITS
    ]


def _overdue(
    limit: Limit, last: LimitRun | None, newest: LimitRun | None, since: datetime, now: datetime
) -> bool:
    """Whether it should have run, for one that never did since the moment of the first run of all.

    One whose runs have all failed is overdue from the first.
    """
    if last is None and newest is not None and newest.error:
        return True
    held = since if last is None or last.ended_at is None else last.ended_at
    return held < now - limit.every - PATIENCE


def _newest(*which: ColumnElement[bool]) -> dict[str, LimitRun]:
    rows = db.session.scalars(
        select(LimitRun)
        .where(*which)
        .ext(distinct_on(LimitRun.limit_key))
        .order_by(LimitRun.limit_key, LimitRun.id.desc())
    )
    return {row.limit_key: row for row in rows}


def _last_ended() -> dict[str, datetime]:
    rows = db.session.execute(
        select(LimitRun.limit_key, func.max(LimitRun.ended_at)).group_by(LimitRun.limit_key)
    )
    return {key: ended for key, ended in rows if ended is not None}
