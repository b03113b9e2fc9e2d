"""What resembles a title: proposals one could second instead, and stories one can already read."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from sqlalchemy import ColumnElement, Select, String, any_, func, literal, select
from sqlalchemy.dialects.postgresql import ARRAY

from app.extensions import db
from app.topics import trigrams
from app.topics.models import Proposal, Story
from app.topics.rules import State

M = TypeVar("M", Proposal, Story)

#: Of the shorter title's trigrams, so many per cent are shared.
LIKE_PERCENT = 45
#: What is searched for must be in the title for the most part.
FOUND_PERCENT = 60
#: A handful is read; more is scrolled past.
MOST = 4


@dataclass(frozen=True, slots=True)
class Found:
    """What resembles a title, the most alike first."""

    proposals: Sequence[Proposal]
    stories: Sequence[Story]

    @property
    def keys(self) -> frozenset[str]:
        """What tells whether a person has seen these: "p" and "s" with their ids."""
        return frozenset(
            [f"p{one.id}" for one in self.proposals] + [f"s{one.id}" for one in self.stories]
        )


def to(title: str, *, but: int | None = None) -> Found:
    """Return what resembles a title and everybody may see; `but` is a proposal left out."""
    grams = trigrams.of(title)
    if not grams:
        return Found((), ())
    alike = (
        _alike(Proposal, grams)
        .where(Proposal.hidden_at.is_(None), Proposal.state != State.MERGED)
        .limit(MOST)
    )
    if but is not None:
        alike = alike.where(Proposal.id != but)
    stories = _alike(Story, grams).limit(MOST)
    return Found(db.session.scalars(alike).all(), db.session.scalars(stories).all())


def _alike(model: type[M], grams: list[str]) -> Select[M]:
    shared = _shared(model, grams)
    shorter = func.least(func.cardinality(model.trigrams), len(grams))
    return (
        select(model)
        .where(model.trigrams.overlap(_array(grams)), shared * 100 >= shorter * LIKE_PERCENT)
        .order_by((shared * 100 / shorter).desc(), model.id.desc())
    )


def found(text: str) -> ColumnElement[bool]:
    """Whether a search finds `Proposal`: its words as typed, or the title in other endings."""
    as_typed = Proposal.title.icontains(text, autoescape=True) | Proposal.why.icontains(
        text, autoescape=True
    )
    grams = trigrams.of(text)
    if not grams:
        return as_typed
    alike = Proposal.trigrams.overlap(_array(grams)) & (
        _shared(Proposal, grams) * 100 >= len(grams) * FOUND_PERCENT
    )
    return as_typed | alike


def _shared(model: type[Proposal] | type[Story], grams: list[str]) -> ColumnElement[int]:
    gram = func.unnest(model.trigrams).column_valued("gram")
    return (
        select(func.count()).where(gram == any_(_array(grams))).correlate(model).scalar_subquery()
    )


def _array(grams: list[str]) -> ColumnElement[list[str]]:
    return literal(grams, ARRAY(String(3)))
