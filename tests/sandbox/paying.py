"""A buyer at the checkout: the card charged, what was bought begun."""

from __future__ import annotations

from tests.sandbox import cardform, charging, checkout, objects, subscriptions
from tests.sandbox.cardform import Answer, CardForm
from tests.sandbox.cards import CARDS, NOT_A_TEST_CARD
from tests.sandbox.charging import AUTHENTICATION_FAILED, Outcome
from tests.sandbox.errors import Refusal
from tests.sandbox.shapes import Obj
from tests.sandbox.world import World


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
            cardform.hold(world, session_id, form)
            return Answer("authenticate")
        return _charge(world, session, form, authenticated=authenticated)


def authenticate(world: World, session_id: str, *, passed: bool) -> Answer:
    """Answer the bank's question put by `pay`; a failure leaves the page open."""
    with world.lock:
        session = checkout.current(world, session_id)
        if session["status"] != "open":
            return Answer(session["status"])
        form = cardform.let_go(world, session_id)
        if form is None:
            return Answer("declined", AUTHENTICATION_FAILED)
        if passed:
            return pay(world, session_id, form, authenticated=True)
        method = _method(world, session, form)
        intent = _intent(world, session)
        intent["last_payment_error"] = charging.payment_error(AUTHENTICATION_FAILED, method)
        world.change(intent, "payment_intent.payment_failed")
        return Answer("declined", AUTHENTICATION_FAILED)


def _method(world: World, session: Obj, form: CardForm) -> Obj:
    return cardform.method(world, form, (session["customer_details"] or {}).get("email"))


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


def _charge(world: World, session: Obj, form: CardForm, *, authenticated: bool) -> Answer:
    method = _method(world, session, form)
    intent = _intent(world, session)
    if charging.refusal(world, method, present=True) is None:
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

    `wish` holds `card`, `exp`, `email`, `name`, `metadata`, `customer_metadata` and `price_data`
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
        number, name = wish.get("card", "4242424242424242"), wish.get("name") or "A Patron"
        expiry = cardform.read_expiry(wish.get("exp", "12/40")) or (12, 2040)
        form = CardForm(number, expiry, "123", name)
        answer = pay(world, session["id"], form, authenticated=True)
        if answer.step != "paid":
            raise Refusal(402, "card_error", "The card did not pay.", code="card_declined")
        paid = world.store.load(session["id"], "checkout.session")
    return {name: paid[name] for name in ("id", "customer", "subscription", "invoice")}
