"""The inbox as staff look into it: what came of each event, and settling one again."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, func, or_, select, tuple_

from app import jobs
from app.accounts import audit
from app.extensions import db
from app.jobs import Job
from app.owed import MAX_ATTEMPTS
from app.payments.models import InboxEvent, Outcome

#: Events on one page.
PAGE = 50


class State(StrEnum):
    """What came of an event."""

    WAITING = "waiting"
    #: Could not be settled, and is tried again.
    TROUBLED = "troubled"
    #: Could not be settled, and waits for a person.
    FAILED = "failed"
    SETTLED = "settled"
    NOT_OURS = "not_ours"
    UNKNOWN = "unknown"


class UnknownEvent(LookupError):
    """No event has this id."""


@dataclass(frozen=True, slots=True)
class Question:
    """What staff look for: a state, a type, an id of an event or of what it is about."""

    state: State | None = None
    type: str = ""
    text: str = ""
    #: The last event of the page before.
    before: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """Some events, the newest first; `more` is the id to ask on from."""

    events: Sequence[InboxEvent]
    more: str | None


def state_of(event: InboxEvent) -> State:
    """Return what came of an event."""
    if event.settled_at is not None:
        return {
            Outcome.NOT_OURS: State.NOT_OURS,
            Outcome.UNKNOWN: State.UNKNOWN,
        }.get(Outcome(event.outcome or Outcome.APPLIED), State.SETTLED)
    if event.attempts >= MAX_ATTEMPTS:
        return State.FAILED
    return State.TROUBLED if event.error else State.WAITING


def _which(state: State) -> ColumnElement[bool]:
    open_ = InboxEvent.settled_at.is_(None)
    tried = InboxEvent.attempts >= MAX_ATTEMPTS
    match state:
        case State.FAILED:
            return open_ & tried
        case State.TROUBLED:
            return open_ & ~tried & InboxEvent.error.is_not(None)
        case State.WAITING:
            return open_ & ~tried & InboxEvent.error.is_(None)
        case State.NOT_OURS:
            return InboxEvent.outcome == Outcome.NOT_OURS
        case State.UNKNOWN:
            return InboxEvent.outcome == Outcome.UNKNOWN
        case State.SETTLED:
            return InboxEvent.outcome == Outcome.APPLIED


def page(asked: Question) -> Page:
    """Return the events asked for, a page of them."""
    wanted = select(InboxEvent).order_by(InboxEvent.received_at.desc(), InboxEvent.id.desc())
    if asked.state is not None:
        wanted = wanted.where(_which(asked.state))
    if asked.type:
        wanted = wanted.where(InboxEvent.type == asked.type)
    if asked.text:
        wanted = wanted.where(
            or_(InboxEvent.id == asked.text, InboxEvent.stripe_object_id == asked.text)
        )
    last = db.session.get(InboxEvent, asked.before) if asked.before else None
    if last is not None:
        place = tuple_(InboxEvent.received_at, InboxEvent.id)
        wanted = wanted.where(place < tuple_(last.received_at, last.id))
    events = db.session.scalars(wanted.limit(PAGE + 1)).all()
    return Page(events[:PAGE], events[PAGE - 1].id if len(events) > PAGE else None)


def types() -> Sequence[str]:
    """Return the types that have come, in alphabetical order."""
    return db.session.scalars(select(InboxEvent.type).distinct().order_by(InboxEvent.type)).all()


def counts() -> dict[State, int]:
    """Return how many events wait, are in trouble or have failed."""
    states = (State.WAITING, State.TROUBLED, State.FAILED)
    asked = select(*(func.count().filter(_which(state)) for state in states)).where(
        InboxEvent.due_at.is_not(None)
    )
    return dict(zip(states, db.session.execute(asked).one(), strict=True))


def find(event_id: str) -> InboxEvent:
    """Return an event. Raises `UnknownEvent`."""
    event = db.session.get(InboxEvent, event_id)
    if event is None:
        raise UnknownEvent(event_id)
    return event


def look(event_id: str, by: int, *, now: datetime) -> InboxEvent:
    """Return an event whose body a member of staff reads, and note that; commits.

    A body holds names and addresses. Raises `UnknownEvent`.
    """
    event = find(event_id)
    audit.note(by, "event_read", "inbox_event", event_id, now=now)
    db.session.commit()
    return event


def settle_again(event_id: str, by: int, *, now: datetime) -> None:
    """Make an event due, whatever came of it; commits. Settling twice changes nothing.

    Raises `UnknownEvent`.
    """
    event = db.session.get(InboxEvent, event_id, with_for_update=True, populate_existing=True)
    if event is None:
        db.session.rollback()
        raise UnknownEvent(event_id)
    audit.note(by, "event_settled_again", "inbox_event", event_id, now=now, type=event.type)
    event.settled_at = None
    event.outcome = None
    event.error = None
    event.ask_again(now)
    jobs.enqueue_after_commit(Job.SETTLE_EVENTS)
    db.session.commit()


def settle_failed_again(by: int, *, now: datetime) -> int:
    """Make every event due that waits for a person; commits. Return how many."""
    failed = db.session.scalars(
        select(InboxEvent).where(InboxEvent.given_up()).with_for_update(skip_locked=True)
    ).all()
    for event in failed:
        event.ask_again(now)
    if failed:
        audit.note(by, "events_settled_again", "inbox_event", "all", now=now, count=len(failed))
        jobs.enqueue_after_commit(Job.SETTLE_EVENTS)
    db.session.commit()
    return len(failed)
