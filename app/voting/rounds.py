"""Rounds: drafted and opened by staff, closed by the clock, never edited in between."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from app.current import zone
from app.extensions import db
from app.jobs import Job, enqueue_after_commit
from app.voting import secrecy
from app.voting.models import RollRule, Round, RoundStatus, RoundTopic
from app.voting.tally import Method, TieRule

#: How long after the close a ballot can still be tied to its voter, to settle a dispute.
DISPUTE_WINDOW = timedelta(days=7)
LEAST_TOPICS = 2


class UnknownRound(LookupError):
    """There is no such round, or none that readers may see."""


class NotADraft(ValueError):
    """The round has been opened, so nothing in it changes any more."""


class NotOpen(ValueError):
    """The round does not take ballots now."""


class NotWithdrawable(ValueError):
    """The topic is not in the round, is withdrawn already, or is the last one."""


class Unready(ValueError):
    """The draft cannot be opened yet; `problem` says why."""

    def __init__(self, problem: "Problem") -> None:
        super().__init__(problem)
        self.problem = problem


class Problem(StrEnum):
    """Why a draft cannot be opened."""

    TOO_FEW_TOPICS = "too_few_topics"
    TOO_MANY_CHOICES = "too_many_choices"
    TOO_MANY_SEATS = "too_many_seats"
    CLOSES_TOO_EARLY = "closes_too_early"


@dataclass(frozen=True, slots=True)
class TopicDraft:
    """A topic as staff word it."""

    title: str
    summary: str = ""


@dataclass(frozen=True, slots=True)
class RoundDraft:
    """A round as staff plan it."""

    title: str
    topics: tuple[TopicDraft, ...]
    closes_at: datetime
    #: None: as soon as it is opened.
    opens_at: datetime | None = None
    intro: str = ""
    max_choices: int = 5
    #: How many topics are to win.
    seats: int = 1
    method: Method = Method.MOST_WANTED
    tie_rule: TieRule = TieRule.LOT
    quorum: int | None = None
    roll_rule: RollRule = RollRule.PATRON_WHEN_CASTING


def make(draft: RoundDraft, *, by: int | None = None, now: datetime) -> Round:
    """Write a draft; commits. Only staff see it until it is opened."""
    round_ = Round(drafted_by=by, created_at=now, status=RoundStatus.DRAFT)
    _fill(round_, draft)
    db.session.add(round_)
    db.session.commit()
    return round_


def edit(round_id: int, draft: RoundDraft) -> Round:
    """Replace what a draft says; commits. Raises `UnknownRound`, `NotADraft`."""
    round_ = locked(round_id)
    if round_.status != RoundStatus.DRAFT:
        raise NotADraft(round_.title)
    round_.topics.clear()
    # The old topics go first: the new ones have the same numbers.
    db.session.flush()
    _fill(round_, draft)
    db.session.commit()
    return round_


def _fill(round_: Round, draft: RoundDraft) -> None:
    round_.title, round_.intro = draft.title, draft.intro
    round_.method, round_.tie_rule = draft.method, draft.tie_rule
    round_.max_choices, round_.seats = draft.max_choices, draft.seats
    round_.quorum, round_.roll_rule = draft.quorum, draft.roll_rule
    round_.opens_at, round_.closes_at = draft.opens_at, draft.closes_at
    round_.topics = [
        RoundTopic(number=number, title=topic.title, summary=topic.summary)
        for number, topic in enumerate(draft.topics, start=1)
    ]


def problem(round_: Round, now: datetime) -> Problem | None:
    """Return why a draft cannot be opened now; None when it can."""
    topics = len(round_.topics)
    if topics < LEAST_TOPICS:
        return Problem.TOO_FEW_TOPICS
    if round_.max_choices > topics:
        return Problem.TOO_MANY_CHOICES
    if round_.seats >= topics:
        return Problem.TOO_MANY_SEATS
    if round_.closes_at <= max(now, round_.opens_at or now):
        return Problem.CLOSES_TOO_EARLY
    return None


def open_(round_id: int, *, now: datetime, tell: bool = True) -> Round:
    """Fix a draft for good and take ballots from its opening time on; commits.

    Patrons are told by letter when the opening time comes, unless `tell` is false. Raises
    `UnknownRound`, `NotADraft`, `Unready`.
    """
    round_ = locked(round_id)
    if round_.status != RoundStatus.DRAFT:
        raise NotADraft(round_.title)
    if found := problem(round_, now):
        raise Unready(found)
    round_.opens_at = max(now, round_.opens_at or now)
    round_.slug = _free_slug(round_.opens_at)
    round_.status = RoundStatus.OPEN
    round_.frozen_at = now
    secrecy.equip(round_)
    if tell:
        round_.ask_again(round_.opens_at)
    else:
        round_.told_at = now
        round_.ask_again(round_.closes_at)
    enqueue_after_commit(Job.TURN_ROUNDS)
    db.session.commit()
    return round_


def _free_slug(opens_at: datetime) -> str:
    """The month of the opening, in the newsroom's zone; a number follows where it is taken."""
    month = f"{opens_at.astimezone(zone()):%Y-%m}"
    db.session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended("slug", 0))))
    taken = set(db.session.scalars(select(Round.slug).where(Round.slug.startswith(month))))
    number = 1
    while (slug := month if number == 1 else f"{month}-{number}") in taken:
        number += 1
    return slug


def take_back(round_id: int) -> Round:
    """Make a round that is to open later a draft again; commits.

    Raises `UnknownRound`, and `NotADraft` once its opening time has come.
    """
    round_ = locked(round_id)
    moment: datetime = db.session.execute(select(func.clock_timestamp())).scalar_one()
    if round_.status != RoundStatus.OPEN or round_.opens_at is None or round_.opens_at <= moment:
        raise NotADraft(round_.title)
    round_.status, round_.frozen_at, round_.slug = RoundStatus.DRAFT, None, None
    secrecy.strip(round_)
    round_.done()
    db.session.commit()
    return round_


def close_now(round_id: int, *, now: datetime) -> Round:
    """Let an open round close at this moment of the database's clock; commits.

    The count follows on the same path as after any other close. Raises `UnknownRound`, `NotOpen`.
    """
    # The lock waits for ballots under way, so none is accepted after the moment it then takes.
    round_ = locked(round_id)
    moment = db.session.execute(select(func.clock_timestamp())).scalar_one()
    if not takes_ballots(round_, moment):
        raise NotOpen(round_.title)
    round_.closes_at = moment
    round_.ask_again(now)
    enqueue_after_commit(Job.TURN_ROUNDS)
    db.session.commit()
    return round_


def withdraw_topic(round_id: int, number: int, reason: str, *, now: datetime) -> Round:
    """Take a topic out of an open round, with a reason for everybody to read; commits.

    Ballots stay as they are, the count passes the topic over. Raises `UnknownRound`, `NotOpen`,
    `NotWithdrawable`.
    """
    round_ = locked(round_id)
    if round_.status != RoundStatus.OPEN or round_.closes_at <= now:
        raise NotOpen(round_.title)
    standing = {topic.number: topic for topic in round_.topics if topic.withdrawn_at is None}
    if number not in standing or len(standing) == 1:
        raise NotWithdrawable(number)
    standing[number].withdrawn_at, standing[number].withdrawn_reason = now, reason
    db.session.commit()
    return round_


def void(round_id: int, reason: str, *, now: datetime) -> Round:
    """Declare a round void, with a reason for everybody to read; commits.

    Nothing of it is counted or shown any more, and its keys are destroyed after the dispute
    window. Raises `UnknownRound`, `NotOpen` for a draft and for a round that is void already.
    """
    round_ = locked(round_id)
    if round_.status in (RoundStatus.DRAFT, RoundStatus.VOID):
        raise NotOpen(round_.title)
    round_.status, round_.void_reason, round_.voided_at = RoundStatus.VOID, reason, now
    round_.ask_again(now + DISPUTE_WINDOW)
    db.session.commit()
    return round_


def locked(round_id: int) -> Round:
    """Return a round under a row lock until the caller commits. Raises `UnknownRound`."""
    round_ = db.session.get(Round, round_id, with_for_update=True, populate_existing=True)
    if round_ is None:
        raise UnknownRound(round_id)
    return round_


def takes_ballots(round_: Round, now: datetime) -> bool:
    """Whether a round is open at a moment. For pages: a cast asks the database's clock."""
    return (
        round_.status == RoundStatus.OPEN
        and round_.opens_at is not None
        and round_.opens_at <= now < round_.closes_at
    )


def current(now: datetime) -> Round | None:
    """Return the round that takes ballots now, the one that closes first."""
    return db.session.scalar(
        select(Round)
        .where(Round.status == RoundStatus.OPEN, Round.opens_at <= now, Round.closes_at > now)
        .order_by(Round.closes_at)
        .limit(1)
    )


def find(round_id: int) -> Round:
    """Return a round with its topics, for staff. Raises `UnknownRound`."""
    found = (
        db.session.scalars(
            select(Round)
            .where(Round.id == round_id)
            .options(joinedload(Round.topics))
            .execution_options(populate_existing=True)
        )
        .unique()
        .one_or_none()
    )
    if found is None:
        raise UnknownRound(round_id)
    return found
