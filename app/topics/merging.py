"""Proposals that mean the same: one goes on in another, and nobody loses the credit."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, literal, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from app.accounts import audit
from app.extensions import db
from app.topics import people, steps
from app.topics.credit import wanted_by
from app.topics.models import Proposal, Seconding
from app.topics.rules import KEEPS, UNDECIDED, State


class CannotMerge(ValueError):
    """One of the two is hidden, decided or merged already, or they are one and the same."""


@dataclass(frozen=True, slots=True)
class Preview:
    """What a merge would do."""

    kept: Proposal
    merged: Proposal
    #: How many people want the one that is kept, now and with the other's, each counted once.
    wanted_now: int
    wanted_then: int
    possible: bool


def preview(kept_id: int, merged_id: int) -> Preview:
    """Say what merging one proposal into another would do. Raises `UnknownProposal`."""
    found = {
        one.id: one
        for one in db.session.scalars(select(Proposal).where(Proposal.id.in_((kept_id, merged_id))))
    }
    if len(found) < len({kept_id, merged_id}):
        raise steps.UnknownProposal(kept_id)
    kept, merged = found[kept_id], found[merged_id]
    return Preview(
        kept,
        merged,
        wanted_now=wanted_by(kept_id),
        wanted_then=_together(kept_id, merged_id),
        possible=_fit(kept, merged),
    )


def _together(*proposal_ids: int) -> int:
    suggested = select(func.coalesce(Proposal.account_id, -Proposal.id)).where(
        or_(Proposal.id.in_(proposal_ids), Proposal.merged_into_id.in_(proposal_ids))
    )
    seconded = select(Seconding.account_id).where(Seconding.proposal_id.in_(proposal_ids))
    everybody = suggested.union(seconded).subquery()
    return db.session.scalar(select(func.count()).select_from(everybody)) or 0


def _fit(kept: Proposal, merged: Proposal) -> bool:
    return (
        kept.id != merged.id
        and merged.state in UNDECIDED
        and kept.state in KEEPS
        and kept.hidden_at is None
        and merged.hidden_at is None
    )


def merge(kept_id: int, merged_id: int, *, by: int, now: datetime) -> Proposal:
    """Let one proposal go on in another and tell its proposers; commits. Returns the one kept.

    Every proposer stays credited; who seconded both seconds once. Raises `UnknownProposal` and
    `CannotMerge`; then nothing has changed.
    """
    held = {proposal_id: steps.locked(proposal_id) for proposal_id in sorted({kept_id, merged_id})}
    kept, merged = held[kept_id], held[merged_id]
    if not _fit(kept, merged):
        db.session.rollback()
        raise CannotMerge(f"{merged_id} into {kept_id}")
    merged.merged_into_id = kept_id
    steps.enter(merged, State.MERGED, by=by, now=now)
    # Those merged into it before lead to the one that is kept: nobody follows more than one step.
    db.session.execute(
        update(Proposal).where(Proposal.merged_into_id == merged_id).values(merged_into_id=kept_id)
    )
    _unite_secondings(kept_id, merged_id)
    audit.note(by, "proposal_merged", "proposal", merged_id, now=now, kept_id=kept_id)
    db.session.commit()
    return kept


def _unite_secondings(kept_id: int, merged_id: int) -> None:
    theirs = select(literal(kept_id), Seconding.account_id, Seconding.created_at).where(
        Seconding.proposal_id == merged_id
    )
    db.session.execute(
        insert(Seconding)
        .from_select(["proposal_id", "account_id", "created_at"], theirs)
        .on_conflict_do_nothing()
    )
    db.session.execute(delete(Seconding).where(Seconding.proposal_id == merged_id))
    people.drop_own_secondings(Seconding.proposal_id == kept_id)
