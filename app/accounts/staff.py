"""Staff: who may work here, and as what."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select

from app.accounts import accounts, second_factor
from app.accounts.models import Account, Role
from app.extensions import db
from app.letters import letters
from app.letters.models import Letter
from app.mailer import Draft


class NotStaff(LookupError):
    """Nobody on the staff has this address."""


def invite(email: str, role: Role, *, name: str, locale: str, now: datetime) -> Account:
    """Give an account a role, made when there is none, and owe a letter that says so; commits.

    A new role ends the sessions of the old one. A name replaces that of an account when given.
    """
    account = accounts.find(email) or accounts.find_or_make(
        email, name=name or email, locale=locale, listed=False
    )
    if name:
        account.name = name
    if account.role != role:
        account.role = role
        account.session_version += 1
    letters.owe("staff_invitation", f"{account.id}:{now:%Y%m%dT%H%M%S%f}", account.id, now=now)
    db.session.commit()
    return account


def remove(email: str) -> Account:
    """Take the role and the second factor away and end every session; commits.

    The account stays and is a reader's. Raises `NotStaff`.
    """
    account = find(email)
    account.role, account.monday_letter = None, False
    second_factor.forget(account)
    accounts.end_sessions(account)
    db.session.commit()
    return account


def find(email: str) -> Account:
    """Return the member of staff with this address. Raises `NotStaff`."""
    account = accounts.find(email)
    if account is None or not account.is_staff:
        raise NotStaff(email)
    return account


def everyone() -> Sequence[Account]:
    """Return all staff, in the order of their addresses."""
    return db.session.scalars(
        select(Account).where(Account.role.is_not(None)).order_by(Account.email)
    ).all()


@letters.writes("staff_invitation")
def write(letter: Letter) -> Draft | None:
    """Write the letter to a new member of staff; none when the role has been taken away since."""
    account = db.session.get_one(Account, letter.account_id)
    if not account.is_staff:
        return None
    return letters.draft(
        "staff_invitation", to=account.email, locale=account.locale, name=account.name
    )
