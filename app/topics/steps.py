"""A proposal's way: each step entered once, and its proposers told of it by letter."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, or_, select

from app.accounts import audit
from app.extensions import db
from app.letters import letters
from app.topics.models import Proposal, Step
from app.topics.rules import State, may_move

#: The letter that tells of a step; its matter is the step's id and the reader's.
LETTER = "proposal_step"


#: So many merges may carry a proposal on while somebody acts on it.
MERGES_MET = 5


class UnknownProposal(LookupError):
    """There is no such proposal."""


class NoWay(ValueError):
    """The proposal cannot go there from where it stands, or it stands elsewhere by now."""


class Hidden(ValueError):
    """The proposal is hidden; it goes nowhere until it is shown again."""


class NoReason(ValueError):
    """A proposal is not declined without a reason that everybody can read."""


def locked(proposal_id: int) -> Proposal:
    """Hold a proposal until the commit. Raises `UnknownProposal`."""
    found = db.session.get(Proposal, proposal_id, with_for_update=True, populate_existing=True)
    if found is None:
        raise UnknownProposal(proposal_id)
    return found


def where_it_goes_on(proposal_id: int, *, read: bool = False) -> Proposal:
    """Hold a proposal, or the one it was merged into, until the commit; `read` only from changing.

    Nothing else is held, so that no merge under way waits for this. Raises `UnknownProposal`.
    """
    for _ in range(MERGES_MET):
        attempt = db.session.begin_nested()
        kept_id = db.session.scalar(
            select(func.coalesce(Proposal.merged_into_id, Proposal.id)).where(
                Proposal.id == proposal_id
            )
        )
        found = db.session.scalar(
            select(Proposal)
            .where(Proposal.id == kept_id, Proposal.merged_into_id.is_(None))
            .with_for_update(read=read)
            .execution_options(populate_existing=True)
        )
        if found is not None:
            attempt.commit()
            return found
        # It was merged while this waited. A row that no longer fits is held nevertheless, and the
        # next merge would wait for it; only giving the attempt up lets it go.
        attempt.rollback()
    raise UnknownProposal(proposal_id)


def proposers(proposal_id: int) -> list[int]:
    """Return the accounts that suggested it or one merged into it, the earliest first, each once.

    Whose data was erased is not among them.
    """
    rows = db.session.scalars(
        select(Proposal.account_id)
        .where(
            or_(Proposal.id == proposal_id, Proposal.merged_into_id == proposal_id),
            Proposal.account_id.is_not(None),
        )
        .order_by(Proposal.created_at, Proposal.id)
    )
    return list(dict.fromkeys(account_id for account_id in rows if account_id is not None))


def move(
    proposal_id: int, to: State, *, seen: str, reason: str = "", by: int, now: datetime
) -> Proposal:
    """Move a proposal as a member of staff and tell its proposers; commits.

    `seen` is the state it stood in when they decided. Raises `UnknownProposal`, `Hidden`, `NoWay`
    where it stands elsewhere by now or there is no such way, and `NoReason`.
    """
    proposal = locked(proposal_id)
    if proposal.hidden_at is not None:
        raise Hidden(proposal_id)
    if proposal.state != seen or not may_move(proposal.state, to):
        raise NoWay(f"{proposal.state} -> {to}")
    if to is State.DECLINED and not reason:
        raise NoReason(proposal_id)
    audit.note(
        by,
        "proposal_moved",
        "proposal",
        proposal_id,
        now=now,
        before=proposal.state,
        after=to,
        reason=reason or None,
    )
    enter(proposal, to, reason=reason, by=by, now=now)
    db.session.commit()
    return proposal


def enter(
    proposal: Proposal, to: State, *, reason: str = "", by: int | None, now: datetime
) -> Step:
    """Enter one step of a proposal that is held, and owe its proposers a letter.

    The caller commits; for a merge or a choice it has set where the proposal leads to.
    """
    step = Step(
        proposal_id=proposal.id,
        at=now,
        by_account_id=by,
        from_state=proposal.state,
        to_state=to,
        reason=reason,
    )
    proposal.state, proposal.reason = to, reason
    db.session.add(step)
    db.session.flush()
    told = [(f"{step.id}:{one}", one) for one in proposers(proposal.id)]
    letters.owe_each(LETTER, told, now=now)
    return step


def of(proposal_id: int) -> Sequence[Step]:
    """Return the steps of a proposal, the newest first."""
    return db.session.scalars(
        select(Step).where(Step.proposal_id == proposal_id).order_by(Step.at.desc(), Step.id.desc())
    ).all()
