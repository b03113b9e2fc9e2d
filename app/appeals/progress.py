"""How far a goal is, read from pledges and the ledger by one statement."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Select, and_, case, cast, func, select

from app.appeals.models import Goal
from app.appeals.rules import GoalKind
from app.current import zone
from app.extensions import db
from app.giving import pledges
from app.giving.models import Adjustment, Donation, Pledge, PledgeMovement
from app.giving.rules import Interval, yearly_minor


def reached(goal: Goal, *, now: datetime) -> int:
    """Return how far a goal is, or where it was when it ended: patrons or minor units.

    It may be beyond the goal, and below nought where more went back than came in.
    """
    over = ends(goal)
    match goal.kind:
        case GoalKind.RAISED:
            statement = _raised(goal, min(now, over) if over else now)
        case _ if over is not None and over <= now:
            statement = _then(goal, over)
        case _:
            statement = _now(goal, now)
    return int(db.session.scalar(statement) or 0)


def ends(goal: Goal) -> datetime | None:
    """Return the moment from which a goal is over: the end of its last day."""
    if goal.ends_on is None:
        return None
    day = goal.ends_on + timedelta(days=1)
    return datetime(day.year, day.month, day.day, tzinfo=zone())


def _now(goal: Goal, now: datetime) -> Select[Any]:
    standing = select(_figure(goal)).where(pledges.standing_at(now))
    return standing if goal.currency is None else standing.where(Pledge.currency == goal.currency)


def _figure(goal: Goal) -> ColumnElement[Any]:
    if goal.kind == GoalKind.PATRONS:
        return func.count(Pledge.account_id.distinct())
    yearly = case(
        *(
            (Pledge.interval == each, Pledge.amount_minor * yearly_minor(1, each))
            for each in (Interval.MONTH, Interval.YEAR)
        )
    )
    return _a_month(func.sum(yearly))


def _then(goal: Goal, over: datetime) -> Select[Any]:
    """As it was at an earlier moment, which only the movements of pledges tell."""
    moved = PledgeMovement.at < over
    if goal.currency is not None:
        whole = func.sum(PledgeMovement.yearly_minor)
        return select(_a_month(whole)).where(moved, PledgeMovement.currency == goal.currency)
    giving = (
        select(PledgeMovement.account_id)
        .where(moved)
        .group_by(PledgeMovement.account_id)
        .having(func.sum(PledgeMovement.yearly_minor) > 0)
        .subquery()
    )
    return select(func.count()).select_from(giving)


def _a_month(yearly: ColumnElement[Any]) -> ColumnElement[Any]:
    """A twelfth of a year, to the nearest minor unit."""
    return cast(func.floor((yearly + 6) / 12), BigInteger)


def _raised(goal: Goal, until: datetime) -> Select[Any]:
    """Gifts received since the goal's first day, less what went back of these very gifts."""
    assert goal.starts_on is not None
    day = goal.starts_on
    received = and_(
        Donation.currency == goal.currency,
        Donation.received_at >= datetime(day.year, day.month, day.day, tzinfo=zone()),
        Donation.received_at < until,
    )
    given = select(func.coalesce(func.sum(Donation.amount_minor), 0)).where(received)
    back = (
        select(func.coalesce(func.sum(Adjustment.amount_minor), 0))
        .join(Donation, Donation.id == Adjustment.donation_id)
        .where(received)
    )
    return select(given.scalar_subquery() + back.scalar_subquery())
