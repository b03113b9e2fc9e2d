"""What happens by itself as time passes: renewals, retries, scheduled ends."""

from __future__ import annotations

import threading
from collections.abc import Callable

from tests.sandbox import disputes, fraud, invoices, refunds, subscriptions
from tests.sandbox.clock import next_anchor
from tests.sandbox.errors import Refusal
from tests.sandbox.shapes import Obj
from tests.sandbox.world import World

_TICK = 0.5


def advance(world: World, until: int) -> int:
    """Let time pass up to a moment, everything due on the way happening in order.

    Returns how many things happened. The lock is let go between them, so that the API
    answers meanwhile, with the time reached so far. One caller at a time.
    """
    happened = 0
    with _advancing:
        try:
            while True:
                with world.lock:
                    item = world.agenda.pop_due(until)
                    if item is None:
                        world.clock.reach(until)
                        return happened
                    moment, what, id_ = item
                    world.clock.reach(moment)
                    world.events.caused_by(None, None)
                    happened += _ACTS[what](world, moment, id_)
        finally:
            with world.lock:
                world.clock.run()


_advancing = threading.Lock()


def watch(world: World, stop: threading.Event) -> None:
    """Do what falls due as real time passes, until told to stop."""
    while not stop.wait(_TICK):
        advance(world, world.clock.now())


def resume(world: World) -> None:
    """Enter into the agenda what was in it when the sandbox was stopped."""
    refunds.resume(world)
    disputes.resume(world)
    for subscription in world.store.each("subscription"):
        end = subscription["items"]["data"][0]["current_period_end"]
        world.agenda.add(end, "period_end", subscription["id"])
        if subscription["cancel_at"] is not None:
            world.agenda.add(subscription["cancel_at"], "cancel_at", subscription["id"])
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
    if item["current_period_end"] != moment:
        return False
    if subscription["cancel_at_period_end"]:
        subscriptions.end(world, subscription, "cancellation_requested")
        return True
    rhythm = item["price"]["recurring"]
    anchor = subscription["billing_cycle_anchor"]
    end = next_anchor(anchor, moment, rhythm["interval"], rhythm["interval_count"])
    invoice = invoices.draft(world, subscription, (moment, end), reason="subscription_cycle")
    item["current_period_start"], item["current_period_end"] = moment, end
    subscription["latest_invoice"] = invoice["id"]
    world.change(subscription, "customer.subscription.updated")
    world.agenda.add(end, "period_end", id_)
    if _paused(world, subscription):
        invoices.void(world, invoice)
    else:
        world.agenda.add(invoice["automatically_finalizes_at"], "finalize", invoice["id"])
    return True


def _paused(world: World, subscription: Obj) -> bool:
    pause = subscription["pause_collection"]
    if pause is None:
        return False
    if pause["resumes_at"] is None or pause["resumes_at"] > world.clock.now():
        return True
    world.change({**subscription, "pause_collection": None}, "customer.subscription.updated")
    return False


def _finalize(world: World, moment: int, id_: str) -> bool:
    invoice = _invoice(world, id_)
    if invoice is None or invoice["status"] != "draft":
        return False
    if subscriptions.is_live(world, _subscription_id(invoice)) is None:
        return False
    _collect(world, invoices.finalize(world, invoice))
    return True


def _retry(world: World, moment: int, id_: str) -> bool:
    invoice = _invoice(world, id_)
    if invoice is None or invoice["status"] != "open" or not invoice["auto_advance"]:
        return False
    if invoice["next_payment_attempt"] != moment:
        return False
    _collect(world, invoice)
    return True


def _collect(world: World, invoice: Obj) -> None:
    """Charge the subscription's card; a failure makes it past due, the last one ends it."""
    subscription = invoices.subscription_of(world, invoice)
    payer = world.store.load(subscription["customer"], "customer")
    fallback = payer["invoice_settings"]["default_payment_method"]
    method = world.store.load(subscription["default_payment_method"] or fallback, "payment_method")
    intent = invoices.intent_of(world, invoice)
    outcome = invoices.collect(world, invoice, method, present=False, intent=intent)
    if outcome.decline is None:
        subscriptions.recovered(world, subscription["id"])
        return
    subscription = {**subscription, "status": "past_due"}
    world.change(subscription, "customer.subscription.updated")
    world.change({**payer, "delinquent": True, "currency": invoice["currency"]}, "customer.updated")
    if world.store.load(invoice["id"], "invoice")["next_payment_attempt"] is None:
        subscriptions.end(world, subscription, "payment_failed")


def _cancel_at(world: World, moment: int, id_: str) -> bool:
    subscription = subscriptions.is_live(world, id_)
    if subscription is None or subscription["cancel_at"] != moment:
        return False
    subscriptions.end(world, subscription, "cancellation_requested")
    return True


def _invoice(world: World, id_: str) -> Obj | None:
    try:
        return world.store.load(id_, "invoice")
    except Refusal:
        return None


def _subscription_id(invoice: Obj) -> str:
    return str(invoice["parent"]["subscription_details"]["subscription"])


_ACTS: dict[str, Callable[[World, int, str], bool]] = {
    "period_end": _period_end,
    "finalize": _finalize,
    "retry": _retry,
    "cancel_at": _cancel_at,
    "dispute": disputes.charge_due,
    "inquiry": disputes.inquiry_due,
    "dispute_due": disputes.answer_due,
    "dispute_decided": disputes.bank_decides,
    "fraud_warning": fraud.fall_due,
    "refund": refunds.fall_due,
}
