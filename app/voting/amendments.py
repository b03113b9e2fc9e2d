"""What may still change in an open round: a typing error, and the close, to later only."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from difflib import SequenceMatcher

from sqlalchemy import func, select

from app.accounts import audit
from app.extensions import db
from app.jobs import Job, enqueue_after_commit
from app.voting.models import Round, RoundStatus
from app.voting.plans import RoundCorrection, RoundExtension
from app.voting.rounds import NotOpen, locked, next_turn

#: A close is put off by so much at most, counted from the one before.
LONGEST = timedelta(days=60)
#: A text with less in common with the one before is another text, not the same without an error.
LEAST_ALIKE = 0.8


class AnotherText(ValueError):
    """What was typed is more than a corrected error; `field` says in which text."""

    def __init__(self, field: "Field") -> None:
        super().__init__(field)
        self.field = field


class NotLater(ValueError):
    """The new close is not later than the old one, or much too late."""


@dataclass(frozen=True, slots=True)
class Field:
    """A text of a round: of the round itself, or of one of its topics."""

    #: "title", "intro" or "summary".
    name: str
    #: The topic's number; None for the round.
    number: int | None = None


def texts(round_: Round) -> dict[Field, str]:
    """Return every text of a round that may hold a typing error."""
    found = {Field("title"): round_.title, Field("intro"): round_.intro}
    for topic in round_.topics:
        found[Field("title", topic.number)] = topic.title
        found[Field("summary", topic.number)] = topic.summary
    return found


def correct(
    round_id: int, typed: Mapping[Field, str], *, by: int, now: datetime
) -> Sequence[RoundCorrection]:
    """Correct typing errors in a round before its close, keeping both versions; commits.

    Returns what was changed. Raises `UnknownRound`, `NotOpen`, and `AnotherText` for a text that
    became empty or says something else; after these nothing has changed.
    """
    round_ = locked(round_id)
    if round_.status != RoundStatus.OPEN or _clock() >= round_.closes_at:
        raise NotOpen(round_.title)
    known, first = texts(round_), _first_texts(round_id)
    entered = []
    for field, after in typed.items():
        before = known.get(field)
        if before is None or after == before:
            continue
        # Held against the text that was opened too: many small steps make another text as well.
        if not (alike(before, after) and alike(first.get(field, before), after)):
            db.session.rollback()
            raise AnotherText(field)
        entered.append(
            RoundCorrection(
                round_id=round_id,
                number=field.number,
                field=field.name,
                before=before,
                after=after,
                by_account_id=by,
                corrected_at=now,
            )
        )
        topics = {topic.number: topic for topic in round_.topics}
        setattr(round_ if field.number is None else topics[field.number], field.name, after)
    if entered:
        db.session.add_all(entered)
        round_.amended_at = now
        audit.note(by, "round_corrected", "round", round_id, now=now, texts=len(entered))
    db.session.commit()
    return entered


def _first_texts(round_id: int) -> dict[Field, str]:
    """The texts that were corrected, as they stood at the opening."""
    first: dict[Field, str] = {}
    for one in corrections(round_id):
        first.setdefault(Field(one.field, one.number), one.before)
    return first


def alike(before: str, after: str) -> bool:
    """Whether a text is still the same one, but for errors in it."""
    alike = SequenceMatcher(None, before, after, autojunk=False).ratio()
    return bool(before and after) and alike >= LEAST_ALIKE


def extend(round_id: int, closes_at: datetime, note: str, *, by: int, now: datetime) -> Round:
    """Put the close of an open round off, with a note for everybody to read; commits.

    Ballots that were cast stay; who has voted gets no letter. Raises `UnknownRound`, `NotOpen`
    once the close has come by the database's clock, and `NotLater`.
    """
    round_ = locked(round_id)
    if round_.status != RoundStatus.OPEN or _clock() >= round_.closes_at:
        db.session.rollback()
        raise NotOpen(round_.title)
    if not round_.closes_at < closes_at <= round_.closes_at + LONGEST:
        db.session.rollback()
        raise NotLater(closes_at.isoformat())
    db.session.add(
        RoundExtension(
            round_id=round_id,
            before=round_.closes_at,
            after=closes_at,
            note=note,
            by_account_id=by,
            extended_at=now,
        )
    )
    audit.note(
        by, "round_extended", "round", round_id, now=now, before=round_.closes_at, after=closes_at
    )
    round_.closes_at, round_.amended_at = closes_at, now
    if round_.told_at is not None:
        round_.ask_again(next_turn(round_))
    enqueue_after_commit(Job.TURN_ROUNDS)
    db.session.commit()
    return round_


def _clock() -> datetime:
    moment: datetime = db.session.execute(select(func.clock_timestamp())).scalar_one()
    return moment


def corrections(round_id: int) -> Sequence[RoundCorrection]:
    """Return what was corrected in a round, the earliest first."""
    return db.session.scalars(
        select(RoundCorrection)
        .where(RoundCorrection.round_id == round_id)
        .order_by(RoundCorrection.id)
    ).all()


def extensions(round_id: int) -> Sequence[RoundExtension]:
    """Return how the close of a round was put off, the earliest first."""
    return db.session.scalars(
        select(RoundExtension)
        .where(RoundExtension.round_id == round_id)
        .order_by(RoundExtension.id)
    ).all()
