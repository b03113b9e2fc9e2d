"""New objects of the catalogue and of people: products, prices, customers, cards, endpoints."""

from __future__ import annotations

from typing import Any

from tests.sandbox.cards import Card
from tests.sandbox.events import API_VERSION
from tests.sandbox.shapes import Obj, nulls
from tests.sandbox.world import World

#: What the configured endpoint listens for unless told otherwise; never everything.
ENABLED_EVENTS = [
    "checkout.session.completed",
    "checkout.session.async_payment_succeeded",
    "checkout.session.async_payment_failed",
    "checkout.session.expired",
    "customer.subscription.created",
    "customer.subscription.updated",
    "customer.subscription.deleted",
    "customer.subscription.paused",
    "customer.subscription.resumed",
    "invoice.finalized",
    "invoice.paid",
    "invoice.payment_failed",
    "invoice.payment_action_required",
    "invoice.finalization_failed",
    "invoice.marked_uncollectible",
    "invoice.voided",
    "invoice.overpaid",
    "invoice.upcoming",
    "invoice_payment.paid",
    "payment_intent.succeeded",
    "payment_intent.payment_failed",
    "charge.succeeded",
    "charge.updated",
    "charge.refunded",
    "charge.failed",
    "refund.created",
    "refund.updated",
    "refund.failed",
    "charge.dispute.created",
    "charge.dispute.updated",
    "charge.dispute.closed",
    "charge.dispute.funds_withdrawn",
    "charge.dispute.funds_reinstated",
    "radar.early_fraud_warning.created",
    "radar.early_fraud_warning.updated",
    "customer.updated",
    "customer.deleted",
    "payment_method.attached",
    "payment_method.updated",
    "payment_method.automatically_updated",
    "payment_method.detached",
    "payout.failed",
    "payout.paid",
    "payout.reconciliation_completed",
]

NO_ADDRESS: Obj = dict.fromkeys(("city", "country", "line1", "line2", "postal_code", "state"))


def blank(name: str, kind: str, id_: str, /, **known: Any) -> Obj:
    """Begin an object: every key that may be null is null, the rest as given."""
    return {"id": id_, "object": kind, **dict.fromkeys(nulls(name)), "livemode": False, **known}


def merged(kept: Obj | None, sent: Any) -> Obj:
    """Merge metadata as the API does: an empty value deletes its key, "" deletes all."""
    if sent == "":
        return {}
    joined = {**(kept or {}), **(sent or {})}
    return {key: value for key, value in joined.items() if value != ""}


def product(world: World, params: Obj) -> Obj:
    """Make a product's object. Nothing is kept."""
    now = world.clock.now()
    return blank(
        "Product",
        "product",
        params.get("id") or world.store.new_id("prod"),
        active=params.get("active", True),
        created=now,
        updated=now,
        default_price=None,
        description=params.get("description"),
        images=params.get("images", []),
        marketing_features=[],
        metadata=merged({}, params.get("metadata")),
        name=params["name"],
        statement_descriptor=params.get("statement_descriptor"),
        tax_code=params.get("tax_code"),
        type="service",
        unit_label=params.get("unit_label"),
        url=params.get("url"),
    )


def price(world: World, params: Obj) -> Obj:
    """Make a price's object from price data with `product` and `unit_amount`. Nothing is kept."""
    recurring = params.get("recurring")
    return blank(
        "Price",
        "price",
        world.store.new_id("price"),
        active=params.get("active", True),
        billing_scheme="per_unit",
        created=world.clock.now(),
        currency=params["currency"].lower(),
        lookup_key=params.get("lookup_key"),
        metadata=merged({}, params.get("metadata")),
        nickname=params.get("nickname"),
        product=params["product"],
        recurring=recurring
        and {
            "interval": recurring["interval"],
            "interval_count": recurring.get("interval_count", 1),
            "meter": None,
            "trial_period_days": None,
            "usage_type": "licensed",
        },
        tax_behavior="unspecified",
        type="recurring" if recurring else "one_time",
        unit_amount=params["unit_amount"],
        unit_amount_decimal=str(params["unit_amount"]),
    )


def plan(of: Obj) -> Obj:
    """Give the old form of a recurring price, which subscription items still carry."""
    return blank(
        "Plan",
        "plan",
        of["id"],
        active=of["active"],
        amount=of["unit_amount"],
        amount_decimal=of["unit_amount_decimal"],
        billing_scheme="per_unit",
        created=of["created"],
        currency=of["currency"],
        interval=of["recurring"]["interval"],
        interval_count=of["recurring"]["interval_count"],
        metadata=of["metadata"],
        product=of["product"],
        usage_type="licensed",
    )


def customer(world: World, params: Obj) -> Obj:
    """Make a customer's object. Nothing is kept."""
    id_ = world.store.new_id("cus")
    return blank(
        "Customer",
        "customer",
        id_,
        address={**NO_ADDRESS, **params["address"]} if params.get("address") else None,
        balance=0,
        created=world.clock.now(),
        currency=None,
        customer_account=None,
        delinquent=False,
        description=params.get("description"),
        discount=None,
        email=params.get("email"),
        invoice_prefix=f"{world.store.next_serial():08X}",
        invoice_settings={
            "custom_fields": None,
            "default_payment_method": None,
            "footer": None,
            "rendering_options": None,
        },
        metadata=merged({}, params.get("metadata")),
        name=params.get("name"),
        next_invoice_sequence=1,
        phone=params.get("phone"),
        preferred_locales=params.get("preferred_locales", []),
        tax_exempt="none",
        test_clock=params.get("test_clock"),
    )


def card_payment_method(
    world: World,
    card: Card,
    *,
    expiry: tuple[int, int],
    name: str | None,
    email: str | None,
) -> Obj:
    """Make and keep a payment method of a card; `expiry` is (month, year). Tells of nothing."""
    obj = blank(
        "PaymentMethod",
        "payment_method",
        world.store.new_id("pm"),
        allow_redisplay="limited",
        billing_details={
            "address": dict(NO_ADDRESS),
            "email": email,
            "name": name,
            "phone": None,
            "tax_id": None,
        },
        card={
            "brand": card.brand,
            "checks": {
                "address_line1_check": None,
                "address_postal_code_check": None,
                "cvc_check": "pass",
            },
            "country": card.country,
            "display_brand": _DISPLAY_BRANDS.get(card.brand, card.brand),
            "exp_month": expiry[0],
            "exp_year": expiry[1],
            "fingerprint": card.fingerprint,
            "funding": card.funding,
            "generated_from": None,
            "last4": card.last4,
            "networks": {"available": [card.brand], "preferred": None},
            "regulated_status": "unregulated",
            "three_d_secure_usage": {"supported": True},
            "wallet": None,
        },
        created=world.clock.now(),
        metadata={},
        type="card",
    )
    world.store.save(obj)
    world.store.note(obj["id"], number=card.number)
    return obj


_DISPLAY_BRANDS = {"amex": "american_express"}


def webhook_endpoint(world: World, params: Obj, *, id_: str | None = None) -> Obj:
    """Make a webhook endpoint's object, without its secret. Nothing is kept."""
    return blank(
        "WebhookEndpoint",
        "webhook_endpoint",
        id_ or world.store.new_id("we"),
        api_version=params.get("api_version", API_VERSION),
        created=world.clock.now(),
        description=params.get("description"),
        enabled_events=list(params["enabled_events"]),
        metadata=merged({}, params.get("metadata")),
        status="enabled",
        url=params["url"],
    )


def configure_endpoint(world: World) -> None:
    """Keep the endpoint the sandbox was started with, under an id that never changes."""
    options = world.options
    if options.webhook_url is None:
        return
    params = {
        "url": options.webhook_url,
        "enabled_events": ENABLED_EVENTS,
        "description": "The product this sandbox was started for",
    }
    with world.lock:
        obj = webhook_endpoint(world, params, id_="we_configured")
        world.store.save(obj)
        world.store.note(obj["id"], secret=options.webhook_secret)
