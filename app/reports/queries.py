"""Questions about patrons and money: one statement each, answered in frozen rows.

Money stays in the minor units of its own currency and different currencies are never added.
What recurs is counted by the year (a monthly amount twelve times), and divided only to be shown.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import case, distinct, func, literal, or_, select, union_all

from app.accounts.models import Account
from app.current import settings
from app.current import zone as here
from app.extensions import db
from app.giving import pledges
from app.giving.models import Donation, Pledge
from app.giving.rules import Interval, PledgeStatus, grace_ends, yearly_minor
from app.money import Money
from app.reports import months, stays
from app.reports.entries import GIFT
from app.reports.rollups import cash_days, following, movement_days, reading, sources
from app.reports.rollups.cash_days import CashDay
from app.reports.rollups.mode import is_raw
from app.reports.rollups.movement_days import MovementDay
from app.reports.rollups.people_tables import ALL, GivingSum, Span, Stay, StayCount
from app.reports.shape import Asked

#: The smallest step of the database's clock.
INSTANT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Recurring:
    """What the pledges in standing promise in one currency, by the year, in minor units.

    Past due within grace counts, and so does who leaves at the end of the paid time: `ending_minor`
    and `at_risk_minor` are parts of `yearly_minor`. Paused pledges bring nothing and do not count.
    """

    currency: str
    patrons: int
    yearly_minor: int
    ending_minor: int
    at_risk_minor: int

    @property
    def monthly(self) -> Money:
        """Monthly recurring revenue, to the nearest minor unit."""
        return Money(_twelfth(self.yearly_minor), self.currency)

    @property
    def committed(self) -> Money:
        """The same without what is about to end."""
        return Money(_twelfth(self.yearly_minor - self.ending_minor), self.currency)


@dataclass(frozen=True, slots=True)
class Standing:
    """The patrons of a moment: people, not pledges. Currencies in alphabetical order."""

    patrons: int
    recurring: tuple[Recurring, ...]


@dataclass(frozen=True, slots=True)
class Received:
    """Gifts received in one month and currency, and what is known of their fees.

    `settled_in` is the currency the fees and the net are in; null for gifts whose fee is not known
    yet, whose net is then 0.
    """

    month: date
    currency: str
    settled_in: str | None
    gifts: int
    once: int
    gross_minor: int
    net_minor: int


@dataclass(frozen=True, slots=True)
class AtRisk:
    """A patron whose renewal failed and whom Stripe still tries; in standing until `until`."""

    account_id: int
    name: str
    amount: Money
    interval: Interval
    failed_at: datetime
    until: datetime


def _twelfth(yearly: int) -> int:
    """A twelfth, rounded half up; never shown negative."""
    return (yearly + 6) // 12


def by_the_year(interval: Any = Pledge.interval, amount: Any = Pledge.amount_minor) -> Any:
    """A pledge's amount as it comes to in a year, in minor units."""
    return case(*((interval == each, amount * yearly_minor(1, each)) for each in PERIODS))


#: The intervals of a pledge.
PERIODS = (Interval.MONTH, Interval.YEAR)


def standing(now: datetime) -> Standing:
    """Count the patrons in standing and what their pledges promise."""
    if is_raw() or settings().vote_while_paused != "paid_period":
        return _standing_raw(now)
    people = _patrons(now)
    giving, span = sources.read(GivingSum), sources.read(Span)
    lost = select(
        span.c.currency, -by_the_year(span.c.interval, span.c.amount_minor), literal(0), literal(0)
    ).where(span.c.gives, span.c.out_at <= now)
    promised = select(
        giving.c.currency,
        by_the_year(giving.c.interval, giving.c.amount_minor).label("yearly"),
        literal(0).label("ending"),
        literal(0).label("at_risk"),
    )
    yearly, in_standing = by_the_year(), pledges.standing_at(now)
    ending = select(Pledge.currency, literal(0), yearly, literal(0)).where(
        Pledge.ends_at.is_not(None), in_standing, Pledge.status != PledgeStatus.PAUSED
    )
    at_risk = select(Pledge.currency, literal(0), literal(0), yearly).where(
        Pledge.status == PledgeStatus.PAST_DUE, in_standing
    )
    one = union_all(promised, lost, ending, at_risk).subquery().c
    rows = db.session.execute(
        select(one.currency, func.sum(one.yearly), func.sum(one.ending), func.sum(one.at_risk))
        .group_by(one.currency)
        .order_by(one.currency)
    )
    sums = {currency: [*map(int, minor)] for currency, *minor in rows}
    return Standing(
        patrons=people.get(ALL, 0),
        recurring=tuple(
            Recurring(currency, count, *sums.get(currency, (0, 0, 0)))
            for currency, count in sorted(people.items())
            if currency != ALL and count
        ),
    )


def _patrons(moment: datetime) -> dict[str, int]:
    """Count who stood at a moment that is not later than now, by currency and (`ALL`) together."""
    count, stay = sources.read(StayCount), sources.read(Stay)
    month = months.first_day(moment, here())
    since = months.start_of(month, here())
    until = months.start_of(months.following(month), here())
    stands = or_(stay.c.out_at.is_(None), stay.c.out_at > moment)
    parts = union_all(
        select(count.c.scope, func.sum(count.c.people).label("people"))
        .where(count.c.came_month < month, count.c.out_month > month)
        .group_by(count.c.scope),
        select(stay.c.scope, func.count())
        .where(stands, stay.c.came_at >= since, stay.c.came_at <= moment)
        .group_by(stay.c.scope),
        select(stay.c.scope, func.count())
        # No null among these, for which every end before the moment would be looked at too.
        .where(stay.c.came_at < since, stay.c.out_at > moment, stay.c.out_at < until)
        .group_by(stay.c.scope),
    ).subquery()
    rows = db.session.execute(
        select(parts.c.scope, func.sum(parts.c.people)).group_by(parts.c.scope)
    )
    return {scope: int(people) for scope, people in rows}


def _standing_raw(now: datetime) -> Standing:
    """The same from the pledges alone, where a pause is standing for as long as it lasts."""
    in_standing = pledges.standing_at(now)
    paying = Pledge.status != PledgeStatus.PAUSED
    total = select(func.count(distinct(Pledge.account_id))).where(in_standing).scalar_subquery()
    yearly = func.coalesce(func.sum(by_the_year()).filter(paying), 0)
    ending = func.sum(by_the_year()).filter(paying, Pledge.ends_at.is_not(None))
    at_risk = func.sum(by_the_year()).filter(Pledge.status == PledgeStatus.PAST_DUE)
    rows = db.session.execute(
        select(
            total,
            Pledge.currency,
            func.count(distinct(Pledge.account_id)),
            yearly,
            func.coalesce(ending, 0),
            func.coalesce(at_risk, 0),
        )
        .where(in_standing)
        .group_by(Pledge.currency)
        .order_by(Pledge.currency)
    ).all()
    return Standing(
        patrons=rows[0][0] if rows else 0,
        recurring=tuple(Recurring(row[1], row[2], *map(int, row[3:])) for row in rows),
    )


def up_to(now: datetime) -> datetime:
    """Return to when the figures run: now, or the newest gift where a test clock has run ahead."""
    newest = db.session.scalar(select(func.max(Donation.received_at)))
    return max(now, newest) if newest else now


def currencies() -> list[str]:
    """Return every currency anything was ever given or pledged in, in alphabetical order."""
    following.fresh(cash_days.ROLLUP, movement_days.ROLLUP)
    pledged = select(MovementDay.currency).distinct()
    given = select(CashDay.currency).distinct()
    return sorted(db.session.scalars(pledged.union(given)))


def received(now: datetime, zone: ZoneInfo, *, count: int = 12) -> list[Received]:
    """Sum the gifts of the last `count` months, the running one up to `now`.

    One row for each month, currency and currency of settlement, in that order; none where nothing
    came.
    """
    listed = months.latest(count, now, zone)
    starts = [months.start_of(day, zone) for day in listed]
    following.fresh(cash_days.ROLLUP)
    columns = cash_days.read(starts[0], now + INSTANT).c
    # The fee of what came outside Stripe is none, and none is known.
    settled_in = case((columns.source == cash_days.STRIPE, columns.settled_in))
    alike = (
        reading.place(columns.day, listed).label("month"),
        columns.currency,
        settled_in.label("settled_in"),
    )
    rows = db.session.execute(
        select(
            *alike,
            func.sum(columns.count),
            func.coalesce(func.sum(columns.count).filter(columns.once), 0),
            func.sum(columns.amount_minor),
            func.sum(case((columns.source == cash_days.STRIPE, columns.net_minor), else_=0)),
        )
        .where(columns.kind == GIFT)
        .group_by(*alike)
        .order_by(*alike)
    ).all()
    return [Received(listed[row[0] - 1], row[1], row[2], *map(int, row[3:])) for row in rows]


def patrons_by_month(now: datetime, zone: ZoneInfo, *, count: int = 12) -> list[tuple[date, int]]:
    """Count the patrons at the end of each of the last `count` months; of the running one, now."""
    listed = months.latest(count, now, zone)
    # Who came at this very instant counts, as in `movements.between`.
    asked = Asked(listed[0], listed[-1], now + INSTANT, zone)
    counts = stays.Tally(stays.counted(asked))
    # A month ends before anything moves in the next, so that each person is in one month's count.
    ends = [counts.began(place) for place in range(2, count + 1)] + [counts.ended(count)]
    return list(zip(listed, ends, strict=True))


def at_risk(now: datetime, *, limit: int) -> Sequence[AtRisk]:
    """List the patrons past due within grace, those who are lost the soonest first."""
    grace = timedelta(days=settings().grace_days)
    rows = db.session.execute(
        select(Account.id, Account.name, Pledge, Pledge.past_due_since)
        .join(Account, Account.id == Pledge.account_id)
        .where(
            pledges.standing_at(now),
            Pledge.status == PledgeStatus.PAST_DUE,
            Pledge.past_due_since.is_not(None),
        )
        .order_by(Pledge.past_due_since, Pledge.id)
        .limit(limit)
    ).all()
    return [
        AtRisk(
            account_id,
            name,
            pledge.amount,
            Interval(pledge.interval),
            failed_at,
            grace_ends(failed_at, grace),
        )
        for account_id, name, pledge, failed_at in rows
        if failed_at is not None
    ]
