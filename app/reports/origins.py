"""What came from where: the movements by which something came, and gifts given once, by origin."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    Subquery,
    and_,
    case,
    func,
    or_,
    select,
    text,
    tuple_,
)
from sqlalchemy.orm import aliased

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
    return _moved(asked, {"origin": by})


def _moved(asked: Asked, by: Mapping[str, Origin]) -> Subquery:
    """Select what `moved` selects, with each origin under its name."""
    stood = spans(asked.now).subquery()
    kind = PledgeMovement.kind
    came = case((kind == MovementKind.NEW, NEW), (kind == MovementKind.RETURNING, RETURNED))
    columns: list[Any] = [
        PledgeMovement.id,
        PledgeMovement.account_id,
        PledgeMovement.at,
        PledgeMovement.yearly_minor,
        PledgeMovement.currency,
        func.coalesce(came, MORE).label("came"),
        *(origin.of_pledge().label(name) for name, origin in by.items()),
        PledgeMovement.cause.in_(BEGINS).label("begins"),
        stood.c.id.is_not(None).label("stood"),
        stood.c.out_at,
    ]
    found = (
        select(*columns)
        .join(Pledge, Pledge.id == PledgeMovement.pledge_id)
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
    )
    return _beside_touches(found, by, "pledge_id", PledgeMovement.pledge_id).subquery()


def _beside_touches(found: Select[Any], by: Mapping[str, Origin], key: str, of: Any) -> Select[Any]:
    """Join the touches of the turns that are asked for, which bear `key`, the same as `of`."""
    for turn in Turn:
        if any(origin.turn is turn for origin in by.values()):
            touch = TOUCHES[turn]
            found = found.outerjoin(touch, and_(getattr(touch, key) == of, touch.turn == turn))
    return found


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
    """Sum what came in these months by one origin; one statement."""
    return brought_by(asked, [by])[by]


def brought_by(asked: Asked, by: Sequence[Origin]) -> dict[Origin, list[Brought]]:
    """Sum what came in these months by each of several origins; one statement for all."""
    named = _named(by)
    one = _moved(asked, named)
    counts: list[ColumnElement[Any]] = [count_if(one.c.came == came) for came in CAME]
    counts += [
        func.coalesce(func.sum(case((one.c.came == came, one.c.yearly_minor))), 0) for came in CAME
    ]
    counts += [count_if(_over(one, count, asked)) for count in KEPT]
    counts += [count_if(stayed(one, count, asked)) for count in KEPT]
    found: dict[Origin, list[Brought]] = {origin: [] for origin in by}
    for place, currency, name, values in _grouped(one, named, counts):
        parts = (tuple(values[start : start + 3]) for start in range(0, 12, 3))
        found[by[place]].append(Brought(currency, name, *parts))
    return found


def _named(by: Sequence[Origin]) -> dict[str, Origin]:
    return {f"origin{place}": origin for place, origin in enumerate(by)}


def _grouped(
    one: Subquery, names: Iterable[str], values: Sequence[ColumnElement[Any]]
) -> Iterator[tuple[int, str, str, list[int]]]:
    """Yield (which origin, currency, its name, the values) for each currency and origin."""
    columns = [one.c[name] for name in names]
    sets = (tuple_(one.c.currency, column) for column in columns)
    rows = db.session.execute(
        select(one.c.currency, func.grouping(*columns), *columns, *values).group_by(
            func.grouping_sets(*sets)
        )
    )
    many = len(columns)
    for currency, grouping, *rest in rows:
        # The bit of the column by which a row is grouped, from the left, is the one not set.
        place = next(at for at in range(many) if not grouping & 1 << (many - 1 - at))
        yield place, currency, rest[place], [int(value) for value in rest[many:]]


def gifts(asked: Asked, by: Origin) -> Subquery:
    """Select each gift given once on the giving page in these months, with its origin."""
    return _gifts(asked, {"origin": by})


def _gifts(asked: Asked, by: Mapping[str, Origin]) -> Subquery:
    """Select what `gifts` selects, with each origin under its name."""
    columns: list[Any] = [
        Donation.id,
        Donation.account_id,
        Donation.received_at,
        Donation.amount_minor,
        Donation.currency,
        *(origin.of_gift().label(name) for name, origin in by.items()),
    ]
    found = select(*columns).where(
        Donation.checkout_id.is_not(None),
        Donation.received_at >= asked.since,
        Donation.received_at < max(asked.since, asked.until),
    )
    if asked.currency:
        found = found.where(Donation.currency == asked.currency)
    return _beside_touches(found, by, "checkout_id", Donation.checkout_id).subquery()


def given_once(asked: Asked, by: Origin) -> list[Once]:
    """Sum gifts given once in these months by one origin; one statement."""
    return given_once_by(asked, [by])[by]


def given_once_by(asked: Asked, by: Sequence[Origin]) -> dict[Origin, list[Once]]:
    """Sum gifts given once in these months by each of several origins; one statement for all."""
    named = _named(by)
    one = _gifts(asked, named)
    sums = [func.count(), func.sum(one.c.amount_minor)]
    found: dict[Origin, list[Once]] = {origin: [] for origin in by}
    for place, currency, name, (count, minor) in _grouped(one, named, sums):
        found[by[place]].append(Once(currency, name, count, minor))
    return found
