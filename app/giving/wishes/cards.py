"""New cards: given on the provider's page, put on the running pledge, an open payment tried."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import exists, select

from app.extensions import db
from app.giving import settlement
from app.giving.models import Donation, FailedPayment, Pledge
from app.giving.rules import FINAL, PledgeStatus
from app.giving.wishes.changes import NotPossible
from app.money import Money
from app.payments.facts import DonationPaid, PaymentFailed
from app.payments.gateway import PaymentGateway

#: The event of a new card may be quicker than the person who comes back from the provider's page:
#: what it brought about this short a time ago is still news.
JUST_NOW = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Adopted:
    """What became of a new card, and of a payment that was open."""

    #: False when the card is the one it was.
    changed: bool
    #: The open payment that went through with it; None where none did.
    paid: Money | None
    #: The open payment that was refused; None where none was.
    refused: Money | None
    #: Whether a payment is open still; with neither of the two, it is being tried elsewhere.
    open: bool
    #: The card that will be charged: "Visa ···· 4242".
    card: str


def possible(pledge: Pledge) -> bool:
    """Whether a pledge has a card that may be charged again."""
    return (
        pledge.started_at is not None
        and pledge.status not in FINAL
        and pledge.stripe_customer_id is not None
    )


def name(pledge: Pledge) -> str:
    """Write the card that will be charged ("Visa ···· 4242"); empty where none is known."""
    if not pledge.card_last4:
        return ""
    brand = (pledge.card_brand or "").replace("_", " ").title()
    return f"{brand} ···· {pledge.card_last4}".strip()


def page(pledge: Pledge, gateway: PaymentGateway, *, return_url: str, locale: str) -> str:
    """Return the address of the provider's page for a new card, good for minutes.

    Raises `NotPossible`, `GatewayError`.
    """
    if not possible(pledge) or pledge.stripe_customer_id is None:
        raise NotPossible("nothing will be charged to a card")
    customer_id = pledge.stripe_customer_id
    db.session.commit()
    return gateway.card_page(customer_id, return_url, locale)


def adopt(pledge: Pledge, gateway: PaymentGateway, *, now: datetime) -> Adopted:
    """Put a patron's newest card on the running pledge and try an open payment at once; commits.

    Safe to run twice: a card that is the one it was changes nothing. Raises `NotPossible`,
    `GatewayError`.
    """
    if not possible(pledge) or pledge.stripe_customer_id is None:
        raise NotPossible("nothing will be charged to a card")
    before, was_open = _card(pledge), pledge.status == PledgeStatus.PAST_DUE
    customer_id = pledge.stripe_customer_id
    db.session.commit()
    reading = gateway.adopt_card(customer_id)
    settlement.apply(reading.facts, now=now)
    db.session.commit()
    db.session.refresh(pledge)
    mine = [fact for fact in reading.facts if getattr(fact, "pledge_id", None) == pledge.id]
    paid = next((fact.amount for fact in mine if isinstance(fact, DonationPaid)), None)
    failed = next((fact.amount for fact in reversed(mine) if isinstance(fact, PaymentFailed)), None)
    is_open = pledge.status == PledgeStatus.PAST_DUE
    paid = paid or _made_good(pledge, now) or (_owed(pledge) if was_open and not is_open else None)
    db.session.commit()
    return Adopted(_card(pledge) != before, paid, None if paid else failed, is_open, name(pledge))


def _made_good(pledge: Pledge, now: datetime) -> Money | None:
    """Return the payment that had failed and went through just now; None where none did."""
    had_failed = exists().where(FailedPayment.stripe_invoice_id == Donation.stripe_invoice_id)
    donation = db.session.scalar(
        select(Donation)
        .where(Donation.pledge_id == pledge.id, Donation.entered_at > now - JUST_NOW, had_failed)
        .order_by(Donation.id.desc())
        .limit(1)
    )
    return donation.amount if donation else None


def _owed(pledge: Pledge) -> Money:
    """Return what was open on a pledge that is in order now, its donation being entered elsewhere.

    The provider took it for somebody who asked a moment before us.
    """
    failed = db.session.scalar(
        select(FailedPayment)
        .where(FailedPayment.pledge_id == pledge.id)
        .order_by(FailedPayment.failed_at.desc())
        .limit(1)
    )
    return failed.amount if failed else pledge.amount


def _card(pledge: Pledge) -> tuple[object, ...]:
    return (
        pledge.card_brand,
        pledge.card_last4,
        pledge.card_exp_year,
        pledge.card_exp_month,
    )
