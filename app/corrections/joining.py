"""Groups put right by hand: two that are one passage, and a letter that is about another."""

from datetime import datetime

from sqlalchemy import ColumnElement, func, select, update

from app.accounts import audit
from app.corrections import groups, intake
from app.corrections.models import Correction, CorrectionGroup
from app.corrections.rules import State
from app.extensions import db


class CannotJoin(ValueError):
    """They are one and the same, of two articles, or spam; or the one that would go has a note."""


class UnknownLetter(LookupError):
    """The group holds no such letter."""


class OnlyOne(ValueError):
    """A group of one letter cannot be split."""


def join(kept_id: int, joined_id: int, *, by: int, now: datetime) -> None:
    """Put all letters of one group to another of the same article; commits.

    What is sent about the joined one's passage from now on goes to the kept one. Raises
    `UnknownGroup`, `Moved`, `CannotJoin`.
    """
    if kept_id == joined_id:
        raise CannotJoin(kept_id)
    # One join of an article after the other, and none while a letter is entered: each holds several
    # groups, a letter in the order in which they were joined.
    intake.wait_for_turn(groups.find(kept_id).article)
    held = {one: groups.locked(one) for one in sorted((kept_id, joined_id))}
    kept, joined = held[kept_id], held[joined_id]
    if (
        kept.article != joined.article
        or State.SPAM in (kept.state, joined.state)
        or groups.standing_note(joined_id) is not None
    ):
        db.session.rollback()
        raise CannotJoin(joined_id)
    _move_letters(Correction.group_id == joined_id, kept_id)
    db.session.execute(
        update(CorrectionGroup)
        .where(CorrectionGroup.joined_into_id == joined_id)
        .values(joined_into_id=kept_id)
    )
    joined.joined_into_id = kept_id
    joined.again_at = None
    kept.first_at = min(kept.first_at, joined.first_at)
    kept.last_at = max(kept.last_at, joined.last_at)
    audit.note(by, "correction_joined", "correction", kept_id, now=now, joined=joined_id)
    audit.note(by, "correction_joined", "correction", joined_id, now=now, kept_id=kept_id)
    db.session.commit()


def split(group_id: int, letter_id: int, *, by: int, now: datetime) -> int:
    """Make a reader's letter a group of its own, new, and return that group; commits.

    Raises `UnknownGroup`, `Moved`, `UnknownLetter`, `OnlyOne`.
    """
    group = groups.locked(group_id)
    letter = db.session.get(Correction, letter_id)
    if letter is None or letter.group_id != group_id:
        db.session.rollback()
        raise UnknownLetter(letter_id)
    if _letters(group_id) == 1:
        db.session.rollback()
        raise OnlyOne(group_id)
    made = CorrectionGroup(
        article=group.article,
        url=group.url,
        title=group.title,
        passage=letter.passage,
        prefix=letter.prefix,
        suffix=letter.suffix,
        locale=letter.locale,
        state=State.NEW,
        first_at=letter.sent_at,
        last_at=letter.sent_at,
    )
    db.session.add(made)
    db.session.flush()
    _move_letters(Correction.id == letter_id, made.id)
    audit.note(by, "correction_split", "correction", group_id, now=now, made=made.id)
    audit.note(by, "correction_split", "correction", made.id, now=now, split_from=group_id)
    db.session.commit()
    return made.id


def _move_letters(which: ColumnElement[bool], to: int) -> None:
    db.session.execute(
        update(Correction).where(which).values(group_id=to),
        execution_options={"synchronize_session": False},
    )


def _letters(group_id: int) -> int:
    return (
        db.session.scalar(
            select(func.count()).select_from(Correction).where(Correction.group_id == group_id)
        )
        or 0
    )
