"""Invoices of subscriptions as documents: drafted, finalised, voided; those of nothing."""

from __future__ import annotations

from tests.sandbox.clock import HOUR
from tests.sandbox.errors import invalid
from tests.sandbox.money import shown
from tests.sandbox.objects import blank
from tests.sandbox.shapes import Obj
from tests.sandbox.world import World

#: A renewal stays a draft for so long.
DRAFT_FOR = HOUR


def draft(
    world: World,
    subscription: Obj,
    period: tuple[int, int],
    *,
    reason: str,
    before: int | None = None,
) -> Obj:
    """Make an invoice for one period of a subscription and keep it as a draft.

    `period` is the service paid for, (start, end); `before` is when the period that has
    just ended began. Tells of `invoice.created`.
    """
    composed = compose(world, subscription, period, reason=reason, before=before)
    return world.make(composed, "invoice.created")


def compose(
    world: World,
    subscription: Obj,
    period: tuple[int, int],
    *,
    reason: str,
    before: int | None = None,
) -> Obj:
    """Write the invoice of one period. Nothing is kept or told of.

    One for a trial asks for nothing; "upcoming" has no id, for there is no invoice yet.
    """
    now = world.clock.now()
    item = subscription["items"]["data"][0]
    free = subscription["status"] == "trialing" and reason == "subscription_update"
    amount = 0 if free else item["price"]["unit_amount"] * item["quantity"]
    payer = world.store.load(subscription["customer"], "customer")
    id_ = world.store.new_id("in")
    renewal = reason in ("subscription_cycle", "upcoming")
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
        period_end=period[0] if renewal else now,
        period_start=before if renewal else now,
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
        test_clock=payer["test_clock"],
        total=amount,
        total_discount_amounts=[],
        total_excluding_tax=amount,
        total_pretax_credit_amounts=[],
        total_taxes=[],
        webhooks_delivered_at=now,
    )
    if reason == "upcoming":
        del obj["id"]
        obj |= {"automatically_finalizes_at": None, "webhooks_delivered_at": None}
        obj["lines"]["data"][0]["invoice"] = None
    return obj


def _line(
    world: World, invoice: str, subscription: Obj, item: Obj, period: tuple[int, int], amount: int
) -> Obj:
    product = world.store.load(item["price"]["product"], "product")
    each = shown(item["price"]["unit_amount"], item["price"]["currency"], "en")
    sold = f"1 × {product['name']} (at {each} / {item['plan']['interval']})"
    return blank(
        "InvoiceLineItem",
        "line_item",
        world.store.new_id("il"),
        amount=amount,
        currency=subscription["currency"],
        description=sold if amount else f"Trial period for {product['name']}",
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
            "unit_amount_decimal": item["price"]["unit_amount_decimal"] if amount else "0",
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
    invoice = {
        **invoice,
        "automatically_finalizes_at": None,
        "effective_at": now,
        "ending_balance": 0,
        "hosted_invoice_url": f"{world.options.url}/i/{invoice['id']}",
        "invoice_pdf": f"{world.options.url}/objects/{invoice['id']}",
        "number": number,
        "status": "open",
        "status_transitions": {**invoice["status_transitions"], "finalized_at": now},
    }
    world.change(invoice, "invoice.finalized")
    return invoice


def paid_with_nothing(world: World, subscription: Obj, period: tuple[int, int]) -> Obj:
    """Enter the invoice of a trial: of nothing, and therefore paid. It has no payment."""
    invoice = draft(world, subscription, period, reason="subscription_update")
    invoice = finalize(world, invoice)
    now = world.clock.now()
    invoice = {
        **invoice,
        "attempted": True,
        "auto_advance": False,
        "status": "paid",
        "status_transitions": {**invoice["status_transitions"], "paid_at": now},
    }
    world.change(invoice, "invoice.updated", "invoice.paid", "invoice.payment_succeeded")
    return invoice


def subscription_of(world: World, invoice: Obj) -> Obj:
    """Give the subscription an invoice belongs to."""
    id_ = invoice["parent"]["subscription_details"]["subscription"]
    return world.store.load(id_, "subscription")


def of_subscription(world: World, id_: str) -> list[Obj]:
    """List the invoices of a subscription, newest first."""
    path = "parent.subscription_details.subscription"
    return list(world.store.each("invoice", path, id_))


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
