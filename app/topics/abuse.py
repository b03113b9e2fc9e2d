"""Proposals that are reported as abusive, hidden, and shown again."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert

from app.accounts import audit
from app.extensions import db
from app.topics.models import Proposal, Report
from app.topics.rules import State
from app.topics.steps import NoWay, locked

#: A page shows so many.
MOST = 100


@dataclass(frozen=True, slots=True)
class Reported:
    """A proposal and what people say is wrong with it, the oldest report first."""

    proposal: Proposal
    reports: Sequence[Report]


def report(proposal_id: int, account_id: int, reason: str, *, now: datetime) -> None:
    """Report a proposal, once for each person; commits. Raises `UnknownProposal`."""
    locked(proposal_id)
    db.session.execute(
        insert(Report)
        .values(proposal_id=proposal_id, account_id=account_id, reason=reason, reported_at=now)
        .on_conflict_do_nothing()
    )
    db.session.commit()


def hide(proposal_id: int, reason: str, *, by: int, now: datetime) -> None:
    """Hide a proposal from everybody but its author and staff; commits.

    Its reports are settled by it. Raises `UnknownProposal`, and `NoWay` for one that was merged:
    it has no page of its own any more.
    """
    proposal = locked(proposal_id)
    if proposal.state == State.MERGED:
        db.session.rollback()
        raise NoWay(proposal_id)
    if proposal.hidden_at is None:
        proposal.hidden_at = now
        audit.note(by, "proposal_hidden", "proposal", proposal_id, now=now, reason=reason)
    proposal.hidden_reason = reason
    _settle(proposal_id, by, now)
    db.session.commit()


def show(proposal_id: int, *, by: int, now: datetime) -> None:
    """Show a hidden proposal to everybody again; commits. Raises `UnknownProposal`."""
    proposal = locked(proposal_id)
    if proposal.hidden_at is not None:
        proposal.hidden_at = proposal.hidden_reason = None
        audit.note(by, "proposal_shown", "proposal", proposal_id, now=now)
    db.session.commit()


def dismiss(proposal_id: int, *, by: int, now: datetime) -> None:
    """Leave a reported proposal as it is; commits. Raises `UnknownProposal`."""
    locked(proposal_id)
    if _settle(proposal_id, by, now):
        audit.note(by, "report_dismissed", "proposal", proposal_id, now=now)
    db.session.commit()


def _settle(proposal_id: int, by: int, now: datetime) -> int:
    rows = db.session.execute(
        update(Report)
        .where(Report.proposal_id == proposal_id, Report.settled_at.is_(None))
        .values(settled_at=now, settled_by_id=by)
        .returning(Report.id)
    ).all()
    return len(rows)


def waiting() -> int:
    """Return how many proposals have reports that nobody has looked at."""
    return (
        db.session.scalar(
            select(func.count(func.distinct(Report.proposal_id))).where(Report.settled_at.is_(None))
        )
        or 0
    )


def reported() -> Sequence[Reported]:
    """Return proposals with reports that nobody has looked at, the longest waiting first."""
    rows = db.session.execute(
        select(Proposal, Report)
        .join(Report, Report.proposal_id == Proposal.id)
        .where(Report.settled_at.is_(None))
        .order_by(Report.reported_at, Report.id)
        .limit(MOST)
    ).all()
    by_proposal: dict[int, list[Report]] = {}
    proposals = {}
    for proposal, one in rows:
        proposals[proposal.id] = proposal
        by_proposal.setdefault(proposal.id, []).append(one)
    return [Reported(proposals[id_], reports) for id_, reports in by_proposal.items()]


def of(proposal_id: int) -> Sequence[Report]:
    """Return the reports on one proposal that nobody has looked at."""
    return db.session.scalars(
        select(Report)
        .where(Report.proposal_id == proposal_id, Report.settled_at.is_(None))
        .order_by(Report.reported_at, Report.id)
    ).all()
