"""What is forgotten of passes: questions, codes and renewals whose time is over, and idle sites."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, and_, delete, or_, select

from app.extensions import db
from app.passes.models import PassAsk, PassCode, PassGrant, PassRenewal
from app.passes.rules import ASK_LIFE, RENEWAL_LIFE, USED_KEPT

#: So many grants at a time, so that no reader waits for a lock.
SET = 500


def forget(*, now: datetime) -> int:
    """Remove what has expired, and sites that asked nothing for long; commits; returns how many."""
    asks = delete(PassAsk).where(PassAsk.asked_at <= now - ASK_LIFE).returning(PassAsk.id)
    removed = len(db.session.scalars(asks).all())
    db.session.commit()
    while grants := _idle(now):
        removed += _tidy(grants, now)
        db.session.commit()
    return removed


def _idle(now: datetime) -> Sequence[int]:
    """Lock some grants with something to remove, and return their ids; none that is in use now.

    The grant is locked before what belongs to it, as everywhere.
    """
    codes = select(PassCode.grant_id).where(_spent(now))
    renewals = select(PassRenewal.grant_id).where(PassRenewal.expires_at <= now)
    over = or_(
        PassGrant.asked_at <= now - RENEWAL_LIFE,
        PassGrant.id.in_(codes),
        PassGrant.id.in_(renewals),
    )
    return db.session.scalars(
        select(PassGrant.id)
        .where(over)
        .order_by(PassGrant.id)
        .limit(SET)
        .with_for_update(skip_locked=True)
    ).all()


def _tidy(grants: Sequence[int], now: datetime) -> int:
    """Remove what is over of grants that are locked; the caller commits. Returns how many."""
    removed = (
        delete(PassCode)
        .where(PassCode.grant_id.in_(grants), _spent(now))
        .returning(PassCode.grant_id),
        delete(PassRenewal)
        .where(PassRenewal.grant_id.in_(grants), PassRenewal.expires_at <= now)
        .returning(PassRenewal.grant_id),
        delete(PassGrant)
        .where(PassGrant.id.in_(grants), PassGrant.asked_at <= now - RENEWAL_LIFE)
        .returning(PassGrant.id),
    )
    return sum(
        len(db.session.scalars(gone.execution_options(synchronize_session=False)).all())
        for gone in removed
    )


def _spent(now: datetime) -> ColumnElement[bool]:
    """Codes to remove; one that was handed in later, to notice that it comes twice."""
    return or_(
        and_(PassCode.expires_at <= now, PassCode.used_at.is_(None)),
        PassCode.expires_at <= now - USED_KEPT,
    )
