"""A buyer at the checkout: the form read, the card charged, what was bought begun."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass

from tests.sandbox import charging, checkout, objects, subscriptions
from tests.sandbox.cards import CARDS, NOT_A_TEST_CARD, Card, Decline, well_made
from tests.sandbox.charging import AUTHENTICATION_FAILED, Outcome
from tests.sandbox.errors import Refusal
from tests.sandbox.events import Event
from tests.sandbox.shapes import Obj
from tests.sandbox.world import World


@dataclass(frozen=True, slots=True)
class CardForm:
    """What was typed: digits of the number, (month, year), security code, name."""

    number: str
    expiry: tuple[int, int]
    cvc: str
    name: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of pressing the button.

    `step` is "paid", "declined", "authenticate" (the bank asks the buyer), "complete" or
    "expired" (the session was closed before).
    """

    step: str
    decline: Decline | None = None
    event: Event | None = None


def read_form(fields: dict[str, str]) -> tuple[CardForm | None, dict[str, str]]:
    """Read the card form; give it, or what is wrong by field as a word the page translates."""
    number = re.sub(r"[\s-]", "", fields.get("number", ""))
    cvc = fields.get("cvc", "").strip()
    name = " ".join(fields.get("name", "").split())
    wrong: dict[str, str] = {}
    if not well_made(number):
        wrong["number"] = "number_invalid" if len(number) >= 13 else "number_incomplete"
    expiry = _expiry(fields.get("exp", ""))
    if expiry is None:
        wrong["exp"] = "exp_incomplete"
    elif (expiry[1], expiry[0]) < time.gmtime()[:2]:
        wrong["exp"] = "exp_past"
    wanted = 4 if number.startswith(("34", "37")) else 3
    if not (cvc.isascii() and cvc.isdigit() and len(cvc) == wanted):
        wrong["cvc"] = "cvc_incomplete"
    if not name:
        wrong["name"] = "name_missing"
    if wrong or expiry is None:
        return None, wrong
    return CardForm(number, expiry, cvc, name[:150]), {}


def _expiry(text: str) -> tuple[int, int] | None:
    found = re.fullmatch(r"\s*(\d{1,2})\s*/?\s*(\d{2}|20\d{2})\s*", text, re.ASCII)
    if found is None or not 1 <= int(found[1]) <= 12:
        return None
    return int(found[1]), 2000 + int(found[2]) % 100


def pay(world: World, session_id: str, form: CardForm, *, authenticated: bool = False) -> Answer:
    """Press the button: charge the card and begin what was bought. Safe to press twice."""
    with world.lock:
        session = checkout.current(world, session_id)
        if session["status"] != "open":
            return Answer(session["status"])
        card = CARDS.get(form.number)
        if card is None:
            return Answer("declined", NOT_A_TEST_CARD)
        if card.secure != "never" and not authenticated:
            waiting = [form.number, list(form.expiry), form.cvc, form.name]
            world.store.note(session_id, waiting=waiting)
            return Answer("authenticate")
        return _charge(world, session, card, form, authenticated=authenticated)


def authenticate(world: World, session_id: str, *, passed: bool) -> Answer:
    """Answer the bank's question put by `pay`; a failure leaves the page open."""
    with world.lock:
        session = checkout.current(world, session_id)
        if session["status"] != "open":
            return Answer(session["status"])
        waiting = world.store.extra(session_id).get("waiting")
        if waiting is None:
            return Answer("declined", AUTHENTICATION_FAILED)
        number, expiry, cvc, name = waiting
        world.store.note(session_id, waiting=None)
        form = CardForm(number, (expiry[0], expiry[1]), cvc, name)
        if passed:
            return pay(world, session_id, form, authenticated=True)
        method = _method(world, session, CARDS[number], form)
        intent = _intent(world, session)
        intent["last_payment_error"] = charging.payment_error(AUTHENTICATION_FAILED, method)
        world.change(intent, "payment_intent.payment_failed")
        return Answer("declined", AUTHENTICATION_FAILED)


def _method(world: World, session: Obj, card: Card, form: CardForm) -> Obj:
    email = (session["customer_details"] or {}).get("email")
    return objects.card_payment_method(world, card, expiry=form.expiry, name=form.name, email=email)


def _intent(world: World, session: Obj) -> Obj:
    """Give the session's payment intent: one for all attempts at its page."""
    kept = world.store.extra(session["id"]).get("intent")
    if kept:
        return world.store.load(kept, "payment_intent")
    data = world.store.extra(session["id"])["data"] if session["mode"] == "payment" else {}
    made = charging.intent(
        world,
        amount=session["amount_total"],
        currency=session["currency"],
        customer=session["customer"],
        description=data.get("description")
        or ("Subscription creation" if session["mode"] == "subscription" else None),
        metadata=objects.merged({}, data.get("metadata")),
        receipt_email=data.get("receipt_email"),
        setup_future_usage=data.get("setup_future_usage")
        or ("off_session" if session["mode"] == "subscription" else None),
        statement_descriptor_suffix=data.get("statement_descriptor_suffix"),
    )
    world.store.note(session["id"], intent=made["id"])
    return made


def _charge(
    world: World, session: Obj, card: Card, form: CardForm, *, authenticated: bool
) -> Answer:
    method = _method(world, session, card, form)
    intent = _intent(world, session)
    if card.now is None:
        # Who pays is known before the money moves, and stands in every event about it.
        session["customer"] = intent["customer"] = _customer(world, session, form)
        if session["mode"] == "subscription":
            method["customer"] = session["customer"]
            world.change(method, "payment_method.attached")
    outcome = charging.charge(world, intent, method, present=True, authenticated=authenticated)
    if outcome.decline is not None:
        return Answer("declined", outcome.decline)
    session["customer_details"] = checkout.details(session, form.name)
    if session["mode"] == "subscription":
        _begin_subscription(world, session, outcome, method)
    else:
        session["payment_intent"] = intent["id"]
    session |= {"status": "complete", "payment_status": "paid", "url": None}
    session["collected_information"] = {
        "business_name": None,
        "individual_name": None,
        "shipping_details": None,
    }
    event = world.change(session, "checkout.session.completed")
    return Answer("paid", None, event)


def _customer(world: World, session: Obj, form: CardForm) -> str | None:
    """Give the session's customer: the known one (its name taken over if so asked), or a new."""
    if session["customer"] is None:
        if session["customer_creation"] != "always":
            return None
        email = session["customer_email"]
        made = objects.customer(world, {"email": email, "name": form.name})
        return str(world.make(made, "customer.created")["id"])
    asked = world.store.extra(session["id"])["customer_update"]
    if asked.get("name") == "auto":
        payer = world.store.load(session["customer"], "customer")
        world.change({**payer, "name": form.name}, "customer.updated")
    return str(session["customer"])


def _begin_subscription(world: World, session: Obj, outcome: Outcome, method: Obj) -> None:
    extra = world.store.extra(session["id"])
    line = extra["lines"][0]
    subscription = subscriptions.begin(
        world,
        customer=session["customer"],
        price=line["price"],
        method=method["id"],
        data=extra["data"],
        quantity=line["quantity"],
    )
    invoice = subscriptions.first_invoice(world, subscription, outcome)
    begun = world.store.text(subscription["id"], "subscription")
    world.events.emit("customer.subscription.created", begun)
    session["subscription"] = subscription["id"]
    session["invoice"] = invoice["id"]


def subscribe_at_once(world: World, wish: Obj) -> dict[str, str]:
    """Make a paid subscription without page and button, for tests and benchmarks.

    `wish` holds `card`, `email`, `name`, `metadata`, `customer_metadata` and `price_data`
    as Checkout takes it. Goes through the same acts as the page; returns the ids made.
    """
    with world.lock:
        customer = objects.customer(
            world,
            {
                "email": wish.get("email"),
                "name": wish.get("name"),
                "metadata": wish.get("customer_metadata"),
            },
        )
        world.make(customer, "customer.created")
        session = checkout.open_session(
            world,
            {
                "mode": "subscription",
                "customer": customer["id"],
                "client_reference_id": wish.get("client_reference_id"),
                "line_items": [{"quantity": 1, "price_data": wish["price_data"]}],
                "subscription_data": {"metadata": wish.get("metadata") or {}},
                "metadata": wish.get("metadata") or {},
                "success_url": "http://127.0.0.1/",
            },
        )
        form = CardForm(
            wish.get("card", "4242424242424242"), (12, 2040), "123", wish.get("name") or "A Patron"
        )
        answer = pay(world, session["id"], form, authenticated=True)
        if answer.step != "paid":
            raise Refusal(402, "card_error", "The card did not pay.", code="card_declined")
        paid = world.store.load(session["id"], "checkout.session")
    return {name: paid[name] for name in ("id", "customer", "subscription", "invoice")}
