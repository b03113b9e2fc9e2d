"""What came of charging an invoice, noted on it: paid, or failed and when it is tried again."""

from __future__ import annotations

from typing import Any

from tests.sandbox import charging
from tests.sandbox.cards import Decline
from tests.sandbox.charging import Outcome
from tests.sandbox.clock import DAY
from tests.sandbox.errors import declined
from tests.sandbox.shapes import Obj
from tests.sandbox.world import World


def settled_by(world: World, invoice: Obj, outcome: Outcome, *, scheduled: bool = True) -> Obj:
    """Note a payment or a failure on an open invoice and on its invoice payment.

    The first attempt counts whoever made it; after that only `scheduled` ones count and
    move the next.
    """
    if outcome.decline is None:
        return _paid(world, invoice, outcome, scheduled=scheduled)
    if scheduled or invoice["attempt_count"] == 0:
        refused = {
            "method": outcome.charge["payment_method"],
            "hard": outcome.decline.hard,
            "authentication": outcome.decline.code == "authentication_required",
        }
        world.store.note(invoice["id"], refused=refused)
    return failed(world, invoice, outcome.decline, scheduled=scheduled)


def failed(world: World, invoice: Obj, decline: Decline | None, *, scheduled: bool) -> Obj:
    """Count a failed attempt and plan the next; None for one that was not even made."""
    before = invoice
    if scheduled or invoice["attempt_count"] == 0:
        count = invoice["attempt_count"] + 1
        began = world.store.extra(invoice["id"]).get("first_failure") or world.clock.now()
        world.store.note(invoice["id"], first_failure=began)
        ahead = (began + day * DAY for day in world.options.retries[count - 1 :])
        again = next((moment for moment in ahead if moment > world.clock.now()), None)
        again = again if invoice["auto_advance"] else None
        invoice = {
            **invoice,
            "attempted": True,
            "attempt_count": count,
            "next_payment_attempt": again,
        }
        if again is not None:
            world.agenda.add(again, "retry", invoice["id"])
    types = ["invoice.updated"] if invoice != before else []
    if decline is not None:
        types.append("invoice.payment_failed")
        if decline.code == "authentication_required":
            types.append("invoice.payment_action_required")
    world.change(invoice, *types)
    return invoice


def _paid(world: World, invoice: Obj, outcome: Outcome, *, scheduled: bool) -> Obj:
    now = world.clock.now()
    for link in world.store.each("invoice_payment", "invoice", invoice["id"]):
        if link["payment"]["payment_intent"] == outcome.intent["id"]:
            link["status"] = "paid"
            link["amount_paid"] = outcome.intent["amount"]
            link["status_transitions"]["paid_at"] = now
            world.change(link, "invoice_payment.paid")
    counts = scheduled or invoice["attempt_count"] == 0
    invoice = {
        **invoice,
        "amount_paid": invoice["amount_due"],
        "amount_remaining": 0,
        "attempted": True,
        "attempt_count": invoice["attempt_count"] + counts,
        "auto_advance": False,
        "next_payment_attempt": None,
        "status": "paid",
        "status_transitions": {**invoice["status_transitions"], "paid_at": now},
    }
    world.change(invoice, "invoice.updated", "invoice.paid", "invoice.payment_succeeded")
    return invoice


def intent_of(world: World, invoice: Obj, **more: Any) -> Obj:
    """Give the payment intent of an invoice, made with its invoice payment on first asking."""
    for link in world.store.each("invoice_payment", "invoice", invoice["id"]):
        if link["status"] == "open":
            return world.store.load(link["payment"]["payment_intent"], "payment_intent")
    begun = invoice["billing_reason"] == "subscription_create"
    made = charging.intent(
        world,
        amount=invoice["amount_due"],
        currency=invoice["currency"],
        customer=invoice["customer"],
        description="Subscription creation" if begun else "Subscription update",
        **more,
    )
    charging.invoice_payment(world, invoice, made)
    return made


def refuse(outcome: Outcome) -> None:
    """Raise the API's 402 for a failed payment."""
    if outcome.decline is not None:
        why = outcome.decline
        raise declined(
            why.code,
            why.decline_code,
            why.message,
            charge=outcome.charge["id"],
            intent=outcome.intent,
        )
