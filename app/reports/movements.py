"""Who became a patron and who ceased to be one: people, not pledges."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    CTE,
    Row,
    Select,
    String,
    and_,
    cast,
    exists,
    false,
    func,
    literal,
    null,
    or_,
    select,
    union_all,
)

from app.accounts.models import Account
from app.extensions import db
from app.giving.arrivals.touches import Turn
from app.giving.models import Pledge, Touch
from app.giving.rules import EndReason, Interval
from app.money import Money
from app.reports.spans import spans


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
    one = spans(now).cte("span")
    moved = union_all(_joined(one, start, now), _left(one, start, now)).subquery()
    ordered = func.row_number().over(
        partition_by=moved.c.way, order_by=(moved.c.at.desc(), moved.c.pledge_id)
    )
    counted = select(
        moved,
        ordered.label("place"),
        func.count().over(partition_by=moved.c.way).label("in_all"),
        func.count()
        .filter(moved.c.returned)
        .over(partition_by=moved.c.way)
        .label("returned_in_all"),
        func.count()
        .filter(moved.c.cause == EndReason.LEFT)
        .over(partition_by=moved.c.way)
        .label("by_will"),
        func.count()
        .filter(moved.c.cause == EndReason.UNPAID)
        .over(partition_by=moved.c.way)
        .label("for_payment"),
        func.count()
        .filter(moved.c.cause == EndReason.DISPUTED)
        .over(partition_by=moved.c.way)
        .label("for_dispute"),
    ).subquery()
    rows = db.session.execute(
        select(counted, Account.name, Pledge, Touch.campaign)
        .join(Account, Account.id == counted.c.account_id)
        .join(Pledge, Pledge.id == counted.c.pledge_id)
        .outerjoin(Touch, and_(Touch.pledge_id == counted.c.pledge_id, Touch.turn == Turn.LAST))
        .where(counted.c.place <= newest)
        .order_by(counted.c.way, counted.c.place)
    ).all()
    came = [row for row in rows if row.way == Way.JOINED]
    went = [row for row in rows if row.way == Way.LEFT]
    return Movements(
        joined=came[0].in_all if came else 0,
        returned=came[0].returned_in_all if came else 0,
        left=went[0].in_all if went else 0,
        left_by_will=went[0].by_will if went else 0,
        left_for_payment=went[0].for_payment if went else 0,
        left_for_dispute=went[0].for_dispute if went else 0,
        newest_joined=[_mover(row) for row in came],
        newest_left=[_mover(row) for row in went],
    )


def _joined(one: CTE, start: datetime, now: datetime) -> Select[Any]:
    """Pledges that began while no other pledge of the same person stood.

    Of two that began at the same instant the one with the lesser id counts.
    """
    other, before = one.alias(), one.alias()
    stood_already = exists().where(
        other.c.account_id == one.c.account_id,
        other.c.id != one.c.id,
        or_(
            other.c.came_at < one.c.came_at,
            and_(other.c.came_at == one.c.came_at, other.c.id < one.c.id),
        ),
        or_(other.c.out_at.is_(None), other.c.out_at >= one.c.came_at),
    )
    patron_before = exists().where(
        before.c.account_id == one.c.account_id, before.c.came_at < one.c.came_at
    )
    return select(
        literal(Way.JOINED.value).label("way"),
        one.c.id.label("pledge_id"),
        one.c.account_id,
        one.c.came_at.label("at"),
        cast(null(), String).label("cause"),
        patron_before.label("returned"),
    ).where(one.c.came_at >= start, one.c.came_at <= now, ~stood_already)


def _left(one: CTE, start: datetime, now: datetime) -> Select[Any]:
    """Pledges that ended while no other pledge of the same person stood on.

    Of two that ended at the same instant the one with the lesser id counts.
    """
    other = one.alias()
    stands_on = exists().where(
        other.c.account_id == one.c.account_id,
        other.c.id != one.c.id,
        other.c.came_at <= one.c.out_at,
        or_(
            other.c.out_at.is_(None),
            other.c.out_at > one.c.out_at,
            and_(other.c.out_at == one.c.out_at, other.c.id < one.c.id),
        ),
    )
    return select(
        literal(Way.LEFT.value).label("way"),
        one.c.id.label("pledge_id"),
        one.c.account_id,
        one.c.out_at.label("at"),
        one.c.cause.label("cause"),
        false().label("returned"),
    ).where(one.c.out_at >= start, one.c.out_at <= now, ~stands_on)


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
