"""The money chain of one payment: PaymentIntent, Charge, BalanceTransaction, InvoicePayment."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any

from tests.sandbox import balance, money
from tests.sandbox.cards import CARDS, EXPIRED, Decline
from tests.sandbox.errors import Refusal
from tests.sandbox.objects import blank
from tests.sandbox.shapes import Obj
from tests.sandbox.world import World

#: How long money takes to become available.
_AVAILABLE_AFTER = 7 * 24 * 3600

#: A card that makes trouble makes it so many seconds after the charge.
TROUBLE_AFTER = 5 * 60

AUTHENTICATION_FAILED = Decline(
    "payment_intent_authentication_failure",
    None,
    "We are unable to authenticate your payment method. "
    "Please choose a different payment method and try again.",
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a charge: the intent and charge as kept, and why it failed if it did."""

    intent: Obj
    charge: Obj
    decline: Decline | None


def intent(
    world: World,
    *,
    amount: int,
    currency: str,
    customer: str | None,
    description: str | None = None,
    metadata: Obj | None = None,
    **more: Any,
) -> Obj:
    """Make and keep a payment intent that waits for a card."""
    id_ = world.store.new_id("pi")
    obj = blank(
        "PaymentIntent",
        "payment_intent",
        id_,
        amount=amount,
        amount_capturable=0,
        amount_details={"tip": {}},
        amount_received=0,
        capture_method="automatic_async",
        client_secret=f"{id_}_secret_sandbox",
        confirmation_method="automatic",
        created=world.clock.now(),
        currency=currency,
        customer=customer,
        description=description,
        metadata=metadata or {},
        payment_method_options={
            "card": {
                "installments": None,
                "mandate_options": None,
                "network": None,
                "request_three_d_secure": "automatic",
            }
        },
        payment_method_types=["card"],
        status="requires_payment_method",
        **more,
    )
    return world.make(obj, "payment_intent.created")


def charge(
    world: World, of: Obj, method: Obj, *, present: bool, authenticated: bool = False
) -> Outcome:
    """Charge a card for an intent. Keeps both, tells of both, plans the balance transaction.

    `present` says whether the buyer is at the page; some cards answer otherwise without.
    """
    card = CARDS[world.store.extra(method["id"])["number"]]
    decline = refusal(world, method, present=present)
    made = _charge(world, of, method, decline, authenticated=authenticated)
    world.make(made, "charge.failed" if decline else "charge.succeeded")
    of = {**of, "latest_charge": made["id"], "customer": of["customer"] or method["customer"]}
    if decline:
        of["status"] = "requires_payment_method"
        of["last_payment_error"] = payment_error(decline, method, charge=made["id"])
        world.change(of, "payment_intent.payment_failed")
    else:
        of |= {
            "status": "succeeded",
            "amount_received": of["amount"],
            "payment_method": method["id"],
            "last_payment_error": None,
        }
        world.change(of, "payment_intent.succeeded")
        world.later.after(world.options.settle_delay, partial(settle, world, made["id"]))
        if card.trouble:
            world.agenda.add(made["created"] + TROUBLE_AFTER, card.trouble, made["id"])
    return Outcome(of, made, decline)


def refusal(world: World, method: Obj, *, present: bool) -> Decline | None:
    """Give what a card's bank would say now, None for yes; after its last month always no."""
    card = CARDS[world.store.extra(method["id"])["number"]]
    decline = card.now if present else (card.now or card.later)
    today = datetime.fromtimestamp(world.clock.now(), UTC)
    last = method["card"]["exp_year"], method["card"]["exp_month"]
    return EXPIRED if decline is None and last < (today.year, today.month) else decline


def payment_error(decline: Decline, method: Obj, *, charge: str | None = None) -> Obj:
    """Put a decline the way an intent remembers it."""
    error: Obj = {
        "type": "card_error" if charge else "invalid_request_error",
        "code": decline.code,
        "message": decline.message,
        "doc_url": f"https://stripe.com/docs/error-codes/{decline.code}",
        "payment_method": method,
    }
    if charge:
        error["charge"] = charge
    if decline.decline_code:
        error["decline_code"] = decline.decline_code
    return error


def _charge(
    world: World, of: Obj, method: Obj, decline: Decline | None, *, authenticated: bool
) -> Obj:
    id_ = world.store.new_id("ch")
    paid = decline is None
    return blank(
        "Charge",
        "charge",
        id_,
        amount=of["amount"],
        amount_captured=of["amount"] if paid else 0,
        amount_refunded=0,
        billing_details=method["billing_details"],
        calculated_statement_descriptor="SANDBOX",
        captured=paid,
        created=world.clock.now(),
        currency=of["currency"],
        customer=of["customer"] or method["customer"],
        description=of["description"],
        disputed=False,
        failure_code=decline.code if decline else None,
        failure_message=decline.message if decline else None,
        fraud_details={},
        metadata=of["metadata"],
        outcome=_outcome(decline),
        paid=paid,
        payment_intent=of["id"],
        payment_method=method["id"],
        payment_method_details={
            "type": "card",
            "card": _card_details(method, of["amount"] if paid else None, authenticated),
        },
        receipt_email=of["receipt_email"],
        receipt_url=f"{world.options.url}/" if paid else None,
        refunded=False,
        statement_descriptor_suffix=of["statement_descriptor_suffix"],
        status="succeeded" if paid else "failed",
    )


def _advice(decline: Decline) -> str | None:
    """Say what the network would have the merchant do."""
    if decline.hard and decline.code != "authentication_required":
        return "do_not_try_again"
    known = {"expired_card": "confirm_card_data", "incorrect_cvc": "confirm_card_data"}
    known |= dict.fromkeys(("insufficient_funds", "do_not_honor"), "try_again_later")
    return known.get(decline.reason)


def _outcome(decline: Decline | None) -> Obj:
    if decline is not None and decline.reason == "fraudulent":
        return {
            **_outcome(None),
            "network_status": "not_sent_to_network",
            "reason": "highest_risk_level",
            "risk_level": "highest",
            "risk_score": 92,
            "seller_message": "Stripe blocked this payment as too risky.",
            "type": "blocked",
        }
    return {
        "advice_code": _advice(decline) if decline else None,
        "network_advice_code": None,
        "network_decline_code": None,
        "network_status": "declined_by_network" if decline else "approved_by_network",
        "reason": decline.reason if decline else None,
        "risk_level": "normal",
        "risk_score": 12,
        "seller_message": (
            "The bank did not return any further details with this decline."
            if decline
            else "Payment complete."
        ),
        "type": "issuer_declined" if decline else "authorized",
    }


def _card_details(method: Obj, amount: int | None, authenticated: bool) -> Obj:
    card = method["card"]
    copied = ("brand", "checks", "country", "exp_month", "exp_year", "fingerprint", "funding")
    three_d_secure = {
        "authentication_flow": "challenge",
        "electronic_commerce_indicator": "05",
        "exemption_indicator": None,
        "result": "authenticated",
        "result_reason": None,
        "transaction_id": "5a5a5a5a-0000-4000-8000-000000000000",
        "version": "2.2.0",
    }
    return {
        **{key: card[key] for key in copied},
        "amount_authorized": amount,
        "authorization_code": "123456" if amount else None,
        "electronic_commerce_indicator": None,
        "extended_authorization": {"status": "disabled"},
        "incremental_authorization": {"status": "unavailable"},
        "installments": None,
        "last4": card["last4"],
        "mandate": None,
        "multicapture": {"status": "unavailable"},
        "network": card["brand"],
        "network_token": {"used": False},
        "network_transaction_id": None,
        "overcapture": {"maximum_amount_capturable": amount or 0, "status": "unavailable"},
        "regulated_status": "unregulated",
        "three_d_secure": three_d_secure if authenticated else None,
        "transaction_link_id": None,
        "wallet": None,
    }


def settle(world: World, charge_id: str) -> None:
    """Enter a charge's balance transaction, once, and tell of it by `charge.updated`."""
    with world.lock:
        try:
            of = world.store.load(charge_id, "charge")
        except Refusal:
            return  # The account was reset in the meantime.
        if of["balance_transaction"] is not None or not of["paid"]:
            return
        brand = of["payment_method_details"]["card"]["brand"]
        sums = money.settle(of["amount"], of["currency"], brand)
        entered = balance.enter(
            world,
            "charge",
            sums.amount,
            of,
            fee=sums.fee,
            created=of["created"],
            available_on=of["created"] + _AVAILABLE_AFTER,
        )
        of["balance_transaction"] = entered["id"]
        world.change(of, "charge.updated")


def settle_leftover(world: World) -> None:
    """Plan the balance transactions still owed when the sandbox was stopped."""
    for of in world.store.each("charge"):
        if of["paid"] and of["balance_transaction"] is None:
            delay = world.options.settle_delay
            world.later.after(delay, partial(settle, world, of["id"]))


def invoice_payment(world: World, invoice: Obj, of: Obj) -> Obj:
    """Make and keep the link between an invoice and the intent that is to pay it."""
    obj = blank(
        "InvoicePayment",
        "invoice_payment",
        world.store.new_id("inpay"),
        amount_requested=of["amount"],
        created=world.clock.now(),
        currency=of["currency"],
        invoice=invoice["id"],
        is_default=True,
        payment={"type": "payment_intent", "payment_intent": of["id"]},
        status="open",
        status_transitions={"canceled_at": None, "paid_at": None},
    )
    world.store.save(obj)
    return obj
