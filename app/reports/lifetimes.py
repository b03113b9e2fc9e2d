"""How long people stayed and what they gave, by the plan and currency they came with."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Integer,
    Numeric,
    and_,
    case,
    cast,
    func,
    literal_column,
    select,
)

from app.extensions import db
from app.giving import pledges
from app.giving.models import Adjustment, Donation, DonationFee, Pledge
from app.giving.rules import Interval, PledgeStatus
from app.reports import beginnings, survival
from app.reports.shape import Asked
from app.reports.survival import Lasted, Step

#: Fewer losses than this say nothing about how long people stay.
LOSSES = 30
#: The months from one gift to the next.
EVERY = {Interval.MONTH: 1, Interval.YEAR: 12}
#: The name of a lifetime: plan and currency, which are never mixed.
Name = tuple[Interval, str]


@dataclass(frozen=True, slots=True)
class Lifetime:
    """People who came on one plan in one currency; money in minor units of it.

    `average_minor` is the mean gift of those who give now, null where nobody does; `fee_minor` is
    what was kept of `settled_minor` of their gifts, and `paid_minor` what all of them paid less
    what went back.
    """

    plan: Interval
    currency: str
    people: int
    steps: Sequence[Step]
    average_minor: Decimal | None
    settled_minor: int
    fee_minor: int
    paid_minor: int

    @property
    def losses(self) -> int:
        """How many left within the months that are looked at."""
        return sum(step.lost for step in self.steps)

    @property
    def average(self) -> int | None:
        """The mean gift in whole minor units."""
        return None if self.average_minor is None else _whole(self.average_minor)

    @property
    def value_minor(self) -> int | None:
        """What somebody who comes is to bring; null where that cannot be told."""
        if self.losses < LOSSES or self.average_minor is None:
            return None
        left = 1 - (Decimal(self.fee_minor) / self.settled_minor if self.settled_minor else 0)
        return _whole(survival.gifts(self.steps, EVERY[self.plan]) * self.average_minor * left)

    @property
    def realised_minor(self) -> int:
        """What each of them has brought so far, on average, after fees."""
        return _whole(Decimal(self.paid_minor - self.fee_minor) / self.people)


def _whole(minor: Decimal) -> int:
    return int(minor.quantize(Decimal(1), ROUND_HALF_UP))


def lifetimes(asked: Asked) -> list[Lifetime]:
    """Tell of every plan and currency; three statements. The one with the most people first."""
    lasted, averages, paid = _lasted(asked), _averages(asked), _paid(asked)
    found = [
        Lifetime(
            plan,
            currency,
            sum(one.people for one in alike),
            survival.steps(alike),
            averages.get((plan, currency)),
            *paid.get((plan, currency), (0, 0, 0)),
        )
        for (plan, currency), alike in lasted.items()
    ]
    return sorted(found, key=lambda one: (-one.people, one.plan, one.currency))


def seen(one: Any, asked: Asked) -> ColumnElement[int]:
    """For how many whole months, by the newsroom's calendar, a person has been known."""
    return _months(_local(one.c.came_at, asked), _local(asked.now, asked))


def left(one: Any, asked: Asked) -> ColumnElement[int]:
    """By the end of which month a stay was over; null where it is not."""
    came, went = _local(one.c.came_at, asked), _local(one.c.out_at, asked)
    whole = _months(came, went)
    more = case((came + func.make_interval(0, whole) < went, 1), else_=0)
    return case((one.c.out_at.is_not(None), whole + more))


def _local(moment: ColumnElement[datetime] | datetime, asked: Asked) -> ColumnElement[Any]:
    return func.timezone(str(asked.zone), moment)


def _months(since: ColumnElement[Any], until: ColumnElement[Any]) -> ColumnElement[int]:
    age = func.age(until, since)
    return cast(func.extract("year", age) * 12 + func.extract("month", age), Integer)


def _lasted(asked: Asked) -> dict[Name, list[Lasted]]:
    one = beginnings.begun(asked)
    rows = db.session.execute(
        select(one.c.begun_as, one.c.currency, seen(one, asked), left(one, asked), func.count())
        .where(one.c.first)
        .group_by(*(literal_column(str(place)) for place in range(1, 5)))
    )
    found: dict[Name, list[Lasted]] = defaultdict(list)
    for plan, currency, months, gone, people in rows:
        found[Interval(plan), currency].append(Lasted(months, gone, people))
    return found


def _averages(asked: Asked) -> dict[Name, Decimal]:
    rows = db.session.execute(
        select(Pledge.interval, Pledge.currency, func.avg(Pledge.amount_minor))
        .where(pledges.standing_at(asked.now), Pledge.status != PledgeStatus.PAUSED)
        .group_by(Pledge.interval, Pledge.currency)
    )
    return {(Interval(plan), currency): average for plan, currency, average in rows}


def _paid(asked: Asked) -> dict[Name, tuple[int, int, int]]:
    """Sum what people paid on pledges in the currency they came with: settled, fees, paid.

    A fee is taken from a gift as the share of it that it is, so that no rate of exchange is needed.
    """
    one = beginnings.begun(asked)
    moved = (
        select(Adjustment.donation_id, func.sum(Adjustment.amount_minor).label("minor"))
        .group_by(Adjustment.donation_id)
        .subquery()
    )
    whole = func.nullif(DonationFee.fee_minor + DonationFee.net_minor, 0)
    fee = cast(Donation.amount_minor, Numeric) * DonationFee.fee_minor / whole
    rows = db.session.execute(
        select(
            one.c.begun_as,
            one.c.currency,
            func.coalesce(func.sum(case((whole.is_not(None), Donation.amount_minor))), 0),
            func.round(func.coalesce(func.sum(fee), 0)),
            func.sum(Donation.amount_minor + func.coalesce(moved.c.minor, 0)),
        )
        .join(
            Donation,
            and_(
                Donation.account_id == one.c.account_id,
                Donation.currency == one.c.currency,
                Donation.pledge_id.is_not(None),
            ),
        )
        .outerjoin(DonationFee, DonationFee.donation_id == Donation.id)
        .outerjoin(moved, moved.c.donation_id == Donation.id)
        .where(one.c.first, Donation.received_at <= asked.now)
        .group_by(one.c.begun_as, one.c.currency)
    )
    return {
        (Interval(plan), currency): (int(settled), int(fees), int(paid))
        for plan, currency, settled, fees, paid in rows
    }
