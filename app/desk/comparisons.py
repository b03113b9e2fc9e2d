"""Comparisons with Stripe: asked for by staff or by the night, run kind by kind, called off."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert

from app import jobs
from app.desk import differences, ours
from app.desk.models import Comparison
from app.extensions import db
from app.jobs import Job
from app.payments.gateway import GatewayError, PaymentGateway
from app.payments.orders import SurveyKind

#: The nightly comparison: its hour in the newsroom's zone, until when it may begin, and how far
#: back it looks. A night that was missed is left to the next.
HOUR, LATEST = 3, timedelta(hours=3)
LOOK_BACK = timedelta(days=35)
#: Objects compared in one transaction.
BATCH = 100
#: So long a worker is believed to be at work since it last said so.
LEASE = timedelta(minutes=2)
#: So often a comparison is begun again before it is given up.
MOST_ATTEMPTS = 3
#: The words kept with one that no worker lived to end, and with one that staff called off.
UNENDED = "no worker came to its end"
CALLED_OFF = "called off"


class TakenAway(Exception):
    """The comparison was called off, or another worker has taken it over."""


def ask(by: int | None, since: datetime, *, now: datetime) -> Comparison:
    """Ask for a comparison; commits. Return it, or the one that is not finished yet."""
    db.session.execute(
        insert(Comparison)
        .values(asked_at=now, asked_by_id=by, since=since, due_at=now, attempts=0)
        .on_conflict_do_nothing()
    )
    jobs.enqueue_after_commit(Job.COMPARE)
    found = db.session.scalars(select(Comparison).where(Comparison.finished_at.is_(None))).first()
    db.session.commit()
    return found or latest(1)[0]


def owe_nightly(*, now: datetime, zone: ZoneInfo) -> bool:
    """Ask for tonight's comparison when its hour has come, once; commits."""
    there = now.astimezone(zone)
    hour = there.replace(hour=HOUR, minute=0, second=0, microsecond=0)
    if not hour <= there < hour + LATEST:
        return False
    asked = select(func.count()).where(
        Comparison.asked_by_id.is_(None), Comparison.asked_at >= hour
    )
    if db.session.scalar(asked):
        db.session.rollback()
        return False
    ask(None, now - LOOK_BACK, now=now)
    return True


def latest(most: int) -> Sequence[Comparison]:
    """Return the newest comparisons."""
    return db.session.scalars(select(Comparison).order_by(Comparison.id.desc()).limit(most)).all()


def call_off(comparison_id: int, *, now: datetime) -> bool:
    """Call off a comparison that is not finished; commits. What it found is kept."""
    called_off = db.session.execute(
        update(Comparison)
        .where(Comparison.id == comparison_id, Comparison.finished_at.is_(None))
        .values(finished_at=now, due_at=None, error=CALLED_OFF)
        .returning(Comparison.id)
        .execution_options(synchronize_session=False)
    ).all()
    db.session.commit()
    return bool(called_off)


def run(comparison_id: int, gateway: PaymentGateway, *, clock: Callable[[], datetime]) -> None:
    """Carry out a comparison that was claimed; commits as it goes on. Safe to run again.

    One that Stripe does not answer, or that fails in any other way, stays owed and is given up
    after a few attempts: while it is unfinished, no other can begin.
    """
    row = db.session.get(Comparison, comparison_id, populate_existing=True)
    if row is None or row.finished_at is not None:
        db.session.rollback()
        return
    if row.attempts > MOST_ATTEMPTS:
        db.session.rollback()
        _failed(comparison_id, row.error or UNENDED, clock())
        return
    row.started_at = row.started_at or clock()
    turn, since, until = row.attempts, row.since, row.started_at
    left = [kind for kind in SurveyKind if kind.value not in row.compared]
    db.session.commit()
    try:
        for kind in left:
            _compare(comparison_id, turn, kind, (since, until), gateway, clock)
            _say(comparison_id, turn, clock(), compared=Comparison.compared + [kind.value])
        found = differences.count()
        _say(
            comparison_id, turn, clock(), finished_at=clock(), due_at=None, error=None, found=found
        )
    except TakenAway:
        return
    except GatewayError as error:
        db.session.rollback()
        _failed(comparison_id, f"{type(error).__name__}: {error}", clock())
    except Exception as error:
        db.session.rollback()
        _failed(comparison_id, f"{type(error).__name__}: {error}", clock())
        raise


def _failed(comparison_id: int, why: str, now: datetime) -> None:
    row = db.session.get_one(Comparison, comparison_id, populate_existing=True)
    row.failed(why)
    if row.attempts >= MOST_ATTEMPTS and row.finished_at is None:
        row.finished_at, row.due_at = now, None
    db.session.commit()


def _compare(
    comparison_id: int,
    turn: int,
    kind: SurveyKind,
    window: tuple[datetime, datetime],
    gateway: PaymentGateway,
    clock: Callable[[], datetime],
) -> None:
    """Compare one kind: what Stripe has with what is here, then what is here and was not there."""
    since, until = window
    seen: set[str] = set()
    # What was made since it began will be compared by the next one.
    for batch in differences.in_batches(gateway.survey(kind, since, until), BATCH):
        now = clock()
        differences.record(kind, ours.compare(kind, batch), now=now)
        seen.update(object_id for object_id, _reading in batch)
        _say(comparison_id, turn, now, looked_at=Comparison.looked_at + len(batch))
    unseen = [one for one in ours.expected(kind, since, until) if one not in seen]
    db.session.commit()
    for object_id in unseen:
        # A window has edges: paid within it and made before, so each is asked for by itself.
        differences.look_again(kind, object_id, gateway, now=clock())
        _say(comparison_id, turn, clock(), looked_at=Comparison.looked_at + 1)


def _say(comparison_id: int, turn: int, now: datetime, **values: object) -> None:
    """Note how far it is and that it is being worked at; commits. Raises `TakenAway`."""
    told = db.session.execute(
        update(Comparison)
        .where(
            Comparison.id == comparison_id,
            Comparison.attempts == turn,
            Comparison.finished_at.is_(None),
        )
        .values({"due_at": now + LEASE} | values)
        .returning(Comparison.id)
        .execution_options(synchronize_session=False)
    ).all()
    if not told:
        db.session.rollback()
        raise TakenAway
    db.session.commit()
