"""Subscriptions at rest: paused so that no invoices are made, and resumed by hand."""

from __future__ import annotations

from tests.sandbox import dunning, subscriptions
from tests.sandbox.errors import invalid, not_imitated
from tests.sandbox.shapes import Obj
from tests.sandbox.world import World


def pause(world: World, id_: str, params: Obj) -> Obj:
    """Pause an active subscription; what is paid for already is not given back."""
    subscription = world.store.load(id_, "subscription")
    if subscription["status"] != "active":
        raise invalid(f"You cannot pause a subscription that is {subscription['status']}.")
    bill_for = params.get("bill_for") or {}
    if (bill_for.get("unused_time_from") or {}).get("type") != "none":
        raise not_imitated(
            "a credit for unused time; say none", param="bill_for[unused_time_from][type]"
        )
    subscription["status"] = "paused"
    subscription["status_details"] = {
        "paused": {
            "subscription": {"type": "pause_requested"},
            "transitioned_at": world.clock.now(),
            "type": "subscription",
        }
    }
    world.change(subscription, "customer.subscription.updated", "customer.subscription.paused")
    return subscription


def resume(world: World, id_: str, params: Obj) -> Obj:
    """Resume a paused subscription: billed at once from now on, or on its old days."""
    subscription = world.store.load(id_, "subscription")
    if subscription["status"] != "paused":
        raise invalid("You can only resume a subscription that is paused.")
    now = world.clock.now()
    at_once = (params.get("billing_cycle_anchor") or {}).get("type", "now") == "now"
    if params.get("payment_behavior", "resume_on_payment_attempt") != "resume_on_payment_attempt":
        raise not_imitated("resuming only when paid", param="payment_behavior")
    if not at_once and params.get("proration_behavior", "create_prorations") != "none":
        raise not_imitated("prorations; say proration_behavior=none", param="proration_behavior")
    subscription["status"] = "active"
    del subscription["status_details"]
    if at_once:
        subscription["billing_cycle_anchor"] = now
    item = subscription["items"]["data"][0]
    if at_once or item["current_period_end"] <= now:
        subscriptions.begin_period(world, subscription, now)
    world.change(subscription, "customer.subscription.updated", "customer.subscription.resumed")
    subscriptions.foresee(world, subscription)
    if at_once:
        return dunning.charge_now(world, subscription, reason="subscription_update")
    return subscription
