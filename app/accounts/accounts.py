"""Accounts: found by address, made when there is none."""

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from app.accounts.models import Account
from app.extensions import db


def find(email: str) -> Account | None:
    """Return the account with this address, without regard to case."""
    return db.session.scalar(select(Account).where(func.lower(Account.email) == email.lower()))


def find_or_make(email: str, *, name: str, locale: str, listed: bool) -> Account:
    """Return the account with this address; make it when there is none. The caller commits.

    What a stranger types never changes an account whose address somebody has proved.
    """
    db.session.execute(
        insert(Account)
        .values(email=email, name=name, locale=locale, listed=listed)
        .on_conflict_do_nothing()
    )
    account = find(email)
    assert account is not None, "inserted or there before"
    if account.confirmed_at is None:
        account.name, account.locale, account.listed = name, locale, listed
    return account
