"""The audit log: what staff and the house's own rules did to people and money."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, select

from app import guards
from app.accounts.models import Approval, AuditEntry
from app.extensions import db

#: A page shows so many; who wants more asks for what came before the last.
MOST = 200
#: So many entries are removed at a time.
SET = 1000


def note(
    by_account_id: int | None,
    act: str,
    subject_kind: str,
    subject_id: object,
    *,
    account_id: int | None = None,
    now: datetime,
    **details: object,
) -> None:
    """Enter one act, such as "refund_asked" on a "refund". The caller commits.

    `by_account_id` is None for a rule of the house, `account_id` whose timeline shows it. `details`
    are ids, amounts and reasons, never names or addresses: entries outlive the people in them.
    """
    db.session.add(
        AuditEntry(
            at=now,
            by_account_id=by_account_id,
            act=act,
            subject_kind=subject_kind,
            subject_id=str(subject_id),
            account_id=account_id,
            details={key: _plain(value) for key, value in details.items() if value is not None},
        )
    )


def _plain(value: object) -> object:
    return value if isinstance(value, bool | int | list) else str(value)


def of_account(account_id: int) -> Sequence[AuditEntry]:
    """Return what was done to a person's account and money, the newest first."""
    return db.session.scalars(
        select(AuditEntry)
        .where(AuditEntry.account_id == account_id)
        .order_by(AuditEntry.at.desc(), AuditEntry.id.desc())
        .limit(MOST)
    ).all()


def of_subject(subject_kind: str, subject_id: object) -> Sequence[AuditEntry]:
    """Return what was done to one thing, the newest first."""
    return db.session.scalars(
        select(AuditEntry)
        .where(AuditEntry.subject_kind == subject_kind, AuditEntry.subject_id == str(subject_id))
        .order_by(AuditEntry.at.desc(), AuditEntry.id.desc())
        .limit(MOST)
    ).all()


def latest(*, before_id: int | None = None) -> Sequence[AuditEntry]:
    """Return the newest entries of all, or those entered before one of them."""
    asked = select(AuditEntry).order_by(AuditEntry.id.desc()).limit(MOST)
    if before_id is not None:
        asked = asked.where(AuditEntry.id < before_id)
    return db.session.scalars(asked).all()


def forget(*, before: datetime) -> int:
    """Remove what was entered before a moment, and what was approved; return how many.

    Commits by sets: where the period was made shorter, years go in one run.
    """
    db.session.execute(delete(Approval).where(Approval.decided_at < before))
    old = select(AuditEntry.id).where(AuditEntry.at < before).order_by(AuditEntry.at).limit(SET)
    gone = 0
    while True:
        with guards.lifted():
            taken = db.session.scalars(
                delete(AuditEntry)
                .where(AuditEntry.id.in_(old.scalar_subquery()))
                .returning(AuditEntry.id)
                .execution_options(synchronize_session=False)
            ).all()
        db.session.commit()
        gone += len(taken)
        if not taken:
            return gone
