"""What staff want to remember about a person."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import delete, select

from app.accounts import accounts, audit
from app.accounts.models import Account, AccountNote
from app.extensions import db

#: How long a note that was taken back is kept, should it have been a mistake.
KEPT = timedelta(days=30)


class IsErased(ValueError):
    """The person was erased: nothing is written down of them again."""


class UnknownNote(LookupError):
    """There is no such note of this person, or not any more."""


def standing(account_id: int) -> Sequence[tuple[AccountNote, str]]:
    """Return the notes about a person that stand, the newest first, and who wrote each."""
    rows = db.session.execute(
        select(AccountNote, Account.name)
        .join(Account, Account.id == AccountNote.by_account_id)
        .where(AccountNote.account_id == account_id, AccountNote.removed_at.is_(None))
        .order_by(AccountNote.written_at.desc(), AccountNote.id.desc())
    ).all()
    return [(note, name) for note, name in rows]


def find(account_id: int, note_id: int) -> AccountNote:
    """Return a note about a person that stands. Raises `UnknownNote`."""
    note = db.session.get(AccountNote, note_id)
    if note is None or note.account_id != account_id or note.removed_at is not None:
        raise UnknownNote(str(note_id))
    return note


def write(account_id: int, text: str, *, by: int, now: datetime) -> AccountNote:
    """Keep a note about a person; commits. The audit log says that there is one, not what.

    Raises `IsErased`.
    """
    account = accounts.locked(account_id)
    if account.is_erased:
        db.session.rollback()
        raise IsErased(str(account_id))
    note = AccountNote(account_id=account.id, by_account_id=by, text=text, written_at=now)
    db.session.add(note)
    db.session.flush()
    audit.note(by, "note_written", "note", note.id, account_id=account.id, now=now)
    db.session.commit()
    return note


def remove(account_id: int, note_id: int, *, by: int, now: datetime) -> None:
    """Take a note back; commits. Twice is once. Raises `UnknownNote`."""
    note = find(account_id, note_id)
    note.removed_at = now
    audit.note(by, "note_removed", "note", note.id, account_id=account_id, now=now)
    db.session.commit()


def forget(*, before: datetime) -> int:
    """Remove notes that were taken back before a moment; return how many; commits."""
    gone = db.session.scalars(
        delete(AccountNote).where(AccountNote.removed_at < before).returning(AccountNote.id)
    ).all()
    db.session.commit()
    return len(gone)
