"""The nightly check: a sample of what is kept against the raw rows."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy import func, select, update

from app.extensions import Base, db
from app.reports.rollups import following, notes
from app.reports.rollups.kept import Rollup
from app.reports.rollups.tables import RollupState

log = structlog.get_logger()

#: The hour of the check in the newsroom's zone.
HOUR = 4
#: How many parts of each rollup are looked at.
SAMPLE = 50


def due(now: datetime, zone: ZoneInfo) -> bool:
    """Whether tonight's check has not been made yet."""
    there = now.astimezone(zone)
    hour = there.replace(hour=HOUR, minute=0, second=0, microsecond=0)
    if there < hour:
        return False
    made = db.session.scalar(select(RollupState.checked_at))
    db.session.rollback()
    return made is None or made < hour


def check(rollups: Iterable[Rollup], *, now: datetime) -> int:
    """Fill a sample again and keep how many parts were not what they should be; commits.

    What differed is right from then on; that something did asks for all to be begun anew. One that
    cannot be filled at all differs as well, and keeps none of the others from being looked at.
    Where nothing did, but somebody else held one of the rollups, the check stays due.
    """
    differing, whole = 0, True
    for rollup in rollups:
        found: int | None = 1
        try:
            found = _differing(rollup)
            db.session.commit()
        except Exception as error:
            log.exception("rollup_failed", rollup=rollup.name)
            following.let_go(error)
        if found:
            differing += found
            log.error("rollup_differs", rollup=rollup.name, parts=found)
        whole = whole and found is not None
    if differing or whole:
        db.session.execute(update(RollupState).values(checked_at=now, differing=differing))
        db.session.commit()
    return differing


def differing() -> int:
    """Return how many parts the newest check found to differ."""
    return db.session.scalar(select(RollupState.differing)) or 0


def _differing(rollup: Rollup) -> int | None:
    """Count the parts of a sample that differ, and whatever else the rollup finds wrong in it.

    Return None where another one fills it and nothing was found before that.
    """
    if not _filled(rollup):
        return None
    # To look takes a while, in which others may go on filling.
    db.session.commit()
    key = rollup.every().subquery()
    sample = (
        select(key.c[0])
        .where(key.c[0].is_not(None))
        .group_by(key.c[0])
        .order_by(func.random())
        .limit(SAMPLE)
    )
    found = rollup.wrong() if rollup.wrong else 0
    for one in db.session.scalars(sample).all():
        if not _filled(rollup):
            return found or None
        before = _rows(rollup, one)
        rollup.refill([one])
        # What has changed this moment has left a note, and is no difference.
        if _rows(rollup, one) != before and not notes.waiting(rollup):
            found += 1
        db.session.commit()
    return found


def _filled(rollup: Rollup) -> bool:
    """Lock a rollup and fill what is out of date; return False where another one is at it."""
    if not following.try_lock(rollup):
        return False
    notes.fill(rollup)
    return True


def _rows(rollup: Rollup, key: int) -> list[Counter[str]]:
    return [_rows_of(rollup, table, key) for table in rollup.tables]


def _rows_of(rollup: Rollup, table: type[Base], key: int) -> Counter[str]:
    """The rows of a table that are of one key, whatever numbers they were given."""
    told = [column for column in table.__table__.columns if column.identity is None]
    rows = db.session.execute(select(*told).where(rollup.of(table, [key])))
    return Counter(str(tuple(row)) for row in rows)
