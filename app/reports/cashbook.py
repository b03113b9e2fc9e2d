"""What came in and what went, entry by entry, and what each did to the balance it was settled in.

Shared by the reports on cash and on fees. Signed as the newsroom sees it, fees apart: what an entry
moved on its balance is `settled`, the fee of it is taken from that, and `net` is what is left.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, func, select

from app.accounts.models import Account
from app.extensions import db
from app.reports import periods
from app.reports.rollups import cash_days, following, reading
from app.reports.shape import Asked

STRIPE = cash_days.STRIPE


@dataclass(frozen=True, slots=True)
class Cash:
    """What the entries of one kind came to in one month, where they came and were settled alike.

    `settled_in` is null for gifts whose fee is not known yet; their last three sums are 0. What
    came outside Stripe is settled in itself, without a fee.
    """

    month: date
    currency: str
    source: str
    card_brand: str | None
    settled_in: str | None
    #: "gift" or an `Adjustment.kind`.
    kind: str
    count: int
    amount_minor: int
    settled_minor: int
    fee_minor: int
    net_minor: int


def by_month(asked: Asked) -> list[Cash]:
    """Sum every entry of the period, in the order of months and then of names."""
    if not asked.spans():
        return []
    following.fresh(cash_days.ROLLUP)
    columns = cash_days.read(asked.since, asked.until).c
    months = [month for month, _since, _until in asked.spans()]
    alike = (
        reading.place(columns.day, months).label("place"),
        columns.currency,
        columns.source,
        columns.card_brand,
        columns.settled_in,
        columns.kind,
    )
    rows = db.session.execute(
        select(*alike, *(func.sum(columns[name]) for name in cash_days.SUMS[:5]))
        .where(*_only(columns.currency, asked.currency))
        .group_by(*alike)
        .order_by(*alike)
    )
    return [_cash(asked, row) for row in rows]


def settled(asked: Asked, source: str) -> dict[str, int]:
    """Add up the net of a source's entries of the period by the currency they were settled in."""
    following.fresh(cash_days.ROLLUP)
    columns = cash_days.read(asked.since, asked.until).c
    rows = db.session.execute(
        select(columns.settled_in, func.sum(columns.net_minor))
        .where(columns.source == source, columns.settled_in.is_not(None))
        .group_by(columns.settled_in)
    )
    return {currency: int(minor) for currency, minor in rows}


def _cash(asked: Asked, row: Row[Any]) -> Cash:
    values: list[Any] = [periods.month_at(asked, row[0]), *row[1:6], *map(int, row[6:])]
    return Cash(*values)


@dataclass(frozen=True, slots=True)
class Which:
    """Which entries a list holds; null holds all."""

    currency: str | None = None
    source: str | None = None
    #: "" for gifts whose fee is not known yet.
    settled_in: str | None = None
    kinds: tuple[str, ...] | None = None
    #: "" for what came without a card.
    card_brand: str | None = None


def rows_of(since: datetime, until: datetime, which: Which) -> Select[*tuple[Any, ...]]:
    """Select the entries of a span, the newest first: columns of the entry with `name`."""
    entry = cash_days.entries(lambda moment: (moment >= since) & (moment < until))
    wanted = [
        *_only(entry.c.currency, which.currency),
        *_only(entry.c.source, which.source),
        *_only(func.coalesce(entry.c.settled_in, ""), which.settled_in),
        *_only(func.coalesce(entry.c.card_brand, ""), which.card_brand),
    ]
    if which.kinds is not None:
        wanted.append(entry.c.kind.in_(which.kinds))
    return (
        select(entry, Account.name)
        .join(Account, Account.id == entry.c.account_id)
        .where(*wanted)
        .order_by(entry.c.at.desc(), entry.c.donation_id.desc(), entry.c.place)
    )


def _only(column: Any, value: str | None) -> tuple[ColumnElement[bool], ...]:
    return () if value is None else (column == value,)
