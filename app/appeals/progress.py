"""How far a goal is, read from the movements of pledges and the ledger by one statement."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Select, and_, cast, false, func, or_, select

from app.appeals.models import Goal
from app.appeals.rules import GoalKind
from app.current import zone
from app.extensions import db
from app.giving.models import Adjustment, Donation, PledgeMovement


@dataclass(frozen=True, slots=True)
class Reached:
    """How far a goal is: patrons or minor units, beyond the goal or below nought as it may be.

    `others` says whether there is money in other currencies too, which is in no way added.
    """

    value: int
    others: bool


def reached(goal: Goal, *, now: datetime) -> Reached:
    """Return how far a goal is, or where it was when it ended, by one and the same measure.

    Of what happened after its end nothing counts, of what happened before also what became known
    later.
    """
    over = ends(goal)
    moment = min(now, over) if over else now
    statement = {
        GoalKind.PATRONS: _patrons,
        GoalKind.MONTHLY: _monthly,
        GoalKind.RAISED: _raised,
    }[GoalKind(goal.kind)](goal, moment)
    value, others = db.session.execute(statement).one()
    return Reached(int(value), others)


def ends(goal: Goal) -> datetime | None:
    """Return the moment from which a goal is over: the end of its last day."""
    if goal.ends_on is None:
        return None
    day = goal.ends_on + timedelta(days=1)
    return datetime(day.year, day.month, day.day, tzinfo=zone())


def _patrons(_goal: Goal, moment: datetime) -> Select[Any, Any]:
    """Who gives at a moment, in whatever currency.

    What a pledge brings is never below nought, so a sum above it tells that one of them gives.
    """
    giving = (
        select(PledgeMovement.account_id)
        .where(PledgeMovement.at < moment)
        .group_by(PledgeMovement.account_id)
        .having(func.sum(PledgeMovement.yearly_minor) > 0)
        .subquery()
    )
    return select(func.count(), false()).select_from(giving)


def _monthly(goal: Goal, moment: datetime) -> Select[Any, Any]:
    """What pledges bring at a moment by the month; nothing while they are paused."""
    each = (
        select(PledgeMovement.currency, func.sum(PledgeMovement.yearly_minor).label("yearly"))
        .where(PledgeMovement.at < moment)
        .group_by(PledgeMovement.currency)
        .subquery()
    ).c
    own = func.coalesce(func.sum(each.yearly).filter(each.currency == goal.currency), 0)
    others = and_(each.currency != goal.currency, each.yearly > 0)
    return select(_a_month(own), func.coalesce(func.bool_or(others), false()))


def _a_month(yearly: ColumnElement[Any]) -> ColumnElement[Any]:
    """A twelfth of a year, to the nearest minor unit."""
    return cast(func.floor((yearly + 6) / 12), BigInteger)


def _raised(goal: Goal, until: datetime) -> Select[Any, Any]:
    """Gifts received since the goal's first day, less what went back of these very gifts.

    An entry that staff took back was no gift, whenever that was found out.
    """
    assert goal.starts_on is not None
    day = goal.starts_on
    received = and_(
        Donation.received_at >= datetime(day.year, day.month, day.day, tzinfo=zone()),
        Donation.received_at < until,
    )
    own = Donation.currency == goal.currency
    given = select(func.coalesce(func.sum(Donation.amount_minor), 0)).where(received, own)
    back = (
        select(func.coalesce(func.sum(Adjustment.amount_minor), 0))
        .join(Donation, Donation.id == Adjustment.donation_id)
        .where(
            received,
            own,
            or_(Adjustment.happened_at < until, Adjustment.kind == "correction"),
        )
    )
    others = select(Donation.id).where(received, Donation.currency != goal.currency)
    return select(given.scalar_subquery() + back.scalar_subquery(), others.exists())
