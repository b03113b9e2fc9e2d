"""Subscriptions: begun by a payment, changed, renewed each period, ended."""

from __future__ import annotations

from typing import Any

from tests.sandbox import invoices, objects
from tests.sandbox.charging import Outcome, invoice_payment
from tests.sandbox.clock import next_anchor
from tests.sandbox.errors import Refusal, invalid, missing, not_imitated
from tests.sandbox.objects import blank, merged
from tests.sandbox.shapes import Obj
from tests.sandbox.world import World

_LIVE = ("active", "past_due")


def begin(
    world: World, *, customer: str, price: Obj, method: str | None, data: Obj, quantity: int = 1
) -> Obj:
    """Make and keep an active subscription whose first period begins now. Tells of nothing."""
    now = world.clock.now()
    id_ = world.store.new_id("sub")
    interval = price["recurring"]
    end = next_anchor(now, now, interval["interval"], interval["interval_count"])
    item = blank(
        "SubscriptionItem",
        "subscription_item",
        world.store.new_id("si"),
        created=now,
        current_period_start=now,
        current_period_end=end,
        discounts=[],
        metadata={},
        plan=objects.plan(price),
        price=price,
        quantity=quantity,
        subscription=id_,
        tax_rates=[],
    )
    del item["livemode"]
    obj = blank(
        "Subscription",
        "subscription",
        id_,
        automatic_tax={"disabled_reason": None, "enabled": False, "liability": None},
        billing_cycle_anchor=now,
        billing_mode={"type": "flexible", "flexible": {"proration_discounts": "included"}},
        billing_schedules=[],
        cancel_at_period_end=False,
        cancellation_details=_no_reason(),
        collection_method="charge_automatically",
        created=now,
        currency=price["currency"],
        customer=customer,
        default_payment_method=method,
        default_tax_rates=[],
        description=data.get("description"),
        discounts=[],
        invoice_settings={
            "account_tax_ids": None,
            "custom_fields": None,
            "description": None,
            "footer": None,
            "issuer": {"type": "self"},
        },
        items={
            "object": "list",
            "data": [item],
            "has_more": False,
            "url": f"/v1/subscription_items?subscription={id_}",
        },
        metadata=merged({}, data.get("metadata")),
        payment_settings={
            "payment_method_options": None,
            "payment_method_types": ["card"],
            "save_default_payment_method": "off",
        },
        start_date=now,
        status="active",
        trial_settings={
            "end_behavior": {
                "billing_cycle_anchor": None,
                "missing_payment_method": "create_invoice",
            }
        },
    )
    world.store.save(obj)
    world.agenda.add(end, "period_end", id_)
    return obj


def first_invoice(world: World, subscription: Obj, outcome: Outcome) -> Obj:
    """Enter the invoice that a successful first payment has paid; returns it."""
    item = subscription["items"]["data"][0]
    period = (item["current_period_start"], item["current_period_end"])
    invoice = invoices.draft(world, subscription, period, reason="subscription_create")
    invoice = invoices.finalize(world, invoice)
    invoice_payment(world, invoice, outcome.intent)
    invoice = invoices.settled_by(world, invoice, outcome)
    subscription = {**subscription, "latest_invoice": invoice["id"]}
    world.change(subscription)
    return invoice


def _no_reason(**known: Any) -> Obj:
    empty = dict.fromkeys(("comment", "feedback", "feedback_option", "reason"))
    return {**empty, **known}


_CHANGEABLE = {
    "items", "proration_behavior", "cancel_at_period_end", "cancel_at", "cancellation_details",
    "metadata", "default_payment_method", "description", "pause_collection", "expand",
}  # fmt: skip


def update(world: World, id_: str, params: Obj) -> Obj:
    """Change a live subscription as the API is asked to."""
    subscription = world.store.load(id_, "subscription")
    for name in params.keys() - _CHANGEABLE:
        raise not_imitated(f"changing `{name}` of a subscription", param=name)
    if subscription["status"] == "canceled":
        raise invalid(
            "A canceled subscription can only update its cancellation_details and metadata."
        )
    if "items" in params:
        _change_item(world, subscription, params)
    if "metadata" in params:
        subscription["metadata"] = merged(subscription["metadata"], params["metadata"])
    if "description" in params:
        subscription["description"] = params["description"] or None
    if "default_payment_method" in params:
        method_id = params["default_payment_method"]
        method = world.store.load(method_id, "payment_method", param="default_payment_method")
        if method["customer"] != subscription["customer"]:
            raise invalid(
                f"The customer does not have a payment method with the ID {method_id}.",
                param="default_payment_method",
            )
        subscription["default_payment_method"] = method_id
    if "pause_collection" in params:
        pause = params["pause_collection"]
        subscription["pause_collection"] = {"resumes_at": None, **pause} if pause else None
    _change_end(world, subscription, params)
    world.change(subscription, "customer.subscription.updated")
    return subscription


def _change_item(world: World, subscription: Obj, params: Obj) -> None:
    item = subscription["items"]["data"][0]
    changes = params["items"]
    if len(changes) != 1 or changes[0].get("id") != item["id"]:
        raise not_imitated("subscriptions of several items; give the id of the one", param="items")
    change = changes[0]
    if "price_data" in change:
        price = objects.price(world, _known_price_data(world, change["price_data"], "items[0]"))
        world.make(price, "price.created")
    elif "price" in change:
        price = world.store.load(change["price"], "price", param="items[0][price]")
    else:
        price = item["price"]
    if price["currency"] != subscription["currency"]:
        raise invalid("The price specified must match the subscription's currency.", param="items")
    if price["recurring"] is None:
        raise invalid("The price specified is set to `type=one_time`.", param="items")
    if _rhythm(price) != _rhythm(item["price"]):
        raise not_imitated("a change of the billing interval", param="items")
    if params.get("proration_behavior", "create_prorations") != "none":
        raise not_imitated("prorations; say proration_behavior=none", param="proration_behavior")
    item |= {"price": price, "plan": objects.plan(price)}
    item["quantity"] = change.get("quantity", item["quantity"])


def _known_price_data(world: World, data: Obj, where: str) -> Obj:
    param = f"{where}[price_data][product]"
    world.store.text(data["product"], "product", param=param)
    if data.get("unit_amount") is None:
        raise invalid("Missing required param: unit_amount.", param=f"{where}[price_data]")
    return data


def _rhythm(price: Obj) -> tuple[str, int]:
    return price["recurring"]["interval"], price["recurring"]["interval_count"]


def _change_end(world: World, subscription: Obj, params: Obj) -> None:
    """Schedule the end, or call it off, and note what the patron said about it."""
    details = subscription["cancellation_details"] or _no_reason()
    end: int | None = subscription["cancel_at"]
    at_period_end = bool(subscription["cancel_at_period_end"])
    if "cancel_at_period_end" in params:
        at_period_end = params["cancel_at_period_end"]
        end = subscription["items"]["data"][0]["current_period_end"] if at_period_end else None
    elif "cancel_at" in params:
        at_period_end, end = False, params["cancel_at"] or None
        if not isinstance(end, int | None):
            raise not_imitated("cancel_at other than a time", param="cancel_at")
        if end is not None:
            world.agenda.add(end, "cancel_at", subscription["id"])
    if end is not None and subscription["cancel_at"] is None:
        subscription["canceled_at"] = world.clock.now()
        details = {**details, "reason": "cancellation_requested"}
    elif end is None and subscription["cancel_at"] is not None:
        subscription["canceled_at"] = None
        details = _no_reason()
    subscription["cancel_at"] = end
    subscription["cancel_at_period_end"] = at_period_end
    said = params.get("cancellation_details") or {}
    subscription["cancellation_details"] = {
        **details,
        **{key: value or None for key, value in said.items()},
    }


def cancel(world: World, id_: str, params: Obj) -> Obj:
    """End a subscription at once; 404 for one that has ended."""
    subscription = world.store.load(id_, "subscription")
    if subscription["status"] == "canceled":
        raise missing("subscription", id_)
    if params.get("invoice_now") or params.get("prorate"):
        raise not_imitated("a last invoice or proration on cancelling")
    return end(
        world, subscription, "cancellation_requested", said=params.get("cancellation_details")
    )


def end(world: World, subscription: Obj, reason: str, *, said: Obj | None = None) -> Obj:
    """End a live subscription now and tell of it; open invoices are no longer collected."""
    now = world.clock.now()
    details = {**(subscription["cancellation_details"] or _no_reason()), **(said or {})}
    subscription = {
        **subscription,
        "canceled_at": subscription["canceled_at"] or now,
        "cancellation_details": {**details, "reason": reason},
        "ended_at": now,
        "status": "canceled",
    }
    path = "parent.subscription_details.subscription"
    for invoice in world.store.each("invoice", path, subscription["id"]):
        if invoice["status"] in ("open", "draft") and invoice["auto_advance"]:
            stopped = {"auto_advance": False, "next_payment_attempt": None}
            world.change({**invoice, **stopped}, "invoice.updated")
    world.change(subscription, "customer.subscription.deleted")
    return subscription


def is_live(world: World, id_: str) -> Obj | None:
    """Give a subscription if it exists and has not ended."""
    try:
        subscription = world.store.load(id_, "subscription")
    except Refusal:
        return None
    return subscription if subscription["status"] in _LIVE else None


def recovered(world: World, id_: str) -> None:
    """Put a past-due subscription whose newest invoice was paid back to active."""
    subscription = is_live(world, id_)
    if subscription is None or subscription["status"] != "past_due":
        return
    world.change({**subscription, "status": "active"}, "customer.subscription.updated")
    payer = world.store.load(subscription["customer"], "customer")
    world.change({**payer, "delinquent": False}, "customer.updated")
