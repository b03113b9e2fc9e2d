"""What falls due in a subscription's life: renewals and what goes before them, retries, ends."""

from __future__ import annotations

import json
from collections.abc import Callable

from tests.sandbox import dunning, invoices, subscriptions
from tests.sandbox.errors import Refusal
from tests.sandbox.shapes import Obj
from tests.sandbox.world import World


def resume(world: World) -> None:
    """Enter into the agenda what was in it when the sandbox was stopped."""
    for subscription in world.store.each("subscription"):
        subscriptions.foresee(world, subscription)
    for invoice in world.store.each("invoice"):
        if invoice["automatically_finalizes_at"] is not None:
            world.agenda.add(invoice["automatically_finalizes_at"], "finalize", invoice["id"])
        elif invoice["next_payment_attempt"] is not None:
            world.agenda.add(invoice["next_payment_attempt"], "retry", invoice["id"])


def _period_end(world: World, moment: int, id_: str) -> bool:
    """Begin the next period of a subscription with a draft invoice, or end it."""
    subscription = subscriptions.is_live(world, id_)
    if subscription is None:
        return False
    item = subscription["items"]["data"][0]
    before = item["current_period_start"]
    if item["current_period_end"] != moment:
        return False
    if subscription["cancel_at"] is not None and subscription["cancel_at"] <= moment:
        subscriptions.end(world, subscription, "cancellation_requested")
        return True
    if subscription["status"] == "trialing":
        subscription["status"] = "active"
    if _pause_over(subscription, moment):
        subscription["pause_collection"] = None
    period = subscriptions.begin_period(world, subscription, moment)
    invoice = invoices.draft(
        world, subscription, period, reason="subscription_cycle", before=before
    )
    subscription["latest_invoice"] = invoice["id"]
    world.change(subscription, "customer.subscription.updated")
    subscriptions.foresee(world, subscription)
    if subscription["pause_collection"] is not None:
        invoices.void(world, invoice)
    else:
        world.agenda.add(invoice["automatically_finalizes_at"], "finalize", invoice["id"])
    return True


def _pause_over(subscription: Obj, moment: int) -> bool:
    resumes_at = (subscription["pause_collection"] or {}).get("resumes_at")
    return resumes_at is not None and resumes_at <= moment


def _finalize(world: World, moment: int, id_: str) -> bool:
    invoice = _kept(world, id_, "invoice")
    if invoice is None or invoice["status"] != "draft" or not invoice["auto_advance"]:
        return False
    if subscriptions.is_live(world, invoices.subscription_of(world, invoice)["id"]) is None:
        return False
    dunning.collect(world, invoices.finalize(world, invoice))
    return True


def _retry(world: World, moment: int, id_: str) -> bool:
    invoice = _kept(world, id_, "invoice")
    if invoice is None or invoice["status"] != "open" or not invoice["auto_advance"]:
        return False
    if invoice["next_payment_attempt"] != moment:
        return False
    dunning.collect(world, invoice)
    return True


def _cancel_at(world: World, moment: int, id_: str) -> bool:
    subscription = _kept(world, id_, "subscription")
    if subscription is None or subscription["status"] == "canceled":
        return False
    if subscription["cancel_at"] != moment:
        return False
    subscriptions.end(world, subscription, "cancellation_requested")
    return True


def _unpause(world: World, moment: int, id_: str) -> bool:
    """End a pause of collection on the day it was to end."""
    subscription = _kept(world, id_, "subscription")
    if subscription is None or subscription["status"] == "canceled":
        return False
    if not _pause_over(subscription, moment):
        return False
    world.change({**subscription, "pause_collection": None}, "customer.subscription.updated")
    return True


def _upcoming(world: World, moment: int, id_: str) -> bool:
    """Tell of the renewal to come, once; not of one that will be voided or not take place."""
    subscription = subscriptions.is_live(world, id_)
    if subscription is None or subscription["pause_collection"] is not None:
        return False
    item = subscription["items"]["data"][0]
    before, end = item["current_period_start"], item["current_period_end"]
    leaving = subscription["cancel_at"] is not None and subscription["cancel_at"] <= end
    known = world.store.extra(id_).get("upcoming") == end
    if leaving or known or end - subscriptions.UPCOMING_BEFORE != moment:
        return False
    world.store.note(id_, upcoming=end)
    following = subscriptions.begin_period(world, subscription, end)
    invoice = invoices.compose(world, subscription, following, reason="upcoming", before=before)
    invoice["next_payment_attempt"] = end + invoices.DRAFT_FOR
    world.events.emit("invoice.upcoming", json.dumps(invoice, ensure_ascii=False))
    return True


def _trial_will_end(world: World, moment: int, id_: str) -> bool:
    subscription = subscriptions.is_live(world, id_)
    if subscription is None or subscription["status"] != "trialing":
        return False
    end = subscription["trial_end"]
    told = world.store.extra(id_).get("trial_end_told") == end
    if told or end - subscriptions.TRIAL_WARNING_BEFORE > moment:
        return False
    world.store.note(id_, trial_end_told=end)
    text = world.store.text(id_, "subscription")
    world.events.emit("customer.subscription.trial_will_end", text)
    return True


def _kept(world: World, id_: str, kind: str) -> Obj | None:
    """Give an object unless it is gone: the account may have been reset."""
    try:
        return world.store.load(id_, kind)
    except Refusal:
        return None


#: By the word in the agenda: takes the world, the moment and an id; tells whether it acted.
ACTS: dict[str, Callable[[World, int, str], bool]] = {
    "period_end": _period_end,
    "finalize": _finalize,
    "retry": _retry,
    "cancel_at": _cancel_at,
    "resume": _unpause,
    "upcoming": _upcoming,
    "trial_will_end": _trial_will_end,
}
