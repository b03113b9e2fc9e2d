"""What we ask of the payment provider, in our own words. Pure."""

import uuid
from dataclasses import dataclass
from enum import StrEnum

from app.money import Money


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
    #: What of the amount covers the fee, in minor units.
    cover_minor: int = 0
    #: What the page says above its button: the amount, the period, and until when.
    confirmation: str = ""


@dataclass(frozen=True, slots=True)
class CheckoutPage:
    """An open page at the provider."""

    session_id: str
    url: str


@dataclass(frozen=True, slots=True)
class Terms:
    """What a pledge is to give from its next payment on. `interval` is "month" or "year"."""

    amount: Money
    interval: str
    cover_minor: int


@dataclass(frozen=True, slots=True)
class RefundOrder:
    """Money to send back. `refund_id` keys the request; `fraud` also tells the card's bank."""

    refund_id: uuid.UUID
    charge_id: str
    amount: Money
    fraud: bool


class SurveyKind(StrEnum):
    """What can be compared with the provider. Each is read as the event type beside it."""

    SUBSCRIPTIONS = "customer.subscription.updated"
    INVOICES = "invoice.paid"
    GIFTS = "payment_intent.succeeded"
    REFUNDS = "refund.updated"
    DISPUTES = "charge.dispute.updated"


@dataclass(frozen=True, slots=True)
class Preparation:
    """What is to be made: names of the products by interval, where events and patrons come back."""

    product_names: dict[str, str]
    webhook_url: str
    site_url: str


@dataclass(frozen=True, slots=True)
class Prepared:
    """What was made. `webhook_secret` is shown by the provider once, when the webhook is new."""

    products: tuple[str, ...]
    card_page: str
    webhook: str
    webhook_secret: str | None


@dataclass(frozen=True, slots=True)
class Inspection:
    """What was found at the provider; None where it could not be asked."""

    reachable: bool
    #: Why not, in the provider's word.
    error: str | None
    products_missing: tuple[str, ...]
    card_page: bool
    webhook_found: bool
    webhook_enabled: bool
    webhook_version: str | None
    wanted_version: str
    events_missing: tuple[str, ...]
    #: By how many seconds our clock is ahead of the provider's.
    clock_ahead: float | None = None
