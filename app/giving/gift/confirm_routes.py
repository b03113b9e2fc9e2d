"""A gift that waits for its letter: what the letter's link leads to."""

from flask import Blueprint, flash, g, make_response, redirect, render_template, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.clock import utcnow
from app.current import gateway
from app.extensions import limiter, network_of_reader
from app.giving import words
from app.giving.arrivals import visits
from app.giving.arrivals.steps import Step
from app.giving.gift import checkouts, confirmations, pay_page
from app.giving.gift.confirmations import DeadLink
from app.giving.models import Checkout
from app.giving.rules import Interval
from app.money import Money
from app.payments.gateway import GatewayError
from app.shield import gate
from app.shield.rules import Verdict

bp = Blueprint("giving_confirm", __name__, url_prefix="/give/confirm")


@bp.get("/<token>")
@limiter.limit("60 per hour")
def show(token: str) -> ResponseReturnValue:
    """Show the gift of a letter's link, and the button that leads on. Looking asks nothing."""
    try:
        checkout, account = confirmations.read(token, now=utcnow())
    except DeadLink:
        return _dead()
    if checkout.status == "paid":
        return _paid(checkout)
    return _page(checkout, account.name)


@bp.post("/<token>")
@limiter.limit("20 per hour")
def confirm(token: str) -> ResponseReturnValue:
    """Lead on to Stripe's page. Pressed again, it leads to the same one."""
    now = utcnow()
    try:
        checkout, account = confirmations.read(token, now=now)
    except DeadLink:
        return _dead()
    if checkout.status == "paid":
        return _paid(checkout)
    judgement = gate.confirm(checkout.id, network_of_reader(), account.email, now=now)
    if judgement.verdict is Verdict.WAIT:
        flash(_("Many gifts are begun from where you are. Try again in a few minutes."), "warn")
        return _page(checkout, account.name, 429, {"Retry-After": str(judgement.seconds)})
    checkouts.confirm(checkout.id, now=now)
    try:
        address = pay_page.lead_on(
            checkout, account.email, gateway(), former=pay_page.former(session)
        )
    except GatewayError:
        flash(
            _("The payment page cannot be opened now. Nothing was charged; try again in a minute."),
            "bad",
        )
        return _page(checkout, account.name, 503)
    visits.stepped(Step.OPENED, of=checkout)
    session["checkout"] = str(checkout.id)
    return redirect(address, 303)


def _page(
    checkout: Checkout, name: str, code: int = 200, headers: dict[str, str] | None = None
) -> ResponseReturnValue:
    label = words.give(checkout.amount, Interval(checkout.interval))
    page = render_template(
        "giving/confirm.html",
        checkout=checkout,
        cover=Money(checkout.cover_minor, checkout.currency),
        label=label,
        name=name,
    )
    return _private(page, code, headers)


def _paid(checkout: Checkout) -> ResponseReturnValue:
    return redirect(url_for("giving.thanks", session_id=checkout.stripe_session_id), 303)


def _dead() -> ResponseReturnValue:
    return _private(render_template("giving/dead_confirmation.html"), 410)


def _private(page: str, code: int, headers: dict[str, str] | None = None) -> ResponseReturnValue:
    """Tell nobody else the address of this page, which is good for a day."""
    g.referrer_policy = "no-referrer"
    answer = make_response(page, code, headers or {})
    answer.headers["Cache-Control"] = "no-store"
    return answer
