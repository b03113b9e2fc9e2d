"""What is taken up after a count, and what that means for the proposals behind the topics."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import func, or_, select
from sqlalchemy.orm import aliased

from app.extensions import db
from app.topics import proposals
from app.topics.models import Proposal
from app.topics.rules import State
from app.voting.models import EditorialPick, Round


def taken_up(winners: Sequence[int], made: Collection[EditorialPick]) -> list[int]:
    """Return the numbers of the topics the newsroom takes up: winners, then its own picks."""
    replaced = {pick.instead_of for pick in made}
    kept = [number for number in winners if number not in replaced]
    return list(dict.fromkeys([*kept, *(pick.number for pick in made)]))


def is_settled(round_: Round) -> bool:
    """Whether a draft offers a proposal that was declined, hidden, or taken up since."""
    behind = [topic.proposal_id for topic in round_.topics if topic.proposal_id is not None]
    if not behind:
        return False
    kept = aliased(Proposal)
    settled = (
        select(kept.id)
        .join(Proposal, func.coalesce(Proposal.merged_into_id, Proposal.id) == kept.id)
        .where(
            Proposal.id.in_(behind),
            or_(kept.state.in_((State.DECLINED, State.CHOSEN)), kept.hidden_at.is_not(None)),
        )
    )
    return bool(db.session.scalar(select(settled.exists())))


def settle(round_: Round, taken_up: Collection[int], *, now: datetime) -> None:
    """Mark the proposals behind topics that were taken up, and owe their proposers a letter.

    One that an earlier count or pick had marked, and this one does not, is back on the shortlist.
    Safe to run twice. The caller commits.
    """
    behind = sorted(
        (topic.proposal_id, topic.number in taken_up)
        for topic in round_.topics
        if topic.proposal_id is not None
    )
    # Back first: two topics may have become one proposal since, and one of them won.
    for proposal_id, wins in behind:
        if not wins and _chosen_by(proposal_id) == round_.id:
            proposals.back_to_shortlist(proposal_id, now=now)
    for proposal_id, wins in behind:
        if wins:
            proposals.mark_chosen(proposal_id, round_.id, now=now)


def _chosen_by(proposal_id: int) -> int | None:
    found = proposals.find(proposal_id)
    kept = proposals.find(found.merged_into_id) if found.merged_into_id else found
    return kept.round_id
