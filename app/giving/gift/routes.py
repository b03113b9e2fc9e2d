"""Giving as a reader sees it."""

import re
import secrets
import uuid

from flask import (
    Blueprint,
    abort,
    flash,
    make_response,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import current_user

from app.accounts.access import typed_address_from_there
from app.clock import utcnow
from app.current import gateway, settings
from app.extensions import limiter, network_of_reader
from app.giving import pledges, settlement
from app.giving.arrivals import visits
from app.giving.arrivals.steps import Step
from app.giving.gift import appeal, checkouts, honours, pay_page
from app.giving.gift.checkouts import Gift, UnknownCheckout
from app.giving.gift.forms import GiveForm
from app.giving.models import Checkout
from app.giving.rules import CURRENCIES, Interval
from app.letters.categories import Category
from app.localisation import current_locale
from app.money import Money
from app.payments.facts import CheckoutSeen
from app.payments.gateway import GatewayError, GatewayUnavailable
from app.shield import gate, proofs, stamps
from app.shield.gate import Attempt
from app.shield.rules import Mode, Verdict

bp = Blueprint("giving", __name__)

SESSION_ID = re.compile(r"^cs_[A-Za-z0-9_]{1,200}$")


@bp.get("/give")
def give() -> ResponseReturnValue:
    """The appeal and the form of a gift. Public."""
    form, mode = GiveForm(), gate.mode()
    visits.arrived()
    if mode is not Mode.BLIND:
        visits.stepped(Step.SEEN)
    form.currency.data = request.args.get("currency")
    form.interval.data = request.args.get("interval")
    form.amount.data = request.args.get("amount", "")[:12] or None
    if current_user.is_authenticated:
        form.name.data, form.email.data = current_user.name, current_user.email
        form.listed.data = current_user.listed
    form.offer(settings().currencies, raised=mode is not Mode.CALM)
    return _page(form, mode), 200


@bp.post("/give")
@limiter.limit("12 per minute; 60 per hour")
@limiter.limit("10 per hour", key_func=typed_address_from_there)
def begin() -> ResponseReturnValue:
    """Write account, pledge and checkout, then lead on to Stripe's page, or to a letter. Public."""
    form, mode, now = GiveForm(), gate.mode(), utcnow()
    form.offer(settings().currencies, raised=mode is not Mode.CALM)
    if not form.validate_on_submit() or form.money is None or not _in_time(form):
        return _page(form, mode), 422
    gift = _gift(form, form.money)
    if _gives_already(gift.interval):
        flash(_("You already give each period. Here you can see and change it."), "message")
        return redirect(url_for("giving.pledge"), 303)
    attempt = _attempt(gift, (form.proof_task.data or "", form.proof.data or ""))
    judgement = gate.judge(attempt, now=now)
    if judgement.verdict is Verdict.WAIT:
        return _wait(form, mode, judgement.seconds)
    checkout = checkouts.start(gift, now=now)
    visits.stepped(Step.SENT)
    if judgement.verdict is Verdict.OPEN:
        judgement = gate.admit(checkout.id, attempt, now=now)
    match judgement.verdict:
        case Verdict.OPEN:
            return _lead_on(form, mode, checkout, gift)
        case Verdict.LETTER:
            checkouts.ask_by_letter(checkout, now=now)
            gate.asked_by_letter(checkout.id, now=now)
            session["letter_to"] = gift.email
            return redirect(url_for("giving.letter_sent"), 303)
        case Verdict.WAIT:
            return _wait(form, mode, judgement.seconds)


def _gift(form: GiveForm, whole: Money) -> Gift:
    known, came = current_user.is_authenticated, visits.came()
    return Gift(
        id=uuid.UUID(form.gift_id.data),
        amount=whole,
        cover_minor=form.cover_minor,
        interval=Interval(form.interval.data),
        email=current_user.email if known else form.email.data,
        name=form.name.data,
        locale=current_locale(),
        listed=form.listed.data,
        letters=(Category.VOTES,) if form.votes_letters.data else (),
        article=visits.article() or (came.last.article if came.last else None),
        came=came,
        by_account=current_user.id if known else None,
    )


def _attempt(gift: Gift, proof: tuple[str, str]) -> Attempt:
    net = gift.amount.minor - gift.cover_minor
    return Attempt(
        network=network_of_reader(),
        email=gift.email,
        browser=session.get("browser", ""),
        amount=gift.amount,
        small=net < CURRENCIES[gift.amount.currency].suggested(gift.interval)[0],
        known=gift.by_account is not None,
        proof=proof,
    )


def _lead_on(form: GiveForm, mode: Mode, checkout: Checkout, gift: Gift) -> ResponseReturnValue:
    try:
        address = pay_page.lead_on(
            checkout,
            gift.email,
            gateway(),
            former=pay_page.former(session),
            by_account=gift.by_account,
        )
    except GatewayError:
        form.form_errors = [
            _("The payment page cannot be opened now. Nothing was charged; try again in a minute.")
        ]
        return _page(form, mode), 503
    visits.stepped(Step.OPENED)
    session["checkout"] = str(checkout.id)
    return redirect(address, 303)


def _in_time(form: GiveForm) -> bool:
    """Whether a person may have filled the form in, by the time it took."""
    match stamps.age(form.stamp.data or "", utcnow()):
        case stamps.Age.FIT:
            return True
        case stamps.Age.QUICK:
            form.form_errors = [_("That was very quick. Press the button once more, please.")]
        case stamps.Age.STALE:
            form.form_errors = [_("This page was open for long. Look it over and press once more.")]
    return False


def _wait(form: GiveForm, mode: Mode, seconds: int) -> ResponseReturnValue:
    """Ask to wait, with all that was typed; the same words whoever asks and whatever for."""
    minutes = seconds // 60 + 1
    form.form_errors = [
        ngettext(
            "Many gifts were begun from where you are. Nothing was charged; "
            "try again in %(num)s minute, or sign in first.",
            "Many gifts were begun from where you are. Nothing was charged; "
            "try again in %(num)s minutes, or sign in first.",
            minutes,
        )
    ]
    return _page(form, mode), 429, {"Retry-After": str(seconds)}


@bp.get("/give/letter")
def letter_sent() -> ResponseReturnValue:
    """Say that a letter is on its way which confirms the gift. To the browser that asked for it."""
    email = session.get("letter_to")
    if not email:
        return redirect(url_for("giving.give"), 303)
    answer = make_response(render_template("giving/letter_sent.html", email=email))
    answer.headers["Cache-Control"] = "no-store"
    return answer


@bp.get("/give/thanks")
@limiter.limit("30 per minute")
def thanks() -> ResponseReturnValue:
    """Thank who comes back from Stripe's page. Public; names nobody but to the same browser.

    The session is verified with Stripe and settled here as its event would be, so the page is
    right whether the event came before or comes later.
    """
    session_id = request.args.get("session_id", "")
    if not SESSION_ID.match(session_id):
        abort(404)
    try:
        reading = settlement.settle_checkout(session_id, gateway(), now=utcnow())
    except GatewayUnavailable:
        return render_template("giving/thanks.html", gift=None)
    except (GatewayError, UnknownCheckout):
        abort(404)
    seen = next((fact for fact in reading.facts if isinstance(fact, CheckoutSeen)), None)
    if seen is None:
        abort(404)
    if seen.state == "expired":
        return redirect(url_for("giving.give"), 303)
    gift = checkouts.summary(seen.checkout_id) if seen.state == "paid" else None
    mine = session.get("checkout") == str(seen.checkout_id)
    answer = make_response(render_template("giving/thanks.html", gift=gift, mine=mine))
    # It may show an address to who is not signed in, on a device that others use after.
    answer.headers["Cache-Control"] = "no-store"
    return answer


@bp.get("/patrons")
def patrons() -> ResponseReturnValue:
    """Name the patrons who chose to be listed, and count all. Public."""
    return render_template("giving/patrons.html", honours=honours.roll(utcnow()))


def _page(form: GiveForm, mode: Mode) -> str:
    now, raised = utcnow(), mode is not Mode.CALM
    if stamps.age(form.stamp.data or "", now) is stamps.Age.STALE:
        form.stamp.data = stamps.issue(now)
    # What was worked out is good once, so a page shown again has another task.
    form.proof_task.data, form.proof.data = proofs.issue(now) if raised else "", ""
    session.setdefault("browser", secrets.token_hex(8))
    return render_template(
        "giving/give.html",
        form=form,
        raised=raised and not current_user.is_authenticated,
        action=url_for("giving.begin", **visits.page()),
        currencies=[
            (code, code, url_for("giving.give", currency=code, **visits.page()))
            for code in settings().currencies
        ],
        **appeal.context(form, raised=raised),
    )


def _gives_already(interval: Interval) -> bool:
    """Whether somebody signed in would get a second pledge; a stranger is never told."""
    return (
        interval is not Interval.ONCE
        and current_user.is_authenticated
        and bool(pledges.going_on(current_user.id))
    )
