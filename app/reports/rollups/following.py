"""Keep the rollups up with the raw rows: a little before somebody reads, the rest in the worker."""

import time
from collections.abc import Iterable, Sequence
from datetime import datetime

import structlog
from flask import g, has_request_context
from sqlalchemy import BigInteger, Select, cast, delete, func, insert, literal, select, text
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.exc import OperationalError

from app.current import settings, zone
from app.extensions import db
from app.reports.rollups.kept import Rollup
from app.reports.rollups.tables import RollupStale, RollupState

log = structlog.get_logger()

#: The first half of each rollup's lock; the second is made of its name.
LOCK = 470_766_502
#: Up to so many parts are filled while somebody waits, and for so long.
FEW, PATIENCE = 2_000, "2500ms"
#: So many keys are looked at in one go.
MOST = 20_000
#: A run in the worker ends after so many seconds, and asks to be continued.
TURN = 45.0
#: For the rest of the transaction each statement is planned for the months it asks for: a plan for
#: any months reads much more, and none of these statements is worth compiling.
PLANNED = (
    func.set_config("plan_cache_mode", "force_custom_plan", literal(value=True)),
    func.set_config("jit", "off", literal(value=True)),
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
            *(_parts(rollup).scalar_subquery() for rollup in rollups),
            *PLANNED,
        )
    ).one()
    stale = list(zip(rollups, found, strict=False))
    outdated = made_under not in (None, terms())
    if outdated or any(parts > FEW for _rollup, parts in stale):
        _leave_behind()
    few = [rollup for rollup, parts in stale if 0 < parts <= FEW]
    if few and not outdated:
        _fill_now(few)


def _fill_now(rollups: Sequence[Rollup]) -> None:
    """Fill all that is out of date, unless it takes longer than one would wait; commits."""
    try:
        with db.session.begin_nested():
            db.session.execute(text(f"SET LOCAL statement_timeout = '{PATIENCE}'"))
            for rollup in _in_order(rollups):
                lock(rollup)
                while take(rollup):
                    pass
        _note_terms()
        db.session.commit()
    except OperationalError as error:
        log.warning("rollups_late", error=type(error.orig).__name__)
        _leave_behind()
    db.session.execute(select(*PLANNED))


def _leave_behind() -> None:
    """Note for the page that its figures will not have all that has happened."""
    if has_request_context():
        g.rollups_behind = True


def follow(rollups: Iterable[Rollup], *, seconds: float = TURN) -> bool:
    """Fill what is out of date, in portions; commits each. Return whether nothing is left.

    Safe to run twice and at once: what another one fills just now is left to it. Rollups that were
    made under other terms are begun anew.
    """
    rollups, began = list(rollups), time.monotonic()
    if _note_terms() not in (None, terms()):
        begin_anew(rollups)
    db.session.commit()
    for rollup in _in_order(rollups):
        while db.session.scalar(select(func.pg_try_advisory_xact_lock(*_lock(rollup)))) and take(
            rollup
        ):
            db.session.commit()
            if time.monotonic() - began > seconds:
                return False
        db.session.commit()
    return True


def take(rollup: Rollup) -> int:
    """Fill a portion of what is out of date and return of how many keys; the caller commits.

    The caller holds the rollup's lock. Whatever changes from now on leaves a key of its own.
    """
    first = _first(rollup).cte("first")
    parts = (
        select(first.c.part)
        .group_by(first.c.part)
        .order_by(func.min(first.c.id))
        .limit(rollup.portion)
        .cte("parts")
    )
    taken = select(first.c.id).join(parts, parts.c.part == first.c.part)
    keys = db.session.scalars(
        delete(RollupStale)
        .where(RollupStale.id.in_(taken))
        .returning(RollupStale.key)
        .execution_options(synchronize_session=False)
    ).all()
    if keys:
        rollup.refill(sorted(set(keys)))
    return len(keys)


def _first(rollup: Rollup) -> Select[int, int]:
    """The keys that wait the longest, each with the part it is of."""
    part = RollupStale.key / literal(rollup.unit)
    return (
        select(RollupStale.id, cast(func.floor(part), BigInteger).label("part"))
        .where(RollupStale.rollup == rollup.name)
        .order_by(RollupStale.id)
        .limit(MOST)
    )


def _parts(rollup: Rollup) -> Select[int]:
    """Count the parts that are out of date; of very many keys only the first are looked at."""
    first = _first(rollup).subquery()
    return select(func.count(first.c.part.distinct()))


def begin_anew(rollups: Sequence[Rollup]) -> None:
    """Empty rollups and call all of them out of date, under the terms of today; commits."""
    for rollup in _in_order(rollups):
        lock(rollup)
        for table in rollup.tables:
            db.session.execute(text(f"TRUNCATE {table.__tablename__}"))
        db.session.execute(delete(RollupStale).where(RollupStale.rollup == rollup.name))
        key = (
            rollup.every() if rollup.everything is None else select(literal(rollup.everything))
        ).subquery()
        every = select(literal(rollup.name), key.c[0]).where(key.c[0].is_not(None))
        db.session.execute(insert(RollupStale).from_select(["rollup", "key"], every))
    row = {"id": 1, "terms": terms()}
    db.session.execute(
        upsert(RollupState)
        .values(row)
        .on_conflict_do_update(index_elements=["id"], set_={"terms": row["terms"]})
    )
    db.session.commit()


def terms() -> str:
    """Return what rollups depend on beside raw rows: the zone of days, and how long grace is."""
    return f"{zone().key}, grace of {settings().grace_days} days"


def waiting_since() -> datetime | None:
    """Return from when on changes are missing in what this request has read; None for none."""
    if not g.get("rollups_behind"):
        return None
    return db.session.scalar(select(RollupStale.at).order_by(RollupStale.id).limit(1))


def waiting(rollup: Rollup) -> bool:
    """Whether anything of a rollup is out of date."""
    one = select(RollupStale.id).where(RollupStale.rollup == rollup.name).limit(1)
    return db.session.scalar(one) is not None


def _note_terms() -> str | None:
    """Return the terms of the rollups; where there are none, keep today's. The caller commits."""
    made_under = db.session.scalar(select(RollupState.terms))
    if made_under is None:
        db.session.execute(upsert(RollupState).values(id=1, terms=terms()).on_conflict_do_nothing())
    return made_under


def lock(rollup: Rollup) -> None:
    """Wait until nobody else fills a rollup, and keep it so to the end of the transaction."""
    db.session.execute(select(func.pg_advisory_xact_lock(*_lock(rollup))))


def _in_order(rollups: Iterable[Rollup]) -> list[Rollup]:
    """Everybody takes the locks in one order."""
    return sorted(rollups, key=lambda one: one.name)


def _lock(rollup: Rollup) -> tuple[int, int]:
    return LOCK, sum(ord(letter) * 31**place for place, letter in enumerate(rollup.name)) % 2**31
