"""The week that Monday looks back on: from the Monday before today, in the newsroom's days."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo

from sqlalchemy import func, select

from app.extensions import db
from app.giving.rules import MovementKind
from app.money import Money
from app.reports import months
from app.reports.rollups import following, movement_days
from app.reports.rollups.movement_days import MovementDay

WEEK, DAY = timedelta(days=7), timedelta(days=1)
#: The kinds that are always told, also where there were none; others only where there were some.
ALWAYS = (
    MovementKind.NEW,
    MovementKind.RETURNING,
    MovementKind.UP,
    MovementKind.DOWN,
    MovementKind.LEFT,
    MovementKind.LAPSED,
)


@dataclass(frozen=True, slots=True)
class Week:
    """What moved from the first instant of a Monday on, by the month, in each currency apart.

    Each amount is the nearest minor unit to a twelfth of the year's, the total too.
    """

    monday: date
    since: datetime
    currencies: tuple[str, ...]
    #: Each kind with an amount for each currency, in their order.
    rows: tuple[tuple[MovementKind, tuple[Money, ...]], ...]
    total: tuple[Money, ...]
    #: The exact totals by the year, in minor units, in the order of the currencies.
    yearly: tuple[int, ...] = ()


def this_monday(now: datetime, zone: tzinfo) -> date:
    """Return the Monday of the newsroom's week, today if it is one."""
    today = now.astimezone(zone).date()
    return today - timedelta(days=today.weekday())


def last_monday(now: datetime, zone: tzinfo) -> date:
    """Return the Monday before today; on a Monday that is the one a week ago."""
    today, monday = now.astimezone(zone).date(), this_monday(now, zone)
    return monday - WEEK if today == monday else monday


def moved(monday: date, until: datetime, zone: tzinfo) -> Week:
    """Sum the movements from a Monday's first instant up to a moment; one statement."""
    since = months.start_of(monday, zone)
    following.fresh(movement_days.ROLLUP)
    columns = movement_days.read(MovementDay, since, until).c
    rows = db.session.execute(
        select(columns.currency, columns.kind, func.sum(columns.yearly_minor)).group_by(
            columns.currency, columns.kind
        )
    )
    sums = {(currency, MovementKind(kind)): int(minor) for currency, kind, minor in rows}
    currencies = tuple(sorted({currency for currency, _kind in sums}))
    yearly = tuple(sum(minor for key, minor in sums.items() if key[0] == one) for one in currencies)
    present = {kind for _currency, kind in sums}
    return Week(
        monday,
        since,
        currencies,
        tuple(
            (kind, tuple(_monthly(sums.get((one, kind), 0), one) for one in currencies))
            for kind in MovementKind
            if kind in ALWAYS or kind in present
        ),
        tuple(_monthly(minor, one) for minor, one in zip(yearly, currencies, strict=True)),
        yearly,
    )


def _monthly(yearly: int, currency: str) -> Money:
    """A twelfth to the nearest minor unit, halves away from zero."""
    twelfth = (abs(yearly) + 6) // 12
    return Money(twelfth if yearly >= 0 else -twelfth, currency)
