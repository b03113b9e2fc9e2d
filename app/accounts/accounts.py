"""Accounts: found by address, made when there is none."""

import uuid
from collections.abc import Sequence

from sqlalchemy import ColumnElement, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from app.accounts.models import Account, SignIn
from app.extensions import db
from app.mailer import NOWHERE


class AddressTaken(ValueError):
    """Another account has this address."""


def find(email: str) -> Account | None:
    """Return whose address this is, without regard to case.

    The address of an account that was merged into another is that other's.
    """
    account = addressed(email)
    return kept(account) if account is not None else None


def addressed(email: str) -> Account | None:
    """Return the account with this very address, even one that was merged into another."""
    # Both sides in the database: its lower case is not Python's for every letter.
    return db.session.scalar(select(Account).where(func.lower(Account.email) == func.lower(email)))


def kept(account: Account) -> Account:
    """Return the account that an account was merged into; itself where it was not."""
    if account.merged_into_id is None:
        return account
    return db.session.get_one(Account, account.merged_into_id)


def locked(account_id: int) -> Account:
    """Return an account under a row lock until the caller commits; one merged away as its keeper.

    Whoever is about to write a row of a person takes this lock, or a merge at the same moment
    would not see that row.
    """
    account = _lock(Account.id == account_id)
    return (
        account if account.merged_into_id is None else _lock(Account.id == account.merged_into_id)
    )


def _lock(which: ColumnElement[bool]) -> Account:
    return db.session.scalars(
        select(Account)
        .where(which)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    ).one()


def is_being_erased(account_ids: Sequence[int]) -> bool:
    """Whether one of some accounts is to be erased soon, or has been; the caller holds them."""
    # By the table's name: erasures stand to the right of accounts.
    erasure = Account.metadata.tables["erasure"]
    over = ("asked", "undone", "declined", "expired", "overtaken")
    found = select(erasure.c.id).where(
        erasure.c.account_id.in_(account_ids), erasure.c.state.not_in(over)
    )
    return bool(db.session.scalar(select(found.exists())))


def find_or_make(email: str, *, name: str, locale: str, listed: bool) -> Account:
    """Return whose address this is; make the account when there is none. The caller commits.

    One that was there stays as it is. Either is locked until then, so that of two requests about
    one address the second sees what the first has written.
    """
    db.session.execute(
        insert(Account)
        .values(email=email, name=name, locale=locale, listed=listed)
        .on_conflict_do_nothing()
    )
    account = _lock(func.lower(Account.email) == func.lower(email))
    return (
        account if account.merged_into_id is None else _lock(Account.id == account.merged_into_id)
    )


def make_without_address(*, name: str, locale: str) -> Account:
    """Make the account of a person who has no address here. The caller commits.

    It has a place of its own where no letter is sent, and nobody can sign in to it.
    """
    account = Account(email=f"{uuid.uuid4().hex}@{NOWHERE}", name=name, locale=locale)
    db.session.add(account)
    db.session.flush()
    return account


def search(part: str, *, limit: int) -> Sequence[Account]:
    """Return accounts with a part of a name or address, by name; none for no text.

    Those merged into another are left out.
    """
    if not part:
        return ()
    like = f"%{part.replace('^', '^^').replace('%', '^%').replace('_', '^_')}%"
    return db.session.scalars(
        select(Account)
        .where(
            Account.merged_into_id.is_(None),
            or_(Account.name.ilike(like, escape="^"), Account.email.ilike(like, escape="^")),
        )
        .order_by(func.lower(Account.name), Account.id)
        .limit(limit)
    ).all()


def change(
    account_id: int,
    *,
    name: str,
    locale: str,
    listed: bool,
    receipt_letters: str,
    monday_letter: bool = False,
) -> None:
    """Set what a person decides about the own account; commits.

    `receipt_letters` is "each" or "yearly". The Monday letter is for staff alone.
    """
    account = db.session.get_one(Account, account_id, with_for_update=True, populate_existing=True)
    account.name, account.locale, account.listed = name, locale, listed
    account.receipt_letters = receipt_letters
    account.monday_letter = monday_letter and account.is_staff
    db.session.commit()


def correct(account_id: int, *, name: str, email: str, locale: str) -> list[str]:
    """Set what staff correct about a person, and return the names of what changed. Caller commits.

    Another address has yet to be proved by its first letter, and ends every session and link: they
    may be in the hands of whom the wrong one belongs to. Raises `AddressTaken`.
    """
    account = db.session.get_one(Account, account_id, with_for_update=True, populate_existing=True)
    wanted = {"name": name, "email": email, "locale": locale}
    changed = [field for field, value in wanted.items() if getattr(account, field) != value]
    if "email" in changed:
        holder = addressed(email)
        if holder is not None and holder.id != account_id:
            raise AddressTaken(str(account_id))
        account.confirmed_at = None
        end_sessions(account)
    for field in changed:
        setattr(account, field, wanted[field])
    return changed


def sign_out_everywhere(account_id: int) -> None:
    """End every session of an account; commits."""
    end_sessions(
        db.session.get_one(Account, account_id, with_for_update=True, populate_existing=True)
    )
    db.session.commit()


def end_sessions(account: Account) -> None:
    """End every session and every letter's link that has not been used. The caller commits."""
    account.session_version += 1
    db.session.execute(
        update(SignIn)
        .where(SignIn.account_id == account.id, SignIn.used_at.is_(None))
        .values(used_at=func.now())
    )
