"""The made-up gifts as the ledger holds them: donations, fees, receipts and their letters."""

import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from random import Random
from typing import Any

from sqlalchemy import insert

from app.demo.story import Life, OnceStory, PledgeStory
from app.extensions import db
from app.giving.models import Donation, DonationFee, Receipt, ReceiptYear
from app.letters.models import Letter
from app.money import Money

#: Kopiykas in a euro, for gifts that are settled in euros.
HRYVNIAS = 4850


@dataclass(frozen=True, slots=True)
class Gift:
    """One payment of the story: of a pledge or given once."""

    at: datetime
    life: Life
    amount: Money
    pledge: PledgeStory | None
    once: OnceStory | None


def gifts(lives: Sequence[Life]) -> list[Gift]:
    """Return every payment in the order it came."""

    def each() -> Iterator[Gift]:
        for life in lives:
            for pledge in life.pledges:
                for at, amount in pledge.payments:
                    yield Gift(at, life, amount, pledge, None)
            for once in life.once:
                yield Gift(once.at, life, once.amount, None, once)

    return sorted(each(), key=lambda gift: (gift.at, gift.life.person.email, gift.amount.minor))


def fill(given: Sequence[Gift], accounts: Mapping[str, int], zone: tzinfo, rng: Random) -> None:
    """Enter donations with their fees, receipts numbered in the order of time, letters sent.

    The caller commits.
    """
    donations = [_donation(place, gift, accounts) for place, gift in enumerate(given, start=1)]
    ids = db.session.scalars(
        insert(Donation).returning(Donation.id, sort_by_parameter_order=True), donations
    ).all()
    fees, receipts, letters = [], [], []
    years: dict[int, int] = {}
    for place, (donation_id, gift) in enumerate(zip(ids, given, strict=True), start=1):
        day = gift.at.astimezone(zone).date()
        years[day.year] = years.get(day.year, 0) + 1
        fees.append(_fee(place, donation_id, gift))
        receipts.append(
            {
                "donation_id": donation_id,
                "year": day.year,
                "number": years[day.year],
                "issued_on": day,
                "donor_name": gift.life.person.name,
                "locale": gift.life.person.locale,
            }
        )
        letters.append(_letter(donation_id, gift, accounts, rng))
    db.session.execute(insert(DonationFee), fees)
    db.session.execute(insert(Receipt), receipts)
    db.session.execute(insert(Letter), letters)
    db.session.execute(
        insert(ReceiptYear), [{"year": year, "last_number": last} for year, last in years.items()]
    )


def _donation(place: int, gift: Gift, accounts: Mapping[str, int]) -> dict[str, Any]:
    brand, last4 = gift.life.card
    return {
        "account_id": accounts[gift.life.person.email],
        "pledge_id": gift.pledge.id if gift.pledge else None,
        "checkout_id": gift.once.checkout_id if gift.once else None,
        "amount_minor": gift.amount.minor,
        "cover_minor": gift.life.covers.get(gift.amount, 0),
        "currency": gift.amount.currency,
        "received_at": gift.at,
        "entered_at": gift.at + timedelta(seconds=5),
        "card_brand": brand,
        "card_last4": last4,
        "stripe_invoice_id": f"in_demo_{place:06d}" if gift.pledge else None,
        "stripe_payment_intent_id": f"pi_demo_{place:06d}",
        "stripe_charge_id": f"ch_demo_{place:06d}",
        # The fee is entered, so nobody has to ask for it.
        "attempts": 1,
        "due_at": None,
    }


def _fee(place: int, donation_id: int, gift: Gift) -> dict[str, Any]:
    """What Stripe kept: everything is settled in euros, hryvnias at one rate and a higher fee."""
    if gift.amount.currency == "EUR":
        gross, fee = gift.amount.minor, round(gift.amount.minor * 0.015) + 25
    else:
        gross = gift.amount.minor * 100 // HRYVNIAS
        fee = round(gross * 0.0525) + 25
    return {
        "donation_id": donation_id,
        "fee_minor": fee,
        "net_minor": gross - fee,
        "currency": "EUR",
        "stripe_balance_transaction_id": f"txn_demo_{place:06d}",
        "entered_at": gift.at + timedelta(minutes=2),
    }


def _letter(
    donation_id: int, gift: Gift, accounts: Mapping[str, int], rng: Random
) -> dict[str, Any]:
    return {
        "id": uuid.UUID(int=rng.getrandbits(128), version=4),
        "kind": "receipt",
        "matter": str(donation_id),
        "account_id": accounts[gift.life.person.email],
        "urgency": 5,
        "created_at": gift.at + timedelta(seconds=5),
        "sent_at": gift.at + timedelta(seconds=9),
        "attempts": 1,
        "due_at": None,
    }
