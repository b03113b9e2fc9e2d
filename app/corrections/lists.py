"""What the desk has before it: groups filtered, searched and by pages, and one group whole."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, or_, select

from app.accounts import audit
from app.accounts.models import Account, AuditEntry
from app.addresses import readable
from app.corrections import answers, articles, groups, intake, notes
from app.corrections.models import (
    Correction,
    CorrectionAnswer,
    CorrectionGroup,
    CorrectionNote,
    CorrectionNoteVersion,
)
from app.corrections.rules import OPEN, State
from app.extensions import db

PAGE = 25
LONGEST_SEARCH = 100
#: A group's page shows so many letters, the newest first; the first of ten readers says it all.
MOST_LETTERS = 200
#: What a search for the other half of a join shows.
MOST_OTHERS = 30

#: Stands for what is still to be decided, and for what came again after it was.
TO_DO = "open"
#: Stands for nobody among those who see to groups.
NOBODY = 0


@dataclass(frozen=True, slots=True)
class Question:
    """What the desk asks for."""

    #: A state, or `TO_DO`; empty for all.
    state: str = TO_DO
    #: What an article is known by; empty for all.
    article: str = ""
    #: Who sees to it, `NOBODY` for those nobody does; null for all.
    assignee_id: int | None = None
    text: str = ""
    oldest_first: bool = False
    number: int = 1


@dataclass(frozen=True, slots=True)
class Row:
    """A group in the list."""

    group: CorrectionGroup
    readers: int
    #: Of them, who left an address and has no answer.
    unanswered: int
    #: The name of who sees to it; empty for nobody.
    assignee: str


@dataclass(frozen=True, slots=True)
class Page:
    """One page of the list, and how many pages and groups there are."""

    rows: Sequence[Row]
    number: int
    pages: int
    total: int


@dataclass(frozen=True, slots=True)
class Whole:
    """One group with all that staff may know of it."""

    group: CorrectionGroup
    letters: Sequence[Correction]
    #: How many there are, should not all be shown.
    readers: int
    #: The languages of those who wait for an answer, one for each.
    waiting: Sequence[str]
    answers: Sequence[CorrectionAnswer]
    #: The public notes, withdrawn ones too, the newest first, each with the version that holds.
    notes: Sequence[tuple[CorrectionNote, CorrectionNoteVersion]]
    #: Groups that were joined with this one.
    joined: Sequence[CorrectionGroup]
    history: Sequence[AuditEntry]
    #: Names of the staff in the history, by account.
    names: Mapping[int, str]


def page(asked: Question) -> Page:
    """Return a page of the desk's list."""
    fits = _fits(asked)
    total = db.session.scalar(select(func.count()).select_from(CorrectionGroup).where(*fits)) or 0
    pages = max(1, -(-total // PAGE))
    number = min(max(asked.number, 1), pages)
    order = (
        (CorrectionGroup.first_at, CorrectionGroup.id)
        if asked.oldest_first
        else (CorrectionGroup.last_at.desc(), CorrectionGroup.id.desc())
    )
    rows = db.session.execute(
        select(CorrectionGroup, _readers(), _unanswered(), func.coalesce(Account.name, ""))
        .join(Account, Account.id == CorrectionGroup.assignee_id, isouter=True)
        .where(*fits)
        .order_by(*order)
        .limit(PAGE)
        .offset((number - 1) * PAGE)
    ).all()
    return Page([Row(*row) for row in rows], number, pages, total)


def _readers() -> ColumnElement[int]:
    return (
        select(func.count())
        .where(Correction.group_id == CorrectionGroup.id)
        .correlate(CorrectionGroup)
        .scalar_subquery()
    )


def _unanswered() -> ColumnElement[int]:
    return (
        select(func.count(func.distinct(Correction.account_id)))
        .where(Correction.group_id == CorrectionGroup.id, Correction.answer_id.is_(None))
        .correlate(CorrectionGroup)
        .scalar_subquery()
    )


def _fits(asked: Question) -> list[ColumnElement[bool]]:
    fits: list[ColumnElement[bool]] = [CorrectionGroup.joined_into_id.is_(None)]
    if asked.state == TO_DO:
        fits.append(or_(CorrectionGroup.state.in_(OPEN), CorrectionGroup.again_at.is_not(None)))
    elif asked.state:
        fits.append(CorrectionGroup.state == asked.state)
    if asked.article:
        fits.append(CorrectionGroup.article == asked.article)
    if asked.assignee_id == NOBODY:
        fits.append(CorrectionGroup.assignee_id.is_(None))
    elif asked.assignee_id is not None:
        fits.append(CorrectionGroup.assignee_id == asked.assignee_id)
    if asked.text:
        fits.append(_found(asked.text))
    return fits


def _found(text: str) -> ColumnElement[bool]:
    """Whether a search finds a group: its article, its passage, or what a reader said."""
    said = (
        select(Correction.id)
        .where(
            Correction.group_id == CorrectionGroup.id,
            Correction.comment.icontains(text, autoescape=True)
            | Correction.passage.icontains(text, autoescape=True),
        )
        .correlate(CorrectionGroup)
        .exists()
    )
    return or_(
        CorrectionGroup.title.icontains(text, autoescape=True),
        CorrectionGroup.url.icontains(articles.searched(text), autoescape=True),
        CorrectionGroup.passage.icontains(text, autoescape=True),
        said,
    )


def counts() -> Mapping[str, int]:
    """Return how many groups stand in each state, and under `TO_DO` how many are to be decided."""
    found = dict.fromkeys([TO_DO, *State], 0)
    asked = (
        select(
            CorrectionGroup.state,
            func.count(),
            func.count().filter(CorrectionGroup.again_at.is_not(None)),
        )
        .where(CorrectionGroup.joined_into_id.is_(None))
        .group_by(CorrectionGroup.state)
    )
    for state, count, again in db.session.execute(asked):
        found[state] = count
        found[TO_DO] += count if state in OPEN else again
    return found


def article_name(article: str) -> str:
    """Return the title of an article that groups are about, or what it is known by."""
    title = db.session.scalar(
        select(CorrectionGroup.title)
        .where(CorrectionGroup.article == article, CorrectionGroup.title != "")
        .order_by(CorrectionGroup.id.desc())
        .limit(1)
    )
    return title or readable(article)


def whole(group_id: int) -> Whole:
    """Return one group with everything about it. Raises `UnknownGroup`."""
    group = groups.find(group_id)
    history = audit.of_subject("correction", group_id)
    return Whole(
        group=group,
        letters=db.session.scalars(
            select(Correction)
            .where(Correction.group_id == group_id)
            .order_by(Correction.id.desc())
            .limit(MOST_LETTERS)
        ).all(),
        readers=db.session.scalar(
            select(func.count()).select_from(Correction).where(Correction.group_id == group_id)
        )
        or 0,
        waiting=answers.waiting(group_id),
        answers=answers.of(group_id),
        notes=notes.of_group(group_id),
        joined=db.session.scalars(
            select(CorrectionGroup)
            .where(CorrectionGroup.joined_into_id == group_id)
            .order_by(CorrectionGroup.id)
        ).all(),
        history=history,
        names=_names([entry.by_account_id for entry in history]),
    )


def _names(ids: Sequence[int | None]) -> Mapping[int, str]:
    asked = select(Account.id, Account.name).where(Account.id.in_({*ids} - {None}))
    return {row.id: row.name for row in db.session.execute(asked)}


def others(group: CorrectionGroup) -> Sequence[CorrectionGroup]:
    """Return the other groups of a group's article that it may be joined with, the newest first."""
    found = intake.joinable(group.article)
    return [one for one in found if one.id != group.id][:MOST_OTHERS]
