"""A group of readers' letters on its way: taken in hand, settled, opened again."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select

from app.accounts import audit
from app.accounts.models import Account, Role
from app.corrections.models import CorrectionGroup, CorrectionNote
from app.corrections.rules import OPEN, State
from app.extensions import db

#: The roles that may see to what readers report.
EDITORS = (Role.EDITOR, Role.OWNER)


class UnknownGroup(LookupError):
    """There is no such group."""


class Moved(ValueError):
    """It stands elsewhere by now: somebody else has decided, or joined it with another."""


class NotAnEditor(ValueError):
    """Only a member of staff who may edit sees to it."""


class NoReason(ValueError):
    """A public note is withdrawn with a reason, for everybody to read."""


def find(group_id: int) -> CorrectionGroup:
    """Return a group, joined with another or not. Raises `UnknownGroup`."""
    found = db.session.get(CorrectionGroup, group_id)
    if found is None:
        raise UnknownGroup(group_id)
    return found


def locked(group_id: int, *, seen: str | None = None) -> CorrectionGroup:
    """Hold a group until the commit; `seen` is the state staff saw it in.

    Raises `UnknownGroup`, and `Moved` where it stands elsewhere or was joined with another.
    """
    found = db.session.get(CorrectionGroup, group_id, with_for_update=True, populate_existing=True)
    if found is None:
        raise UnknownGroup(group_id)
    if found.joined_into_id is not None or seen not in (None, found.state):
        db.session.rollback()
        raise Moved(group_id)
    return found


def editors() -> Sequence[Account]:
    """Return the staff who may see to a group, by name."""
    return db.session.scalars(
        select(Account).where(Account.role.in_(EDITORS)).order_by(Account.name, Account.id)
    ).all()


def take(group_id: int, *, seen: str, by: int, now: datetime) -> None:
    """Take a group in hand oneself; commits. Raises `UnknownGroup`, `Moved`."""
    group = _open(group_id, seen)
    group.state, group.assignee_id, group.again_at = State.IN_HAND, by, None
    audit.note(by, "correction_taken", "correction", group_id, now=now)
    db.session.commit()


def assign(group_id: int, to: int | None, *, by: int, now: datetime) -> None:
    """Say who sees to a group, None for nobody; commits. Who gets one has it in hand.

    Raises `UnknownGroup`, `Moved` for one that is settled, and `NotAnEditor`.
    """
    if to is not None and to not in {one.id for one in editors()}:
        raise NotAnEditor(to)
    group = _open(group_id, None)
    if group.assignee_id == to:
        db.session.rollback()
        return
    group.assignee_id = to
    group.state = State.IN_HAND if to is not None else State.NEW
    audit.note(by, "correction_assigned", "correction", group_id, now=now, editor=to)
    db.session.commit()


def no_mistake(group_id: int, reason: str, *, seen: str, by: int, now: datetime) -> None:
    """Settle that the passage stays as it is, and why; commits. Raises `UnknownGroup`, `Moved`."""
    group = _open(group_id, seen)
    settle(group, State.NO_MISTAKE, now=now)
    group.reason = reason
    audit.note(by, "correction_no_mistake", "correction", group_id, now=now, reason=reason)
    db.session.commit()


def spam(group_id: int, *, seen: str, by: int, now: datetime) -> None:
    """Settle that no reader wrote this; commits. Raises `UnknownGroup`, `Moved`."""
    settle(_open(group_id, seen), State.SPAM, now=now)
    audit.note(by, "correction_spam", "correction", group_id, now=now)
    db.session.commit()


def settle(group: CorrectionGroup, to: State, *, now: datetime) -> None:
    """Settle a group that is held and open. The caller commits."""
    group.state, group.settled_at, group.again_at = to, now, None


def reopen(group_id: int, reason: str, *, seen: str, by: int, now: datetime) -> None:
    """Take back what a group was settled as: it is in hand again, or new; commits.

    A public note stays in the log, withdrawn with the reason. Raises `UnknownGroup`, `Moved`, and
    `NoReason` where a note stands and there is none.
    """
    group = locked(group_id, seen=seen)
    if group.state in OPEN:
        db.session.rollback()
        raise Moved(group_id)
    note = standing_note(group_id)
    if note is not None and not reason:
        db.session.rollback()
        raise NoReason(group_id)
    if note is not None:
        note.withdrawn_at, note.withdrawn_reason = now, reason
        audit.note(by, "correction_note_withdrawn", "correction_note", note.id, now=now)
    before = group.state
    group.state = State.NEW if group.assignee_id is None else State.IN_HAND
    group.settled_at = group.again_at = None
    group.reason = ""
    audit.note(
        by,
        "correction_reopened",
        "correction",
        group_id,
        now=now,
        before=before,
        reason=reason or None,
    )
    db.session.commit()


def look(group_id: int, *, by: int, now: datetime) -> None:
    """Note that what came after a group was settled changes nothing; commits.

    Raises `UnknownGroup`, `Moved`.
    """
    group = locked(group_id)
    if group.again_at is not None:
        group.again_at = None
        audit.note(by, "correction_looked_at", "correction", group_id, now=now)
    db.session.commit()


def standing_note(group_id: int) -> CorrectionNote | None:
    """Return the public note of a group that holds; None where there is none."""
    return db.session.scalar(
        select(CorrectionNote)
        .where(CorrectionNote.group_id == group_id, CorrectionNote.withdrawn_at.is_(None))
        .order_by(CorrectionNote.id.desc())
        .limit(1)
    )


def _open(group_id: int, seen: str | None) -> CorrectionGroup:
    group = locked(group_id, seen=seen)
    if group.state not in OPEN:
        db.session.rollback()
        raise Moved(group_id)
    return group


def held_open(group_id: int, *, seen: str) -> CorrectionGroup:
    """Hold a group that is still to be decided, until the commit. Raises as `locked` does."""
    return _open(group_id, seen)
