"""Everything the gateway is asked for that changes something, and how often it was done."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import stripe

from app.money import Money
from app.payments.facts import DonationPaid, PledgeSeen
from app.payments.gateway import GatewayUnavailable
from app.payments.orders import RefundOrder, Terms
from app.payments.stripe_gateway import StripeGateway
from tests.payments.conftest import WANTED, WEBHOOK, Sandbox
from tests.payments.orders import PAYS_ONCE, an_order, months_after, paid, seen, sessions_of, the

BACK = "http://127.0.0.1:9/pledge"


@dataclass(frozen=True)
class Scene:
    """A gateway before a sandbox, and Stripe's own library to look with."""

    gateway: StripeGateway
    sandbox: Sandbox
    api: stripe.StripeClient

    def with_gateway(self, gateway: StripeGateway) -> "Scene":
        """The same scene with another gateway."""
        return replace(self, gateway=gateway)

    def a_pledge(self, interval: str = "month", card: str = "4242424242424242") -> PledgeSeen:
        """A pledge whose first period is paid."""
        session = paid(self.gateway, self.sandbox, an_order(interval), card)
        return seen(self.gateway, session["subscription"])

    def subscription(self, pledge: PledgeSeen) -> stripe.Subscription:
        """A pledge's subscription as Stripe has it."""
        return self.api.v1.subscriptions.retrieve(pledge.subscription_id)

    def paid_charges(self, pledge: PledgeSeen) -> int:
        """How often a patron has paid."""
        charges = self.api.v1.charges.list({"customer": pledge.customer_id, "limit": 100}).data
        return sum(charge.paid for charge in charges)


@dataclass(frozen=True)
class Asked:
    """One thing asked for: the call, the requests of it that trouble is to meet, the proof."""

    call: Callable[[StripeGateway], Any]
    method: str
    path: str
    #: How often it was done: 0 or 1, or more if something is wrong.
    done: Callable[[], int]


def open_checkout(scene: Scene) -> Asked:
    order = an_order()
    return Asked(
        lambda gateway: gateway.open_checkout(order),
        "POST",
        "/v1/checkout/sessions",
        lambda: len(sessions_of(scene.api, order)),
    )


def close_checkout(scene: Scene) -> Asked:
    page = scene.gateway.open_checkout(an_order())
    sessions = scene.api.v1.checkout.sessions
    return Asked(
        lambda gateway: gateway.close_checkout(page.session_id),
        "POST",
        f"/v1/checkout/sessions/{page.session_id}",
        lambda: int(sessions.retrieve(page.session_id).status == "expired"),
    )


def _about(
    scene: Scene,
    pledge: PledgeSeen,
    call: Callable[[StripeGateway], Any],
    done: Callable[[stripe.Subscription], bool],
    method: str = "POST",
    paid_before: int = 1,
) -> Asked:
    """An act on a subscription, at which nothing is charged."""

    def proof() -> int:
        assert scene.paid_charges(pledge) == paid_before
        subscription = scene.subscription(pledge)
        assert len(subscription.items.data) == 1
        return int(done(subscription))

    return Asked(call, method, f"/v1/subscriptions/{pledge.subscription_id}", proof)


def change_amount(scene: Scene) -> Asked:
    pledge, terms = scene.a_pledge(), Terms(Money(900, "EUR"), "month", 30)
    return _about(
        scene,
        pledge,
        lambda gateway: gateway.change_terms(pledge.subscription_id, terms, str(pledge.pledge_id)),
        lambda found: found.items.data[0].price.unit_amount == 900,
    )


def change_interval(scene: Scene) -> Asked:
    pledge, terms = scene.a_pledge(), Terms(Money(9000, "EUR"), "year", 0)
    return _about(
        scene,
        pledge,
        lambda gateway: gateway.change_terms(pledge.subscription_id, terms, str(pledge.pledge_id)),
        lambda found: found.items.data[0].price.unit_amount == 9000,
    )


def _pause(gateway: StripeGateway, pledge: PledgeSeen) -> Any:
    assert pledge.paid_until is not None
    until = months_after(pledge.paid_until, 2)
    return gateway.pause(pledge.subscription_id, until, str(pledge.pledge_id))


def pause(scene: Scene) -> Asked:
    pledge = scene.a_pledge()
    return _about(
        scene,
        pledge,
        lambda gateway: _pause(gateway, pledge),
        lambda found: found.pause_collection is not None,
    )


def resume(scene: Scene) -> Asked:
    pledge = scene.a_pledge("year")
    _pause(scene.gateway, pledge)
    until = pledge.paid_until
    assert until is not None
    return _about(
        scene,
        pledge,
        lambda gateway: gateway.resume(pledge.subscription_id, until, str(pledge.pledge_id)),
        lambda found: found.trial_end == int(until.timestamp()),
    )


def end_at(scene: Scene) -> Asked:
    pledge = scene.a_pledge()
    assert pledge.paid_until is not None
    at = pledge.paid_until + timedelta(days=3)
    return _about(
        scene,
        pledge,
        lambda gateway: gateway.end_at(pledge.subscription_id, at, str(pledge.pledge_id), "other"),
        lambda found: found.cancel_at == int(at.timestamp()),
    )


def keep(scene: Scene) -> Asked:
    pledge = scene.a_pledge()
    assert pledge.paid_until is not None
    scene.gateway.end_at(pledge.subscription_id, pledge.paid_until, f"end-{pledge.pledge_id}")
    return _about(
        scene,
        pledge,
        lambda gateway: gateway.keep(pledge.subscription_id, str(pledge.pledge_id)),
        lambda found: found.cancel_at is None,
    )


def end_now(scene: Scene) -> Asked:
    pledge = scene.a_pledge()
    return _about(
        scene,
        pledge,
        lambda gateway: gateway.end_now(pledge.subscription_id, "content"),
        lambda found: found.status == "canceled",
        method="DELETE",
    )


def adopt_card(scene: Scene) -> Asked:
    """A renewal failed, and a good card was put in since."""
    pledge = scene.a_pledge(card=PAYS_ONCE)
    scene.sandbox.control("advance", months=1)
    url = scene.gateway.card_page(pledge.customer_id, BACK, "en")
    scene.sandbox.control("portal", session=url.rpartition("/")[2], card="4242424242424242")
    (invoice,) = scene.api.v1.invoices.list(
        {"subscription": pledge.subscription_id, "status": "open"}
    ).data
    return Asked(
        lambda gateway: gateway.adopt_card(pledge.customer_id),
        "POST",
        f"/v1/invoices/{invoice.id}/pay",
        lambda: scene.paid_charges(pledge) - 1,
    )


def card_page(scene: Scene) -> Asked:
    pledge = scene.a_pledge()
    opened: list[str] = []
    return Asked(
        lambda gateway: opened.append(gateway.card_page(pledge.customer_id, BACK, "en")),
        "POST",
        "/v1/billing_portal/sessions",
        lambda: len(opened),
    )


def refund(scene: Scene) -> Asked:
    session = paid(scene.gateway, scene.sandbox, an_order("once"))
    donation = the(DonationPaid, scene.gateway.find_checkout(session["id"]))
    order = RefundOrder(uuid.uuid4(), donation.charge_id, Money(200, "EUR"), fraud=False)
    return Asked(
        lambda gateway: gateway.refund(order),
        "POST",
        "/v1/refunds",
        lambda: len(scene.api.v1.refunds.list({"charge": donation.charge_id}).data),
    )


def prepare(scene: Scene) -> Asked:
    for endpoint in scene.api.v1.webhook_endpoints.list().data:
        scene.api.v1.webhook_endpoints.delete(endpoint.id)
    return Asked(
        lambda gateway: gateway.prepare(WANTED),
        "POST",
        "/v1/webhook_endpoints",
        lambda: sum(
            endpoint.url == WEBHOOK for endpoint in scene.api.v1.webhook_endpoints.list().data
        ),
    )


ACTS = (
    open_checkout,
    close_checkout,
    change_amount,
    change_interval,
    pause,
    resume,
    end_at,
    keep,
    end_now,
    adopt_card,
    card_page,
    refund,
    prepare,
)


def press_until_done(asked: Asked, gateway: StripeGateway) -> None:
    """Ask again and again, as a person or a job would, as long as it is unavailable."""
    for _press in range(12):
        assert asked.done() <= 1
        try:
            asked.call(gateway)
        except GatewayUnavailable:
            continue
        return
    raise AssertionError("Stripe is well again, and still it is not done")
