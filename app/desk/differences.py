"""Differences from Stripe: looked for, kept, repaired by the code that settles events."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import islice

import structlog
from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import insert

from app import jobs
from app.desk import ours
from app.desk.comparing import Finding, missing_there
from app.desk.models import Difference
from app.extensions import db
from app.giving import settlement
from app.jobs import Job
from app.payments.facts import Reading
from app.payments.gateway import (
    GatewayError,
    GatewayUnavailable,
    PaymentGateway,
    UnknownObject,
)
from app.payments.orders import SurveyKind

log = structlog.get_logger()

#: What a repair leaves with a difference that it could not mend: see `difference_words`.
STAYS = "stays"


class UnknownDifference(LookupError):
    """There is no such difference, or it is gone."""


def standing() -> Sequence[Difference]:
    """Return the differences there are now, by kind, the oldest first."""
    return db.session.scalars(
        select(Difference)
        .where(Difference.gone_at.is_(None))
        .order_by(Difference.kind, Difference.found_at, Difference.id)
    ).all()


def count() -> int:
    """Return how many differences there are now."""
    which = select(func.count()).select_from(Difference).where(Difference.gone_at.is_(None))
    return db.session.scalar(which) or 0


def record(kind: SurveyKind, findings: Mapping[str, Iterable[Finding]], *, now: datetime) -> None:
    """Keep what was found of some objects, and note what is no longer there. The caller commits."""
    before = db.session.scalars(
        select(Difference)
        .where(
            Difference.kind == kind,
            Difference.object_id.in_(findings),
            Difference.gone_at.is_(None),
        )
        .with_for_update()
    ).all()
    found = {
        (object_id, finding.field): finding
        for object_id, each in findings.items()
        for finding in each
    }
    for row in before:
        finding = found.pop((row.object_id, row.field), None)
        if finding is None:
            row.gone_at = now
            row.done()
        else:
            row.what, row.ours, row.theirs = finding.what, finding.ours, finding.theirs
    if found:
        db.session.execute(
            insert(Difference)
            .values(
                [
                    {
                        "kind": kind,
                        "object_id": object_id,
                        "what": finding.what,
                        "field": field,
                        "ours": finding.ours,
                        "theirs": finding.theirs,
                        "found_at": now,
                        "attempts": 0,
                    }
                    for (object_id, field), finding in found.items()
                ]
            )
            .on_conflict_do_nothing()
        )


def forget(*, before: datetime) -> int:
    """Remove differences that were gone before a moment; commits. Return how many."""
    gone = db.session.execute(
        delete(Difference).where(Difference.gone_at < before).returning(Difference.id)
    ).all()
    db.session.commit()
    return len(gone)


def in_batches(
    found: Iterator[tuple[str, Reading]], size: int
) -> Iterator[list[tuple[str, Reading]]]:
    """Yield what a survey finds in batches, so that no transaction is open while Stripe answers."""
    while batch := list(islice(found, size)):
        yield batch


def look_again(
    kind: SurveyKind, object_id: str, gateway: PaymentGateway, *, now: datetime
) -> list[Finding]:
    """Compare one object; commits. Raises `GatewayError` when Stripe does not show it."""
    try:
        reading = gateway.read(kind.value, object_id)
    except UnknownObject:
        reading = Reading()
    found = ours.compare(kind, [(object_id, reading)]).get(object_id)
    if found is None:
        # Stripe does not know it, or knows of nothing that it brought us.
        described = ours.described(kind, object_id)
        found = [missing_there(described)] if described is not None else []
    record(kind, {object_id: found}, now=now)
    db.session.commit()
    return found


def repair(difference_id: int, gateway: PaymentGateway, *, now: datetime) -> bool:
    """Settle the object of a difference as its event would, and look again; commits.

    True when the difference is gone. One that stays keeps the reason. Safe to run twice. Raises
    `UnknownDifference`, `GatewayUnavailable`.
    """
    row = db.session.get(Difference, difference_id)
    if row is None or row.gone_at is not None:
        db.session.rollback()
        raise UnknownDifference(str(difference_id))
    kind, object_id = SurveyKind(row.kind), row.object_id
    db.session.commit()
    why = _settle(kind, object_id, gateway, now)
    try:
        look_again(kind, object_id, gateway, now=now)
    except GatewayUnavailable:
        raise
    except GatewayError as error:
        # What Stripe does not show, such as to a key that lost its rights, is not gone.
        why = f"{type(error).__name__}: {error}"
    db.session.refresh(row)
    row.due_at = None
    gone = row.gone_at is not None
    if not gone:
        row.error = why or STAYS
    db.session.commit()
    log.info("difference_repaired", kind=kind.value, object_id=object_id, gone=gone)
    return gone


def _settle(kind: SurveyKind, object_id: str, gateway: PaymentGateway, now: datetime) -> str | None:
    """Enter what Stripe has; commits. Return why that was not possible."""
    try:
        reading = gateway.read(kind.value, object_id)
        settlement.apply(reading.facts, now=now)
        db.session.commit()
    except GatewayUnavailable:
        raise
    except (GatewayError, LookupError) as error:
        db.session.rollback()
        return f"{type(error).__name__}: {error}"
    return None


def want_all(kind: SurveyKind, *, now: datetime) -> int:
    """Ask a worker to repair every difference of a kind; commits. Return how many."""
    wanted = db.session.execute(
        update(Difference)
        .where(Difference.kind == kind, Difference.gone_at.is_(None), Difference.due_at.is_(None))
        .values(due_at=now, attempts=0, error=None)
        .returning(Difference.id)
        .execution_options(synchronize_session=False)
    ).all()
    jobs.enqueue_after_commit(Job.COMPARE)
    db.session.commit()
    return len(wanted)
