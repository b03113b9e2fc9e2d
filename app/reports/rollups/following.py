"""Keep the rollups up with the raw rows: a little before somebody reads, the rest in the worker."""

import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import structlog
from flask import g, has_request_context
from sqlalchemy import delete, event, func, insert, literal, select, text
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from app.clock import utcnow
from app.current import settings, zone
from app.extensions import db
from app.reports.rollups import notes
from app.reports.rollups.catalogue import ROLLUPS
from app.reports.rollups.kept import Rollup
from app.reports.rollups.tables import RollupStale, RollupState

log = structlog.get_logger()

#: The first half of each rollup's lock; the second is made of its name.
LOCK = 470_766_502
#: Up to so many parts are filled while somebody waits, and for so many seconds in all.
FEW, PATIENCE = 2_000, 2.5
#: A run in the worker ends after so many seconds, and asks to be continued.
TURN = 45.0
#: For the rest of the transaction each statement is planned for the months it asks for: a plan for
#: any months reads much more, and none of these statements is worth compiling. What they look up is
#: in memory, or on a disk that has no arm to move: to read a whole table instead takes longer.
PLANNED = (
    func.set_config("plan_cache_mode", "force_custom_plan", literal(value=True)),
    func.set_config("jit", "off", literal(value=True)),
    func.set_config("random_page_cost", "1.1", literal(value=True)),
)


def fresh(*rollups: Rollup) -> None:
    """Bring rollups up to date where that is quick; commits when it did something.

    For whoever is about to read them; in one transaction each is looked at once. When much is out
    of date, or another does it just now, they are left as they are: `waiting_since` tells, and the
    job follows.
    """
    session = db.session()
    transaction, known = session.info.get("rollups_looked_at", (None, set()))
    if transaction is None or transaction is not session.get_transaction():
        known = set()
    wanted = [one for one in rollups if one.name not in known]
    if wanted:
        _bring(wanted)
        known |= {one.name for one in wanted}
        session.info["rollups_looked_at"] = session.get_transaction(), known


def _bring(rollups: Sequence[Rollup]) -> None:
    made_under, *found = db.session.execute(
        select(
            select(RollupState.terms).scalar_subquery(),
            *(notes.parts(rollup).scalar_subquery() for rollup in rollups),
            *PLANNED,
        )
    ).one()
    outdated = made_under not in (None, terms())
    stale = [(one, parts) for one, parts in zip(rollups, found, strict=False) if parts]
    few = [one for one, parts in stale if parts <= FEW and not outdated]
    if outdated or len(few) < len(stale):
        _leave_behind()
    if few:
        _fill_now(few)


def _fill_now(rollups: Sequence[Rollup]) -> None:
    """Fill all that is out of date and can be before one would wait too long; commits."""
    ends = time.monotonic() + PATIENCE
    for rollup in _in_order(rollups):
        try:
            with db.session.begin_nested(), _until(ends):
                filled = _fill_one(rollup)
        except DBAPIError as error:
            # It alone is left: what the others have come to is kept.
            log.warning("rollup_late", rollup=rollup.name, error=type(error.orig).__name__)
            filled = False
        if not filled:
            _leave_behind()
    _note_terms()
    db.session.commit()
    db.session.execute(select(*PLANNED))


def _fill_one(rollup: Rollup) -> bool:
    """Fill a rollup, unless another does and somebody waits for a page; return whether it is."""
    if not has_request_context():
        lock(rollup)
    elif not try_lock(rollup):
        return False
    notes.fill(rollup)
    return True


@contextmanager
def _until(ends: float) -> Iterator[None]:
    """Let each statement take no longer than until a moment, to be used in a savepoint."""
    connection = db.session.connection()

    def hurry(_connection: Any, cursor: Any, *_statement: Any) -> None:
        left = round(1000 * (ends - time.monotonic()))
        cursor.execute(f"SET LOCAL statement_timeout = {max(left, 1)}")

    event.listen(connection, "before_cursor_execute", hurry)
    try:
        yield
    finally:
        event.remove(connection, "before_cursor_execute", hurry)
    db.session.execute(text("SET LOCAL statement_timeout TO DEFAULT"))


def begin_reading() -> None:
    """Forget what was left behind for another letter or file that this worker made before."""
    g.pop("rollups_behind", None)
    db.session().info.pop("rollups_looked_at", None)


def _leave_behind() -> None:
    """Note for the page, letter or file that its figures will not have all that has happened."""
    if "rollups_behind" not in g:
        first = select(RollupStale.at).order_by(RollupStale.id).limit(1)
        # Where the terms have changed nothing need be noted yet, and all is out of date.
        g.rollups_behind = db.session.scalar(first) or utcnow()


def follow(rollups: Iterable[Rollup], *, seconds: float = TURN) -> bool:
    """Fill what is out of date by now, in portions; commits each. Return whether it came to an end.

    Safe to run twice and at once: what another one fills just now is left to it. Where the terms
    have changed, every rollup there is begins anew. Raises the first of what went wrong, after all
    of them had their turn.
    """
    wrong: Exception | None = None
    if _note_terms() not in (None, terms()):
        begin_anew(ROLLUPS)
    db.session.commit()
    ends = time.monotonic() + seconds
    for rollup in _in_order(rollups):
        try:
            if not _follow_one(rollup, ends):
                return False
        except Exception as error:
            # One that cannot be filled must not stop those behind it.
            log.exception("rollup_failed", rollup=rollup.name)
            let_go(error)
            wrong, ends = wrong or error, time.monotonic() + seconds
    if wrong is not None:
        raise wrong
    return True


def let_go(error: Exception) -> None:
    """End the transaction in which a rollup could not be filled."""
    if isinstance(error, SQLAlchemyError):
        db.session.rollback()
    else:
        # A statement may be under way still, and would not let itself be rolled back.
        db.session().invalidate()


def _follow_one(rollup: Rollup, ends: float) -> bool:
    """Fill one rollup; return False where the time was over before its end."""
    # Rows go on coming: what is out of date later is left to the next run.
    last = notes.newest(rollup)
    while try_lock(rollup) and notes.take(rollup, last):
        db.session.commit()
        if time.monotonic() > ends:
            return False
    db.session.commit()
    return True


def begin_anew(rollups: Sequence[Rollup]) -> Sequence[Rollup]:
    """Call all of rollups out of date, to be filled from nothing; commits each. Return which.

    Where the terms have changed it is every rollup there is: only then are these all of one kind.
    """
    outdated = _note_terms() not in (None, terms())
    db.session.commit()
    if outdated:
        rollups = ROLLUPS
    for rollup in _in_order(rollups):
        lock(rollup)
        # Who did the same at once may have come to its end, and fills them now.
        if outdated and _note_terms() == terms():
            db.session.rollback()
            return rollups
        _begin_anew(rollup)
        db.session.commit()
    if outdated:
        row = {"id": 1, "terms": terms()}
        db.session.execute(
            upsert(RollupState)
            .values(row)
            .on_conflict_do_update(index_elements=["id"], set_={"terms": row["terms"]})
        )
        db.session.commit()
    return rollups


def _begin_anew(rollup: Rollup) -> None:
    """Call all of a rollup out of date; whoever reads it goes on, TRUNCATE would not let them."""
    key = select(literal(rollup.everything)).subquery()
    if rollup.everything is None:
        # Who fills everything at once takes all rows away, others only those of their parts.
        for table in rollup.tables:
            db.session.execute(delete(table).execution_options(synchronize_session=False))
        key = rollup.every().subquery()
    db.session.execute(delete(RollupStale).where(RollupStale.rollup == rollup.name))
    every = select(literal(rollup.name), key.c[0]).where(key.c[0].is_not(None))
    db.session.execute(insert(RollupStale).from_select(["rollup", "key"], every))


def terms() -> str:
    """Return what rollups depend on beside raw rows: the zone of days, and how long grace is."""
    return f"{zone().key}, grace of {settings().grace_days} days"


def waiting_since() -> datetime | None:
    """Return from when on changes are missing in what was read; None where none are.

    By this request, or by a worker since `begin_reading`.
    """
    since: datetime | None = g.get("rollups_behind")
    return since


def _note_terms() -> str | None:
    """Return the terms of the rollups; where there are none, keep today's. The caller commits."""
    made_under = db.session.scalar(select(RollupState.terms))
    if made_under is None:
        db.session.execute(upsert(RollupState).values(id=1, terms=terms()).on_conflict_do_nothing())
    return made_under


def lock(rollup: Rollup) -> None:
    """Wait until nobody else fills a rollup, and keep it so to the end of the transaction."""
    db.session.execute(select(func.pg_advisory_xact_lock(*_lock(rollup))))


def try_lock(rollup: Rollup) -> bool:
    """Lock a rollup like `lock`, or return False where somebody else fills it."""
    return bool(db.session.scalar(select(func.pg_try_advisory_xact_lock(*_lock(rollup)))))


def _in_order(rollups: Iterable[Rollup]) -> list[Rollup]:
    """Everybody takes the locks in one order."""
    return sorted(rollups, key=lambda one: one.name)


def _lock(rollup: Rollup) -> tuple[int, int]:
    return LOCK, sum(ord(letter) * 31**place for place, letter in enumerate(rollup.name)) % 2**31
