"""Giving as a reader sees it."""

import re
import uuid
from urllib.parse import urlencode

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
from flask_login import current_user
from flask_wtf import FlaskForm

from app.accounts.access import typed_address_from_there
from app.clock import utcnow
from app.current import gateway, newsroom, settings
from app.extensions import limiter
from app.giving import checkouts, honours, pledges, settlement, words
from app.giving.checkouts import Gift, UnknownCheckout
from app.giving.forms import GiveForm, suggestions
from app.giving.rules import Interval
from app.localisation import current_locale
from app.money import Money, NotAnAmount, parse
from app.payments.facts import CheckoutSeen
from app.payments.gateway import GatewayError, GatewayUnavailable

bp = Blueprint("giving", __name__)

SESSION_ID = re.compile(r"^cs_[A-Za-z0-9_]{1,200}$")
#: An article's address or slug; longer ones are cut, for they only tell where a reader came from.
LONGEST_ARTICLE = 500


@bp.get("/give")
def give() -> ResponseReturnValue:
    """The appeal and the form of a gift. Public."""
    form = GiveForm()
    form.currency.data = request.args.get("currency")
    form.interval.data = request.args.get("interval")
    if current_user.is_authenticated:
        form.name.data, form.email.data = current_user.name, current_user.email
        form.listed.data = current_user.listed
    form.offer(settings().currencies)
    return _page(form), 200


@bp.post("/give")
@limiter.limit("12 per minute; 60 per hour")
@limiter.limit("10 per hour", key_func=typed_address_from_there)
def begin() -> ResponseReturnValue:
    """Write account, pledge and checkout, then lead on to Stripe's page. Public."""
    form = GiveForm()
    form.offer(settings().currencies)
    if not form.validate_on_submit() or form.money is None:
        return _page(form), 422
    interval = Interval(form.interval.data)
    if _gives_already(interval):
        flash(_("You already give each period. Here you can see and change it."), "message")
        return redirect(url_for("giving.pledge"), 303)
    gift = Gift(
        id=uuid.UUID(form.gift_id.data),
        amount=form.money,
        interval=interval,
        email=current_user.email if current_user.is_authenticated else form.email.data,
        name=form.name.data,
        locale=current_locale(),
        listed=form.listed.data,
        article=_article(),
        by_account=current_user.id if current_user.is_authenticated else None,
    )
    try:
        page = checkouts.open_page(
            (checkout := checkouts.start(gift, now=utcnow())),
            gateway(),
            email=gift.email,
            description=words.gift(interval, newsroom().name.within(gift.locale)),
            return_url=f"{settings().site_url}/give/thanks?session_id={{CHECKOUT_SESSION_ID}}",
            cancel_url=f"{settings().site_url}/give?" + urlencode(_kept(form)),
        )
    except GatewayError:
        form.form_errors = [
            _("The payment page cannot be opened now. Nothing was charged; try again in a minute.")
        ]
        return _page(form), 503
    session["checkout"] = str(checkout.id)
    return redirect(page.url, 303)


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


def _page(form: GiveForm) -> str:
    house, locale, currency = newsroom(), current_locale(), form.currency.data
    cards = suggestions(currency)
    return render_template(
        "giving/give.html",
        form=form,
        action=url_for("giving.begin", article=_article()),
        appeal={
            "headline": house.appeal.headline.within(locale),
            "text": house.appeal.text.within(locale),
            "lines": [line.within(locale) for line in house.appeal.pays_for],
        },
        button_label=_button(form),
        suggestions=cards,
        unit=re.sub(r"[\d\s.,\u00a0\u202f]", "", cards["month"][0][1]),
        currencies=[
            (code, code, url_for("giving.give", currency=code, article=_article()))
            for code in settings().currencies
        ],
        questions=_questions(),
    )


def _button(form: GiveForm) -> str:
    """The button's words for what is now chosen; they hold without JavaScript too."""
    text = form.amount.data
    if text == "other":
        text = form.other_amount.data or ""
    try:
        amount: Money = parse(text or "", form.currency.data)
        return words.give(amount, Interval(form.interval.data))
    except (NotAnAmount, ValueError):
        return _("Continue to payment")


def _questions() -> list[tuple[str, str]]:
    return [
        (
            _("How do I stop or change my gift?"),
            _(
                "Sign in with your e-mail address and open “My pledge”. It takes two clicks, and "
                "every receipt has the link. To give another amount, stop and begin anew."
            ),
        ),
        (
            _("What do I get as a patron?"),
            _(
                "A vote: each month patrons choose topics for the newsroom to cover. The "
                "reporting itself stays open to everyone."
            ),
        ),
        (
            _("Is my payment safe?"),
            _(
                "You pay on the page of Stripe, a licensed payment company. Your card number "
                "never reaches us."
            ),
        ),
    ]


def _gives_already(interval: Interval) -> bool:
    """Whether somebody signed in would get a second pledge; a stranger is never told."""
    return (
        interval is not Interval.ONCE
        and current_user.is_authenticated
        and pledges.is_patron(current_user.id, utcnow())
    )


def _article() -> str | None:
    return request.args.get("article", "").strip()[:LONGEST_ARTICLE] or None


def _came_from() -> dict[str, str]:
    article = _article()
    return {"article": article} if article else {}


def _kept(form: FlaskForm) -> dict[str, str]:
    """What the page shows again to who comes back from Stripe without paying."""
    return {"currency": form.currency.data, "interval": form.interval.data, **_came_from()}
