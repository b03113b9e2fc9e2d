"""Wishes to be erased that came to nothing: noted when their time is over, forgotten in the end."""

from datetime import datetime

from sqlalchemy import delete, select

from app.extensions import db
from app.privacy.erasure_models import Erasure, ErasureState
from app.privacy.erasures import CONFIRMED_WITHIN


def expire(*, now: datetime) -> int:
    """Note of letters whose time is over that nobody confirmed; return how many; commits."""
    old = db.session.scalars(
        select(Erasure)
        .where(
            Erasure.state == ErasureState.ASKED.value,
            Erasure.asked_at < now - CONFIRMED_WITHIN,
        )
        .with_for_update(skip_locked=True)
    ).all()
    for erasure in old:
        erasure.state, erasure.ended_at = ErasureState.EXPIRED, now
    db.session.commit()
    return len(old)


def forget(*, before: datetime) -> int:
    """Remove wishes that came to nothing before a moment; return how many; commits.

    One that was carried out stays, as the proof of it, and names nobody.
    """
    gone = db.session.scalars(
        delete(Erasure).where(Erasure.ended_at < before).returning(Erasure.id)
    ).all()
    db.session.commit()
    return len(gone)
