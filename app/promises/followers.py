"""Who is told when the story behind a round they voted in is published."""

from collections.abc import Sequence

from sqlalchemy import func, select

from app.accounts.models import Account
from app.extensions import db
from app.letters import consents
from app.letters.categories import Category
from app.voting.models import Participation

#: One person, whichever account it was that voted, should two have been merged.
_person = func.coalesce(Account.merged_into_id, Account.id)


def of_round(round_id: int) -> Sequence[int]:
    """Return the people who voted in a round, for whatever, and want such letters, each once."""
    return db.session.scalars(
        select(_person)
        .join(Participation, Participation.account_id == Account.id)
        .where(
            Participation.round_id == round_id,
            consents.agreed(Category.TOPICS, _person),
        )
        .distinct()
        .order_by(_person)
    ).all()
