"""What recurs, read from the movement ledger; by the year, in minor units of each currency."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select

from app.accounts.models import Account
from app.extensions import db
from app.giving.models import PledgeMovement
from app.giving.rules import MovementKind
from app.reports.rollups import following, movement_days, reading
from app.reports.rollups.kept import Day
from app.reports.rollups.movement_days import MovementDay
from app.reports.shape import Asked


@dataclass(frozen=True, slots=True)
class Moved:
    """What movements of one kind came to in one month and currency, and how many there were."""

    month: date
    currency: str
    kind: MovementKind
    yearly_minor: int
    count: int


def at(moments: Sequence[datetime]) -> dict[tuple[datetime, str], int]:
    """Return what recurred just before each moment, in every currency there ever was by then."""
    following.fresh(movement_days.ROLLUP)
    one = movement_days.relation(MovementDay).c
    kept = select(one.currency, func.sum(one.yearly_minor))

    def rest(day: Day) -> Select[*tuple[Any, ...]]:
        return select(PledgeMovement.currency, func.sum(PledgeMovement.yearly_minor)).where(
            PledgeMovement.at >= day.since, PledgeMovement.at < day.until
        )

    found = reading.before(moments, one.day, kept, rest)
    return {key: found[key] for key in sorted(found)}


def by_month(asked: Asked) -> list[Moved]:
    """Sum the movements of each month that was asked for, by currency and kind."""
    spans = asked.spans()
    if not spans:
        return []
    following.fresh(movement_days.ROLLUP)
    columns = movement_days.read(MovementDay, asked.since, asked.until).c
    month = reading.place(columns.day, [month for month, _since, _until in spans]).label("month")
    alike = (month, columns.currency, columns.kind)
    rows = db.session.execute(
        select(*alike, func.sum(columns.yearly_minor), func.sum(columns.count))
        .where(*((columns.currency == asked.currency,) if asked.currency else ()))
        .group_by(*alike)
        .order_by(*alike)
    )
    return [
        Moved(spans[place - 1][0], currency, MovementKind(kind), int(total), int(count))
        for place, currency, kind, total, count in rows
    ]


def of(asked: Asked) -> tuple[ColumnElement[bool], ...]:
    """The condition of the currency that was asked for; none for all."""
    return (PledgeMovement.currency == asked.currency,) if asked.currency else ()


def sums(moved: Sequence[Moved]) -> dict[str, dict[MovementKind, int]]:
    """Add months up: for each currency what each kind came to."""
    found: dict[str, dict[MovementKind, int]] = defaultdict(lambda: defaultdict(int))
    for one in moved:
        found[one.currency][one.kind] += one.yearly_minor
    return found


def rows_of(
    since: datetime, until: datetime, currency: str, kind: MovementKind
) -> Select[*tuple[Any, ...]]:
    """Select the movements behind a sum, the newest first, each with the person's name."""
    return (
        select(*PledgeMovement.__table__.c, Account.name)
        .join(Account, Account.id == PledgeMovement.account_id)
        .where(
            PledgeMovement.at >= since,
            PledgeMovement.at < until,
            PledgeMovement.currency == currency,
            PledgeMovement.kind == kind,
        )
        .order_by(PledgeMovement.at.desc(), PledgeMovement.id.desc())
    )
