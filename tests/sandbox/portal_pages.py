"""The billing portal's pages: a link that works once, in the browser that first follows it."""

from __future__ import annotations

import secrets

from flask import Blueprint, make_response, render_template, request
from flask.typing import ResponseReturnValue

from tests.sandbox import cardform, dunning, portal, subscriptions, visits
from tests.sandbox.cardform import Answer
from tests.sandbox.cards import Decline
from tests.sandbox.frames import away, day, frame, language, typed
from tests.sandbox.here import here
from tests.sandbox.money import shown
from tests.sandbox.shapes import Obj
from tests.sandbox.words import Words
from tests.sandbox.world import World

bp = Blueprint("portal", __name__, url_prefix="/p/session")
frame(bp)

_COOKIE = "sandbox_portal"
#: The page on which each flow begins.
_VIEWS = {
    "payment_method_update": "card",
    "subscription_cancel": "cancel",
    "subscription_pause": "pause",
    "customer_update": "customer",
}


@bp.get("/<id_>")
def first(id_: str) -> ResponseReturnValue:
    """Let in whoever comes first with the link; remember their browser."""
    world = here()
    with world.lock:
        session = visits.opened(world, id_)
        token = world.store.extra(id_).get("token")
        if session is None or (token is not None and not _known(world, id_)):
            return _closed(world, id_)
        portal.stay(world, session)
        if token is None:
            token = secrets.token_urlsafe(16)
            world.store.note(id_, token=token)
        done = bool(world.store.extra(id_).get("done"))
        flow = None if done or session["flow"] is None else session["flow"]["type"]
    answer = make_response(_page(world, session, _VIEWS.get(flow or "", "home")))
    answer.set_cookie(_COOKIE, token, path=f"/p/session/{id_}", httponly=True, samesite="Lax")
    return answer


@bp.get("/<id_>/<any(card, cancel, pause, customer):view>")
def page(id_: str, view: str) -> ResponseReturnValue:
    world = here()
    session = _inside(world, id_)
    return _closed(world, id_) if session is None else make_response(_page(world, session, view))


@bp.post("/<id_>/card")
def card(id_: str) -> ResponseReturnValue:
    world = here()
    session = _inside(world, id_)
    if session is None:
        return _closed(world, id_)
    form, wrong = cardform.read_form(request.form.to_dict())
    if form is None:
        return make_response(_page(world, session, "card", wrong=wrong), 422)
    return _follow(world, session, visits.new_card(world, id_, form))


@bp.route("/<id_>/authenticate", methods=["GET", "POST"])
def authenticate(id_: str) -> ResponseReturnValue:
    world = here()
    session = _inside(world, id_)
    if session is None or cardform.held(world, id_) is None:
        return _closed(world, id_) if session is None else away(f"/p/session/{id_}")
    if request.method == "POST":
        passed = request.form.get("answer") == "complete"
        return _follow(world, session, visits.authenticate(world, id_, passed=passed))
    words = _words(world, session)
    return render_template("secure.html", words=words, action=request.path, amount="", often="")


@bp.post("/<id_>/<any(cancel, pause, customer, go_on):act>")
def act(id_: str, act: str) -> ResponseReturnValue:
    world = here()
    session = _inside(world, id_)
    if session is None:
        return _closed(world, id_)
    sent = request.form.to_dict()
    about = sent.get("subscription", "")
    match act:
        case "cancel":
            reason, comment = sent.get("reason", ""), sent.get("comment", "")
            answer = visits.leave(world, id_, about, reason=reason, comment=comment)
        case "pause":
            answer = visits.pause(world, id_, about, int(sent.get("choice", "0")))
        case "customer":
            answer = visits.rename(world, id_, sent)
        case _:
            answer = visits.go_on(world, id_, about)
    return _follow(world, session, answer)


def _known(world: World, id_: str) -> bool:
    token = world.store.extra(id_).get("token")
    return token is not None and request.cookies.get(_COOKIE) == token


def _inside(world: World, id_: str) -> Obj | None:
    """Give the session if it is open and this is the browser that opened it."""
    with world.lock:
        session = visits.opened(world, id_)
        if session is None or not _known(world, id_):
            return None
        portal.stay(world, session)
        return session


def _closed(world: World, id_: str) -> ResponseReturnValue:
    session = world.store.load(id_, "billing_portal.session")
    after = (session["flow"] or {}).get("after_completion") or {}
    if after.get("redirect") and world.store.extra(id_).get("done") and _known(world, id_):
        # Whoever pressed twice is led on as if they had pressed once.
        return away(after["redirect"]["return_url"])
    words = _words(world, session)
    link = session["return_url"]
    return render_template("closed.html", words=words, about="portal_expired", link=link), 410


def _follow(world: World, session: Obj, answer: Answer) -> ResponseReturnValue:
    """Lead on after an act: to the bank, back to the form, or where the flow leads."""
    id_ = session["id"]
    if answer.step == "authenticate":
        return away(f"/p/session/{id_}/authenticate")
    if answer.step == "declined":
        return make_response(_page(world, session, "card", decline=answer.decline), 402)
    if answer.step == "expired":
        return _closed(world, id_)
    if answer.event is not None:
        world.courier.wait(answer.event.id, min(2.0, world.options.redirect_wait))
    after = (session["flow"] or {}).get("after_completion") or {"type": "portal_homepage"}
    if after["type"] == "redirect":
        return away(after["redirect"]["return_url"])
    if after["type"] == "hosted_confirmation":
        words = _words(world, session)
        said = after["hosted_confirmation"]["custom_message"]
        return render_template(
            "closed.html", words=words, about="portal_done", link=session["return_url"], said=said
        )
    return away(f"/p/session/{id_}")


def _page(
    world: World,
    session: Obj,
    view: str,
    *,
    wrong: dict[str, str] | None = None,
    decline: Decline | None = None,
) -> str:
    words = _words(world, session)
    with world.lock:
        payer = world.store.load(session["customer"], "customer")
        return render_template(
            f"portal_{view}.html",
            words=words,
            session=session,
            payer=payer,
            can=visits.features(world, session),
            asked=_asked(session),
            subscriptions=_subscriptions(world, payer, words),
            invoices=_invoices(world, payer, words),
            typed=typed(),
            wrong={field: words(key) for field, key in (wrong or {}).items()},
            decline=words.decline(decline) if decline else None,
        )


def _words(world: World, session: Obj) -> Words:
    payer = world.store.load(session["customer"], "customer")
    return Words(language(session["locale"], payer))


def _asked(session: Obj) -> str:
    """Name the subscription the flow or the address is about."""
    flow = session["flow"] or {}
    about = flow.get(flow.get("type", "")) or {}
    return str(about.get("subscription") or request.args.get("subscription", ""))


def _subscriptions(world: World, payer: Obj, words: Words) -> list[Obj]:
    rows = []
    for one in world.store.each("subscription", "customer", payer["id"]):
        if subscriptions.is_live(world, one["id"]) is None:
            continue
        item = one["items"]["data"][0]
        amount = item["price"]["unit_amount"] * item["quantity"]
        card_id = dunning.card_of(world, one)
        method = world.store.load(card_id, "payment_method")["card"] if card_id else None
        pause = one["pause_collection"]
        rows.append(
            {
                "id": one["id"],
                "name": world.store.load(item["price"]["product"], "product")["name"],
                "amount": shown(amount, one["currency"], words.language),
                "often": words(f"per_{item['price']['recurring']['interval']}"),
                "next": day(item["current_period_end"]),
                "ends": one["cancel_at"] and day(one["cancel_at"]),
                "paused": pause is not None,
                "back": pause and pause["resumes_at"] and day(pause["resumes_at"]),
                "card": method,
            }
        )
    return rows


def _invoices(world: World, payer: Obj, words: Words) -> list[Obj]:
    return [
        {
            "number": one["number"],
            "url": one["hosted_invoice_url"],
            "day": day(one["created"]),
            "amount": shown(one["total"], one["currency"], words.language),
            "status": words(f"invoice_{one['status']}"),
        }
        for one in world.store.each("invoice", "customer", payer["id"])
        if one["number"] is not None
    ][:24]
