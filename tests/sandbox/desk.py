"""The page at the root: what is in the account, what was sent where, what time it is."""

from __future__ import annotations

import json
from typing import Any

from flask import Blueprint, Response, abort, redirect, render_template, request
from flask.typing import ResponseReturnValue

from tests.sandbox import api, control, ledger, timeline
from tests.sandbox.cards import CARDS
from tests.sandbox.here import here
from tests.sandbox.money import shown
from tests.sandbox.post import moment
from tests.sandbox.shapes import Obj

bp = Blueprint("desk", __name__)

KINDS = (
    "customer", "checkout.session", "subscription", "invoice", "payment_intent", "charge",
    "refund", "dispute", "radar.early_fraud_warning", "balance_transaction", "payout",
    "payment_method", "product", "price", "webhook_endpoint",
)  # fmt: skip
_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'"
)


@bp.after_request
def guard(response: Response) -> Response:
    response.headers["Content-Security-Policy"] = _POLICY
    return response


@bp.get("/")
def desk() -> str:
    world = here()
    newest = world.events.newest()
    return render_template(
        "desk.html",
        now=world.clock.now(),
        offset=world.clock.offset,
        moment=moment,
        counts={kind: len(world.store.ids(kind)) for kind in KINDS},
        events=[event for event, _ in zip(newest, range(12), strict=False)],
        event_count=len(world.events),
        attempts=world.courier.attempts(12),
        undelivered=world.courier.undelivered(),
        holding=world.courier.holding,
        letters=len(world.mailbox),
        paid=ledger.totals(world)["paid"],
        shown=shown,
        cards=list(CARDS.values()),
        webhook_url=world.options.webhook_url,
    )


@bp.post("/advance")
def advance() -> ResponseReturnValue:
    world = here()
    asked = {"months": request.form.get("months", 0), "days": request.form.get("days", 0)}
    timeline.advance(world, control.moment_after(world.clock.now(), asked))
    return redirect("/", 303)


@bp.post("/hold")
def hold() -> ResponseReturnValue:
    world = here()
    if world.courier.holding:
        world.courier.release()
    else:
        world.courier.hold()
    return redirect("/", 303)


@bp.get("/list/<kind>")
def listing(kind: str) -> str:
    world = here()
    if kind not in KINDS:
        abort(404)
    with world.lock:
        ids = list(reversed(world.store.ids(kind)))[:200]
        rows = [_row(world.store.load(id_, kind)) for id_ in ids]
    return render_template("list.html", kind=kind, rows=rows, moment=moment)


@bp.get("/objects/<id_>")
def show(id_: str) -> str:
    world = here()
    with world.lock:
        obj = world.store.find(id_)
    if obj is None:
        abort(404)
    events = [event for event in world.events.newest() if event.object_id == id_][:50]
    text = api.readable(obj)
    return render_template("object.html", id=id_, text=text, events=events, moment=moment)


@bp.get("/events")
def events() -> str:
    world = here()
    found = [event for event, _ in zip(world.events.newest(), range(200), strict=False)]
    return render_template("events.html", events=found, moment=moment)


@bp.get("/events/<id_>")
def event(id_: str) -> str:
    world = here()
    found = world.events.get(id_)
    attempts = [one for one in world.courier.attempts(2000) if one["event"] == id_]
    text = api.readable(json.loads(found.body))
    return render_template("event.html", event=found, text=text, attempts=attempts, moment=moment)


@bp.post("/events/<id_>/resend")
def resend(id_: str) -> ResponseReturnValue:
    world = here()
    world.courier.deliver([id_])
    return redirect(f"/events/{id_}", 303)


@bp.get("/deliveries")
def deliveries() -> str:
    world = here()
    attempts = world.courier.attempts(500)
    return render_template("deliveries.html", attempts=attempts, moment=moment)


def _row(obj: Obj) -> dict[str, Any]:
    """Give what a list shows of an object: its id, time, state and a word about it."""
    amount = obj.get("amount") or obj.get("amount_due") or obj.get("amount_total")
    money = shown(amount, obj["currency"], "en") if amount and obj.get("currency") else ""
    said = obj.get("email") or obj.get("name") or obj.get("url") or obj.get("customer") or ""
    return {
        "id": obj["id"],
        "created": obj["created"],
        "status": obj.get("status") or "",
        "amount": money,
        "about": said,
    }
