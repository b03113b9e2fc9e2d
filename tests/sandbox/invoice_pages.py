"""The hosted page of an invoice: what is owed, and a form to pay it."""

from __future__ import annotations

from flask import Blueprint, make_response, render_template, request
from flask.typing import ResponseReturnValue

from tests.sandbox import cardform, hosted, invoices
from tests.sandbox.cardform import Answer
from tests.sandbox.cards import Decline
from tests.sandbox.frames import away, day, frame, language, typed
from tests.sandbox.here import here
from tests.sandbox.money import shown
from tests.sandbox.shapes import Obj
from tests.sandbox.words import Words
from tests.sandbox.world import World

bp = Blueprint("invoice", __name__, url_prefix="/i")
frame(bp)


@bp.get("/<id_>")
def page(id_: str) -> ResponseReturnValue:
    return _show(here(), id_, status=200)


@bp.post("/<id_>")
def pay(id_: str) -> ResponseReturnValue:
    world = here()
    form, wrong = cardform.read_form(request.form.to_dict())
    if form is None:
        return _show(world, id_, status=422, wrong=wrong)
    return _follow(world, id_, hosted.pay(world, id_, form))


@bp.get("/<id_>/authenticate")
def question(id_: str) -> ResponseReturnValue:
    world = here()
    with world.lock:
        invoice = world.store.load(id_, "invoice")
        asked = cardform.held(world, id_) or hosted.approvable(world, invoice)
    if invoice["status"] != "open" or asked is None:
        return away(f"/i/{id_}")
    words = _words(world, invoice)
    summary = _summary(world, invoice, words)
    return render_template("secure.html", words=words, action=request.path, **summary)


@bp.post("/<id_>/authenticate")
def answer(id_: str) -> ResponseReturnValue:
    world = here()
    passed = request.form.get("answer") == "complete"
    return _follow(world, id_, hosted.authenticate(world, id_, passed=passed))


def _follow(world: World, id_: str, answer: Answer) -> ResponseReturnValue:
    if answer.step == "authenticate":
        return away(f"/i/{id_}/authenticate")
    if answer.step == "declined":
        return _show(world, id_, status=402, decline=answer.decline)
    return away(f"/i/{id_}")


def _show(
    world: World,
    id_: str,
    *,
    status: int,
    wrong: dict[str, str] | None = None,
    decline: Decline | None = None,
) -> ResponseReturnValue:
    with world.lock:
        invoice = world.store.load(id_, "invoice")
        words = _words(world, invoice)
        method = hosted.approvable(world, invoice) if invoice["status"] == "open" else None
        html = render_template(
            "invoice.html",
            words=words,
            invoice=invoice,
            method=method and method["card"],
            state=words(f"invoice_{invoice['status']}"),
            day=day(invoice["created"]),
            typed=typed(),
            wrong={field: words(key) for field, key in (wrong or {}).items()},
            decline=words.decline(decline) if decline else None,
            **_summary(world, invoice, words),
        )
    return make_response(html, status)


def _words(world: World, invoice: Obj) -> Words:
    return Words(language(None, world.store.load(invoice["customer"], "customer")))


def _summary(world: World, invoice: Obj, words: Words) -> dict[str, str]:
    subscription = invoices.subscription_of(world, invoice)
    rhythm = subscription["items"]["data"][0]["price"]["recurring"]["interval"]
    return {
        "amount": shown(invoice["total"], invoice["currency"], words.language),
        "often": words(f"per_{rhythm}"),
        "product": str(invoice["lines"]["data"][0]["description"]),
    }
