"""Entries in the ledger as tests of the reports need them."""

import itertools
from datetime import datetime, timedelta
from typing import Any

from app.accounts.models import Account
from app.extensions import db
from app.giving.models import Donation, DonationFee, Pledge

_counter = itertools.count(1)


def a_donation(
    account: Account,
    *,
    at: datetime,
    minor: int = 500,
    currency: str = "EUR",
    pledge: Pledge | None = None,
    net_minor: int | None = None,
    fee_minor: int = 30,
    **over: Any,
) -> Donation:
    """A gift in the ledger; its fee is known, in euros, where `net_minor` is given."""
    place = next(_counter)
    donation = Donation(
        account_id=account.id,
        pledge_id=pledge.id if pledge else None,
        amount_minor=minor,
        currency=currency,
        received_at=at,
        entered_at=at + timedelta(seconds=5),
        stripe_payment_intent_id=f"pi_{place}",
        **over,
    )
    db.session.add(donation)
    db.session.flush()
    if net_minor is not None:
        db.session.add(
            DonationFee(
                donation_id=donation.id,
                fee_minor=fee_minor,
                net_minor=net_minor,
                currency="EUR",
                stripe_balance_transaction_id=f"txn_{place}",
                entered_at=at,
            )
        )
    db.session.commit()
    return donation
