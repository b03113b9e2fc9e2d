"""A person at the hosted page of an invoice: paying it, approving the payment to the bank."""

from __future__ import annotations

from tests.sandbox import cardform, charging, dunning, invoices, settling
from tests.sandbox.cardform import Answer, CardForm
from tests.sandbox.cards import CARDS, NOT_A_TEST_CARD
from tests.sandbox.charging import AUTHENTICATION_FAILED
from tests.sandbox.shapes import Obj
from tests.sandbox.world import World


def pay(world: World, id_: str, form: CardForm, *, authenticated: bool = False) -> Answer:
    """Pay an open invoice with the card of a form. Safe to press twice.

    The card goes to the customer's cards and becomes nobody's default.
    """
    with world.lock:
        invoice = world.store.load(id_, "invoice")
        if invoice["status"] != "open":
            return _closed(invoice)
        card = CARDS.get(form.number)
        if card is None:
            return Answer("declined", NOT_A_TEST_CARD)
        if card.secure != "never" and not authenticated:
            cardform.hold(world, id_, form)
            return Answer("authenticate")
        method = cardform.method(world, form, invoice["customer_email"])
        outcome = dunning.charge(world, invoice, method, present=True, authenticated=authenticated)
        if outcome.decline is not None:
            return Answer("declined", outcome.decline)
        attached = {**method, "customer": invoice["customer"]}
        event = world.change(attached, "payment_method.attached")
        return Answer("paid", None, event)


def approvable(world: World, invoice: Obj) -> Obj | None:
    """Give the card whose last payment the bank wanted approved, if that is what is missing."""
    refused = world.store.extra(invoice["id"]).get("refused") or {}
    card = dunning.card_of(world, invoices.subscription_of(world, invoice))
    if not refused.get("authentication") or card is None or card != refused["method"]:
        return None
    return world.store.load(card, "payment_method")


def authenticate(world: World, id_: str, *, passed: bool) -> Answer:
    """Answer the bank's question: about the form's card, or else about the card on file."""
    with world.lock:
        invoice = world.store.load(id_, "invoice")
        if invoice["status"] != "open":
            return _closed(invoice)
        form = cardform.let_go(world, id_)
        if not passed:
            return _failed(world, invoice)
        if form is not None:
            return pay(world, id_, form, authenticated=True)
        method = approvable(world, invoice)
        if method is None:
            return Answer("declined", AUTHENTICATION_FAILED)
        outcome = dunning.charge(world, invoice, method, present=True, authenticated=True)
        return Answer("declined" if outcome.decline else "paid", outcome.decline)


def _failed(world: World, invoice: Obj) -> Answer:
    """Note on the intent that the buyer did not pass; there is no charge."""
    intent = settling.intent_of(world, invoice)
    method = approvable(world, invoice)
    if method is not None:
        intent["last_payment_error"] = charging.payment_error(AUTHENTICATION_FAILED, method)
        world.change(intent, "payment_intent.payment_failed")
    return Answer("declined", AUTHENTICATION_FAILED)


def _closed(invoice: Obj) -> Answer:
    return Answer("complete" if invoice["status"] == "paid" else "expired")
