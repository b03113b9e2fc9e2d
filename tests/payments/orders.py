"""Orders put to the sandbox through the gateway, and what came of them."""

import uuid
from dataclasses import replace
from datetime import datetime
from typing import Any

import stripe

from app.money import Money
from app.payments.facts import PledgeSeen, Reading
from app.payments.orders import CheckoutOrder
from app.payments.stripe_gateway import StripeGateway
from tests.payments.conftest import Sandbox

PAYS_ONCE = "4000000000000341"


def an_order(interval: str = "month", **over: Any) -> CheckoutOrder:
    """An order of five euros."""
    order = CheckoutOrder(
        checkout_id=uuid.uuid4(),
        pledge_id=None if interval == "once" else uuid.uuid4(),
        account_id=1,
        amount=Money(500, "EUR"),
        interval=interval,
        email="olena@example.org",
        locale="uk",
        description="A gift",
        return_url="http://127.0.0.1/thanks?session_id={CHECKOUT_SESSION_ID}",
        cancel_url="http://127.0.0.1/give",
    )
    return replace(order, **over)


def paid(
    gateway: StripeGateway, sandbox: Sandbox, order: CheckoutOrder, card: str = "4242424242424242"
) -> dict[str, Any]:
    """Open an order's page and pay on it; return the session as Stripe then has it."""
    page = gateway.open_checkout(order)
    answer = sandbox.control("complete", session=page.session_id, card=card)
    session: dict[str, Any] = answer["session"]
    return session


def sessions_of(api: stripe.StripeClient, order: CheckoutOrder) -> list[str]:
    """List the pages Stripe has opened for an order."""
    every = api.v1.checkout.sessions.list({"limit": 100}).auto_paging_iter()
    return [one.id for one in every if one.client_reference_id == str(order.checkout_id)]


def the(kind: type[Any], reading: Reading) -> Any:
    """Return the one fact of a kind."""
    (fact,) = [fact for fact in reading.facts if isinstance(fact, kind)]
    return fact


def seen(gateway: StripeGateway, subscription_id: str) -> PledgeSeen:
    """Return how a pledge stands now."""
    fact: PledgeSeen = the(
        PledgeSeen, gateway.read("customer.subscription.updated", subscription_id)
    )
    return fact


def months_after(at: datetime, months: int) -> datetime:
    """Return the same day and hour so many months later; the tenth is in every month."""
    years, month = divmod(at.month - 1 + months, 12)
    return at.replace(year=at.year + years, month=month + 1)


def a_pledge(gateway: StripeGateway, sandbox: Sandbox, interval: str = "month") -> PledgeSeen:
    """A pledge whose first period is paid."""
    return seen(gateway, paid(gateway, sandbox, an_order(interval))["subscription"])


def told(reading: Reading) -> PledgeSeen:
    """The one pledge a reading tells of."""
    fact: PledgeSeen = the(PledgeSeen, reading)
    return fact


def the_same(one: PledgeSeen, other: PledgeSeen) -> bool:
    """Whether two looks saw the same, at whatever moments."""
    return replace(one, seen_at=other.seen_at) == other
