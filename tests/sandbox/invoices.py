"""Invoices of subscriptions: drafted, finalised, paid, failed, tried again, voided."""

from __future__ import annotations

from typing import Any

from tests.sandbox import charging
from tests.sandbox.charging import Outcome
from tests.sandbox.clock import DAY, HOUR
from tests.sandbox.errors import declined, invalid
from tests.sandbox.money import shown
from tests.sandbox.objects import blank
from tests.sandbox.shapes import Obj
from tests.sandbox.world import World

#: A renewal stays a draft for so long.
DRAFT_FOR = HOUR
#: Days from the first failure to each further try; after the last the subscription ends.
RETRIES_AFTER = (3, 5, 7)


def draft(world: World, subscription: Obj, period: tuple[int, int], *, reason: str) -> Obj:
    """Make an invoice for one period of a subscription and keep it as a draft.

    `period` is the service paid for, (start, end). Tells of `invoice.created`.
    """
    now = world.clock.now()
    item = subscription["items"]["data"][0]
    amount = item["price"]["unit_amount"] * item["quantity"]
    payer = world.store.load(subscription["customer"], "customer")
    id_ = world.store.new_id("in")
    renewal = reason == "subscription_cycle"
    obj = blank(
        "Invoice",
        "invoice",
        id_,
        account_country="DE",
        account_name="Sandbox newsroom",
        amount_due=amount,
        amount_overpaid=0,
        amount_paid=0,
        amount_remaining=amount,
        amount_shipping=0,
        attempt_count=0,
        attempted=False,
        auto_advance=True,
        automatic_tax={
            "disabled_reason": None,
            "enabled": False,
            "liability": None,
            "provider": None,
            "status": None,
        },
        automatically_finalizes_at=now + DRAFT_FOR if renewal else None,
        billing_reason=reason,
        collection_method="charge_automatically",
        created=now,
        currency=subscription["currency"],
        customer=payer["id"],
        customer_address=payer.get("address"),
        customer_email=payer["email"],
        customer_name=payer.get("name"),
        customer_phone=payer.get("phone"),
        customer_tax_exempt="none",
        customer_tax_ids=[],
        default_tax_rates=[],
        discounts=[],
        hosted_invoice_url=None,
        invoice_pdf=None,
        issuer={"type": "self"},
        lines={
            "object": "list",
            "data": [_line(world, id_, subscription, item, period, amount)],
            "has_more": False,
            "url": f"/v1/invoices/{id_}/lines",
        },
        metadata={},
        next_payment_attempt=now + DRAFT_FOR if renewal else None,
        parent={
            "quote_details": None,
            "subscription_details": {
                "metadata": subscription["metadata"],
                "subscription": subscription["id"],
            },
            "type": "subscription_details",
        },
        payment_settings={
            "default_mandate": None,
            "payment_method_options": None,
            "payment_method_types": None,
        },
        period_end=now,
        period_start=item["current_period_start"] if renewal else now,
        post_payment_credit_notes_amount=0,
        pre_payment_credit_notes_amount=0,
        starting_balance=0,
        status="draft",
        status_transitions={
            "finalized_at": None,
            "marked_uncollectible_at": None,
            "paid_at": None,
            "voided_at": None,
        },
        subtotal=amount,
        subtotal_excluding_tax=amount,
        total=amount,
        total_discount_amounts=[],
        total_excluding_tax=amount,
        total_pretax_credit_amounts=[],
        total_taxes=[],
        webhooks_delivered_at=now,
    )
    return world.make(obj, "invoice.created")


def _line(
    world: World, invoice: str, subscription: Obj, item: Obj, period: tuple[int, int], amount: int
) -> Obj:
    product = world.store.load(item["price"]["product"], "product")
    each = shown(item["price"]["unit_amount"], item["price"]["currency"], "en")
    return blank(
        "InvoiceLineItem",
        "line_item",
        world.store.new_id("il"),
        amount=amount,
        currency=subscription["currency"],
        description=f"1 × {product['name']} (at {each} / {item['plan']['interval']})",
        discount_amounts=[],
        discountable=True,
        discounts=[],
        invoice=invoice,
        metadata=subscription["metadata"],
        parent={
            "invoice_item_details": None,
            "subscription_item_details": {
                "invoice_item": None,
                "proration": False,
                "proration_details": {"credited_items": None},
                "subscription": subscription["id"],
                "subscription_item": item["id"],
            },
            "type": "subscription_item_details",
        },
        period={"start": period[0], "end": period[1]},
        pretax_credit_amounts=[],
        pricing={
            "price_details": {
                "price": item["price"]["id"],
                "product": item["price"]["product"],
            },
            "type": "price_details",
            "unit_amount_decimal": item["price"]["unit_amount_decimal"],
        },
        quantity=item["quantity"],
        quantity_decimal=str(item["quantity"]),
        subtotal=amount,
        taxes=[],
    )


def finalize(world: World, invoice: Obj) -> Obj:
    """Give a draft its number and open it for payment."""
    payer = world.store.load(invoice["customer"], "customer")
    number = f"{payer['invoice_prefix']}-{payer['next_invoice_sequence']:04d}"
    payer["next_invoice_sequence"] += 1
    payer["currency"] = invoice["currency"]
    world.store.save(payer)
    now = world.clock.now()
    url = f"{world.options.url}/objects/{invoice['id']}"
    invoice = {
        **invoice,
        "automatically_finalizes_at": None,
        "effective_at": now,
        "ending_balance": 0,
        "hosted_invoice_url": url,
        "invoice_pdf": url,
        "number": number,
        "status": "open",
        "status_transitions": {**invoice["status_transitions"], "finalized_at": now},
    }
    world.change(invoice, "invoice.finalized")
    return invoice


def collect(world: World, invoice: Obj, method: Obj, *, present: bool, intent: Obj) -> Outcome:
    """Charge a card for an open invoice; `settled_by` follows for what came of it."""
    outcome = charging.charge(world, intent, method, present=present)
    settled_by(world, invoice, outcome)
    return outcome


def settled_by(world: World, invoice: Obj, outcome: Outcome) -> Obj:
    """Note a payment or a failure on an open invoice and on its invoice payment."""
    if outcome.decline is None:
        return _paid(world, invoice, outcome)
    first = invoice["attempt_count"] == 0
    count = invoice["attempt_count"] + 1
    began = world.store.extra(invoice["id"]).get("first_failure") or world.clock.now()
    if first:
        world.store.note(invoice["id"], first_failure=began)
    further = count <= len(RETRIES_AFTER) and invoice["auto_advance"]
    again = began + RETRIES_AFTER[count - 1] * DAY if further else None
    invoice = {
        **invoice,
        "attempted": True,
        "attempt_count": count,
        "next_payment_attempt": again,
    }
    types = ["invoice.updated", "invoice.payment_failed"]
    if outcome.decline.code == "authentication_required":
        types.append("invoice.payment_action_required")
    world.change(invoice, *types)
    if again is not None:
        world.agenda.add(again, "retry", invoice["id"])
    return invoice


def _paid(world: World, invoice: Obj, outcome: Outcome) -> Obj:
    now = world.clock.now()
    for link in world.store.each("invoice_payment", "invoice", invoice["id"]):
        if link["payment"]["payment_intent"] == outcome.intent["id"]:
            link["status"] = "paid"
            link["amount_paid"] = outcome.intent["amount"]
            link["status_transitions"]["paid_at"] = now
            world.change(link, "invoice_payment.paid")
    invoice = {
        **invoice,
        "amount_paid": invoice["amount_due"],
        "amount_remaining": 0,
        "attempted": True,
        "attempt_count": invoice["attempt_count"] + 1,
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
    reason = invoice["billing_reason"]
    description = "Subscription update" if reason == "subscription_cycle" else None
    made = charging.intent(
        world,
        amount=invoice["amount_due"],
        currency=invoice["currency"],
        customer=invoice["customer"],
        description=description or "Subscription creation",
        **more,
    )
    charging.invoice_payment(world, invoice, made)
    return made


def subscription_of(world: World, invoice: Obj) -> Obj:
    """Give the subscription an invoice belongs to."""
    id_ = invoice["parent"]["subscription_details"]["subscription"]
    return world.store.load(id_, "subscription")


def void(world: World, invoice: Obj) -> Obj:
    """Void an open invoice (or a draft, as a paused subscription's are)."""
    if invoice["status"] not in ("open", "draft"):
        message = f"You can only void open invoices; this one is {invoice['status']}."
        raise invalid(message, code="invoice_not_open")
    now = world.clock.now()
    invoice = {
        **invoice,
        "auto_advance": False,
        "automatically_finalizes_at": None,
        "next_payment_attempt": None,
        "status": "void",
        "status_transitions": {**invoice["status_transitions"], "voided_at": now},
    }
    world.change(invoice, "invoice.updated", "invoice.voided")
    return invoice


def refuse(outcome: Outcome) -> None:
    """Raise the API's 402 for a failed payment."""
    if outcome.decline is not None:
        why = outcome.decline
        raise declined(why.code, why.decline_code, why.message, outcome.charge["id"])
