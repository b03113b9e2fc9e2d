"""Erasures as pages list them: of a person, of all, and the steps of one."""

import uuid
from collections.abc import Sequence

from sqlalchemy import select

from app.extensions import db
from app.privacy.erasure_models import Erasure, ErasureStep


def of_account(account_id: int) -> Sequence[Erasure]:
    """Return the erasures of an account, the newest first."""
    return db.session.scalars(
        select(Erasure)
        .where(Erasure.account_id == account_id)
        .order_by(Erasure.asked_at.desc(), Erasure.id)
    ).all()


def latest(*, limit: int) -> Sequence[Erasure]:
    """Return the newest erasures, for staff; before them whatever is held up, however old."""
    return db.session.scalars(
        select(Erasure)
        .order_by(Erasure.error.is_(None), Erasure.asked_at.desc(), Erasure.id)
        .limit(limit)
    ).all()


def steps_of(erasure_id: uuid.UUID) -> Sequence[ErasureStep]:
    """Return the steps of an erasure in the order in which they were done."""
    return db.session.scalars(
        select(ErasureStep)
        .where(ErasureStep.erasure_id == erasure_id)
        .order_by(ErasureStep.done_at.nulls_last(), ErasureStep.name)
    ).all()
