"""Lists of proposals: what everybody reads, and what staff have before them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import ColumnElement, func, select

from app.extensions import db
from app.topics import credit, similar
from app.topics.credit import Credit
from app.topics.models import Proposal
from app.topics.rules import State

PAGE = 20
#: Nobody searches for more.
LONGEST_SEARCH = 100


class Sort(StrEnum):
    """What comes first."""

    NEWEST = "newest"
    WANTED = "wanted"


@dataclass(frozen=True, slots=True)
class Question:
    """What a list is asked for."""

    #: Null for every state but merged.
    state: State | None = None
    text: str = ""
    sort: Sort = Sort.NEWEST
    number: int = 1


@dataclass(frozen=True, slots=True)
class Row:
    """A proposal in a list."""

    proposal: Proposal
    #: How many people want it.
    wanted: int
    credit: Credit


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a list, and how many pages and proposals there are."""

    rows: Sequence[Row]
    number: int
    pages: int
    total: int


def page(asked: Question, *, hidden: bool = False) -> Page:
    """Return a page of proposals; those hidden from everybody only where `hidden` asks for them."""
    fits = _fits(asked, hidden=hidden)
    total = db.session.scalar(select(func.count()).select_from(Proposal).where(*fits)) or 0
    pages = max(1, -(-total // PAGE))
    number = min(max(asked.number, 1), pages)
    wanted = credit.wanted().label("wanted")
    first = (wanted.desc(),) if asked.sort is Sort.WANTED else ()
    found = db.session.execute(
        select(Proposal, wanted)
        .where(*fits)
        .order_by(*first, Proposal.created_at.desc(), Proposal.id.desc())
        .limit(PAGE)
        .offset((number - 1) * PAGE)
    ).all()
    names = credit.of([proposal.id for proposal, _ in found])
    rows = [Row(proposal, count, names[proposal.id]) for proposal, count in found]
    return Page(rows, number, pages, total)


def _fits(asked: Question, *, hidden: bool) -> list[ColumnElement[bool]]:
    fits = [
        Proposal.state == asked.state if asked.state else Proposal.state != State.MERGED,
    ]
    if not hidden:
        fits.append(Proposal.hidden_at.is_(None))
    if asked.text:
        fits.append(similar.found(asked.text))
    return fits


def counts(*, hidden: bool = False) -> Mapping[State, int]:
    """Return how many proposals stand in each state."""
    asked = select(Proposal.state, func.count()).group_by(Proposal.state)
    if not hidden:
        asked = asked.where(Proposal.hidden_at.is_(None))
    found = dict.fromkeys(State, 0)
    for state, count in db.session.execute(asked):
        found[State(state)] = count
    return found


def suggested_by(account_id: int) -> Sequence[Proposal]:
    """Return a person's own proposals, hidden ones too, the newest first."""
    return db.session.scalars(
        select(Proposal)
        .where(Proposal.account_id == account_id)
        .order_by(Proposal.created_at.desc(), Proposal.id.desc())
        .limit(PAGE)
    ).all()


def joined_with(proposal_id: int) -> Sequence[Proposal]:
    """Return the proposals that were merged into one, the oldest first."""
    return db.session.scalars(
        select(Proposal).where(Proposal.merged_into_id == proposal_id).order_by(Proposal.id)
    ).all()
