"""A promise on its way, as staff move it: planned, begun, published, dropped, put right."""

from datetime import date, datetime

from sqlalchemy import select

from app.accounts import audit
from app.accounts.models import Account, Role
from app.extensions import db
from app.jobs import Job, enqueue_after_commit
from app.promises.models import Promise, PromiseUpdate
from app.promises.rules import OPEN, SLIP_OF_THE_PEN, Entry, State
from app.topics import stories
from app.voting.models import Round, RoundStatus

#: The roles that may see to a promise.
EDITORS = (Role.EDITOR, Role.OWNER)


class UnknownPromise(LookupError):
    """There is no such promise."""


class NoWay(ValueError):
    """The promise cannot go there from where it stands, or it stands elsewhere by now."""


class NotAnEditor(ValueError):
    """Only a member of staff who may edit sees to a promise."""


def locked(promise_id: int) -> Promise:
    """Hold a promise until the commit. Raises `UnknownPromise`."""
    found = db.session.get(Promise, promise_id, with_for_update=True, populate_existing=True)
    if found is None:
        raise UnknownPromise(promise_id)
    return found


def plan(
    promise_id: int, *, editor_id: int | None, due_on: date | None, by: int, now: datetime
) -> None:
    """Say who sees to a promise, and by when; commits.

    A new date is entered in the public record. The first one stays what counts, unless it is put
    right within a day of being named; once named, a date is never taken away. Raises
    `UnknownPromise`, `NotAnEditor`, and `NoWay` for one that is done.
    """
    promise = locked(promise_id)
    if promise.state not in OPEN or (due_on is None and promise.due_on is not None):
        raise NoWay(promise.state)
    if editor_id is not None and editor_id not in {one.id for one in editors()}:
        raise NotAnEditor(editor_id)
    before = (promise.editor_id, promise.due_on)
    if before == (editor_id, due_on):
        db.session.rollback()
        return
    promise.editor_id = editor_id
    if due_on != promise.due_on:
        if promise.dated_at is None:
            promise.dated_at = now
        if now - promise.dated_at < SLIP_OF_THE_PEN:
            promise.first_due_on = due_on
        promise.due_on = due_on
        _enter(promise, Entry.DATED, by=by, now=now, due_on=due_on)
    audit.note(
        by, "promise_planned", "promise", promise_id, now=now, editor=editor_id, due_on=due_on
    )
    db.session.commit()


def write(promise_id: int, text: str, *, by: int, now: datetime) -> None:
    """Write an update for everybody to read, whatever the state; commits. Raises as `locked`."""
    promise = locked(promise_id)
    _enter(promise, Entry.NOTE, by=by, now=now, text=text)
    audit.note(by, "promise_updated", "promise", promise_id, now=now)
    db.session.commit()


def begin(promise_id: int, *, by: int, now: datetime) -> None:
    """Say that work has begun; commits. Raises `UnknownPromise`, `NoWay`."""
    promise = locked(promise_id)
    if promise.state != State.CHOSEN:
        raise NoWay(promise.state)
    _move(promise, State.IN_WORK, by=by, now=now)
    audit.note(by, "promise_begun", "promise", promise_id, now=now)
    db.session.commit()


def publish(
    promise_id: int, *, title: str, url: str, published_on: date, by: int, now: datetime
) -> None:
    """Say that the story is out, list it with the published ones and owe the letters; commits.

    Raises `UnknownPromise`, `NoWay`.
    """
    promise = locked(promise_id)
    if promise.state not in OPEN:
        raise NoWay(promise.state)
    promise.story_title, promise.story_url = title, url
    promise.published_on = published_on
    promise.publications += 1
    promise.told_at = None
    _move(promise, State.PUBLISHED, by=by, now=now)
    # Who it is told to may be many, and staff do not wait for them.
    promise.ask_again(now)
    enqueue_after_commit(Job.KEEP_PROMISES)
    stories.enter(title, url, published_on, by=by, now=now)
    audit.note(by, "promise_published", "promise", promise_id, now=now, url=url)
    db.session.commit()


def drop(promise_id: int, reason: str, *, by: int, now: datetime) -> None:
    """Say that nothing comes of it, and why, for everybody to read; commits.

    Raises `UnknownPromise`, `NoWay`.
    """
    promise = locked(promise_id)
    if promise.state not in OPEN:
        raise NoWay(promise.state)
    promise.drop_reason = reason
    _move(promise, State.DROPPED, by=by, now=now, text=reason)
    audit.note(by, "promise_dropped", "promise", promise_id, now=now, reason=reason)
    db.session.commit()


def put_right(promise_id: int, reason: str, *, seen: str, by: int, now: datetime) -> State:
    """Take the last state back, with a public reason, and return the one before it; commits.

    Letters about a publication that were not sent yet are not sent. The story stays on the list of
    published ones. `seen` is the state that staff found wrong. Raises `UnknownPromise`, and `NoWay`
    where it stands elsewhere by now, was only chosen, or fell away with its round.
    """
    promise = locked(promise_id)
    back = before(promise)
    if promise.state != seen or back is None:
        raise NoWay(promise.state)
    was = promise.state
    promise.story_title = promise.story_url = promise.published_on = None
    promise.drop_reason, promise.told_at = None, None
    promise.done()
    _move(promise, back, by=by, now=now, text=reason, entry=Entry.CORRECTED)
    audit.note(
        by,
        "promise_corrected",
        "promise",
        promise_id,
        now=now,
        before=was,
        after=back,
        reason=reason,
    )
    db.session.commit()
    return back


def before(promise: Promise) -> State | None:
    """Return the state a promise goes back to when its own is wrong; None where there is none."""
    if promise.state == State.CHOSEN:
        return None
    if promise.state == State.IN_WORK:
        return State.CHOSEN
    status = db.session.scalar(select(Round.status).where(Round.id == promise.round_id))
    if status == RoundStatus.VOID:
        return None
    last = db.session.scalar(
        select(PromiseUpdate.from_state)
        .where(PromiseUpdate.promise_id == promise.id, PromiseUpdate.to_state == promise.state)
        .order_by(PromiseUpdate.id.desc())
        .limit(1)
    )
    return State(last) if last else State.IN_WORK


def editors() -> list[Account]:
    """Return the staff who may see to a promise, by name."""
    return list(
        db.session.scalars(
            select(Account).where(Account.role.in_(EDITORS)).order_by(Account.name, Account.id)
        )
    )


def _move(
    promise: Promise,
    to: State,
    *,
    by: int,
    now: datetime,
    text: str = "",
    entry: Entry = Entry.MOVED,
) -> None:
    _enter(promise, entry, by=by, now=now, text=text, to=to)
    promise.state = to


def _enter(
    promise: Promise,
    entry: Entry,
    *,
    by: int,
    now: datetime,
    text: str = "",
    to: State | None = None,
    due_on: date | None = None,
) -> None:
    db.session.add(
        PromiseUpdate(
            promise_id=promise.id,
            at=now,
            by_account_id=by,
            entry=entry,
            from_state=promise.state if to else None,
            to_state=to,
            due_on=due_on,
            text=text,
        )
    )
