"""What a browser's signed session holds of a person: signed in, or staff awaiting a second factor.

A session is bound to the account's `session_version` and to the moment it began, so it ends by
itself and all sessions of an account can be ended at once.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import session
from flask_login import login_user

from app.accounts.models import Account
from app.extensions import db

#: How long a reader stays signed in, and how long staff do.
READER_LIFETIME = timedelta(days=30)
STAFF_LIFETIME = timedelta(hours=12)
#: How long the first factor of staff waits for the second.
PATIENCE = timedelta(minutes=15)
#: Where in a session stands how its reader came; it is of the browser, not of who signs in.
ARRIVAL = "touches"


@dataclass(frozen=True, slots=True)
class Awaited:
    """A member of staff whose first factor was right, and the page asked for."""

    account: Account
    next_path: str


def begin(account: Account, *, second_factor: bool, now: datetime) -> None:
    """Sign this browser in, in a session that holds nothing of an earlier one but `ARRIVAL`."""
    _clear()
    session.permanent = True
    session["since"] = int(now.timestamp())
    session["second_factor"] = second_factor
    login_user(account)


def account_of(session_id: str, *, now: datetime) -> Account | None:
    """Return the account a session id names, or none when the session no longer holds.

    Staff are nobody until the second factor was right in this same session, so a reader who is
    made staff signs in anew.
    """
    account = _named(session_id)
    if account is None:
        return None
    lifetime = STAFF_LIFETIME if account.is_staff else READER_LIFETIME
    if account.is_staff and not session.get("second_factor"):
        return None
    return account if _younger_than(lifetime, "since", now) else None


def claimed(*, now: datetime) -> tuple[int, int] | None:
    """Return the account and the session version that this browser's session names; or none.

    Asks no database: whether the account still has that version, and is no member of staff, is for
    the caller's statement to say.
    """
    key, _, version = session.get("_user_id", "").partition(".")
    if not key.isdecimal() or not version.isdecimal():
        return None
    return (int(key), int(version)) if _younger_than(READER_LIFETIME, "since", now) else None


def await_second_factor(account: Account, next_path: str, *, now: datetime) -> None:
    """Keep that the first factor of a member of staff was right; nobody is signed in yet."""
    _clear()
    session["awaited"] = account.get_id()
    session["awaited_since"] = int(now.timestamp())
    session["awaited_next"] = next_path


def _clear() -> None:
    came = session.get(ARRIVAL)
    session.clear()
    if came is not None:
        session[ARRIVAL] = came


def awaited(*, now: datetime) -> Awaited | None:
    """Return the member of staff this browser has yet to prove, or none."""
    account = _named(session.get("awaited", ""))
    if account is None or not account.is_staff or not _younger_than(PATIENCE, "awaited_since", now):
        return None
    return Awaited(account, session.get("awaited_next", ""))


def _named(session_id: str) -> Account | None:
    key, _, version = session_id.partition(".")
    if not key.isdecimal() or not version.isdecimal():
        return None
    account = db.session.get(Account, int(key))
    return account if account is not None and account.session_version == int(version) else None


def _younger_than(lifetime: timedelta, since: str, now: datetime) -> bool:
    return now.timestamp() - session.get(since, 0) < lifetime.total_seconds()
