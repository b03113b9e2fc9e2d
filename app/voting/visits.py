"""What one reader finds: the rounds there are, and whether this reader may vote in them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, exists, false, func, select
from sqlalchemy.orm import joinedload

from app.extensions import db
from app.voting import roll, rounds
from app.voting.models import Participation, Publication, Round, RoundStatus, Tally
from app.voting.tally import from_json

#: Past rounds on the page of all rounds.
PAST = 36


class Stage(StrEnum):
    """Where a round stands for a reader at a moment."""

    COMING = "coming"
    OPEN = "open"
    #: Over by the clock, and the result not public yet.
    COUNTING = "counting"
    PUBLISHED = "published"
    VOID = "void"


@dataclass(frozen=True, slots=True)
class Visit:
    """A round as one reader finds it."""

    round: Round
    stage: Stage
    may_vote: bool
    has_voted: bool
    #: Titles of the topics that won; empty before the result.
    winners: tuple[str, ...] = ()


def visit(slug: str, account_id: int | None, *, now: datetime) -> Visit | None:
    """Return one round with its topics, in one statement; None for a draft or an unknown name."""
    row = (
        db.session.execute(
            select(Round, _may_vote(account_id, now), _has_voted(account_id))
            .options(joinedload(Round.topics))
            .where(Round.slug == slug)
        )
        .unique()
        .one_or_none()
    )
    if row is None:
        return None
    round_, may_vote, has_voted = row
    return Visit(round_, stage(round_, now), may_vote, has_voted)


def visits(account_id: int | None, *, now: datetime) -> Sequence[Visit]:
    """Return the rounds a reader may know of, the newest first, in one statement."""
    newest = (
        select(func.max(Publication.id))
        .where(Publication.round_id == Round.id)
        .correlate(Round)
        .scalar_subquery()
    )
    known = (
        select(Round.id)
        .where(Round.status.not_in((RoundStatus.DRAFT, RoundStatus.VOID)))
        .order_by(Round.closes_at.desc())
        .limit(PAST)
    )
    rows = (
        db.session.execute(
            select(Round, Tally, _may_vote(account_id, now), _has_voted(account_id))
            .options(joinedload(Round.topics))
            .outerjoin(Publication, Publication.id == newest)
            .outerjoin(Tally, Tally.id == Publication.tally_id)
            .where(Round.id.in_(known))
            .order_by(Round.closes_at.desc(), Round.id.desc())
        )
        .unique()
        .all()
    )
    return [
        Visit(round_, stage(round_, now), may_vote, has_voted, _winners(round_, counted))
        for round_, counted, may_vote, has_voted in rows
    ]


def stage(round_: Round, now: datetime) -> Stage:
    """Return where an opened round stands for readers."""
    match round_.status:
        case RoundStatus.PUBLISHED:
            return Stage.PUBLISHED
        case RoundStatus.VOID:
            return Stage.VOID
    if rounds.takes_ballots(round_, now):
        return Stage.OPEN
    return Stage.COMING if now < round_.closes_at else Stage.COUNTING


def _may_vote(account_id: int | None, now: datetime) -> ColumnElement[bool]:
    return false() if account_id is None else roll.may_vote(account_id, now)


def _has_voted(account_id: int | None) -> ColumnElement[bool]:
    if account_id is None:
        return false()
    return (
        exists()
        .where(Participation.round_id == Round.id, Participation.account_id == account_id)
        .correlate(Round)
    )


def _winners(round_: Round, counted: Tally | None) -> tuple[str, ...]:
    if counted is None:
        return ()
    titles = {topic.number: topic.title for topic in round_.topics}
    return tuple(titles[number] for number in from_json(counted.result).winners)
