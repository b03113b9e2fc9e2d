"""What is forgotten of requests to reprint, once they were answered or where nobody answered."""

from datetime import datetime

from sqlalchemy import ColumnElement, delete, select
from sqlalchemy.exc import IntegrityError

from app.accounts.models import Account
from app.current import zone
from app.extensions import db
from app.reprints.models import ReprintPermission, ReprintRequest
from app.reprints.rules import State

#: So many requests at a time, so that nobody waits for a lock.
SET = 500


def answered(*, before: datetime) -> int:
    """Delete what was refused, and permissions that ended, before a moment; commits; how many.

    A permission without an end is kept for as long as it holds.
    """
    ended = (ReprintPermission.withdrawn_at < before) | (
        ReprintPermission.valid_until < before.astimezone(zone()).date()
    )
    gone = db.session.scalars(
        delete(ReprintPermission).where(ended).returning(ReprintPermission.request_id)
    ).all()
    refused = (ReprintRequest.state == State.REFUSED) & (ReprintRequest.decided_at < before)
    removed = db.session.scalars(
        delete(ReprintRequest)
        .where(refused | ReprintRequest.id.in_(gone))
        .returning(ReprintRequest.id)
    ).all()
    db.session.commit()
    return len(removed)


def unanswered(*, before: datetime) -> int:
    """Delete what was asked before a moment and never decided about; commits; how many."""
    return _drop((ReprintRequest.state == State.OPEN) & (ReprintRequest.asked_at < before))


def spam(*, before: datetime) -> int:
    """Delete what was called spam before a moment; commits; how many."""
    return _drop((ReprintRequest.state == State.SPAM) & (ReprintRequest.decided_at < before))


def _drop(over: ColumnElement[bool]) -> int:
    """Delete requests nobody was written to about, with accounts they alone made; commits."""
    count = 0
    while owners := _owners(over):
        gone = db.session.execute(
            delete(ReprintRequest)
            .where(over, ReprintRequest.account_id.in_(owners))
            .returning(ReprintRequest.account_id, ReprintRequest.name)
            .execution_options(synchronize_session=False)
        ).all()
        for account_id, name in sorted({(one.account_id, one.name) for one in gone}):
            _drop_account(account_id, name)
        db.session.commit()
        count += len(gone)
    return count


def _owners(over: ColumnElement[bool]) -> list[int]:
    """Lock some accounts whose requests are over: they come before the requests, as everywhere."""
    asked = select(ReprintRequest.account_id).where(over).order_by(ReprintRequest.id).limit(SET)
    return list(
        db.session.scalars(
            select(Account.id).where(Account.id.in_(asked)).order_by(Account.id).with_for_update()
        )
    )


def _drop_account(account_id: int, name: str) -> None:
    """Delete an account that a request alone made; the database says whether."""
    bare = db.session.scalar(
        select(Account.id).where(
            Account.id == account_id,
            Account.name == name,
            Account.name != "",
            Account.listed.is_(False),
            Account.role.is_(None),
            Account.confirmed_at.is_(None),
            Account.merged_into_id.is_(None),
        )
    )
    if bare is None:
        return
    try:
        with db.session.begin_nested():
            db.session.execute(delete(Account).where(Account.id == account_id))
    except IntegrityError:
        # It gives, wrote or asked for something else: the account is the person's.
        return
