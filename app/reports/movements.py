"""Who became a patron and who ceased to be one: people, not pledges."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Row,
    Select,
    String,
    and_,
    cast,
    false,
    func,
    literal,
    not_,
    null,
    select,
    union_all,
)

from app.accounts.models import Account
from app.extensions import db
from app.giving.arrivals.touches import Turn
from app.giving.models import Pledge, Touch
from app.giving.rules import EndReason, Interval
from app.money import Money
from app.reports.rollups import sources
from app.reports.rollups.people_tables import ALL, Span, Stay


class Way(StrEnum):
    """Which way somebody went."""

    JOINED = "joined"
    LEFT = "left"


@dataclass(frozen=True, slots=True)
class Mover:
    """One patron who joined or left, with the pledge it was about.

    `cause` is an `EndReason` or `spans.PAUSED` of who left, null of who joined. `returned` tells
    who had been a patron before.
    """

    way: Way
    account_id: int
    name: str
    at: datetime
    amount: Money
    interval: Interval
    article: str | None
    #: Of the last touch before the pledge.
    campaign: str | None
    cause: str | None
    returned: bool


@dataclass(frozen=True, slots=True)
class Movements:
    """Everyone who moved is in the counts, the newest of each way in the lists.

    Who joins and leaves within the period counts in both: patrons before + joined - left is patrons
    now. `left` = `left_by_will` + `left_for_payment` + `left_for_dispute` + others (paused, or for
    unknown reasons).
    """

    joined: int
    returned: int
    left: int
    left_by_will: int
    left_for_payment: int
    left_for_dispute: int
    newest_joined: Sequence[Mover]
    newest_left: Sequence[Mover]


def between(start: datetime, now: datetime, *, newest: int) -> Movements:
    """Tell who became a patron and who ceased to be one from `start` to `now`."""
    moved = union_all(_joined(start, now), _left(start, now)).cte("moved")
    ordered = func.row_number().over(
        partition_by=moved.c.way, order_by=(moved.c.at.desc(), moved.c.pledge_id)
    )
    placed = select(moved, ordered.label("place")).subquery()
    of_way = moved.select().subquery()

    def counted(*wanted: ColumnElement[bool]) -> ColumnElement[int]:
        number = select(func.count()).where(of_way.c.way == placed.c.way, *wanted)
        return number.correlate(placed).scalar_subquery()

    rows = db.session.execute(
        select(
            placed,
            Account.name,
            Pledge,
            Touch.campaign,
            counted().label("in_all"),
            counted(of_way.c.returned).label("returned_in_all"),
            *(
                counted(of_way.c.cause == cause.value).label(f"for_{cause.value}")
                for cause in (EndReason.LEFT, EndReason.UNPAID, EndReason.DISPUTED)
            ),
        )
        .join(Account, Account.id == placed.c.account_id)
        .join(Pledge, Pledge.id == placed.c.pledge_id)
        .outerjoin(Touch, and_(Touch.pledge_id == placed.c.pledge_id, Touch.turn == Turn.LAST))
        .where(placed.c.place <= newest)
        .order_by(placed.c.way, placed.c.place)
    ).all()
    came = [row for row in rows if row.way == Way.JOINED]
    went = [row for row in rows if row.way == Way.LEFT]
    return Movements(
        joined=came[0].in_all if came else 0,
        returned=came[0].returned_in_all if came else 0,
        left=went[0].in_all if went else 0,
        left_by_will=went[0].for_left if went else 0,
        left_for_payment=went[0].for_unpaid if went else 0,
        left_for_dispute=went[0].for_disputed if went else 0,
        newest_joined=[_mover(row) for row in came],
        newest_left=[_mover(row) for row in went],
    )


def _joined(start: datetime, now: datetime) -> Select[*tuple[Any, ...]]:
    """Stays that began, with the pledge they began with: of two at one instant the lesser id."""
    stay, span = sources.read(Stay), sources.read(Span)
    of_person = (span.c.account_id == stay.c.account_id, span.c.came_at == stay.c.came_at)
    return select(
        literal(Way.JOINED.value).label("way"),
        _least(span, span.c.pledge_id, *of_person).label("pledge_id"),
        stay.c.account_id,
        stay.c.came_at.label("at"),
        cast(null(), String).label("cause"),
        not_(stay.c.first).label("returned"),
    ).where(stay.c.scope == ALL, stay.c.came_at >= start, stay.c.came_at <= now)


def _left(start: datetime, now: datetime) -> Select[*tuple[Any, ...]]:
    """Stays that ended, with the pledge they ended with: of two at one instant the lesser id."""
    stay, span = sources.read(Stay), sources.read(Span)
    of_person = (span.c.account_id == stay.c.account_id, span.c.out_at == stay.c.out_at)
    return select(
        literal(Way.LEFT.value),
        _least(span, span.c.pledge_id, *of_person),
        stay.c.account_id,
        stay.c.out_at,
        _least(span, span.c.cause, *of_person),
        false(),
    ).where(
        stay.c.scope == ALL,
        stay.c.out_at >= start,
        stay.c.out_at <= now,
        stay.c.came_at <= now,
    )


def _least(span: FromClause, value: ColumnElement[Any], *of: ColumnElement[bool]) -> Any:
    """A value of the pledge with the least id of some spans."""
    one = select(value).where(*of).order_by(span.c.pledge_id).limit(1)
    return one.correlate_except(span).scalar_subquery()


def _mover(row: Row[Any]) -> Mover:
    return Mover(
        Way(row.way),
        row.account_id,
        row.name,
        row.at,
        row.Pledge.amount,
        Interval(row.Pledge.interval),
        row.Pledge.article,
        row.campaign,
        row.cause,
        row.returned,
    )
