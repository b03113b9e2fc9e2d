"""Promises as rounds make them: one for each topic taken up, marked when a count is corrected."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, or_, select
from sqlalchemy.dialects.postgresql import insert

from app.extensions import db
from app.promises.models import Promise, PromiseIntake, PromiseUpdate
from app.promises.rules import OPEN, Entry, State
from app.voting import picks, results, rounds
from app.voting.models import EditorialPick, Publication, Round, RoundStatus


def take_in_due(*, now: datetime) -> int:
    """Bring the promises of every round up to its newest result; commits once for each round.

    Return how many rounds there were to look at.
    """
    due = [*_changed(), *_voided()]
    db.session.rollback()
    for round_id in due:
        take_in(round_id, now=now)
    return len(due)


def _changed() -> Sequence[int]:
    """Published rounds with a publication or a pick that promises do not know yet."""
    newest = (
        select(func.max(Publication.id))
        .where(Publication.round_id == Round.id)
        .correlate(Round)
        .scalar_subquery()
    )
    picked = (
        select(func.count())
        .select_from(EditorialPick)
        .where(EditorialPick.round_id == Round.id)
        .correlate(Round)
        .scalar_subquery()
    )
    return db.session.scalars(
        select(Round.id)
        .outerjoin(PromiseIntake, PromiseIntake.round_id == Round.id)
        .where(
            Round.status == RoundStatus.PUBLISHED,
            or_(
                PromiseIntake.round_id.is_(None),
                PromiseIntake.publication_id != newest,
                PromiseIntake.picks != picked,
            ),
        )
        .order_by(Round.id)
    ).all()


def _voided() -> Sequence[int]:
    """Void rounds with promises that are still open."""
    return db.session.scalars(
        select(Round.id)
        .where(
            Round.status == RoundStatus.VOID,
            select(Promise.id)
            .where(Promise.round_id == Round.id, Promise.state.in_(OPEN))
            .exists(),
        )
        .order_by(Round.id)
    ).all()


def take_in(round_id: int, *, now: datetime) -> None:
    """Make the promises of a round, or mark and drop them as its newest result says; commits.

    Safe to run twice, and at once: the round is held.
    """
    round_ = rounds.locked(round_id)
    known = {
        promise.number: promise
        for promise in db.session.scalars(
            select(Promise)
            .where(Promise.round_id == round_id)
            .with_for_update()
            .execution_options(populate_existing=True)
        )
    }
    if round_.status == RoundStatus.VOID:
        for promise in known.values():
            _fall_away(promise, round_.void_reason or "", now)
    elif round_.slug and (found := results.published(round_.slug, now=now)) is not None:
        taken = picks.taken_up(found)
        picked = {pick.number: pick.picked_at for pick in found.picks}
        for number in taken:
            if number not in known:
                first = round_.published_at or now
                _make(round_, number, max(first, picked.get(number, first)))
        for promise in known.values():
            _mark(promise, promise.number in taken, now)
        _note_intake(round_id, len(found.picks))
    db.session.commit()


def _make(round_: Round, number: int, made_at: datetime) -> None:
    promise = Promise(
        round_id=round_.id,
        number=number,
        title=next(topic.title for topic in round_.topics if topic.number == number),
        state=State.CHOSEN,
        made_at=made_at,
    )
    db.session.add(promise)
    db.session.flush()
    db.session.add(PromiseUpdate(promise_id=promise.id, at=made_at, entry=Entry.MADE))


def _mark(promise: Promise, taken: bool, now: datetime) -> None:
    """Keep a promise that a newer result does not confirm, and say so; the newsroom decides."""
    if taken == (promise.overtaken_at is None):
        return
    promise.overtaken_at = None if taken else now
    entry = Entry.RESTORED if taken else Entry.OVERTAKEN
    db.session.add(PromiseUpdate(promise_id=promise.id, at=now, entry=entry))


def _fall_away(promise: Promise, reason: str, now: datetime) -> None:
    """Drop what a void round promised; a story that is out stays out."""
    if promise.state not in OPEN:
        return
    db.session.add(
        PromiseUpdate(
            promise_id=promise.id,
            at=now,
            entry=Entry.MOVED,
            from_state=promise.state,
            to_state=State.DROPPED,
            text=reason,
        )
    )
    promise.state, promise.drop_reason = State.DROPPED, reason


def _note_intake(round_id: int, picked: int) -> None:
    newest = select(func.max(Publication.id)).where(Publication.round_id == round_id)
    values = {"publication_id": db.session.scalar(newest), "picks": picked}
    db.session.execute(
        insert(PromiseIntake)
        .values(round_id=round_id, **values)
        .on_conflict_do_update(index_elements=[PromiseIntake.round_id], set_=values)
    )
