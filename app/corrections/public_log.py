"""The log of corrections and clarifications as everybody reads it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, and_, func, or_, select

from app.corrections import articles, notes
from app.corrections.models import CorrectionNote, CorrectionNoteVersion
from app.corrections.notes import UnknownNote
from app.extensions import db

PAGE = 30
LONGEST_SEARCH = 100
#: A feed holds so many.
FEED = 50


@dataclass(frozen=True, slots=True)
class Entry:
    """A note, what it says now, and what it said before, the newest first."""

    note: CorrectionNote
    now: CorrectionNoteVersion
    before: Sequence[CorrectionNoteVersion]

    @property
    def changed_at(self) -> datetime:
        """When the note last came to say something else, its withdrawal included."""
        return self.note.withdrawn_at or self.now.written_at


@dataclass(frozen=True, slots=True)
class Page:
    """One page of the log by months, and how many pages and notes there are."""

    months: Sequence[tuple[date, Sequence[Entry]]]
    number: int
    pages: int
    total: int


_holds = and_(
    CorrectionNoteVersion.note_id == CorrectionNote.id,
    CorrectionNoteVersion.number == CorrectionNote.version,
)


def page(text: str = "", article: str = "", number: int = 1) -> Page:
    """Return a page of the log, the newest day first; `text` and `article` narrow it down."""
    fits = _fits(text, article)
    total = (
        db.session.scalar(
            select(func.count())
            .select_from(CorrectionNote)
            .join(CorrectionNoteVersion, _holds)
            .where(*fits)
        )
        or 0
    )
    pages = max(1, -(-total // PAGE))
    number = min(max(number, 1), pages)
    months: dict[date, list[Entry]] = {}
    for entry in _entries(fits, PAGE, (number - 1) * PAGE):
        months.setdefault(entry.now.day.replace(day=1), []).append(entry)
    return Page(list(months.items()), number, pages, total)


def newest() -> Sequence[Entry]:
    """Return what a feed holds: the notes whose day is newest."""
    return _entries([], FEED, 0)


def entry(note_id: int) -> Entry:
    """Return one note. Raises `UnknownNote`."""
    found = _entries([CorrectionNote.id == note_id], 1, 0)
    if not found:
        raise UnknownNote(note_id)
    return found[0]


def _entries(fits: Sequence[ColumnElement[bool]], limit: int, offset: int) -> list[Entry]:
    rows = db.session.execute(
        select(CorrectionNote, CorrectionNoteVersion)
        .join(CorrectionNoteVersion, _holds)
        .where(*fits)
        .order_by(CorrectionNoteVersion.day.desc(), CorrectionNote.id.desc())
        .limit(limit)
        .offset(offset)
    ).all()
    kept = notes.versions([note.id for note, _ in rows])
    return [Entry(note, now, kept[note.id][1:]) for note, now in rows]


def _fits(text: str, article: str) -> list[ColumnElement[bool]]:
    fits: list[ColumnElement[bool]] = []
    if article:
        fits.append(CorrectionNote.article == article)
    if text:
        fits.append(
            or_(
                CorrectionNote.title.icontains(text, autoescape=True),
                CorrectionNote.url.icontains(articles.searched(text), autoescape=True),
                CorrectionNoteVersion.stood.icontains(text, autoescape=True),
                CorrectionNoteVersion.stands.icontains(text, autoescape=True),
            )
        )
    return fits
