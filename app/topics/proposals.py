"""Proposals: suggested, seconded, credited, chosen; a person's few each month."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert

from app.accounts.models import Account
from app.current import settings, zone
from app.extensions import db
from app.giving import pledges
from app.topics import steps, trigrams
from app.topics.credit import wanted
from app.topics.models import Proposal, Seconding, Step
from app.topics.rules import UNDECIDED, State
from app.topics.steps import UnknownProposal

#: Published here for the rooms to the right.
proposers = steps.proposers


class NotAPatron(ValueError):
    """Only patrons suggest and second."""


class Enough(ValueError):
    """The person has suggested as many topics this month as one may."""


class NotToBeSeconded(ValueError):
    """It is hidden or decided already, or the person suggested it."""


@dataclass(frozen=True, slots=True)
class Draft:
    """What a patron typed, checked."""

    title: str
    why: str
    links: tuple[str, ...]
    named: bool
    locale: str


def make(account_id: int, draft: Draft, *, request_key: uuid.UUID, now: datetime) -> Proposal:
    """Enter a patron's proposal; commits. The same form sent twice returns the one it made.

    Raises `NotAPatron` and `Enough`.
    """
    # Two windows of one person wait for each other, so that the month's number holds.
    db.session.get_one(Account, account_id, with_for_update={"key_share": True})
    made = db.session.scalar(
        select(Proposal).where(
            Proposal.request_key == request_key, Proposal.account_id == account_id
        )
    )
    if made is not None:
        db.session.rollback()
        return made
    if not pledges.is_patron(account_id, now):
        db.session.rollback()
        raise NotAPatron
    if left(account_id, now) <= 0:
        db.session.rollback()
        raise Enough
    proposal = Proposal(
        request_key=request_key,
        account_id=account_id,
        title=draft.title,
        why=draft.why,
        links=list(draft.links),
        locale=draft.locale,
        named=draft.named,
        trigrams=trigrams.of(draft.title),
        created_at=now,
    )
    db.session.add(proposal)
    db.session.flush()
    db.session.add(Step(proposal_id=proposal.id, at=now, to_state=State.NEW))
    db.session.commit()
    return proposal


def left(account_id: int, now: datetime) -> int:
    """Return how many topics a person may still suggest in the newsroom's month."""
    made = select(func.count()).where(
        Proposal.account_id == account_id, Proposal.created_at >= _month_began(now, zone())
    )
    return max(settings().proposals_per_month - (db.session.scalar(made) or 0), 0)


def _month_began(now: datetime, at: ZoneInfo) -> datetime:
    return now.astimezone(at).replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def find(proposal_id: int) -> Proposal:
    """Return a proposal, hidden or not. Raises `UnknownProposal`."""
    found = db.session.get(Proposal, proposal_id)
    if found is None:
        raise UnknownProposal(proposal_id)
    return found


def second(proposal_id: int, account_id: int, *, now: datetime) -> Proposal:
    """Second a proposal, once however often it is asked; commits. Returns the one seconded.

    One that was merged meanwhile is seconded where it goes on. Raises `UnknownProposal`,
    `NotAPatron` and `NotToBeSeconded`.
    """
    if not pledges.is_patron(account_id, now):
        raise NotAPatron
    proposal = steps.where_it_goes_on(proposal_id, read=True)
    if (
        proposal.hidden_at is not None
        or proposal.state not in UNDECIDED
        or account_id in proposers(proposal.id)
    ):
        db.session.rollback()
        raise NotToBeSeconded(proposal_id)
    db.session.execute(
        insert(Seconding)
        .values(proposal_id=proposal.id, account_id=account_id, created_at=now)
        .on_conflict_do_nothing()
    )
    db.session.commit()
    return proposal


def take_back(proposal_id: int, account_id: int) -> Proposal:
    """Second it no longer, while it is undecided; commits. Raises as `second` does."""
    proposal = steps.where_it_goes_on(proposal_id, read=True)
    if proposal.state not in UNDECIDED:
        db.session.rollback()
        raise NotToBeSeconded(proposal_id)
    db.session.execute(
        delete(Seconding).where(
            Seconding.proposal_id == proposal.id, Seconding.account_id == account_id
        )
    )
    db.session.commit()
    return proposal


def seconds(proposal_id: int, account_id: int) -> bool:
    """Whether a person seconds a proposal."""
    return db.session.get(Seconding, (proposal_id, account_id)) is not None


def shortlist() -> Sequence[Proposal]:
    """Return what a round may offer, what most people want first."""
    return db.session.scalars(
        select(Proposal)
        .where(Proposal.state == State.SHORTLISTED, Proposal.hidden_at.is_(None))
        .order_by(wanted().desc(), Proposal.id)
    ).all()


def mark_chosen(proposal_id: int, round_id: int, *, now: datetime) -> None:
    """Note that a proposal won a round, and owe its proposers a letter. The caller commits.

    Wherever it stands: the vote has decided. One that was merged meanwhile is chosen where it goes
    on. Once for a round, however often it is asked. Raises `UnknownProposal`.
    """
    proposal = steps.where_it_goes_on(proposal_id)
    if proposal.round_id == round_id:
        return
    proposal.round_id = round_id
    steps.enter(proposal, State.CHOSEN, by=None, now=now)


def back_to_shortlist(proposal_id: int, *, now: datetime) -> None:
    """Take a choice back, as when a corrected count changes the winner. The caller commits."""
    proposal = steps.where_it_goes_on(proposal_id)
    if proposal.state != State.CHOSEN:
        return
    proposal.round_id = None
    steps.enter(proposal, State.SHORTLISTED, by=None, now=now)
