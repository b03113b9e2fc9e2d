"""What came in and what went, entry by entry, and what each did to the balance it was settled in.

Shared by the reports on cash and on fees. Signed as the newsroom sees it, fees apart: what an entry
moved on its balance is `settled`, the fee of it is taken from that, and `net` is what is left.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, case, func, literal, select, union_all

from app.accounts.models import Account
from app.extensions import db
from app.giving.models import Adjustment, Donation, DonationFee
from app.reports import periods
from app.reports.entries import GIFT
from app.reports.shape import Asked

STRIPE = "stripe"


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


def _entries(since: datetime, until: datetime) -> Any:
    """Every entry of a span of time as a subquery."""
    return union_all(_gifts(since, until), _moves(since, until)).subquery("entry")


def _gifts(since: datetime, until: datetime) -> Select[*tuple[Any, ...]]:
    outside = Donation.source != STRIPE
    return (
        select(
            Donation.received_at.label("at"),
            # Of one gift nothing else has the same place: one refund of it may have two entries.
            literal(0).label("place"),
            literal(GIFT).label("kind"),
            Donation.id.label("donation_id"),
            Donation.account_id,
            Donation.source,
            Donation.card_brand,
            Donation.amount_minor,
            Donation.currency,
            case(
                (outside, Donation.amount_minor),
                else_=DonationFee.fee_minor + DonationFee.net_minor,
            ).label("settled_minor"),
            case((outside, 0), else_=DonationFee.fee_minor).label("fee_minor"),
            case((outside, Donation.amount_minor), else_=DonationFee.net_minor).label("net_minor"),
            case((outside, Donation.currency), else_=DonationFee.currency).label("settled_in"),
        )
        .outerjoin(DonationFee, DonationFee.donation_id == Donation.id)
        .where(Donation.received_at >= since, Donation.received_at < until)
    )


def _moves(since: datetime, until: datetime) -> Select[*tuple[Any, ...]]:
    return (
        select(
            Adjustment.happened_at,
            Adjustment.id,
            Adjustment.kind,
            Adjustment.donation_id,
            Donation.account_id,
            Donation.source,
            Donation.card_brand,
            Adjustment.amount_minor,
            Adjustment.currency,
            Adjustment.settled_minor,
            Adjustment.fee_minor,
            Adjustment.net_minor,
            Adjustment.settled_currency,
        )
        .join(Donation, Donation.id == Adjustment.donation_id)
        .where(Adjustment.happened_at >= since, Adjustment.happened_at < until)
    )


def by_month(asked: Asked) -> list[Cash]:
    """Sum every entry of the period, in the order of months and then of names."""
    if not asked.spans():
        return []
    entry = _entries(asked.since, asked.until)
    columns = entry.c
    alike = (
        periods.place_of(columns.at, asked).label("place"),
        columns.currency,
        columns.source,
        columns.card_brand,
        columns.settled_in,
        columns.kind,
    )
    rows = db.session.execute(
        select(
            *alike,
            func.count(),
            *(
                func.coalesce(func.sum(one), 0)
                for one in (
                    columns.amount_minor,
                    columns.settled_minor,
                    columns.fee_minor,
                    columns.net_minor,
                )
            ),
        )
        .where(*_only(columns.currency, asked.currency))
        .group_by(*alike)
        .order_by(*alike)
    )
    return [_cash(asked, row) for row in rows]


def _cash(asked: Asked, row: Row[Any]) -> Cash:
    values: list[Any] = [periods.month_at(asked, row[0]), *row[1:7], *map(int, row[7:])]
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
    entry = _entries(since, until)
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
