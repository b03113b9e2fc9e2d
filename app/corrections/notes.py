"""Notes of the public log: written with a correction, amended with every version kept."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select

from app.accounts import audit
from app.corrections import groups
from app.corrections.articles import Article
from app.corrections.models import CorrectionGroup, CorrectionNote, CorrectionNoteVersion
from app.corrections.rules import Kind, State
from app.extensions import db


class UnknownNote(LookupError):
    """There is no such note."""


class Overtaken(ValueError):
    """Somebody else has amended or withdrawn the note meanwhile."""


@dataclass(frozen=True, slots=True)
class Draft:
    """What a note says, checked."""

    kind: Kind
    stood: str
    stands: str
    day: date
    #: The article's title, as the log names it.
    title: str
    #: The language it is written in.
    locale: str


def correct(group_id: int, draft: Draft, *, seen: str, by: int, now: datetime) -> CorrectionNote:
    """Settle a group as corrected and publish what was changed; commits.

    Raises `UnknownGroup`, `Moved`.
    """
    group = groups.held_open(group_id, seen=seen)
    groups.settle(group, State.CORRECTED, now=now)
    note = _publish(draft, Article(group.url, group.article), group, by=by, now=now)
    audit.note(by, "correction_made", "correction", group_id, now=now, note=note.id)
    db.session.commit()
    return note


def enter(article: Article, draft: Draft, *, by: int, now: datetime) -> CorrectionNote:
    """Publish what was changed though no reader wrote about it; commits."""
    note = _publish(draft, article, None, by=by, now=now)
    audit.note(by, "correction_note_entered", "correction_note", note.id, now=now)
    db.session.commit()
    return note


def _publish(
    draft: Draft, article: Article, group: CorrectionGroup | None, *, by: int, now: datetime
) -> CorrectionNote:
    note = CorrectionNote(
        group_id=group.id if group else None,
        article=article.key,
        url=article.url,
        title=draft.title,
        locale=draft.locale,
        version=1,
        created_at=now,
        withdrawn_reason="",
    )
    db.session.add(note)
    db.session.flush()
    _write(note, draft, by=by, now=now)
    return note


def _write(note: CorrectionNote, draft: Draft, *, by: int, now: datetime) -> None:
    db.session.add(
        CorrectionNoteVersion(
            note_id=note.id,
            number=note.version,
            kind=draft.kind,
            stood=draft.stood,
            stands=draft.stands,
            day=draft.day,
            written_at=now,
            by_account_id=by,
        )
    )


def find(note_id: int) -> CorrectionNote:
    """Return a note, withdrawn or not. Raises `UnknownNote`."""
    found = db.session.get(CorrectionNote, note_id)
    if found is None:
        raise UnknownNote(note_id)
    return found


def amend(note_id: int, draft: Draft, *, seen: int, by: int, now: datetime) -> None:
    """Publish another version of a note beside the one that stood; commits.

    `seen` is the number of the version staff began from. The same words again change nothing.
    Raises `UnknownNote`, `Overtaken`.
    """
    note = db.session.get(CorrectionNote, note_id, with_for_update=True, populate_existing=True)
    if note is None:
        raise UnknownNote(note_id)
    if note.withdrawn_at is not None or note.version != seen:
        db.session.rollback()
        raise Overtaken(note_id)
    before = db.session.get_one(CorrectionNoteVersion, (note_id, note.version))
    told = (draft.kind, draft.stood, draft.stands, draft.day)
    if told != (before.kind, before.stood, before.stands, before.day):
        note.version += 1
        _write(note, draft, by=by, now=now)
        audit.note(by, "correction_note_amended", "correction_note", note_id, now=now)
    note.title, note.locale = draft.title, draft.locale
    db.session.commit()


def versions(note_ids: Sequence[int]) -> dict[int, list[CorrectionNoteVersion]]:
    """Return every version of these notes, the newest first."""
    found: dict[int, list[CorrectionNoteVersion]] = {one: [] for one in note_ids}
    for version in db.session.scalars(
        select(CorrectionNoteVersion)
        .where(CorrectionNoteVersion.note_id.in_(note_ids))
        .order_by(CorrectionNoteVersion.note_id, CorrectionNoteVersion.number.desc())
    ):
        found[version.note_id].append(version)
    return found


def of_group(group_id: int) -> Sequence[tuple[CorrectionNote, CorrectionNoteVersion]]:
    """Return the notes of a group, withdrawn ones too, the newest first, each as it now stands."""
    rows = db.session.execute(
        select(CorrectionNote, CorrectionNoteVersion)
        .join(
            CorrectionNoteVersion,
            (CorrectionNoteVersion.note_id == CorrectionNote.id)
            & (CorrectionNoteVersion.number == CorrectionNote.version),
        )
        .where(CorrectionNote.group_id == group_id)
        .order_by(CorrectionNote.id.desc())
    )
    return [(note, version) for note, version in rows]
