"""Who suggested a topic, each shown as they chose, and how many people want it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import aliased

from app.accounts.models import Account
from app.extensions import db
from app.topics.models import Proposal, Seconding


@dataclass(frozen=True, slots=True)
class Credit:
    """Who suggested a topic: public names as each chose, and how many stay unnamed."""

    names: tuple[str, ...]
    unnamed: int


def of(proposal_ids: Collection[int]) -> Mapping[int, Credit]:
    """Return who suggested each proposal or one merged into it, the earliest first.

    Who suggested it twice is named once, and by name where one of the two times says so.
    """
    kept = func.coalesce(Proposal.merged_into_id, Proposal.id)
    rows = db.session.execute(
        select(kept, Proposal.id, Proposal.account_id, Proposal.named, Account.name)
        .outerjoin(Account, Account.id == Proposal.account_id)
        .where(
            or_(Proposal.id.in_(proposal_ids), Proposal.merged_into_id.in_(proposal_ids)),
        )
        .order_by(Proposal.created_at, Proposal.id)
    )
    people: dict[int, dict[int, str]] = {proposal_id: {} for proposal_id in proposal_ids}
    for kept_id, id_, account_id, named, name in rows:
        # An author whose data was erased is one person for each proposal.
        key = account_id or -id_
        # One that was merged is asked for by its own id only where its text is shown by itself.
        mine = people.get(kept_id if kept_id in people else id_, {})
        mine[key] = mine.get(key) or ((name or "") if named else "")
    return {
        proposal_id: Credit(
            names=tuple(name for name in found.values() if name),
            unnamed=sum(not name for name in found.values()),
        )
        for proposal_id, found in people.items()
    }


def wanted() -> ColumnElement[int]:
    """How many people want `Proposal`: who suggested it or one merged into it, and who seconds it.

    Nobody is both: a proposer's own seconding is refused, and dropped by a merge.
    """
    one = aliased(Proposal)
    suggested = (
        select(func.count(func.distinct(func.coalesce(one.account_id, -one.id))))
        .where(or_(one.id == Proposal.id, one.merged_into_id == Proposal.id))
        .correlate(Proposal)
        .scalar_subquery()
    )
    seconded = (
        select(func.count())
        .select_from(Seconding)
        .where(Seconding.proposal_id == Proposal.id)
        .correlate(Proposal)
        .scalar_subquery()
    )
    return suggested + seconded


def wanted_by(proposal_id: int) -> int:
    """Return how many people want one proposal."""
    return db.session.scalar(select(wanted()).where(Proposal.id == proposal_id)) or 0
