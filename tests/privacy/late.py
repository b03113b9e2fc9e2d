"""What Stripe tells of somebody who is erased meanwhile, for the tests of what comes late."""

import uuid
from datetime import timedelta

from app.clock import utcnow
from app.extensions import db
from app.giving import settlement
from app.giving.gift import checkouts
from app.giving.models import Checkout, Pledge
from app.giving.rules import Interval
from app.money import Money
from app.payments.facts import Ending, Reading, Standing
from tests.fakes import FakeGateway
from tests.giving.facts import page, paid, seen
from tests.privacy.people import EMAIL, NAME


def an_attempt(
    interval: Interval = Interval.MONTH, *, email: str = EMAIL
) -> tuple[Checkout, Pledge | None]:
    """Zlata has begun a gift; nothing has been asked of Stripe yet."""
    gift = checkouts.Gift(uuid.uuid4(), Money(900, "EUR"), interval, email, NAME, "en", False, None)
    checkout = checkouts.start(gift, now=utcnow())
    return checkout, db.session.get(Pledge, checkout.pledge_id) if checkout.pledge_id else None


def is_paid(checkout: Checkout, gateway: FakeGateway) -> str:
    """Stripe took the money on the page of a checkout; its subscription's id."""
    pledge = db.session.get_one(Pledge, checkout.pledge_id)
    now, ended = utcnow(), {"ended_at": utcnow(), "ending": Ending.BY_WISH}
    facts = (page(checkout, "paid"), seen(pledge, seen_at=now), paid(pledge, received_at=now))
    gateway.readings[f"cs_{checkout.id.hex[:8]}"] = Reading(facts)
    later = seen(pledge, Standing.ENDED, seen_at=now + timedelta(days=30), **ended)
    gateway.readings[later.subscription_id] = Reading((later,))
    return later.subscription_id


def settled(checkout: Checkout, gateway: FakeGateway) -> None:
    """The event of a page comes at last."""
    facts = gateway.readings[f"cs_{checkout.id.hex[:8]}"].facts
    settlement.apply(facts, now=utcnow())
    db.session.commit()


def the_pledge(checkout: Checkout) -> Pledge:
    assert checkout.pledge_id is not None
    return db.session.get_one(Pledge, checkout.pledge_id, populate_existing=True)
