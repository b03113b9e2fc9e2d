"""Refunds, disputes and warnings of fraud, and the payments they are a share of."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, String, case, cast, func, literal, select, union_all

from app.accounts.models import Account
from app.extensions import db
from app.giving.models import Adjustment, Dispute, Donation, FraudWarning, Refund
from app.payments.facts import DisputeState
from app.reports import periods
from app.reports.cashbook import STRIPE
from app.reports.entries import GIFT
from app.reports.rollups import cash_days, following, reading
from app.reports.shape import Asked


class What(StrEnum):
    """What happened to a payment."""

    #: Money went back to the giver, and a refund that the bank could not deliver came back.
    REFUND = "refund"
    REFUND_FAILED = "refund_failed"
    #: Contested at the giver's bank, and only asked about there, which takes no money.
    DISPUTE = "dispute"
    INQUIRY = "inquiry"
    #: Taken by a dispute, and given back by one that was won.
    TAKEN = "taken"
    RETURNED = "returned"
    WARNING = "warning"


#: Kinds of entries of the ledger by what they are here.
ENTRIES = {
    "refund": What.REFUND,
    "refund_failed": What.REFUND_FAILED,
    "dispute": What.TAKEN,
    "dispute_returned": What.RETURNED,
}
#: What the bank only asks about, or has asked about without a dispute that followed.
ASKED_ABOUT = (DisputeState.INQUIRY, DisputeState.CLOSED)


@dataclass(frozen=True, slots=True)
class Happened:
    """What happened alike in one month and currency: how often, and to which sum.

    `reason` is empty where none is known; `state` is a dispute's and else empty.
    """

    month: date
    currency: str
    what: What
    reason: str
    state: str
    count: int
    amount_minor: int


def _events(since: datetime, until: datetime) -> Any:
    return union_all(
        _entries(since, until), _disputes(since, until), _warnings(since, until)
    ).subquery("happened")


def _entries(since: datetime, until: datetime) -> Select[*tuple[Any, ...]]:
    what = case({kind: what.value for kind, what in ENTRIES.items()}, value=Adjustment.kind)
    return (
        select(
            Adjustment.happened_at.label("at"),
            what.label("what"),
            Adjustment.donation_id,
            Adjustment.currency,
            Adjustment.amount_minor,
            func.coalesce(Refund.reason, Dispute.reason, "").label("reason"),
            func.coalesce(Dispute.status, "").label("state"),
            cast(Adjustment.id, String).label("key"),
        )
        .outerjoin(Refund, Refund.id == Adjustment.refund_id)
        .outerjoin(Dispute, Dispute.id == Adjustment.dispute_id)
        .where(
            Adjustment.happened_at >= since,
            Adjustment.happened_at < until,
            Adjustment.kind.in_(ENTRIES),
        )
    )


def _disputes(since: datetime, until: datetime) -> Select[*tuple[Any, ...]]:
    asked_about = Dispute.status.in_(ASKED_ABOUT)
    return select(
        Dispute.opened_at,
        case((asked_about, What.INQUIRY.value), else_=What.DISPUTE.value),
        Dispute.donation_id,
        Dispute.currency,
        Dispute.amount_minor,
        Dispute.reason,
        Dispute.status,
        cast(Dispute.id, String),
    ).where(Dispute.opened_at >= since, Dispute.opened_at < until)


def _warnings(since: datetime, until: datetime) -> Select[*tuple[Any, ...]]:
    return (
        select(
            FraudWarning.warned_at,
            literal(What.WARNING.value),
            FraudWarning.donation_id,
            Donation.currency,
            Donation.amount_minor,
            literal(""),
            FraudWarning.outcome,
            cast(FraudWarning.id, String),
        )
        .join(Donation, Donation.id == FraudWarning.donation_id)
        .where(FraudWarning.warned_at >= since, FraudWarning.warned_at < until)
    )


def by_month(asked: Asked) -> list[Happened]:
    """Count and sum what happened in each month, by all that is told of it."""
    if not asked.spans():
        return []
    event = _events(asked.since, asked.until)
    columns = event.c
    alike = (
        periods.place_of(columns.at, asked).label("place"),
        columns.currency,
        columns.what,
        columns.reason,
        columns.state,
    )
    rows = db.session.execute(
        select(*alike, func.count(), func.sum(columns.amount_minor))
        .where(*_only(columns.currency, asked.currency))
        .group_by(*alike)
        .order_by(*alike)
    )
    return [
        Happened(
            periods.month_at(asked, place), currency, What(what), reason, state, count, int(amount)
        )
        for place, currency, what, reason, state, count, amount in rows
    ]


def charges(asked: Asked) -> dict[date, int]:
    """Count the payments through Stripe by the month they were received in."""
    if not asked.spans():
        return {}
    following.fresh(cash_days.ROLLUP)
    columns = cash_days.read(asked.since, asked.until).c
    months = [month for month, _since, _until in asked.spans()]
    place = reading.place(columns.day, months).label("place")
    rows = db.session.execute(
        select(place, func.sum(columns.count))
        .where(
            columns.source == STRIPE,
            columns.kind == GIFT,
            *_only(columns.currency, asked.currency),
        )
        .group_by(place)
    )
    return {periods.month_at(asked, found): int(count) for found, count in rows}


def rows_of(
    since: datetime,
    until: datetime,
    kinds: Sequence[What],
    *,
    currency: str | None,
    reason: str | None,
) -> Select[*tuple[Any, ...]]:
    """Select what happened in a span, the newest first: its columns, `name` and `account_id`."""
    event = _events(since, until)
    return (
        select(event, Donation.received_at, Donation.account_id, Account.name)
        .join(Donation, Donation.id == event.c.donation_id)
        .join(Account, Account.id == Donation.account_id)
        .where(
            event.c.what.in_(kinds),
            *_only(event.c.currency, currency),
            *_only(event.c.reason, reason),
        )
        .order_by(event.c.at.desc(), event.c.donation_id.desc(), event.c.what, event.c.key)
    )


def _only(column: Any, value: str | None) -> tuple[ColumnElement[bool], ...]:
    return () if value is None else (column == value,)
