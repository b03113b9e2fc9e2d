"""What one person has given and what of it went back, as one timeline."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import select

from app.extensions import db
from app.giving.models import Adjustment, Dispute, Donation, Receipt, Refund
from app.giving.rules import RefundStatus
from app.money import Money
from app.payments.facts import DisputeState

#: So many entries stand on one page.
PAGE = 50

#: The refunds and disputes a giver is told of: those that moved money, or are about to.
TOLD_REFUNDS = (RefundStatus.PENDING, RefundStatus.SUCCEEDED, RefundStatus.FAILED)
TOLD_DISPUTES = (DisputeState.OPEN, DisputeState.WON, DisputeState.LOST)


class Kind(StrEnum):
    """What happened."""

    GIFT = "gift"
    REFUND = "refund"
    DISPUTE = "dispute"
    TAKEN_BACK = "taken_back"


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that happened to somebody's money. `amount` is never negative."""

    at: datetime
    kind: Kind
    amount: Money
    donation: Donation
    #: The number of the gift's receipt.
    receipt: str
    #: How far a refund or a dispute has come; empty for the rest.
    status: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a timeline, the newest first; `number` counts from 1."""

    entries: tuple[Entry, ...]
    number: int
    pages: int
    total: int


def page(account_id: int, number: int = 1) -> Page:
    """Return a page of an account's timeline; a number beyond the last gives the last."""
    entries = timeline(account_id)
    pages = max(1, -(-len(entries) // PAGE))
    number = min(max(number, 1), pages)
    shown = entries[(number - 1) * PAGE : number * PAGE]
    return Page(tuple(shown), number, pages, len(entries))


def timeline(account_id: int) -> list[Entry]:
    """Return everything that happened to an account's money, the newest first.

    A life of monthly gifts is some hundred entries, so they are read whole and put in order here.
    """
    entries = [
        *_gifts(account_id),
        *_refunds(account_id),
        *_disputes(account_id),
        *_taken_back(account_id),
    ]
    # What happened at the same moment to one gift stands above the gift itself.
    return sorted(entries, key=lambda e: (e.at, e.donation.id, e.kind is not Kind.GIFT))[::-1]


def _gifts(account_id: int) -> list[Entry]:
    rows = db.session.execute(
        select(Donation, Receipt)
        .join(Receipt, Receipt.donation_id == Donation.id)
        .where(Donation.account_id == account_id)
    )
    return [
        Entry(gift.received_at, Kind.GIFT, gift.amount, gift, receipt.reference)
        for gift, receipt in rows
    ]


def _refunds(account_id: int) -> list[Entry]:
    rows = db.session.execute(
        select(Refund, Donation, Receipt)
        .join(Donation, Donation.id == Refund.donation_id)
        .join(Receipt, Receipt.donation_id == Donation.id)
        .where(Donation.account_id == account_id, Refund.status.in_(TOLD_REFUNDS))
    )
    return [
        Entry(
            refund.settled_at or refund.asked_at,
            Kind.REFUND,
            refund.amount,
            gift,
            receipt.reference,
            refund.status,
        )
        for refund, gift, receipt in rows
    ]


def _disputes(account_id: int) -> list[Entry]:
    rows = db.session.execute(
        select(Dispute, Donation, Receipt)
        .join(Donation, Donation.id == Dispute.donation_id)
        .join(Receipt, Receipt.donation_id == Donation.id)
        .where(Donation.account_id == account_id, Dispute.status.in_(TOLD_DISPUTES))
    )
    return [
        Entry(
            dispute.closed_at or dispute.opened_at,
            Kind.DISPUTE,
            dispute.amount,
            gift,
            receipt.reference,
            dispute.status,
        )
        for dispute, gift, receipt in rows
    ]


def _taken_back(account_id: int) -> list[Entry]:
    rows = db.session.execute(
        select(Adjustment, Donation, Receipt)
        .join(Donation, Donation.id == Adjustment.donation_id)
        .join(Receipt, Receipt.donation_id == Donation.id)
        .where(Donation.account_id == account_id, Adjustment.kind == "correction")
    )
    return [
        Entry(
            entry.happened_at,
            Kind.TAKEN_BACK,
            Money(-entry.amount_minor, entry.currency),
            gift,
            receipt.reference,
        )
        for entry, gift, receipt in rows
    ]
