"""Subscriptions: begun by a payment, ahead of them a period and what falls due in it, ended."""

from __future__ import annotations

from typing import Any

from tests.sandbox import invoices, objects, settling
from tests.sandbox.charging import Outcome, invoice_payment
from tests.sandbox.clock import DAY, next_anchor
from tests.sandbox.errors import Refusal, missing, not_imitated
from tests.sandbox.objects import blank, merged
from tests.sandbox.shapes import Obj
from tests.sandbox.world import World

_LIVE = ("active", "past_due", "trialing")
#: `invoice.upcoming` comes so long before a yearly renewal.
UPCOMING_BEFORE = 7 * DAY
#: `customer.subscription.trial_will_end` comes so long before the end of a trial.
TRIAL_WARNING_BEFORE = 3 * DAY


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
        cancellation_details=no_reason(),
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
        test_clock=world.store.load(customer, "customer")["test_clock"],
        trial_settings={
            "end_behavior": {
                "billing_cycle_anchor": None,
                "missing_payment_method": "create_invoice",
            }
        },
    )
    world.store.save(obj)
    foresee(world, obj)
    return obj


def foresee(world: World, subscription: Obj) -> None:
    """Enter into the agenda what lies ahead of a subscription. Safe to do again."""
    id_ = subscription["id"]
    item = subscription["items"]["data"][0]
    end = item["current_period_end"]
    if subscription["status"] in _LIVE:
        world.agenda.add(end, "period_end", id_)
        if item["price"]["recurring"]["interval"] == "year":
            world.agenda.add(end - UPCOMING_BEFORE, "upcoming", id_)
        if subscription["status"] == "trialing":
            world.agenda.add(end - TRIAL_WARNING_BEFORE, "trial_will_end", id_)
    if subscription["status"] != "canceled" and subscription["cancel_at"] is not None:
        world.agenda.add(subscription["cancel_at"], "cancel_at", id_)
    pause = subscription["pause_collection"] or {}
    if pause.get("resumes_at") is not None:
        world.agenda.add(pause["resumes_at"], "resume", id_)


def begin_period(world: World, subscription: Obj, start: int) -> tuple[int, int]:
    """Set the period that begins at a moment, up to the next boundary; gives both ends.

    The caller keeps the subscription.
    """
    item = subscription["items"]["data"][0]
    rhythm = item["price"]["recurring"]
    anchor = subscription["billing_cycle_anchor"]
    end = next_anchor(anchor, start, rhythm["interval"], rhythm["interval_count"])
    item["current_period_start"], item["current_period_end"] = start, end
    if subscription["cancel_at_period_end"]:
        subscription["cancel_at"] = end
    return start, end


def first_invoice(world: World, subscription: Obj, outcome: Outcome) -> Obj:
    """Enter the invoice that a successful first payment has paid; returns it."""
    item = subscription["items"]["data"][0]
    period = (item["current_period_start"], item["current_period_end"])
    invoice = invoices.draft(world, subscription, period, reason="subscription_create")
    invoice = invoices.finalize(world, invoice)
    invoice_payment(world, invoice, outcome.intent)
    invoice = settling.settled_by(world, invoice, outcome)
    subscription = {**subscription, "latest_invoice": invoice["id"]}
    world.change(subscription)
    return invoice


def no_reason(**known: Any) -> Obj:
    """Give cancellation details that say nothing but what is known."""
    empty = dict.fromkeys(("comment", "feedback", "feedback_option", "reason"))
    return {**empty, **known}


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
    said = {key: value or None for key, value in (said or {}).items()}
    details = {**(subscription["cancellation_details"] or no_reason()), **said}
    subscription = {
        **subscription,
        "canceled_at": subscription["canceled_at"] or now,
        "cancellation_details": {**details, "reason": reason},
        "ended_at": now,
        "status": "canceled",
    }
    for invoice in invoices.of_subscription(world, subscription["id"]):
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
    opened = (one for one in invoices.of_subscription(world, id_) if one["number"] is not None)
    newest = next((one for one in opened if one["status"] != "void"), None)
    if newest is not None and newest["status"] != "paid":
        return
    world.change({**subscription, "status": "active"}, "customer.subscription.updated")
    payer = world.store.load(subscription["customer"], "customer")
    world.change({**payer, "delinquent": False}, "customer.updated")
