"""Payouts as they were kept, what each holds, and what of the ledger has not reached the bank.

A payout counts in the month of the day it is to be in the bank. Sums are those kept beside each
payout; the lists read every movement.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, exists, func, literal, select, union_all
from sqlalchemy.orm import aliased

from app.accounts.models import Account
from app.extensions import db
from app.giving.books import payouts
from app.giving.models import (
    Adjustment,
    Donation,
    DonationFee,
    Payout,
    PayoutEntry,
    PayoutSum,
)
from app.payments.payout_facts import PayoutState
from app.reports import cashbook, months
from app.reports.cashbook import STRIPE
from app.reports.entries import GIFT
from app.reports.shape import Asked

#: What a failed or cancelled payout did not bring to the bank.
SENT_BACK = (PayoutState.FAILED.value, PayoutState.CANCELLED.value)


@dataclass(frozen=True, slots=True)
class Held:
    """What a payout holds of one kind, in minor units of its currency."""

    count: int
    amount_minor: int
    fee_minor: int
    net_minor: int


@dataclass(frozen=True, slots=True)
class PaidOut:
    """A payout with what it holds by kind: an `EntryKind`, or `PayoutSum.UNMATCHED`."""

    payout: Payout
    held: Mapping[str, Held]

    @property
    def sum_minor(self) -> int:
        """What it holds, all together."""
        return sum(one.net_minor for one in self.held.values())

    @property
    def readable(self) -> bool:
        """Whether it is known what it holds: of automatic payouts, once Stripe could be asked."""
        return self.payout.read_at is not None

    @property
    def difference_minor(self) -> int:
        """By how much it is not what it holds; 0 while that is not known."""
        return self.payout.amount_minor - self.sum_minor if self.readable else 0


def arriving(asked: Asked) -> ColumnElement[bool]:
    """Whether a payout is to be in the bank in the months asked for."""
    return Payout.arrives_on.between(asked.first, months.following(asked.last) - timedelta(days=1))


def of(asked: Asked) -> list[PaidOut]:
    """Read the payouts of the months asked for, the newest first, each with what it holds."""
    rows = db.session.scalars(
        select(Payout)
        .where(arriving(asked))
        .order_by(Payout.arrives_on.desc(), Payout.made_at.desc(), Payout.id.desc())
    ).all()
    return with_sums(rows)


def with_sums(rows: Sequence[Payout]) -> list[PaidOut]:
    """Put beside payouts what each holds."""
    sums: dict[int, dict[str, Held]] = {row.id: {} for row in rows}
    held = select(
        PayoutSum.payout_id,
        PayoutSum.kind,
        PayoutSum.count,
        PayoutSum.amount_minor,
        PayoutSum.fee_minor,
        PayoutSum.net_minor,
    ).where(PayoutSum.payout_id.in_(sums))
    for payout_id, kind, *values in db.session.execute(held):
        sums[payout_id][kind] = Held(*values)
    return [PaidOut(row, sums[row.id]) for row in rows]


def totals(asked: Asked) -> dict[str, int]:
    """Add up the payouts of the months asked for that were not sent back, in minor units.

    By currency; one that has none but those sent back is missing.
    """
    found = (
        select(Payout.currency, func.sum(Payout.amount_minor))
        .where(arriving(asked), Payout.status.not_in(SENT_BACK))
        .group_by(Payout.currency)
        .order_by(Payout.currency)
    )
    return {currency: int(minor) for currency, minor in db.session.execute(found)}


def entries(which: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    """Select movements that payouts hold, the newest first, each with the gift's giver if any."""
    gift = aliased(Donation)
    giver = func.coalesce(DonationFee.donation_id, Adjustment.donation_id)
    joined = payouts.matched(
        select(
            PayoutEntry,
            payouts.kind_in_the_ledger().label("kind"),
            gift.account_id,
            Account.name,
        ).join(Payout, Payout.id == PayoutEntry.payout_id)
    )
    return (
        joined.outerjoin(gift, gift.id == giver)
        .outerjoin(Account, Account.id == gift.account_id)
        .where(which)
        .order_by(PayoutEntry.happened_at.desc(), PayoutEntry.id.desc())
    )


# -- what has not reached the bank ---------------------------------------------------------------


def last_day(asked: Asked) -> date:
    """The last day of the period, today where it runs."""
    return (asked.until - timedelta(microseconds=1)).astimezone(asked.zone).date()


def by_hand() -> frozenset[str]:
    """The currencies in which payouts were asked for by hand: nobody says what those hold."""
    found = select(Payout.currency).where(Payout.automatic.is_(False)).distinct()
    return frozenset(db.session.scalars(found))


def waiting(asked: Asked) -> dict[str, int]:
    """What of the ledger's net had reached no payout that was to be in the bank by the last day.

    By currency of the balance, in minor units; all of the ledger from its beginning on less what
    payouts brought of it.
    """
    first = db.session.scalar(select(func.min(Donation.received_at)))
    if first is None or first >= asked.until:
        return {}
    ever = Asked(months.first_day(first, asked.zone), asked.last, asked.now, asked.zone)
    sums = cashbook.settled(ever, STRIPE)
    brought = (
        select(Payout.currency, func.sum(PayoutSum.net_minor))
        .join(Payout, Payout.id == PayoutSum.payout_id)
        .where(PayoutSum.kind.in_(payouts.LEDGER), Payout.arrives_on <= last_day(asked))
        .group_by(Payout.currency)
    )
    for currency, minor in db.session.execute(brought):
        sums[currency] = sums.get(currency, 0) - int(minor)
    return sums


def waiting_entries(asked: Asked, currency: str) -> Select[*tuple[Any, ...]]:
    """Select the ledger's entries behind `waiting`, the newest first."""
    entry = union_all(_gifts(asked, currency), _moves(asked, currency)).subquery("entry")
    arrived = exists().where(
        PayoutEntry.stripe_balance_transaction_id == entry.c.stripe_id,
        PayoutEntry.net_minor == entry.c.net_minor,
        Payout.id == PayoutEntry.payout_id,
        Payout.arrives_on <= last_day(asked),
    )
    return (
        select(entry, Account.name)
        .join(Account, Account.id == entry.c.account_id)
        .where(~arrived)
        .order_by(entry.c.at.desc(), entry.c.stripe_id)
    )


def _gifts(asked: Asked, currency: str) -> Select[*tuple[Any, ...]]:
    return (
        select(
            Donation.received_at.label("at"),
            literal(GIFT).label("kind"),
            Donation.account_id,
            (DonationFee.fee_minor + DonationFee.net_minor).label("amount_minor"),
            DonationFee.fee_minor,
            DonationFee.net_minor,
            DonationFee.stripe_balance_transaction_id.label("stripe_id"),
        )
        .join(Donation, Donation.id == DonationFee.donation_id)
        .where(Donation.received_at < asked.until, DonationFee.currency == currency)
    )


def _moves(asked: Asked, currency: str) -> Select[*tuple[Any, ...]]:
    return (
        select(
            Adjustment.happened_at,
            Adjustment.kind,
            Donation.account_id,
            Adjustment.settled_minor,
            Adjustment.fee_minor,
            Adjustment.net_minor,
            Adjustment.stripe_balance_transaction_id,
        )
        .join(Donation, Donation.id == Adjustment.donation_id)
        .where(
            Adjustment.happened_at < asked.until,
            Adjustment.settled_currency == currency,
            Adjustment.stripe_balance_transaction_id.is_not(None),
        )
    )


def not_paid_again() -> Sequence[Payout]:
    """List payouts that came back and that no payout has taken along since, the newest first."""
    again = exists().where(PayoutEntry.stripe_balance_transaction_id == Payout.returned_by)
    return db.session.scalars(
        select(Payout)
        .where(Payout.status.in_(SENT_BACK), ~again)
        .order_by(Payout.arrives_on.desc(), Payout.id.desc())
    ).all()
