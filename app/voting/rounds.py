"""Rounds: drafted and opened by staff, closed by the clock, never edited in between."""

from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from app.accounts import approvals, audit
from app.current import zone
from app.extensions import db
from app.jobs import Job, enqueue_after_commit
from app.letters import letters
from app.voting import chosen, drafts, secrecy
from app.voting.models import Participation, Round, RoundStatus

#: How long after the close a ballot can still be tied to its voter, to settle a dispute.
DISPUTE_WINDOW = timedelta(days=7)
LEAST_TOPICS = 2
#: The act that a second member of staff agrees to, where there is one.
OPENING = "round_opening"
#: The letter to who voted in a round that is void.
VOID = "round_void"

#: Published here: what a draft is made of.
TopicDraft = drafts.TopicDraft
RoundDraft = drafts.RoundDraft


class UnknownRound(LookupError):
    """There is no such round, or none that readers may see."""


class NotADraft(ValueError):
    """The round has been opened, so nothing in it changes any more."""


class Awaited(ValueError):
    """A colleague has been asked to open the draft, so nothing in it changes meanwhile."""


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
    SETTLED_TOPIC = "settled_topic"


def make(draft: RoundDraft, *, by: int | None = None, now: datetime) -> Round:
    """Write a draft; commits. Only staff see it until it is opened."""
    round_ = Round(drafted_by=by, created_at=now, status=RoundStatus.DRAFT)
    drafts.fill(round_, draft)
    db.session.add(round_)
    db.session.commit()
    return round_


def edit(round_id: int, draft: RoundDraft, *, now: datetime) -> Round:
    """Replace what a draft says; commits.

    Raises `UnknownRound`, `NotADraft`, and `Awaited` while a colleague is asked to open it: what
    is agreed to is what was asked for.
    """
    round_ = locked(round_id)
    if round_.status != RoundStatus.DRAFT:
        raise NotADraft(round_.title)
    if approvals.awaited(OPENING, round_id):
        db.session.rollback()
        raise Awaited(round_.title)
    round_.edited_at = round_.edited_at or now
    drafts.fill(round_, draft)
    db.session.commit()
    return round_


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
    if chosen.is_settled(round_):
        return Problem.SETTLED_TOPIC
    return None


def open_(round_id: int, *, by: int | None = None, now: datetime, tell: bool = True) -> Round:
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
        round_.ask_again(next_turn(round_))
    _note("round_opened", round_, by, now, opens_at=round_.opens_at, closes_at=round_.closes_at)
    enqueue_after_commit(Job.TURN_ROUNDS)
    db.session.commit()
    return round_


def _note(act: str, round_: Round, by: int | None, now: datetime, **details: object) -> None:
    audit.note(by, act, "round", round_.id, account_id=None, now=now, **details)


def _free_slug(opens_at: datetime) -> str:
    """The month of the opening, in the newsroom's zone; a number follows where it is taken."""
    month = f"{opens_at.astimezone(zone()):%Y-%m}"
    db.session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended("slug", 0))))
    taken = set(db.session.scalars(select(Round.slug).where(Round.slug.startswith(month))))
    number = 1
    while (slug := month if number == 1 else f"{month}-{number}") in taken:
        number += 1
    return slug


def take_back(round_id: int, *, by: int | None = None, now: datetime) -> Round:
    """Make a round that is to open later a draft again; commits.

    Raises `UnknownRound`, and `NotADraft` once its opening time has come.
    """
    round_ = locked(round_id)
    moment: datetime = db.session.execute(select(func.clock_timestamp())).scalar_one()
    if round_.status != RoundStatus.OPEN or round_.opens_at is None or round_.opens_at <= moment:
        raise NotADraft(round_.title)
    round_.status, round_.frozen_at, round_.slug = RoundStatus.DRAFT, None, None
    # Planned for times that may be others when it opens.
    round_.remind_at = None
    secrecy.strip(round_)
    drafts.look_again(round_)
    _note("round_taken_back", round_, by, now)
    db.session.commit()
    return round_


def close_now(round_id: int, *, by: int | None = None, now: datetime) -> Round:
    """Let an open round close at this moment of the database's clock; commits.

    The count follows on the same path as after any other close. Raises `UnknownRound`, `NotOpen`.
    """
    # The lock waits for ballots under way, so none is accepted after the moment it then takes.
    round_ = locked(round_id)
    moment = db.session.execute(select(func.clock_timestamp())).scalar_one()
    if not takes_ballots(round_, moment):
        raise NotOpen(round_.title)
    _note("round_closed", round_, by, now, planned=round_.closes_at)
    round_.closes_at = moment
    round_.ask_again(now)
    enqueue_after_commit(Job.TURN_ROUNDS)
    db.session.commit()
    return round_


def withdraw_topic(
    round_id: int, number: int, reason: str, *, by: int | None = None, now: datetime
) -> Round:
    """Take a topic out of an open round, with a reason for everybody to read; commits.

    Ballots stay as they are, the count passes the topic over. Raises `UnknownRound`, `NotOpen`,
    `NotWithdrawable`.
    """
    round_ = locked(round_id)
    moment = db.session.execute(select(func.clock_timestamp())).scalar_one()
    if round_.status != RoundStatus.OPEN or round_.closes_at <= moment:
        raise NotOpen(round_.title)
    standing = {topic.number: topic for topic in round_.topics if topic.withdrawn_at is None}
    if number not in standing or len(standing) == 1:
        raise NotWithdrawable(number)
    standing[number].withdrawn_at, standing[number].withdrawn_reason = now, reason
    _note("topic_withdrawn", round_, by, now, topic=number, reason=reason)
    db.session.commit()
    return round_


def void(round_id: int, reason: str, *, by: int | None = None, now: datetime) -> Round:
    """Declare a round void, with a reason for everybody to read; commits.

    Nothing of it is counted or shown any more, who voted is told by letter, and its keys are
    destroyed after the dispute window. Raises `UnknownRound`, `NotOpen` for a draft
    and for a round that is void already.
    """
    round_ = locked(round_id)
    if round_.status in (RoundStatus.DRAFT, RoundStatus.VOID):
        raise NotOpen(round_.title)
    round_.status, round_.void_reason, round_.voided_at = RoundStatus.VOID, reason, now
    round_.ask_again(now + DISPUTE_WINDOW)
    chosen.settle(round_, (), now=now)
    voters = db.session.scalars(
        select(Participation.account_id).where(Participation.round_id == round_id)
    )
    letters.owe_each(VOID, ((f"{round_id}:{id_}", id_) for id_ in voters), now=now)
    _note("round_voided", round_, by, now, reason=reason)
    db.session.commit()
    return round_


def next_turn(round_: Round) -> datetime:
    """Return when an open round owes something next: the reminder staff set, else its close."""
    if round_.remind_at is None or round_.reminded_at is not None:
        return round_.closes_at
    return min(round_.remind_at, round_.closes_at)


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
