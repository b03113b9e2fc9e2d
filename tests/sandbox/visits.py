"""A person in the billing portal: another card, an end, a pause, a new address."""

from __future__ import annotations

from tests.sandbox import cardform, changes, charging, portal, subscriptions
from tests.sandbox.cardform import Answer, CardForm
from tests.sandbox.cards import CARDS, NOT_A_TEST_CARD
from tests.sandbox.charging import AUTHENTICATION_FAILED
from tests.sandbox.clock import add_interval
from tests.sandbox.errors import invalid
from tests.sandbox.shapes import Obj
from tests.sandbox.world import World

_CLOSED = Answer("expired")
_DONE = Answer("saved")


def opened(world: World, id_: str) -> Obj | None:
    """Give a session that can still be used, to whoever holds it."""
    session = world.store.load(id_, "billing_portal.session")
    return session if portal.is_open(world, session) else None


def features(world: World, session: Obj) -> Obj:
    """Give what the session's configuration lets people do."""
    found: Obj = world.store.load(session["configuration"], "billing_portal.configuration")
    return found["features"]  # type: ignore[no-any-return]


def new_card(world: World, id_: str, form: CardForm, *, authenticated: bool = False) -> Answer:
    """Put a card on file as the customer's default.

    A subscription with a card of its own keeps that one, as at Stripe.
    """
    with world.lock:
        session = opened(world, id_)
        if session is None:
            return _CLOSED
        _insist(world, session, "payment_method_update")
        card = CARDS.get(form.number)
        if card is None:
            return Answer("declined", NOT_A_TEST_CARD)
        if card.secure != "never" and not authenticated:
            cardform.hold(world, id_, form)
            return Answer("authenticate")
        payer = world.store.load(session["customer"], "customer")
        method = cardform.method(world, form, payer["email"])
        decline = charging.refusal(world, method, present=True)
        if decline is not None:
            return Answer("declined", decline)
        world.change({**method, "customer": payer["id"]}, "payment_method.attached")
        payer["invoice_settings"]["default_payment_method"] = method["id"]
        event = world.change(payer, "customer.updated")
        _finished(world, session, "payment_method_update")
        return Answer("saved", None, event)


def authenticate(world: World, id_: str, *, passed: bool) -> Answer:
    """Answer the bank's question put by `new_card`."""
    with world.lock:
        if opened(world, id_) is None:
            return _CLOSED
        form = cardform.let_go(world, id_)
        if form is None or not passed:
            return Answer("declined", AUTHENTICATION_FAILED)
        return new_card(world, id_, form, authenticated=True)


def leave(world: World, id_: str, subscription: str, *, reason: str, comment: str) -> Answer:
    """End a subscription with its period, or at once where the configuration says so.

    Sets `cancel_at` and leaves `cancel_at_period_end` false: these subscriptions are
    billed flexibly.
    """
    with world.lock:
        session = opened(world, id_)
        if session is None:
            return _CLOSED
        rules = _insist(world, session, "subscription_cancel")
        own = _own(world, session, subscription)
        said: Obj = {"comment": comment.strip()[:500]}
        if reason in rules["cancellation_reason"]["options"]:
            said["feedback"] = reason
        if rules["mode"] == "immediately":
            subscriptions.end(world, own, "cancellation_requested", said=said)
        else:
            end = own["items"]["data"][0]["current_period_end"]
            asked = {"cancel_at": end, "cancellation_details": said}
            changes.update(world, subscription, asked)
        _finished(world, session, "subscription_cancel")
        return _DONE


def pause(world: World, id_: str, subscription: str, choice: int) -> Answer:
    """Rest a subscription for one of the configuration's durations, by its place in the list."""
    with world.lock:
        session = opened(world, id_)
        if session is None:
            return _CLOSED
        rules = _insist(world, session, "subscription_pause")["duration"]
        _own(world, session, subscription)
        asked: Obj = {"behavior": "void"}
        if rules["type"] == "interval_options":
            if not 0 <= choice < len(rules["interval_options"]):
                raise invalid("There is no such choice.")
            option = rules["interval_options"][choice]
            asked["resumes_at"] = add_interval(
                world.clock.now(), option["interval"], option["interval_count"]
            )
        changes.update(world, subscription, {"pause_collection": asked})
        _finished(world, session, "subscription_pause")
        return _DONE


def go_on(world: World, id_: str, subscription: str) -> Answer:
    """Call off a scheduled end, or a pause."""
    with world.lock:
        session = opened(world, id_)
        if session is None:
            return _CLOSED
        own = _own(world, session, subscription)
        asked = {"cancel_at": ""} if own["cancel_at"] is not None else {"pause_collection": ""}
        changes.update(world, subscription, asked)
        return _DONE


def rename(world: World, id_: str, fields: dict[str, str]) -> Answer:
    """Change the name, address or number the configuration lets people change."""
    with world.lock:
        session = opened(world, id_)
        if session is None:
            return _CLOSED
        allowed = _insist(world, session, "customer_update")["allowed_updates"]
        payer = world.store.load(session["customer"], "customer")
        for name in ("email", "name", "phone"):
            if name in allowed and fields.get(name, "").strip():
                payer[name] = fields[name].strip()
        world.change(payer, "customer.updated")
        _finished(world, session, "customer_update")
        return _DONE


def _insist(world: World, session: Obj, feature: str) -> Obj:
    rules: Obj = features(world, session)[feature]
    flow = session["flow"]
    if not rules["enabled"] or (flow is not None and flow["type"] != feature):
        raise invalid("This portal session does not let people do this.")
    return rules


def _own(world: World, session: Obj, id_: str) -> Obj:
    own = subscriptions.is_live(world, id_)
    if own is None or own["customer"] != session["customer"]:
        raise invalid("There is no such subscription here.")
    return own


def _finished(world: World, session: Obj, feature: str) -> None:
    """Close a session that was made for what has just been done, unless it leads home."""
    flow = session["flow"]
    if flow is not None and flow["type"] == feature:
        home = flow["after_completion"]["type"] == "portal_homepage"
        world.store.note(session["id"], done=True, over=not home)
