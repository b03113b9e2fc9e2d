"""The shield itself: raised, watched, lowered, and what the log says of it."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import structlog
from redis import RedisError
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from app.accounts import audit
from app.accounts.models import Account, Role
from app.current import settings
from app.extensions import db
from app.letters import letters
from app.shield import counters
from app.shield.counters import Counts
from app.shield.models import ShieldLog
from app.shield.rules import Threshold, Why

log = structlog.get_logger()

#: Who is told, and may look.
TOLD = (Role.FUNDRAISER, Role.FINANCE, Role.OWNER)


def threshold() -> Threshold:
    """Return what this newsroom takes for an attack."""
    return Threshold(settings().shield_unpaid, settings().shield_paid_percent)


def kept_seconds() -> int:
    """For how long what was counted may matter."""
    return 60 * (settings().shield_quiet_minutes + settings().shield_window_minutes)


def enter_raised(*, now: datetime, why: Why = Why.PRESSURE, by: int | None = None) -> None:
    """Enter that the shield went up, and owe staff one letter each; commits. Once while it is up.

    Somebody who raises it by hand knows, and gets none.
    """
    log_id = db.session.scalar(
        insert(ShieldLog)
        .values(raised_at=now, why=why, raised_by_id=by, held_back=0, reached_stripe=0, paid=0)
        .on_conflict_do_nothing()
        .returning(ShieldLog.id)
    )
    if log_id is not None:
        log.warning("shield_raised", log=log_id, why=why)
        _tell("shield_raised", log_id, now, but=by)
        if by is not None:
            audit.note(by, "shield_raised", "shield", log_id, now=now)
    db.session.commit()


def raise_by_hand(by: int, *, now: datetime) -> None:
    """Raise the shield because a member of staff says so; commits. Raises `redis.RedisError`."""
    counters.put_up(Counts(), now)
    enter_raised(now=now, why=Why.STAFF, by=by)


def lower_by_hand(by: int, *, now: datetime) -> None:
    """Lower the shield and begin to count anew; commits. Raises `redis.RedisError`."""
    entry = current(lock=True)
    if entry is None:
        counters.take_down()
        db.session.rollback()
        return
    _lower(entry, now=now, by=by)


def sweep(*, now: datetime) -> bool:
    """Look after the shield: mend what was lost on the way, lower it when all is quiet; commits.

    Returns whether it is up now. While the counters do not answer there is nothing to know, and
    the page keeps asking for letters by itself.
    """
    try:
        up = counters.is_up()
        counters.forget_before(now - timedelta(seconds=kept_seconds()))
        entry = current(lock=True)
        if entry is None:
            if up:
                # Whoever raised it died before it was entered.
                enter_raised(now=now)
            db.session.rollback()
            return up
        if not up:
            # Redis was emptied; the log knows.
            so_far = Counts(entry.held_back, entry.reached_stripe, entry.paid)
            counters.put_up(so_far, now)
        if is_over(entry, now):
            _lower(entry, now=now, by=None)
            return False
        _write_down(entry)
        db.session.commit()
    except RedisError as error:
        db.session.rollback()
        log.warning("shield_blind", error=type(error).__name__)
        return True
    return True


def is_over(entry: ShieldLog, now: datetime) -> bool:
    """Whether it was quiet for long enough: less than what raises it, though over a longer time.

    Raises `redis.RedisError`.
    """
    quiet = timedelta(minutes=settings().shield_quiet_minutes)
    if now - entry.raised_at < quiet:
        return False
    unpaid, paid = counters.seen_since(now - quiet)
    return not threshold().passed(unpaid, paid)


def current(*, lock: bool = False) -> ShieldLog | None:
    """Return the entry of the shield that is up; None when it is down."""
    found = select(ShieldLog).where(ShieldLog.lowered_at.is_(None))
    return db.session.scalar(
        found.with_for_update().execution_options(populate_existing=True) if lock else found
    )


def entries(limit: int = 50) -> Sequence[ShieldLog]:
    """Return the log, newest first."""
    return db.session.scalars(
        select(ShieldLog).order_by(ShieldLog.raised_at.desc()).limit(limit)
    ).all()


def _lower(entry: ShieldLog, *, now: datetime, by: int | None) -> None:
    _write_down(entry)
    # Redis first: to end between the two leaves an entry that the next sweep closes, and not a
    # shield that is up without one, which would be told of again.
    counters.take_down()
    entry.lowered_at, entry.lowered_by_id = now, by
    _tell("shield_lowered", entry.id, now, but=by)
    if by is not None:
        audit.note(by, "shield_lowered", "shield", entry.id, now=now)
    db.session.commit()
    log.warning("shield_lowered", log=entry.id)


def _write_down(entry: ShieldLog) -> None:
    counted = counters.counts()
    if counted is not None:
        entry.held_back = counted.held_back
        entry.reached_stripe = counted.reached_stripe
        entry.paid = counted.paid


def _tell(kind: str, log_id: int, now: datetime, *, but: int | None) -> None:
    staff = db.session.scalars(select(Account.id).where(Account.role.in_(TOLD))).all()
    letters.owe_each(kind, [(f"{log_id}:{each}", each) for each in staff if each != but], now=now)
