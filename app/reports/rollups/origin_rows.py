"""The statements that define what came from where: each movement that came, and their counts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Select,
    String,
    and_,
    case,
    column,
    func,
    literal,
    literal_column,
    or_,
    select,
    text,
    true,
)
from sqlalchemy.dialects.postgresql import array
from sqlalchemy.orm import aliased

from app.current import zone
from app.giving.arrivals.touches import Turn
from app.giving.models import Pledge, PledgeMovement, Touch
from app.giving.rules import MovementCause, MovementKind
from app.reports.rollups.people_rows import local, month, of
from app.reports.spans import BEGINS

#: What of the movements a pledge of somebody is: the first, one after a break, one more.
NEW, RETURNED, MORE = "new", "returned", "more"
CAME = (NEW, RETURNED, MORE)
#: How many months later it is asked who stayed.
KEPT = (3, 6, 12)
#: The touches of a pledge or a gift, by their turn.
TOUCHES = {turn: aliased(Touch, name=f"{turn}_touch") for turn in Turn}


class Word(StrEnum):
    """What of a touch tells where somebody came from."""

    ARTICLE = "article"
    CAMPAIGN = "campaign"
    #: Who sent them: by the link's own word, or else the host of the page before.
    SOURCE = "source"


@dataclass(frozen=True, slots=True)
class Origin:
    """By which word of which touch things are told apart."""

    word: Word
    turn: Turn = Turn.LAST

    @property
    def name(self) -> str:
        """What its column is called, and what it is counted under."""
        return f"{self.turn}_{self.word}"

    def of_gift(self) -> ColumnElement[str]:
        """The origin of a gift given once, beside its touch; empty for unknown."""
        return func.coalesce(self._told(), "")

    def of_pledge(self) -> ColumnElement[str]:
        """The origin of a pledge, beside its touch; empty for unknown.

        The article of the last touch is the pledge's own, and so is that of a pledge from before
        touches were kept.
        """
        if self.word is not Word.ARTICLE:
            return self.of_gift()
        if self.turn is Turn.LAST:
            return func.coalesce(Pledge.article, "")
        first = TOUCHES[Turn.FIRST]
        told = case((first.checkout_id.is_not(None), first.article), else_=Pledge.article)
        return func.coalesce(told, "")

    def _told(self) -> ColumnElement[Any]:
        touch = TOUCHES[self.turn]
        if self.word is Word.SOURCE:
            return func.coalesce(touch.source, touch.referrer)
        return {Word.ARTICLE: touch.article, Word.CAMPAIGN: touch.campaign}[self.word].expression


ORIGINS = tuple(Origin(word, turn) for word in Word for turn in Turn)


def origins(span: FromClause, accounts: Sequence[int] | None = None) -> Select[Any]:
    """Define `Came`."""
    kind, at = PledgeMovement.kind, PledgeMovement.at
    came = case((kind == MovementKind.NEW, NEW), (kind == MovementKind.RETURNING, RETURNED))
    begins = PledgeMovement.cause.in_(BEGINS)
    columns: list[Any] = [PledgeMovement.id, PledgeMovement.account_id, at, PledgeMovement.currency]
    found: Select[Any] = (
        select(
            *columns,
            *(origin.of_pledge().label(origin.name) for origin in ORIGINS),
            func.coalesce(came, MORE).label("came"),
            begins.label("begins"),
            PledgeMovement.yearly_minor,
            span.c.out_at,
            *(later(at, months).label(f"later_{months}") for months in KEPT),
            *(
                and_(
                    begins,
                    span.c.pledge_id.is_not(None),
                    or_(span.c.out_at.is_(None), span.c.out_at >= later(at, months)),
                ).label(f"kept_{months}")
                for months in KEPT
            ),
        )
        .join(Pledge, Pledge.id == PledgeMovement.pledge_id)
        .outerjoin(span, span.c.pledge_id == PledgeMovement.pledge_id)
    )
    for turn, touch in TOUCHES.items():
        beside = and_(touch.pledge_id == PledgeMovement.pledge_id, touch.turn == turn)
        found = found.outerjoin(touch, beside)
    return found.where(
        or_(
            kind.in_((MovementKind.NEW, MovementKind.RETURNING)),
            PledgeMovement.cause == MovementCause.ANOTHER_PLEDGE,
        ),
        *of(PledgeMovement.account_id, accounts),
    )


def later(moment: Any, months: int) -> ColumnElement[datetime]:
    """The moment some months after another, by the newsroom's calendar."""
    reading = local(moment) + text(f"interval '{int(months)} months'")
    return func.timezone(zone().key, reading)


def apart(one: FromClause, by: Sequence[Origin]) -> Any:
    """What to join with movements so that each stands once for each origin: `by` and `origin`."""
    names, columns = [literal(each.name) for each in by], [one.c[each.name] for each in by]
    return (
        func.unnest(array(names), array(columns))
        .table_valued(column("by", String), column("origin", String))
        .render_derived()
        .lateral("apart")
    )


def counts(one: FromClause) -> Select[Any]:
    """Define `CameCount`."""
    each = apart(one, ORIGINS)
    keys = (
        month(one.c.at).label("month"),
        one.c.currency,
        each.c.by.label("by"),
        each.c.origin.label("origin"),
        one.c.came,
    )
    return (
        select(
            *keys,
            func.count().label("moved"),
            func.sum(one.c.yearly_minor).label("yearly_minor"),
            func.count().filter(one.c.begins).label("begun"),
            *(
                func.count().filter(one.c[f"kept_{months}"]).label(f"kept_{months}")
                for months in KEPT
            ),
        )
        .select_from(one)
        .join(each, true())
        .group_by(literal_column("1"), *keys[1:])
    )
