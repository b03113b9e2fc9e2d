"""Patrons' own acts on demand, below /_control: another card, a portal, an invoice; their state."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from flask import Blueprint, Response, jsonify, request

from tests.sandbox import cardform, dunning, hosted, invoices, visits
from tests.sandbox.cardform import Answer, CardForm
from tests.sandbox.cards import CARDS
from tests.sandbox.control import refused, sent
from tests.sandbox.errors import Refusal, invalid
from tests.sandbox.here import here
from tests.sandbox.shapes import Obj
from tests.sandbox.world import World

bp = Blueprint("steering", __name__, url_prefix="/_control")
bp.register_error_handler(Refusal, refused)


@bp.post("/portal")
def portal() -> Response:
    """Do in a portal session what its flow is for, by the code of its page.

    A `card` goes on file (3-D Secure passed unless `authenticate` is false); without one,
    `subscription` is ended for a `reason` and `comment`, or paused by `pause`, a place in
    the list of durations.
    """
    world = here()
    asked = sent()
    id_ = _wanted(asked, "session")
    session = world.store.load(id_, "billing_portal.session")
    flow = session["flow"] or {"type": "payment_method_update"}
    about = asked.get("subscription") or (flow.get(flow["type"]) or {}).get("subscription", "")
    if "pause" in asked or flow["type"] == "subscription_pause":
        answer = visits.pause(world, id_, about, int(asked.get("pause", 0)))
    elif "reason" in asked or flow["type"] == "subscription_cancel":
        reason, comment = asked.get("reason", ""), asked.get("comment", "")
        answer = visits.leave(world, id_, about, reason=reason, comment=comment)
    elif flow["type"] == "customer_update":
        answer = visits.rename(world, id_, {key: str(value) for key, value in asked.items()})
    else:
        answer = visits.new_card(world, id_, _form(asked))
        if answer.step == "authenticate":
            passed = bool(asked.get("authenticate", True))
            answer = visits.authenticate(world, id_, passed=passed)
    payer = world.store.load(session["customer"], "customer")
    method = payer["invoice_settings"]["default_payment_method"]
    return _told(answer, payment_method=method)


@bp.post("/invoice")
def invoice() -> Response:
    """Pay an open `invoice` on its hosted page with a `card`; without one, approve its payment."""
    world = here()
    asked = sent()
    id_ = _wanted(asked, "invoice")
    passed = bool(asked.get("authenticate", True))
    if "card" in asked:
        answer = hosted.pay(world, id_, _form(asked))
        if answer.step == "authenticate":
            answer = hosted.authenticate(world, id_, passed=passed)
    else:
        answer = hosted.authenticate(world, id_, passed=passed)
    return _told(answer, invoice=world.store.load(id_, "invoice"))


@bp.post("/card_update")
def card_update() -> Response:
    """Let the network replace a `customer`'s cards: new last digits, four years more.

    The new ones pay, unless another test `card` is named for how they behave.
    """
    world = here()
    asked = sent()
    customer = _wanted(asked, "customer")
    behaves = CARDS[asked.get("card", "4242424242424242")]
    updated = []
    with world.lock:
        world.store.text(customer, "customer", param="customer")
        for id_ in sorted(_cards_in_use(world, customer)):
            method = world.store.load(id_, "payment_method")
            last4 = f"{(int(method['card']['last4']) + 4111) % 10000:04d}"
            year = method["card"]["exp_year"] + 4
            method["card"] |= {"last4": last4, "exp_year": year}
            world.change(method, "payment_method.automatically_updated")
            world.store.note(id_, number=behaves.number)
            _forget_refusal(world, customer, id_)
            updated.append(id_)
    return jsonify(updated=updated)


def _cards_in_use(world: World, customer: str) -> set[str]:
    payer = world.store.load(customer, "customer")
    found = {payer["invoice_settings"]["default_payment_method"]}
    for one in world.store.each("subscription", "customer", customer):
        if one["status"] != "canceled":
            found.add(one["default_payment_method"])
    return {id_ for id_ in found if id_ is not None}


def _forget_refusal(world: World, customer: str, method: str) -> None:
    """Let a card that was refused for good be tried again: it is another one now."""
    for one in world.store.each("invoice", "customer", customer):
        refused = world.store.extra(one["id"]).get("refused") or {}
        if one["status"] == "open" and refused.get("method") == method:
            world.store.note(one["id"], refused=None)


@bp.get("/subscriptions")
def states() -> Response:
    """List every subscription's state, oldest first; `?customer=` chooses."""
    world = here()
    customer = request.args.get("customer")
    with world.lock:
        found = list(world.store.each("subscription", "customer" if customer else None, customer))
        rows = [_state(world, one) for one in reversed(found)]
    return jsonify(subscriptions=rows)


def _state(world: World, subscription: Obj) -> dict[str, Any]:
    item = subscription["items"]["data"][0]
    owed = [
        one
        for one in invoices.of_subscription(world, subscription["id"])
        if one["status"] in ("draft", "open")
    ]
    due = owed[0] if owed else None
    pause = subscription["pause_collection"]
    return {
        "id": subscription["id"],
        "customer": subscription["customer"],
        "status": subscription["status"],
        "paused": pause is not None or subscription["status"] == "paused",
        "resumes_at": pause and pause["resumes_at"],
        "cancel_at": subscription["cancel_at"],
        "cancel_at_period_end": subscription["cancel_at_period_end"],
        "ended_at": subscription["ended_at"],
        "reason": (subscription["cancellation_details"] or {}).get("reason"),
        "amount": item["price"]["unit_amount"] * item["quantity"],
        "currency": subscription["currency"],
        "interval": item["price"]["recurring"]["interval"],
        "current_period_start": item["current_period_start"],
        "current_period_end": item["current_period_end"],
        "trial_end": subscription["trial_end"],
        "payment_method": dunning.card_of(world, subscription),
        "metadata": subscription["metadata"],
        "open_invoice": due
        and {
            "id": due["id"],
            "status": due["status"],
            "amount_due": due["amount_due"],
            "attempt_count": due["attempt_count"],
            "next_payment_attempt": due["next_payment_attempt"],
        },
    }


def _form(asked: Obj) -> CardForm:
    number = str(asked.get("card", "4242424242424242"))
    amex = number.startswith(("34", "37"))
    form, wrong = cardform.read_form(
        {
            "number": number,
            "exp": asked.get("exp", "12/40"),
            "cvc": asked.get("cvc", "1234" if amex else "123"),
            "name": asked.get("name", "A Patron"),
        }
    )
    if form is None:
        raise invalid(f"The card form is wrong: {wrong}")
    return form


def _told(answer: Answer, **more: Any) -> Response:
    return jsonify(step=answer.step, decline=answer.decline and asdict(answer.decline), **more)


def _wanted(asked: Obj, name: str) -> str:
    if not asked.get(name):
        raise invalid(f"Missing: {name}.")
    return str(asked[name])
