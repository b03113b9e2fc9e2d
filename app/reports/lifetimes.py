"""How long people stayed and what they gave, by the plan and currency they came with."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from sqlalchemy import (
    CTE,
    ColumnElement,
    CompoundSelect,
    Date,
    DateTime,
    Integer,
    and_,
    case,
    cast,
    func,
    literal,
    literal_column,
    select,
    union_all,
)

from app.extensions import db
from app.giving.models import Donation
from app.giving.rules import Interval
from app.reports import stays, survival
from app.reports.rollups import brought_rows, people_rows, sources
from app.reports.rollups.people_tables import (
    NOT_LEFT,
    BroughtSum,
    GivingSum,
    LastingCount,
    Span,
    Stay,
)
from app.reports.shape import Asked
from app.reports.survival import HORIZON, Lasted, Step

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
    return people_rows.whole_months(people_rows.local(one.c.came_at), people_rows.local(asked.now))


def left(one: Any) -> ColumnElement[int]:
    """By the end of which month a stay was over; null where it is not."""
    return people_rows.lasted(one.c.came_at, one.c.out_at)


def _lasted(asked: Asked) -> dict[Name, list[Lasted]]:
    one = _alike(asked).subquery()
    keys = (one.c.begun_as, one.c.currency, one.c.seen, one.c.lasted)
    people = func.sum(one.c.people)
    rows = db.session.execute(select(*keys, people).group_by(*keys).having(people != 0))
    found: dict[Name, list[Lasted]] = defaultdict(list)
    for plan, currency, months, gone, number in rows:
        lasts = None if gone == NOT_LEFT else gone
        found[Interval(plan), currency].append(Lasted(months, lasts, int(number)))
    return found


def _alike(asked: Asked) -> CompoundSelect[Any]:
    """Select those who came first, how long they have been known and how long they stayed.

    By the day they came; one by one of days on which some are known for a month longer than
    others. Who leaves after now is taken away from those who left, and added to those who did not.
    """
    count, stay, day = sources.read(LastingCount), sources.read(Stay), _days(asked)
    began = people_rows.local(stay.c.came_at)
    here = (stay.c.first, stay.c.scope == stays.scope(asked))
    known = case((day.c.day.is_(None), HORIZON + 1), else_=day.c.seen)
    whole = (
        select(
            count.c.begun_as,
            count.c.currency,
            known.label("seen"),
            count.c.lasted,
            func.sum(count.c.people).label("people"),
        )
        .outerjoin(day, day.c.day == count.c.came_day)
        .where(
            count.c.scope == stays.scope(asked),
            count.c.came_day <= cast(people_rows.local(asked.now), Date),
            known.is_not(None),
        )
        .group_by(*(literal_column(str(place)) for place in range(1, 5)))
    )
    late = (
        select(
            stay.c.begun_as,
            stay.c.currency,
            known.label("seen"),
            people_rows.lasted_of(stay).label("lasted"),
        )
        .outerjoin(day, day.c.day == cast(began, Date))
        .where(*here, stay.c.out_at > asked.now, stay.c.came_at <= asked.now, known.is_not(None))
        .cte("late")
    )
    less = select(*late.c, literal(-1, Integer))
    more = select(
        late.c.begun_as, late.c.currency, late.c.seen, literal(NOT_LEFT), literal(1, Integer)
    )
    gone = stay.c.out_at <= asked.now
    one_by_one = (
        select(
            stay.c.begun_as,
            stay.c.currency,
            func.least(people_rows.whole_months(began, people_rows.local(asked.now)), HORIZON + 1),
            case((gone, people_rows.lasted_of(stay)), else_=NOT_LEFT),
            literal(1, Integer),
        )
        .join(day, and_(stay.c.came_at >= day.c.since, stay.c.came_at < day.c.until))
        .where(*here, day.c.seen.is_(None), stay.c.came_at <= asked.now)
    )
    return union_all(whole, less, more, one_by_one)


def _days(asked: Asked) -> CTE:
    """Days with the months whoever came on them is known for; null where it is not the same of all.

    And their first instant and the one after their last. Who came before them is known for longer
    than is looked at.
    """
    now = people_rows.local(asked.now)
    long_ago = timedelta(days=31 * (HORIZON + 2))
    days = func.generate_series(
        _midnight(now - long_ago), _midnight(now), timedelta(days=1)
    ).column_valued("morning")
    next_day = days + timedelta(days=1)
    most = people_rows.whole_months(days, now)
    # Of today only what has passed is known.
    end = func.least(next_day - timedelta(microseconds=1), now)
    least = people_rows.whole_months(end, now)
    return select(
        cast(days, Date).label("day"),
        case((most == least, func.least(most, HORIZON + 1))).label("seen"),
        func.timezone(str(asked.zone), days).label("since"),
        func.timezone(str(asked.zone), next_day).label("until"),
    ).cte("day")


def _midnight(reading: ColumnElement[Any]) -> ColumnElement[Any]:
    """The beginning of a day as clocks show it, whatever the zone of the database is."""
    return cast(cast(reading, Date), DateTime(timezone=False))


def _averages(asked: Asked) -> dict[Name, Decimal]:
    """The mean gift of the pledges that give now; of those given up since it was kept, not."""
    kept, span = sources.read(GivingSum), sources.read(Span)
    over = select(span.c.interval, span.c.currency, literal(-1), -span.c.amount_minor).where(
        span.c.gives, span.c.out_at.is_not(None), span.c.out_at <= asked.now
    )
    one = union_all(
        select(kept.c.interval, kept.c.currency, kept.c.pledges, kept.c.amount_minor), over
    ).subquery()
    pledges, minor = func.sum(one.c.pledges), func.sum(one.c.amount_minor)
    rows = db.session.execute(
        select(one.c.interval, one.c.currency, pledges, minor)
        .group_by(one.c.interval, one.c.currency)
        .having(pledges != 0)
    )
    return {
        (Interval(plan), currency): Decimal(total) / number
        for plan, currency, number, total in rows
    }


def _paid(asked: Asked) -> dict[Name, tuple[int, int, int]]:
    """Sum what people paid on pledges in the currency they came with: settled, fees, paid."""
    kept, stay = sources.read(BroughtSum), sources.read(Stay)
    # A gift that is to come, by a clock that is wrong: none, as a rule.
    later = select(Donation.account_id).where(Donation.received_at > asked.now).scalar_subquery()
    mine = select(stay).where(stay.c.account_id.in_(later)).subquery()
    ahead = brought_rows.sums(
        brought_rows.brought(mine, None, Donation.received_at > asked.now).subquery()
    ).subquery()
    names = ("scope", "begun_as", "currency", "settled_minor", "fee_minor", "paid_minor")
    one = union_all(
        select(*(kept.c[name] for name in names)),
        select(*(ahead.c[name] for name in names[:3]), *((-ahead.c[name]) for name in names[3:])),
    ).subquery()
    rows = db.session.execute(
        select(
            one.c.begun_as,
            one.c.currency,
            func.sum(one.c.settled_minor),
            func.round(func.sum(one.c.fee_minor)),
            func.sum(one.c.paid_minor),
        )
        .where(one.c.scope == stays.scope(asked))
        .group_by(one.c.begun_as, one.c.currency)
    )
    return {
        (Interval(plan), currency): (int(settled), int(fees), int(paid))
        for plan, currency, settled, fees, paid in rows
    }
