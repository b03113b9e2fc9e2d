"""Gifts with the touches of whoever gave them, for tests of the reports."""

import uuid
from datetime import UTC, datetime
from typing import Any

from app.extensions import db
from app.giving import settlement
from app.giving.arrivals.touches import Came, Touch, enter
from app.giving.models import Checkout, Pledge
from tests.builders import a_reader
from tests.giving.facts import paid_once

MARCH = datetime(2026, 3, 10, 12, tzinfo=UTC)


def checkout_of(pledge: Pledge | None, first: Touch | None, last: Touch | None) -> Checkout:
    """The checkout that began a pledge, or of a gift of five euro given once; and its touches."""
    checkout = Checkout(
        id=uuid.uuid4(),
        account_id=pledge.account_id if pledge else a_reader().id,
        pledge_id=pledge.id if pledge else None,
        interval=pledge.interval if pledge else "once",
        amount_minor=500,
        currency="EUR",
        locale="en",
    )
    db.session.add(checkout)
    enter(checkout, Came(first, last))
    db.session.commit()
    return checkout


def touch(campaign: str | None = None, **over: Any) -> Touch:
    """A touch in March."""
    return Touch(MARCH.date(), campaign=campaign, **over)


def given_once(first: Touch | None, last: Touch | None, at: datetime = MARCH) -> None:
    """Five euro given once."""
    settlement.apply([paid_once(checkout_of(None, first, last), received_at=at)], now=at)
    db.session.commit()
