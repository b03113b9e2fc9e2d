"""The nightly proof that the movements add up to what the pledges promise, pledge by pledge."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import func, select

from app.accounts import audit
from app.extensions import db
from app.giving.books import movements
from app.giving.models import MovementCheck, Pledge, PledgeMovement
from app.giving.rules import MovementCause, MovementKind
from app.money import Money

#: The hour of the proof in the newsroom's zone.
HOUR = 4


@dataclass(frozen=True, slots=True)
class Differing:
    """A pledge whose movements do not add up; both by the year."""

    pledge_id: uuid.UUID
    account_id: int
    entered: Money
    promised: Money


def due(now: datetime, zone: ZoneInfo) -> bool:
    """Whether tonight's proof has not been made yet."""
    there = now.astimezone(zone)
    hour = there.replace(hour=HOUR, minute=0, second=0, microsecond=0)
    if there < hour:
        return False
    made = db.session.scalar(select(MovementCheck.id).where(MovementCheck.at >= hour).limit(1))
    db.session.rollback()
    return made is None


def check(*, now: datetime) -> MovementCheck:
    """Compare every pledge with its movements and keep how many differ; commits."""
    movements.grace_over(now=now)
    pledges = db.session.scalar(
        select(func.count()).select_from(Pledge).where(Pledge.started_at.is_not(None))
    )
    row = MovementCheck(at=now, pledges=pledges or 0, differing=len(differing(now)))
    db.session.add(row)
    db.session.commit()
    return row


def latest() -> MovementCheck | None:
    """Return the newest proof; None before the first."""
    return db.session.scalars(
        select(MovementCheck).order_by(MovementCheck.at.desc()).limit(1)
    ).one_or_none()


def differing(now: datetime) -> Sequence[Differing]:
    """List the pledges whose movements do not add up to what they promise, by their ids."""
    sums = (
        select(
            PledgeMovement.pledge_id,
            PledgeMovement.currency,
            func.sum(PledgeMovement.yearly_minor).label("entered"),
        )
        .group_by(PledgeMovement.pledge_id, PledgeMovement.currency)
        .subquery()
    )
    entered = func.coalesce(sums.c.entered, 0)
    promised = movements.counted_minor(now)
    rows = db.session.execute(
        select(Pledge.id, Pledge.account_id, Pledge.currency, entered, promised)
        .outerjoin(sums, (sums.c.pledge_id == Pledge.id) & (sums.c.currency == Pledge.currency))
        .where(Pledge.started_at.is_not(None), entered != promised)
        .order_by(Pledge.id)
    )
    return [
        Differing(id_, account_id, Money(int(have), currency), Money(int(want), currency))
        for id_, account_id, currency, have, want in rows
    ]


def set_right(*, by: int, now: datetime) -> int:
    """Enter a correction for every pledge whose movements do not add up; commits. Return how many.

    What was entered stays. `by` is the member of staff who asked, for the audit log.
    """
    count = 0
    for one in differing(now):
        pledge = db.session.get_one(
            Pledge, one.pledge_id, with_for_update=True, populate_existing=True
        )
        count += _correct(pledge, now)
    if count:
        audit.note(by, "movements_set_right", "movement", "all", now=now, count=count)
    db.session.commit()
    check(now=now)
    return count


def _correct(pledge: Pledge, now: datetime) -> bool:
    """Enter what is missing of one pledge, whose row the caller holds."""
    entered = db.session.scalar(
        select(func.coalesce(func.sum(PledgeMovement.yearly_minor), 0)).where(
            PledgeMovement.pledge_id == pledge.id, PledgeMovement.currency == pledge.currency
        )
    )
    missing = movements.counted(pledge, now) - int(entered or 0)
    if missing:
        kind, cause = MovementKind.CORRECTION, MovementCause.CHECK
        movements.enter(pledge, kind, cause, missing, at=now, now=now)
    return bool(missing)
