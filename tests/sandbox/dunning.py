"""Collecting what a subscription owes: which card is charged, and what a refusal leads to."""

from __future__ import annotations

from tests.sandbox import charging, invoices, settling, subscriptions
from tests.sandbox.cards import Decline
from tests.sandbox.charging import Outcome
from tests.sandbox.clock import HOUR
from tests.sandbox.errors import invalid, not_imitated
from tests.sandbox.objects import merged
from tests.sandbox.shapes import Obj
from tests.sandbox.world import World

NO_CARD = Decline(
    "missing",
    None,
    "There is no payment method to charge.",
)


def card_of(world: World, subscription: Obj) -> str | None:
    """Name the payment method that pays: the subscription's own goes before the customer's."""
    payer = world.store.load(subscription["customer"], "customer")
    own: str | None = subscription["default_payment_method"]
    fallback: str | None = payer["invoice_settings"]["default_payment_method"]
    return own or fallback


def collect(world: World, invoice: Obj) -> None:
    """Make the attempt that is due on an open invoice.

    A failure makes the subscription past due, the last one ends it. After a hard decline
    the attempts only go on counting until there is another card.
    """
    subscription = invoices.subscription_of(world, invoice)
    card = card_of(world, subscription)
    refused = world.store.extra(invoice["id"]).get("refused") or {}
    if card is None or (refused.get("hard") and refused["method"] == card):
        why = NO_CARD if card is None else None
        _fell_behind(world, settling.failed(world, invoice, why, scheduled=True))
        return
    method = world.store.load(card, "payment_method")
    charge(world, invoice, method, present=False, scheduled=True)


def charge(
    world: World,
    invoice: Obj,
    method: Obj,
    *,
    present: bool,
    scheduled: bool = False,
    authenticated: bool = False,
) -> Outcome:
    """Charge a card for an open invoice and note what came of it on invoice and subscription.

    All attempts at one invoice are charges of its one payment intent.
    """
    intent = settling.intent_of(world, invoice)
    outcome = charging.charge(world, intent, method, present=present, authenticated=authenticated)
    invoice = settling.settled_by(world, invoice, outcome, scheduled=scheduled)
    if outcome.decline is None:
        subscriptions.recovered(world, invoices.subscription_of(world, invoice)["id"])
    else:
        _fell_behind(world, invoice)
    return outcome


def _fell_behind(world: World, invoice: Obj) -> None:
    subscription = invoices.subscription_of(world, invoice)
    if subscriptions.is_live(world, subscription["id"]) is None:
        return
    if subscription["status"] == "active":
        subscription = {**subscription, "status": "past_due"}
        world.change(subscription, "customer.subscription.updated")
    payer = world.store.load(subscription["customer"], "customer")
    world.change({**payer, "delinquent": True, "currency": invoice["currency"]}, "customer.updated")
    if invoice["next_payment_attempt"] is None:
        subscriptions.end(world, subscription, "payment_failed")


def charge_now(world: World, subscription: Obj, *, reason: str) -> Obj:
    """Bill the period a subscription has just begun, without the hour as a draft.

    A refused card leaves the invoice open and the subscription past due. Returns the
    subscription as it then is.
    """
    item = subscription["items"]["data"][0]
    period = (item["current_period_start"], item["current_period_end"])
    invoice = invoices.finalize(world, invoices.draft(world, subscription, period, reason=reason))
    world.change({**subscription, "latest_invoice": invoice["id"]})
    collect(world, invoice)
    return world.store.load(subscription["id"], "subscription")


def payable(world: World, id_: str) -> Obj:
    """Give an invoice that can be paid now, finalised if it was a draft; refuse others."""
    invoice = world.store.load(id_, "invoice")
    if invoice["status"] == "paid":
        raise invalid("Invoice is already paid", code="invoice_already_paid")
    if invoice["status"] == "draft":
        invoice = invoices.finalize(world, invoice)
    if invoice["status"] not in ("open", "uncollectible"):
        raise invalid(f"Invoice is {invoice['status']}.", code="invoice_not_open")
    return invoice


def pay(world: World, id_: str, method_id: str | None) -> Obj:
    """Pay an invoice as the API is asked to; raises the 402 when the card is refused."""
    invoice = payable(world, id_)
    chosen = method_id or card_of(world, invoices.subscription_of(world, invoice))
    if chosen is None:
        raise invalid(
            "There is no `default_payment_method` set on this Customer or Invoice. Please set a "
            "default payment method or specify one.",
            code="invoice_no_payment_method_types",
        )
    method = world.store.load(chosen, "payment_method", param="payment_method")
    if method["customer"] != invoice["customer"]:
        raise invalid(
            "The payment method you provided does not belong to the customer.",
            param="payment_method",
        )
    settling.refuse(charge(world, invoice, method, present=False))
    return world.store.load(id_, "invoice")


def update(world: World, id_: str, params: Obj) -> Obj:
    """Change an invoice's metadata, or whether it is collected by itself.

    One set going again is tried within the hour; one let rest is not tried any more.
    """
    invoice = world.store.load(id_, "invoice")
    for name in params.keys() - {"auto_advance", "metadata", "expand"}:
        raise not_imitated(f"changing `{name}` of an invoice", param=name)
    if "metadata" in params:
        invoice["metadata"] = merged(invoice["metadata"], params["metadata"])
    if "auto_advance" in params:
        if invoice["status"] not in ("draft", "open"):
            message = f"You cannot change auto_advance of an invoice that is {invoice['status']}."
            raise invalid(message, param="auto_advance")
        going = params["auto_advance"]
        if invoice["status"] == "open" and going != invoice["auto_advance"]:
            again = world.clock.now() + HOUR if going else None
            invoice["next_payment_attempt"] = again
            if again is not None:
                world.agenda.add(again, "retry", id_)
        invoice["auto_advance"] = going
    world.change(invoice, "invoice.updated")
    return invoice


def write_off(world: World, id_: str) -> Obj:
    """Mark an open invoice uncollectible: it can still be paid and is not tried any more."""
    invoice = world.store.load(id_, "invoice")
    if invoice["status"] != "open":
        message = f"You can only write off open invoices; this one is {invoice['status']}."
        raise invalid(message, code="invoice_not_open")
    moments = {**invoice["status_transitions"], "marked_uncollectible_at": world.clock.now()}
    invoice |= {
        "auto_advance": False,
        "next_payment_attempt": None,
        "status": "uncollectible",
        "status_transitions": moments,
    }
    world.change(invoice, "invoice.updated", "invoice.marked_uncollectible")
    return invoice
