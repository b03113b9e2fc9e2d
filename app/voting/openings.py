"""Opening a round by two: one member of staff asks, another looks at it and agrees."""

from datetime import datetime

from app.accounts import approvals, audit
from app.accounts.approvals import NobodyToApprove
from app.accounts.models import Approval
from app.extensions import db
from app.voting import rounds
from app.voting.models import Round, RoundStatus
from app.voting.rounds import OPENING, NotADraft, Unready, locked

#: The letter that asks a colleague to look at a round, or at the monthly template.
LETTER = "round_approval"


def awaited(round_id: int) -> Approval | None:
    """Return the request to open a draft that waits for a colleague."""
    return approvals.awaited(OPENING, round_id)


def ask_or_open(round_id: int, *, by: int, now: datetime) -> Round:
    """Ask for a second member of staff to open a draft; open it where there is none; commits.

    Whoever could agree gets a letter. Asked twice, it waits once. Raises `UnknownRound`,
    `NotADraft`, `Unready`.
    """
    round_ = locked(round_id)
    if round_.status != RoundStatus.DRAFT:
        raise NotADraft(round_.title)
    if found := rounds.problem(round_, now):
        raise Unready(found)
    waiting = awaited(round_id)
    try:
        approval = approvals.ask(OPENING, round_id, by, now=now, letter=LETTER)
    except NobodyToApprove:
        return rounds.open_(round_id, by=by, now=now)
    if waiting is None:
        audit.note(by, "round_opening_asked", "round", round_id, now=now, approval=approval.id)
    db.session.commit()
    return round_


def decide(
    round_id: int, *, approved: bool, seen: int | None = None, by: int, now: datetime
) -> Round:
    """Agree to open a draft, which opens it, or decline; commits.

    `seen` is the request that the page has shown: a draft changed and asked for anew meanwhile is
    not agreed to. Raises `UnknownRound`, `Unready` where its time has passed meanwhile, and what
    `approvals.held_to` and `approvals.decide` raise; after these nothing has changed.
    """
    round_ = locked(round_id)
    try:
        waiting = approvals.held_to(awaited(round_id), seen)
        approvals.decide(waiting.id, by, approved=approved, now=now)
        if approved:
            return rounds.open_(round_id, by=by, now=now)
    except Exception:
        db.session.rollback()
        raise
    audit.note(by, "round_opening_declined", "round", round_id, now=now, approval=waiting.id)
    db.session.commit()
    return round_


def take_back(round_id: int, *, by: int, now: datetime) -> None:
    """Take back the request to open a draft, so that it can be changed; commits."""
    locked(round_id)
    if awaited(round_id) is not None:
        approvals.drop(OPENING, round_id)
        audit.note(by, "round_opening_taken_back", "round", round_id, now=now)
    db.session.commit()
