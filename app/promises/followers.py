"""Who wants a letter when the story behind a round they voted in is published."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, func, or_, select
from sqlalchemy.dialects.postgresql import insert

from app.accounts.models import Account
from app.extensions import db
from app.promises.models import PromiseFollower
from app.voting.models import Participation

#: One person, whichever account it was that voted or chose, should two have been merged.
_person = func.coalesce(Account.merged_into_id, Account.id)


def choose(account_id: int, wanted: bool, *, now: datetime) -> None:
    """Note whether a person wants such letters; commits. Safe to run twice."""
    if wanted:
        db.session.execute(
            insert(PromiseFollower)
            .values(account_id=account_id, since=now)
            .on_conflict_do_nothing()
        )
    else:
        accounts = select(Account.id).where(
            or_(Account.id == account_id, Account.merged_into_id == account_id)
        )
        db.session.execute(delete(PromiseFollower).where(PromiseFollower.account_id.in_(accounts)))
    db.session.commit()


def wants(account_id: int) -> bool:
    """Whether a person wants such letters."""
    found = (
        select(PromiseFollower.account_id)
        .join(Account, Account.id == PromiseFollower.account_id)
        .where(_person == account_id)
    )
    return bool(db.session.scalar(select(found.exists())))


def of_round(round_id: int) -> Sequence[int]:
    """Return the people who voted in a round, for whatever, and want such letters, each once."""
    chose = select(_person).join(PromiseFollower, PromiseFollower.account_id == Account.id)
    return db.session.scalars(
        select(_person)
        .join(Participation, Participation.account_id == Account.id)
        .where(Participation.round_id == round_id, _person.in_(chose))
        .distinct()
        .order_by(_person)
    ).all()
