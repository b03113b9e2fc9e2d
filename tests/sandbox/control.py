"""What a test or a person at the desk may do to this world: JSON below /_control."""

from __future__ import annotations

import json
import time
from dataclasses import asdict
from itertools import islice

from flask import Blueprint, Response, jsonify, request

from tests.sandbox import cardform, objects, paying, timeline
from tests.sandbox.cards import CARDS
from tests.sandbox.carriage import headers
from tests.sandbox.clock import DAY, HOUR, month_later
from tests.sandbox.errors import Refusal, invalid
from tests.sandbox.here import here
from tests.sandbox.shapes import Obj

bp = Blueprint("control", __name__, url_prefix="/_control")

#: `advance` by months also lets the hour pass for which renewals stay drafts.
_AFTER_MONTHS = HOUR + 60


def moment_after(now: int, asked: Obj) -> int:
    """Give the moment to advance to: months first, then days, hours and seconds."""
    until = now
    if months := int(asked.get("months", 0)):
        until = month_later(now, months) + _AFTER_MONTHS
    until += int(asked.get("days", 0)) * DAY + int(asked.get("hours", 0)) * HOUR
    until += int(asked.get("seconds", 0))
    return int(asked.get("to", until))


@bp.errorhandler(Refusal)
def refused(refusal: Refusal) -> tuple[Response, int]:
    return jsonify(error=refusal.error), refusal.status


@bp.get("/clock")
def clock() -> Response:
    world = here()
    return jsonify(now=world.clock.now(), offset=world.clock.offset, wall=int(time.time()))


@bp.post("/advance")
def advance() -> Response:
    world = here()
    until = moment_after(world.clock.now(), sent())
    if until < world.clock.now():
        raise invalid("The clock goes only forward.")
    happened = timeline.advance(world, until)
    return jsonify(now=world.clock.now(), happened=happened)


@bp.post("/settle")
def settle() -> Response:
    """Make every balance transaction that is still owed, now."""
    world = here()
    return jsonify(settled=world.later.hurry())


@bp.post("/complete")
def complete() -> Response:
    """Fill in a session's page: the same act as the button, 3-D Secure passed."""
    world = here()
    asked = sent()
    form, wrong = cardform.read_form(
        {
            "number": asked.get("card", "4242424242424242"),
            "exp": asked.get("exp", "12/40"),
            "cvc": asked.get("cvc", "1234" if _is_amex(asked) else "123"),
            "name": asked.get("name", "A Patron"),
        }
    )
    if form is None:
        raise invalid(f"The card form is wrong: {wrong}")
    answer = paying.pay(world, asked["session"], form)
    if answer.step == "authenticate":
        passed = bool(asked.get("authenticate", True))
        answer = paying.authenticate(world, asked["session"], passed=passed)
    if answer.event is not None and asked.get("wait", False):
        world.courier.wait(answer.event.id, world.options.redirect_wait)
    session = world.store.load(asked["session"], "checkout.session")
    return jsonify(
        step=answer.step,
        decline=answer.decline and asdict(answer.decline),
        session=session,
    )


@bp.post("/subscriptions")
def subscriptions() -> Response:
    """Make paid subscriptions without a page; one wish, or `{"wishes": [...]}`."""
    world = here()
    asked = sent()
    wishes = asked.get("wishes", [asked])
    return jsonify(made=[paying.subscribe_at_once(world, wish) for wish in wishes])


@bp.post("/card")
def card() -> Response:
    """Give a customer another card and charge all their subscriptions to it from now on."""
    world = here()
    asked = sent()
    with world.lock:
        payer = world.store.load(asked["customer"], "customer")
        chosen = CARDS[asked["card"]]
        expiry = cardform.read_expiry(asked.get("exp", "12/40"))
        method = objects.card_payment_method(
            world, chosen, expiry=expiry or (12, 2040), name=payer.get("name"), email=payer["email"]
        )
        world.change({**method, "customer": payer["id"]}, "payment_method.attached")
        for subscription in world.store.each("subscription", "customer", payer["id"]):
            if subscription["status"] != "canceled":
                subscription["default_payment_method"] = method["id"]
                world.change(subscription, "customer.subscription.updated")
    return jsonify(payment_method=method["id"])


@bp.post("/hold")
def hold() -> Response:
    world = here()
    world.courier.hold()
    return jsonify(holding=True)


@bp.post("/release")
def release() -> Response:
    world = here()
    world.courier.release()
    return jsonify(holding=False)


@bp.get("/events")
def events() -> Response:
    """List events, oldest first.

    `?signed=1` adds headers made now, `?bodies=0` leaves the bodies out; `?type=` (several)
    and `?limit=` choose: the newest so many, or with `?after=` (an id) the first after it.
    """
    world = here()
    kinds, limit = request.args.getlist("type"), request.args.get("limit", 100_000, int)
    after = request.args.get("after")
    # Towards the present from an event, or from the present back.
    passing = world.events.page(before=after) if after else world.events.newest()
    found = list(islice((e for e in passing if not kinds or e.type in kinds), limit))
    if not after:
        found.reverse()
    signed = request.args.get("signed") == "1"
    bodies = request.args.get("bodies", "1") == "1"
    secret = request.args.get("secret", world.options.webhook_secret)
    rows = []
    for event in found:
        row: Obj = {
            "id": event.id,
            "type": event.type,
            "created": event.created,
            "object": event.object_id,
            "pending": event.pending,
            "listened_for": bool(world.courier.endpoints(event.type)),
        }
        if bodies:
            row["body"] = event.body.decode()
        if signed:
            row["headers"] = headers(event.body, secret)
        rows.append(row)
    return jsonify(events=rows)


@bp.post("/deliver")
def deliver() -> Response:
    """Hand over `events` now, in this order, each as often as it is named."""
    world = here()
    asked = sent()
    attempts = world.courier.deliver(asked["events"], parallel=int(asked.get("parallel", 1)))
    return jsonify(attempts=[asdict(attempt) for attempt in attempts])


@bp.get("/deliveries")
def deliveries() -> Response:
    world = here()
    attempts = world.courier.attempts(request.args.get("limit", 200, int))
    return jsonify(
        holding=world.courier.holding,
        undelivered=world.courier.undelivered(),
        lost=world.courier.lost(),
        mode=world.courier.mode.shown(),
        attempts=attempts,
    )


@bp.get("/mailbox")
def mailbox() -> Response:
    world = here()
    to, limit = request.args.get("to"), request.args.get("limit", 200, int)
    letters = world.mailbox.newest(to=to, limit=limit)
    rows = [
        {
            "id": letter.id,
            "at": letter.at,
            "from": letter.sender,
            "to": list(letter.to),
            "subject": letter.subject,
            "raw": letter.raw.decode("utf-8", "replace"),
        }
        for letter in letters
    ]
    box = world.mailbox
    return jsonify(letters=rows, kept=len(box), taken=box.taken, in_hand=box.in_hand)


@bp.post("/mailbox/clear")
def clear() -> Response:
    world = here()
    world.mailbox.clear()
    return jsonify(kept=0)


@bp.post("/mailbox/fail")
def fail() -> Response:
    """Refuse the next `letters` letters with 451."""
    world = here()
    world.mailbox.failures = int(sent()["letters"])
    return jsonify(failures=world.mailbox.failures)


@bp.post("/mailbox/slow")
def slow() -> Response:
    """Let each letter wait `before` seconds until it is kept and `after` until that is said."""
    world = here()
    asked = sent()
    world.mailbox.slowness = float(asked.get("before", 0)), float(asked.get("after", 0))
    return jsonify(slowness=world.mailbox.slowness)


@bp.post("/reset")
def reset() -> Response:
    world = here()
    world.reset()
    objects.configure_endpoint(world)
    return jsonify(ok=True)


def sent() -> Obj:
    """Give the JSON object sent; an empty one for nothing."""
    given = json.loads(request.get_data() or b"{}")
    if not isinstance(given, dict):
        raise invalid("A JSON object is wanted.")
    return given


def _is_amex(asked: Obj) -> bool:
    return str(asked.get("card", "")).startswith(("34", "37"))
