"""What the payment provider tells us, in our own words. Pure."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from app.money import Money
from app.payments.payout_facts import PayoutSeen


class Standing(StrEnum):
    """How the provider sees a subscription."""

    INCOMPLETE = "incomplete"
    PAYING = "paying"
    PAST_DUE = "past_due"
    PAUSED = "paused"
    ENDED = "ended"


class Ending(StrEnum):
    """Why the provider ended a subscription."""

    BY_WISH = "by_wish"
    UNPAID = "unpaid"
    DISPUTED = "disputed"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Envelope:
    """A verified event, before anything is made of it. `object_id` is None for those without."""

    event_id: str
    type: str
    object_id: str | None
    livemode: bool
    #: Set when the event belongs to another account connected to ours.
    foreign_account: bool
    #: The event as it came, JSON.
    body: str


@dataclass(frozen=True, slots=True)
class Fee:
    """What the provider kept and what was left, in the currency it was settled in."""

    balance_transaction_id: str
    fee: Money
    net: Money


@dataclass(frozen=True, slots=True)
class Card:
    """A card as it may be shown. It is good to the end of its month."""

    brand: str
    last4: str
    exp_year: int
    exp_month: int


class MovementKind(StrEnum):
    """Why the provider's balance moved after a payment."""

    REFUND = "refund"
    REFUND_FAILED = "refund_failed"
    DISPUTE = "dispute"
    DISPUTE_RETURNED = "dispute_returned"


@dataclass(frozen=True, slots=True)
class Movement:
    """One entry of the provider's balance about a refund or a dispute.

    Signed as the newsroom sees it: a refund is negative. `amount` is in the payment's currency;
    `settled` = `net` + `fee` in the currency of the balance.
    """

    balance_transaction_id: str
    kind: MovementKind
    amount: Money
    settled: Money
    fee: Money
    net: Money
    happened_at: datetime


@dataclass(frozen=True, slots=True)
class DonationPaid:
    """Money came in. Exactly one of `pledge_id` and `checkout_id` is set."""

    amount: Money
    received_at: datetime
    pledge_id: uuid.UUID | None
    checkout_id: uuid.UUID | None
    invoice_id: str | None
    payment_intent_id: str | None
    charge_id: str | None
    card_brand: str | None
    card_last4: str | None
    subscription_id: str | None
    customer_id: str | None
    #: To when this payment carries a pledge; None for a gift given once.
    paid_until: datetime | None
    #: What of the amount covers the fee, in minor units.
    cover_minor: int = 0


@dataclass(frozen=True, slots=True)
class PledgeSeen:
    """A subscription as it stood when it was asked for, at `seen_at`."""

    pledge_id: uuid.UUID
    subscription_id: str
    customer_id: str
    standing: Standing
    amount: Money
    interval: str
    paid_until: datetime | None
    ends_at: datetime | None
    ended_at: datetime | None
    ending: Ending | None
    seen_at: datetime
    #: When the period that runs began, be it paid, owed or free.
    period_began_at: datetime | None = None
    #: When money is taken next; None when none will be.
    next_payment_at: datetime | None = None
    #: When a pause ends by itself.
    resumes_at: datetime | None = None
    #: What of the amount covers the fee, in minor units.
    cover_minor: int = 0
    #: The card that will be charged; None where there is none.
    card: Card | None = None


@dataclass(frozen=True, slots=True)
class CheckoutSeen:
    """A checkout page as it stood when it was asked for. `state` is "open", "paid" or "expired"."""

    checkout_id: uuid.UUID
    session_id: str
    state: str


@dataclass(frozen=True, slots=True)
class FeeKnown:
    """The fee of one charge has become known."""

    charge_id: str
    fee: Fee


class Remedy(StrEnum):
    """What would help after a payment failed."""

    #: Nothing by the patron: the account was short, or the bank was; it will be tried again.
    WAIT = "wait"
    NEW_CARD = "new_card"
    ASK_BANK = "ask_bank"
    #: The bank wants the patron to approve the payment on the page `pay_url`.
    APPROVE = "approve"


@dataclass(frozen=True, slots=True)
class PaymentFailed:
    """One attempt to take the money of one renewal failed. `attempt` counts from 1."""

    pledge_id: uuid.UUID
    invoice_id: str
    attempt: int
    amount: Money
    failed_at: datetime
    #: When it is tried again; None after the last attempt, and for attempts that others followed.
    next_attempt_at: datetime | None
    remedy: Remedy
    decline_code: str | None
    pay_url: str | None


class RefundState(StrEnum):
    """How far the provider has come with a refund."""

    PENDING = "pending"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class RefundSeen:
    """A refund as it stood when it was asked for, at `seen_at`, with what moved for it."""

    #: Ours; None for one made at the provider itself.
    refund_id: uuid.UUID | None
    stripe_refund_id: str
    charge_id: str
    amount: Money
    state: RefundState
    failure: str | None
    made_at: datetime
    movements: tuple[Movement, ...]
    seen_at: datetime


class DisputeState(StrEnum):
    """How a dispute stands. An inquiry has withdrawn nothing."""

    INQUIRY = "inquiry"
    OPEN = "open"
    WON = "won"
    LOST = "lost"
    #: An inquiry that led to nothing, or a dispute that was prevented.
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class DisputeSeen:
    """A dispute as it stood when it was asked for, at `seen_at`, with what moved for it."""

    stripe_dispute_id: str
    charge_id: str
    amount: Money
    state: DisputeState
    reason: str
    opened_at: datetime
    evidence_due_at: datetime | None
    movements: tuple[Movement, ...]
    seen_at: datetime


@dataclass(frozen=True, slots=True)
class FraudWarned:
    """A card's bank warns of a payment. `actionable`: neither disputed nor wholly refunded yet."""

    stripe_warning_id: str
    charge_id: str
    actionable: bool
    warned_at: datetime


#: What an event, once its truth has been fetched, comes to.
Fact = (
    DonationPaid
    | PledgeSeen
    | CheckoutSeen
    | FeeKnown
    | PaymentFailed
    | RefundSeen
    | DisputeSeen
    | FraudWarned
    | PayoutSeen
)


@dataclass(frozen=True, slots=True)
class Reading:
    """The facts behind one event.

    `known` is false for a type we do not act on, `ours` for an object of another application on
    the same account.
    """

    facts: tuple[Fact, ...] = ()
    known: bool = True
    ours: bool = True
