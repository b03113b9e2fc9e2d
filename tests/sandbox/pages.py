"""The hosted pages a buyer sees: the checkout, the bank's question, the closed doors."""

from __future__ import annotations

from flask import Blueprint, make_response, redirect, render_template, request
from flask.typing import ResponseReturnValue

from tests.sandbox import cardform, checkout, paying
from tests.sandbox.cardform import Answer
from tests.sandbox.cards import Decline
from tests.sandbox.frames import frame, language, typed
from tests.sandbox.here import here
from tests.sandbox.money import shown
from tests.sandbox.shapes import Obj
from tests.sandbox.words import Words
from tests.sandbox.world import World

bp = Blueprint("pages", __name__, url_prefix="/c/pay")

frame(bp)


@bp.get("/<id_>")
def page(id_: str) -> ResponseReturnValue:
    world = here()
    return _show(world, id_, status=200)


@bp.post("/<id_>")
def pay(id_: str) -> ResponseReturnValue:
    world = here()
    form, wrong = cardform.read_form(request.form.to_dict())
    if form is None:
        return _show(world, id_, status=422, wrong=wrong)
    return _follow(world, id_, paying.pay(world, id_, form))


@bp.get("/<id_>/authenticate")
def question(id_: str) -> ResponseReturnValue:
    world = here()
    with world.lock:
        session = checkout.current(world, id_)
        waiting = cardform.held(world, id_)
    if session["status"] != "open" or waiting is None:
        return redirect(f"/c/pay/{id_}", 303)
    words = Words(language(session["locale"]))
    return render_template(
        "secure.html", words=words, action=request.path, **_summary(world, session)
    )


@bp.post("/<id_>/authenticate")
def answer(id_: str) -> ResponseReturnValue:
    world = here()
    passed = request.form.get("answer") == "complete"
    return _follow(world, id_, paying.authenticate(world, id_, passed=passed))


def _follow(world: World, id_: str, answer: Answer) -> ResponseReturnValue:
    """Lead the buyer on after an attempt."""
    if answer.step == "authenticate":
        return redirect(f"/c/pay/{id_}/authenticate", 303)
    if answer.step == "declined":
        return _show(world, id_, status=402, decline=answer.decline)
    if answer.step == "expired":
        return _show(world, id_, status=200)
    if answer.event is not None:
        # Stripe holds the buyer back for a while so that the shop knows before they return.
        world.courier.wait(answer.event.id, world.options.redirect_wait)
    session = world.store.load(id_, "checkout.session")
    return redirect(session["success_url"].replace("{CHECKOUT_SESSION_ID}", id_), 303)


def _show(
    world: World,
    id_: str,
    *,
    status: int,
    wrong: dict[str, str] | None = None,
    decline: Decline | None = None,
) -> ResponseReturnValue:
    with world.lock:
        session = checkout.current(world, id_)
    words = Words(language(session["locale"]))
    if session["status"] != "open":
        about = str(session["status"])
        link = session["cancel_url"]
        if about == "complete":
            link = session["success_url"].replace("{CHECKOUT_SESSION_ID}", id_)
        return render_template("closed.html", words=words, about=about, link=link)
    html = render_template(
        "checkout.html",
        words=words,
        session=session,
        typed=typed(),
        wrong={field: words(key) for field, key in (wrong or {}).items()},
        decline=words.decline(decline) if decline else None,
        **_summary(world, session),
    )
    return make_response(html, status)


def _summary(world: World, session: Obj) -> dict[str, str]:
    """Say what is bought, for how much, how often, and what the button reads."""
    words = Words(language(session["locale"]))
    line = world.store.extra(session["id"])["lines"][0]
    amount = shown(session["amount_total"], session["currency"], words.language)
    recurring = line["price"]["recurring"]
    if recurring:
        title, often = "subscribe_to", words(f"per_{recurring['interval']}")
        button = words("subscribe")
    else:
        title, often = "pay_for", ""
        key = "donate" if session["submit_type"] == "donate" else "pay"
        button = words(key, amount=amount)
    name = str(line["description"])
    return {
        "title": words(title, name=name),
        "product": name,
        "amount": amount,
        "often": often,
        "button": button,
    }
