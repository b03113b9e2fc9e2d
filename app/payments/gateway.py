"""The payment provider in our own words: what we ask of it and what it tells us. Pure."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from app.money import Money


class GatewayError(Exception):
    """The provider refused: asking the same again will not help. Nothing was charged by us."""


class GatewayUnavailable(GatewayError):
    """The provider did not answer, or asked to be left alone. The same call may be made again."""


class BadSignature(ValueError):
    """Bytes that claim to be an event are not the provider's, or are too old."""


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
class CheckoutOrder:
    """A page to open on which a reader pays. `interval` is "once", "month" or "year"."""

    checkout_id: uuid.UUID
    pledge_id: uuid.UUID | None
    account_id: int
    amount: Money
    interval: str
    email: str
    locale: str
    description: str
    return_url: str
    cancel_url: str


@dataclass(frozen=True, slots=True)
class CheckoutPage:
    """An open page at the provider."""

    session_id: str
    url: str


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


#: What an event, once its truth has been fetched, comes to.
Fact = DonationPaid | PledgeSeen | CheckoutSeen | FeeKnown


@dataclass(frozen=True, slots=True)
class Reading:
    """The facts behind one event.

    `known` is false for a type we do not act on, `ours` for an object of another application on
    the same account.
    """

    facts: tuple[Fact, ...] = ()
    known: bool = True
    ours: bool = True


class PaymentGateway(Protocol):
    """What the product asks of a payment provider.

    Every method but `verify` is a network call and raises `GatewayUnavailable` when the provider
    did not answer in time.
    """

    def open_checkout(self, order: CheckoutOrder) -> CheckoutPage:
        """Open a page to pay on. The same order gives the same page. Raises `GatewayError`."""
        ...

    def find_checkout(self, session_id: str) -> Reading:
        """Fetch a page and what was paid on it: its `CheckoutSeen` first, then the money."""
        ...

    def verify(self, body: bytes, signature: str) -> Envelope:
        """Check that the bytes are the provider's event. Raises `BadSignature`."""
        ...

    def read(self, event_type: str, object_id: str | None) -> Reading:
        """Fetch the truth behind an event of that type about that object."""
        ...

    def find_fee(self, charge_id: str) -> Fee | None:
        """Fetch what the provider kept of a charge; None while it does not know yet."""
        ...

    def end_at_period_end(self, subscription_id: str, change_id: str) -> Reading:
        """Let a subscription end when its paid time does. The same `change_id` acts once."""
        ...

    def end_now(self, subscription_id: str) -> Reading:
        """End a subscription at once; what it still owes is not collected. May run twice."""
        ...

    def keep(self, subscription_id: str, change_id: str) -> Reading:
        """Take a wish to end back, while the paid time lasts. The same `change_id` acts once."""
        ...

    def prepare(self, product_names: dict[str, str]) -> None:
        """Make what checkouts need at the provider, by interval. May run twice."""
        ...
