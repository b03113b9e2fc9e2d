"""What recurs, read from the movement ledger; by the year, in minor units of each currency."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, DateTime, Select, cast, func, select
from sqlalchemy.dialects.postgresql import ARRAY

from app.accounts.models import Account
from app.extensions import db
from app.giving.models import PledgeMovement
from app.giving.rules import MovementKind
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
    if not moments:
        return {}
    ordered = sorted(set(moments))
    # How many of the moments have come: the movement is before every later one.
    passed = func.width_bucket(PledgeMovement.at, cast(ordered, ARRAY(DateTime(timezone=True))))
    rows = db.session.execute(
        select(
            passed.label("passed"), PledgeMovement.currency, func.sum(PledgeMovement.yearly_minor)
        )
        .where(PledgeMovement.at < ordered[-1])
        .group_by("passed", PledgeMovement.currency)
    )
    found: dict[tuple[datetime, str], int] = {}
    for place, currency, total in rows:
        for moment in ordered[place:]:
            found[moment, currency] = found.get((moment, currency), 0) + int(total)
    return {key: found[key] for key in sorted(found)}


def by_month(asked: Asked) -> list[Moved]:
    """Sum the movements of each month that was asked for, by currency and kind."""
    spans = asked.spans()
    if not spans:
        return []
    starts = [since for _month, since, _until in spans]
    month = func.width_bucket(
        PledgeMovement.at, cast(starts, ARRAY(DateTime(timezone=True)))
    ).label("month")
    rows = db.session.execute(
        select(
            month,
            PledgeMovement.currency,
            PledgeMovement.kind,
            func.sum(PledgeMovement.yearly_minor),
            func.count(),
        )
        .where(PledgeMovement.at >= starts[0], PledgeMovement.at < spans[-1][2], *of(asked))
        .group_by(month, PledgeMovement.currency, PledgeMovement.kind)
        .order_by(month, PledgeMovement.currency, PledgeMovement.kind)
    )
    return [
        Moved(spans[place - 1][0], currency, MovementKind(kind), int(total), count)
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
