"""Approvals: acts that a second member of staff has to agree to."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Select, select

from app.accounts.models import Account, Approval, Role
from app.extensions import db
from app.letters import letters

#: The letter that says that an act waits; its matter is the request's id and the reader's.
LETTER = "approval_wanted"

#: Who may agree to which act; every act has its line.
APPROVERS: dict[str, frozenset[Role]] = {
    "refund": frozenset({Role.FINANCE, Role.OWNER}),
    "erasure": frozenset({Role.FINANCE, Role.FUNDRAISER, Role.OWNER}),
    "round_opening": frozenset({Role.EDITOR, Role.OWNER}),
    "monthly_rounds": frozenset({Role.EDITOR, Role.OWNER}),
}


class NobodyToApprove(ValueError):
    """Nobody but who asks has a role that could agree, so the act can never happen."""


class UnknownApproval(LookupError):
    """There is no such request."""


class AlreadyDecided(ValueError):
    """Somebody has decided it before."""


class AskedAnew(ValueError):
    """The request on the page was taken back; what waits now may be about something else."""


class MayNotApprove(ValueError):
    """Who decides is the one who asked, or has no role for it."""


def ask(
    act: str, subject_id: object, asked_by_id: int, *, now: datetime, letter: str = LETTER
) -> Approval:
    """Ask for a second member of staff to agree to an act. The caller commits.

    Each of those who could is owed a letter of the kind. Returns the request that waits already, if
    there is one; the caller holds the subject's row, so two never wait. Raises `NobodyToApprove`
    when it would wait for ever.
    """
    found = awaited(act, subject_id)
    if found is not None:
        return found
    others = _others_who_may(act, asked_by_id)
    if not others:
        raise NobodyToApprove(act)
    approval = Approval(act=act, subject_id=str(subject_id), asked_by_id=asked_by_id, asked_at=now)
    db.session.add(approval)
    db.session.flush()
    letters.owe_each(letter, [(f"{approval.id}:{one}", one) for one in others], now=now)
    return approval


def awaited(act: str, subject_id: object) -> Approval | None:
    """Return the request about one thing that nobody has decided."""
    return db.session.scalars(_about(act, subject_id).where(Approval.decided_at.is_(None))).first()


def drop(act: str, subject_id: object) -> None:
    """Take back a request that nobody has decided, if there is one. The caller commits."""
    waiting = awaited(act, subject_id)
    if waiting is not None:
        db.session.delete(waiting)


def decide(approval_id: int, by_account_id: int, *, approved: bool, now: datetime) -> Approval:
    """Agree to an act or decline it, once. The caller commits and acts.

    Raises `UnknownApproval`, `AlreadyDecided`, `MayNotApprove`.
    """
    approval = db.session.get(Approval, approval_id, with_for_update=True, populate_existing=True)
    if approval is None:
        raise UnknownApproval(str(approval_id))
    if approval.decided_at is not None:
        raise AlreadyDecided(str(approval_id))
    if not may_decide(approval, db.session.get_one(Account, by_account_id)):
        raise MayNotApprove(str(approval_id))
    approval.decided_by_id, approval.decided_at, approval.approved = by_account_id, now, approved
    return approval


def may_decide(approval: Approval, account: Account) -> bool:
    """Whether an account may decide a request: by its role, and never its own."""
    return account.role in APPROVERS[approval.act] and account.id != approval.asked_by_id


def waiting(act: str | None = None) -> Sequence[Approval]:
    """Return the requests nobody has decided, the oldest first; of one act or of all."""
    asked = select(Approval).where(Approval.decided_at.is_(None)).order_by(Approval.asked_at)
    return db.session.scalars(asked.where(Approval.act == act) if act else asked).all()


def decided_since(since: datetime) -> Sequence[Approval]:
    """Return the requests that were decided since a moment, the newest first."""
    return db.session.scalars(
        select(Approval).where(Approval.decided_at >= since).order_by(Approval.decided_at.desc())
    ).all()


def held_to(waiting: Approval | None, seen: int | None) -> Approval:
    """Return the request that waits, if it is the one with the id that the page has shown.

    Whoever agrees agrees to what they saw, and not to what was asked for since. Without `seen`
    whichever waits. Raises `AlreadyDecided` where none does, and `AskedAnew`.
    """
    if waiting is None:
        raise AlreadyDecided(str(seen))
    if seen is not None and waiting.id != seen:
        raise AskedAnew(str(seen))
    return waiting


def of_subject(act: str, subject_id: object) -> Approval | None:
    """Return the newest request about one thing."""
    return db.session.scalars(_about(act, subject_id).order_by(Approval.id.desc())).first()


def _about(act: str, subject_id: object) -> Select[Approval]:
    return select(Approval).where(Approval.act == act, Approval.subject_id == str(subject_id))


def _others_who_may(act: str, asked_by_id: int) -> Sequence[int]:
    return db.session.scalars(
        select(Account.id)
        .where(Account.role.in_(APPROVERS[act]), Account.id != asked_by_id)
        .order_by(Account.id)
    ).all()
