"""The public list of patrons who let the newsroom name them."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from app.accounts.models import Account
from app.extensions import db
from app.giving import pledges
from app.giving.models import Pledge


@dataclass(frozen=True, slots=True)
class Honours:
    """How many patrons there are, and the names of those who are listed, by name."""

    patrons: int
    names: list[str]


def roll(now: datetime) -> Honours:
    """Return the patrons in standing and the names of those who chose to be listed."""
    standing = (
        select(Account.id, Account.name, Account.listed)
        .where(Account.id.in_(select(Pledge.account_id).where(pledges.standing_at(now))))
        .subquery()
    )
    patrons, names = db.session.execute(
        select(
            func.count(),
            func.array_agg(standing.c.name).filter(standing.c.listed, standing.c.name != ""),
        ).select_from(standing)
    ).one()
    return Honours(patrons, sorted(names or [], key=str.casefold))
