"""Letters' links: a small page that shows what will happen and does it on a press.

Nobody signs in, nobody is signed in by it, and it does nothing but its one act. The link itself is
the secret that a form needs, so its forms carry no other token and want no cookie.
"""

import hashlib

from flask import Blueprint, Response, g, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import force_locale
from flask_babel import gettext as _

from app.accounts.models import Account
from app.clock import utcnow
from app.current import gateway, newsroom, settings
from app.extensions import csrf, db, limiter
from app.giving.models import Pledge
from app.giving.wishes import cards, changes, comebacks, link_pages, links, wish_words
from app.giving.wishes.changes import NotPossible
from app.giving.wishes.link_pages import LEADING_ON, Offer
from app.giving.wishes.links import DeadLink, Link, Purpose
from app.localisation import current_locale
from app.payments.gateway import GatewayError, GatewayUnavailable
from config.newsroom import LANGUAGES

bp = Blueprint("links", __name__, url_prefix="/l")
csrf.exempt(bp)


def _token() -> str:
    """Key of the limit by link; hashed, for the limiter's store is no place for tokens."""
    token = str((request.view_args or {}).get("token", ""))
    return "letter link:" + hashlib.sha256(token.encode()).hexdigest()


@bp.before_request
def _hide_address() -> None:
    """Tell no other site this page's address, which is what lets its reader act."""
    g.referrer_policy = "no-referrer"


@bp.after_request
def _keep_to_ourselves(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response


@bp.get("/<token>")
@limiter.limit("60 per minute; 300 per hour")
def show(token: str) -> ResponseReturnValue:
    """Show what a link would do, or when it did it. Public; opening it changes nothing."""
    try:
        link, pledge, account = _read(token)
    except DeadLink:
        return _dead()
    with force_locale(_language(account)):
        return _page(link, pledge)


@bp.post("/<token>")
@limiter.limit("60 per minute; 300 per hour")
@limiter.limit("10 per hour", key_func=_token)
def act(token: str) -> ResponseReturnValue:
    """Do what a link is for, once. Public."""
    try:
        link, pledge, account = _read(token)
    except DeadLink:
        return _dead()
    with force_locale(_language(account)):
        if links.spent_at(link) is not None or _offer(link, pledge) is None:
            return _page(link, pledge)
        try:
            if link.purpose in LEADING_ON:
                return redirect(_lead_on(link, pledge, token, account), 303)
            link_pages.act(link, pledge, request.form.get("choice", ""), gateway(), now=utcnow())
        except NotPossible:
            return _page(link, pledge)
        except GatewayUnavailable:
            return _page(link, pledge, problem=wish_words.no_answer()), 503
        except GatewayError:
            return _page(link, pledge, problem=wish_words.refused()), 502
    return redirect(request.full_path.removesuffix("?"), 303)


@bp.get("/<token>/card")
@limiter.limit("60 per minute; 300 per hour")
@limiter.limit("20 per hour", key_func=_token)
def card(token: str) -> ResponseReturnValue:
    """Use the new card of who comes back from Stripe's page; opened again, nothing new. Public."""
    try:
        link, pledge, account = _read(token)
        if link.purpose is not Purpose.CARD:
            raise DeadLink("not for a card")
    except DeadLink:
        return _dead()
    with force_locale(_language(account)):
        try:
            adopted = cards.adopt(pledge, gateway(), now=utcnow())
        except NotPossible:
            return _page(link, pledge)
        except GatewayError:
            return _page(link, pledge, problem=wish_words.no_answer()), 503
        if adopted.changed or adopted.paid is not None:
            links.spend(link, now=utcnow())
            db.session.commit()
        news, kind = wish_words.card_news(adopted), "bad" if adopted.refused else "good"
        return render_template("giving/link_done.html", title=_("Your card"), says=news, kind=kind)


def _read(token: str) -> tuple[Link, Pledge, Account]:
    link = links.read(token, now=utcnow())
    pledge = db.session.get(Pledge, link.pledge_id)
    if pledge is None:
        raise DeadLink("its pledge is gone")
    changes.notice(link, pledge, now=utcnow())
    return link, pledge, db.session.get_one(Account, pledge.account_id)


def _language(account: Account) -> str:
    """The language asked for on this page, else that of the letter."""
    asked = request.args.get("lang", "")
    return asked if asked in LANGUAGES else account.locale


def _lead_on(link: Link, pledge: Pledge, token: str, account: Account) -> str:
    """Return the address of the provider's page that a link leads on to."""
    if link.purpose is Purpose.RETURN:
        return comebacks.begin(pledge.id, link.act_id, gateway(), now=utcnow())
    back = f"{settings().site_url}/l/{token}/card"
    return cards.page(pledge, gateway(), return_url=back, locale=_language(account))


def _page(link: Link, pledge: Pledge, problem: str = "") -> str:
    spent_at = links.spent_at(link)
    if spent_at is not None:
        return render_template(
            "giving/link_done.html",
            title=_("This is done"),
            done_at=spent_at,
            says=link_pages.done(link, pledge),
            kind="good",
        )
    offer = _offer(link, pledge)
    if offer is None:
        return render_template("giving/link_moot.html")
    return render_template("giving/link.html", offer=offer, problem=problem)


def _offer(link: Link, pledge: Pledge) -> Offer | None:
    name = newsroom().name.within(current_locale())
    return link_pages.offer(link, pledge, name, now=utcnow())


def _dead() -> ResponseReturnValue:
    return render_template("giving/link_dead.html", days=links.LIFETIME.days), 410
