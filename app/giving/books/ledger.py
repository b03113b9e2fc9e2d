"""The ledger: donations and what moved on them later are added, each once, and never changed.

What it comes to in a span of time is asked of `totals`, what of a donation went back of `returns`.
"""

import uuid
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.dialects.postgresql import insert

from app.extensions import db
from app.giving import pledges
from app.giving.books import receipts
from app.giving.gift.checkouts import UnknownCheckout
from app.giving.models import Adjustment, Checkout, Donation, DonationFee
from app.payments.facts import DonationPaid, Fee, FeeKnown, Movement
from app.payments.gateway import GatewayUnavailable, PaymentGateway

#: Stripe knows its fee seconds to minutes after the payment; before this it is not asked for.
FEE_AFTER = timedelta(minutes=2)


class UnknownDonation(LookupError):
    """There is no such donation, or not yet: a refund's event may come before its payment's."""


def locked(donation_id: int) -> Donation:
    """Return a donation under a row lock until the caller commits. Raises `UnknownDonation`."""
    return _only(Donation.id == donation_id, donation_id)


def locked_charge(charge_id: str) -> Donation:
    """Return the donation of a charge under a row lock. Raises `UnknownDonation`."""
    return _only(Donation.stripe_charge_id == charge_id, charge_id)


def _only(which: ColumnElement[bool], name: object) -> Donation:
    donation = db.session.scalar(
        select(Donation)
        .where(which)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    if donation is None:
        raise UnknownDonation(str(name))
    return donation


def record_donation(paid: DonationPaid, *, now: datetime) -> Donation | None:
    """Enter a donation, its receipt and the letter with it. The caller commits.

    None when its invoice or payment was entered before: the second time nothing happens. Raises
    `UnknownPledge`, `UnknownCheckout`.
    """
    if paid.pledge_id is not None:
        account_id = pledges.money_came(paid, now=now).account_id
    else:
        account_id = _checkout_paid(paid, now=now).account_id
    donation = db.session.scalar(
        insert(Donation)
        .values(
            account_id=account_id,
            pledge_id=paid.pledge_id,
            checkout_id=paid.checkout_id,
            amount_minor=paid.amount.minor,
            # The estimate of another time must not keep the money itself from being entered.
            cover_minor=min(max(paid.cover_minor, 0), paid.amount.minor - 1),
            currency=paid.amount.currency,
            received_at=paid.received_at,
            entered_at=now,
            card_brand=paid.card_brand,
            card_last4=paid.card_last4,
            stripe_invoice_id=paid.invoice_id,
            stripe_payment_intent_id=paid.payment_intent_id,
            stripe_charge_id=paid.charge_id,
            attempts=0,
            due_at=now + FEE_AFTER if paid.charge_id else None,
        )
        .on_conflict_do_nothing()
        .returning(Donation)
    )
    if donation is None:
        return None
    receipts.owe(donation, now=now)
    return donation


def moved(donation_id: int) -> int:
    """Return what moved on a donation since it was received, signed, in minor units."""
    moves = select(func.sum(Adjustment.amount_minor)).where(Adjustment.donation_id == donation_id)
    return int(db.session.scalar(moves) or 0)


def enter_movement(
    donation: Donation,
    movement: Movement,
    *,
    refund_id: uuid.UUID | None = None,
    dispute_id: int | None = None,
    now: datetime,
) -> None:
    """Enter what moved for a refund or a dispute, once. The caller commits."""
    db.session.execute(
        insert(Adjustment)
        .values(
            donation_id=donation.id,
            kind=movement.kind.value,
            refund_id=refund_id,
            dispute_id=dispute_id,
            amount_minor=movement.amount.minor,
            currency=movement.amount.currency,
            settled_minor=movement.settled.minor,
            fee_minor=movement.fee.minor,
            net_minor=movement.net.minor,
            settled_currency=movement.net.currency,
            stripe_balance_transaction_id=movement.balance_transaction_id,
            happened_at=movement.happened_at,
            entered_at=now,
        )
        .on_conflict_do_nothing()
    )


def _checkout_paid(paid: DonationPaid, *, now: datetime) -> Checkout:
    checkout = db.session.get(
        Checkout, paid.checkout_id, with_for_update=True, populate_existing=True
    )
    if checkout is None:
        raise UnknownCheckout(str(paid.checkout_id))
    checkout.status = "paid"
    checkout.closed_at = checkout.closed_at or now
    return checkout


def record_fee(known: FeeKnown, *, now: datetime) -> None:
    """Enter the fee of a donation, once. The caller commits.

    A fee that comes before its donation is left: the donation, once entered, asks for it.
    """
    donation = db.session.scalar(
        select(Donation).where(Donation.stripe_charge_id == known.charge_id).with_for_update()
    )
    if donation is not None:
        _enter_fee(donation, known.fee, now)


def fetch_fee(donation_id: int, gateway: PaymentGateway, *, now: datetime) -> None:
    """Ask Stripe for the fee a donation still owes, and enter it; commits. Safe to run twice.

    Where Stripe does not answer it stays owed, for as long as it takes.
    """
    charge_id = db.session.get_one(Donation, donation_id).stripe_charge_id
    db.session.commit()
    fee, silence = None, ""
    try:
        fee = gateway.find_fee(charge_id) if charge_id else None
    except GatewayUnavailable as error:
        silence = f"{type(error).__name__}: {error}"
    donation = db.session.get_one(
        Donation, donation_id, with_for_update=True, populate_existing=True
    )
    if silence:
        donation.unanswered(silence)
    if fee is not None:
        _enter_fee(donation, fee, now)
    db.session.commit()


def _enter_fee(donation: Donation, fee: Fee, now: datetime) -> None:
    db.session.execute(
        insert(DonationFee)
        .values(
            donation_id=donation.id,
            fee_minor=fee.fee.minor,
            net_minor=fee.net.minor,
            currency=fee.net.currency,
            stripe_balance_transaction_id=fee.balance_transaction_id,
            entered_at=now,
        )
        .on_conflict_do_nothing()
    )
    donation.done()
