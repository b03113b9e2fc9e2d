"""What came from where: the movements by which something came, and gifts given once, by origin."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Subquery, and_, case, func, literal_column, or_, select, text

from app.extensions import db
from app.giving.arrivals.touches import Turn
from app.giving.models import Donation, Pledge, PledgeMovement, Touch
from app.giving.rules import MovementCause, MovementKind
from app.reports import recurring
from app.reports.beginnings import count_if
from app.reports.shape import Asked
from app.reports.spans import BEGINS, spans

#: What of the movements a pledge of somebody is: the first, one after a break, one more.
NEW, RETURNED, MORE = "new", "returned", "more"
CAME = (NEW, RETURNED, MORE)
#: How many months later it is asked who stayed.
KEPT = (3, 6, 12)


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

    def of_gift(self) -> ColumnElement[str]:
        """The origin of a gift given once, beside its `Touch`; empty for unknown."""
        return func.coalesce(self._told(), "")

    def of_pledge(self) -> ColumnElement[str]:
        """The origin of a pledge, beside its `Touch`; empty for unknown.

        The article of the last touch is the pledge's own, and so is that of a pledge from before
        touches were kept.
        """
        if self.word is not Word.ARTICLE:
            return self.of_gift()
        if self.turn is Turn.LAST:
            return func.coalesce(Pledge.article, "")
        told = case((Touch.checkout_id.is_not(None), Touch.article), else_=Pledge.article)
        return func.coalesce(told, "")

    def _told(self) -> ColumnElement[Any]:
        if self.word is Word.SOURCE:
            return func.coalesce(Touch.source, Touch.referrer)
        return {Word.ARTICLE: Touch.article, Word.CAMPAIGN: Touch.campaign}[self.word].expression


@dataclass(frozen=True, slots=True)
class Brought:
    """What one origin (empty for unknown) brought in one currency.

    `counts` and `yearly` are by `CAME`. Of the pledges that began, `over` have had the months of
    `KEPT` since, and `kept` of these stood then.
    """

    currency: str
    origin: str
    counts: tuple[int, ...]
    yearly: tuple[int, ...]
    over: tuple[int, ...]
    kept: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Once:
    """How many gifts given once one origin brought in one currency, and what they came to."""

    currency: str
    origin: str
    count: int
    minor: int


def moved(asked: Asked, by: Origin) -> Subquery:
    """Select each movement by which something came, with its origin and how long it stood.

    `came` is one of `CAME`; `out_at` is null while the pledge stands, `stood` false for one that
    never stood for a moment; `begins` is false for a failed payment made good, no new pledge.
    """
    stood = spans(asked.now).subquery()
    kind = PledgeMovement.kind
    came = case((kind == MovementKind.NEW, NEW), (kind == MovementKind.RETURNING, RETURNED))
    return (
        select(
            PledgeMovement.id,
            PledgeMovement.account_id,
            PledgeMovement.at,
            PledgeMovement.yearly_minor,
            PledgeMovement.currency,
            func.coalesce(came, MORE).label("came"),
            by.of_pledge().label("origin"),
            PledgeMovement.cause.in_(BEGINS).label("begins"),
            stood.c.id.is_not(None).label("stood"),
            stood.c.out_at,
        )
        .join(Pledge, Pledge.id == PledgeMovement.pledge_id)
        .outerjoin(Touch, and_(Touch.pledge_id == PledgeMovement.pledge_id, Touch.turn == by.turn))
        .outerjoin(stood, stood.c.id == PledgeMovement.pledge_id)
        .where(
            or_(
                kind.in_((MovementKind.NEW, MovementKind.RETURNING)),
                PledgeMovement.cause == MovementCause.ANOTHER_PLEDGE,
            ),
            PledgeMovement.at >= asked.since,
            PledgeMovement.at < max(asked.since, asked.until),
            *recurring.of(asked),
        )
        .subquery()
    )


def _later(one: Subquery, count: int, asked: Asked) -> ColumnElement[datetime]:
    """The moment some months after a movement, by the newsroom's calendar."""
    local = func.timezone(str(asked.zone), one.c.at)
    return func.timezone(str(asked.zone), local + text(f"interval '{int(count)} months'"))


def _over(one: Subquery, count: int, asked: Asked) -> ColumnElement[bool]:
    return and_(one.c.begins, _later(one, count, asked) <= asked.now)


def stayed(one: Subquery, count: int, asked: Asked) -> ColumnElement[bool]:
    """Whether a pledge that began so many months ago stood up to then."""
    stands = or_(one.c.out_at.is_(None), one.c.out_at >= _later(one, count, asked))
    return and_(_over(one, count, asked), one.c.stood, stands)


def brought(asked: Asked, by: Origin) -> list[Brought]:
    """Sum what came in these months; one statement."""
    one = moved(asked, by)
    counts: list[ColumnElement[Any]] = [count_if(one.c.came == came) for came in CAME]
    counts += [
        func.coalesce(func.sum(case((one.c.came == came, one.c.yearly_minor))), 0) for came in CAME
    ]
    counts += [count_if(_over(one, count, asked)) for count in KEPT]
    counts += [count_if(stayed(one, count, asked)) for count in KEPT]
    rows = db.session.execute(
        select(one.c.currency, one.c.origin, *counts).group_by(
            literal_column("1"), literal_column("2")
        )
    )
    many = len(CAME)
    return [
        Brought(
            currency,
            origin,
            *(
                tuple(int(each) for each in found[start : start + many])
                for start in range(0, 12, 3)
            ),
        )
        for currency, origin, *found in rows
    ]


def gifts(asked: Asked, by: Origin) -> Subquery:
    """Select each gift given once on the giving page in these months, with its origin."""
    found = (
        select(
            Donation.id,
            Donation.account_id,
            Donation.received_at,
            Donation.amount_minor,
            Donation.currency,
            by.of_gift().label("origin"),
        )
        .outerjoin(Touch, and_(Touch.checkout_id == Donation.checkout_id, Touch.turn == by.turn))
        .where(
            Donation.checkout_id.is_not(None),
            Donation.received_at >= asked.since,
            Donation.received_at < max(asked.since, asked.until),
        )
    )
    if asked.currency:
        found = found.where(Donation.currency == asked.currency)
    return found.subquery()


def given_once(asked: Asked, by: Origin) -> Sequence[Once]:
    """Sum gifts given once in these months; one statement."""
    one = gifts(asked, by)
    rows = db.session.execute(
        select(one.c.currency, one.c.origin, func.count(), func.sum(one.c.amount_minor)).group_by(
            one.c.currency, one.c.origin
        )
    )
    return [Once(currency, origin, count, int(minor)) for currency, origin, count, minor in rows]
