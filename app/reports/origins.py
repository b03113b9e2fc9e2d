"""What came from each article: the movements by which something came, with the page before them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Subquery, and_, case, func, literal_column, or_, select, text

from app.extensions import db
from app.giving.models import Pledge, PledgeMovement
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


@dataclass(frozen=True, slots=True)
class Brought:
    """What one article (empty for unknown) brought in one currency.

    `counts` and `yearly` are by `CAME`. Of the pledges that began, `over` have had the months of
    `KEPT` since, and `kept` of these stood then.
    """

    currency: str
    article: str
    counts: tuple[int, ...]
    yearly: tuple[int, ...]
    over: tuple[int, ...]
    kept: tuple[int, ...]


def moved(asked: Asked) -> Subquery:
    """Select each movement by which something came, with its article and how long it stood.

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
            func.coalesce(Pledge.article, "").label("article"),
            PledgeMovement.cause.in_(BEGINS).label("begins"),
            stood.c.id.is_not(None).label("stood"),
            stood.c.out_at,
        )
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


def by_article(asked: Asked) -> list[Brought]:
    """Sum what came in these months; one statement."""
    one = moved(asked)
    counts: list[ColumnElement[Any]] = [count_if(one.c.came == came) for came in CAME]
    counts += [
        func.coalesce(func.sum(case((one.c.came == came, one.c.yearly_minor))), 0) for came in CAME
    ]
    counts += [count_if(_over(one, count, asked)) for count in KEPT]
    counts += [count_if(stayed(one, count, asked)) for count in KEPT]
    rows = db.session.execute(
        select(one.c.currency, one.c.article, *counts).group_by(
            literal_column("1"), literal_column("2")
        )
    )
    many = len(CAME)
    return [
        Brought(
            currency,
            article,
            *(
                tuple(int(each) for each in found[start : start + many])
                for start in range(0, 12, 3)
            ),
        )
        for currency, article, *found in rows
    ]
