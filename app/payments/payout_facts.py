"""What the payment provider tells us of payouts and of its balance, in our own words. Pure."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from app.money import Money


class PayoutState(StrEnum):
    """How far a payout has come on its way to the bank. One that was paid may still fail."""

    PENDING = "pending"
    IN_TRANSIT = "in_transit"
    PAID = "paid"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class PayoutSeen:
    """A payout as it stood when it was asked for, at `seen_at`."""

    stripe_payout_id: str
    amount: Money
    state: PayoutState
    #: Whether the provider made it by itself, by its schedule.
    automatic: bool
    #: Whether it can be asked what it holds: of automatic ones only, and not at once.
    listable: bool
    #: The day it is to be in the bank.
    arrives_on: date
    made_at: datetime
    failure: str | None
    #: The movement by which one that failed came back.
    returned_by: str | None
    seen_at: datetime


class EntryKind(StrEnum):
    """Why the provider's balance moved, whatever it was for."""

    GIFT = "gift"
    REFUND = "refund"
    REFUND_FAILED = "refund_failed"
    DISPUTE = "dispute"
    DISPUTE_RETURNED = "dispute_returned"
    #: What the provider charges beside payments.
    STRIPE_FEE = "stripe_fee"
    #: A payout that failed and came back.
    PAYOUT_RETURNED = "payout_returned"
    #: What we have no word for; `type` holds the provider's.
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class BalanceEntry:
    """One movement of the provider's balance, ours or not; `amount` = `net` + `fee`, signed."""

    balance_transaction_id: str
    kind: EntryKind
    type: str
    description: str | None
    #: The charge, refund, dispute or payout it is about.
    source_id: str | None
    amount: Money
    fee: Money
    net: Money
    happened_at: datetime
