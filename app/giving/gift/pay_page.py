"""The page at Stripe that a checkout leads to: what it says, and where it leads back to."""

import uuid
from collections.abc import Mapping
from urllib.parse import urlencode

import structlog
from flask_babel import force_locale
from flask_babel import gettext as _

from app.current import newsroom, settings
from app.giving import words
from app.giving.gift import checkouts
from app.giving.models import Checkout
from app.giving.rules import Interval
from app.localisation import format_money
from app.payments.gateway import GatewayError, PaymentGateway
from app.payments.orders import CheckoutOrder

log = structlog.get_logger()

#: Stripe takes no longer address to come back to.
LONGEST_ADDRESS = 2000


def lead_on(
    checkout: Checkout,
    email: str,
    gateway: PaymentGateway,
    *,
    former: uuid.UUID | None = None,
    by_account: int | None = None,
) -> str:
    """Open the page of a checkout at Stripe and return its address; commits. Raises `GatewayError`.

    The pages it takes the place of are closed after it has opened: that of the `former` checkout
    of this browser, and those of the account that is signed in. One that cannot be closed is left
    to expire.
    """
    page = checkouts.open_page(checkout, order(checkout, email), gateway)
    for session_id in checkouts.open_besides(checkout, former, by_account):
        try:
            gateway.close_checkout(session_id)
        except GatewayError as error:
            log.warning("checkout_not_closed", session=session_id, error=type(error).__name__)
    return page.url


def former(session: Mapping[str, str]) -> uuid.UUID | None:
    """Return the checkout that a browser began before; None when it began none."""
    return uuid.UUID(session["checkout"]) if "checkout" in session else None


def order(checkout: Checkout, email: str) -> CheckoutOrder:
    """Return what Stripe is asked for: the same for the same checkout, wherever it is asked."""
    site, interval = settings().site_url, Interval(checkout.interval)
    with force_locale(checkout.locale):
        description = words.gift(interval, newsroom().name.within(checkout.locale))
        confirmation = _confirmation(checkout, interval)
    return CheckoutOrder(
        checkout_id=checkout.id,
        pledge_id=checkout.pledge_id,
        account_id=checkout.account_id,
        amount=checkout.amount,
        interval=checkout.interval,
        # As small letters wherever it comes from: the form and the letter ask for the same page.
        email=email.lower(),
        locale=checkout.locale,
        description=description,
        return_url=f"{site}/give/thanks?session_id={{CHECKOUT_SESSION_ID}}",
        cancel_url=_back(f"{site}/give?", checkout),
        cover_minor=checkout.cover_minor,
        confirmation=confirmation,
    )


def _confirmation(checkout: Checkout, interval: Interval) -> str:
    """What stands above Stripe's own button, so that nobody gives each month by mistake."""
    amount = format_money(checkout.amount)
    match interval:
        case Interval.MONTH:
            return _("%(amount)s each month, from today, until you stop.", amount=amount)
        case Interval.YEAR:
            return _("%(amount)s each year, from today, until you stop.", amount=amount)
        case Interval.ONCE:
            return _("%(amount)s once. Nothing is taken after that.", amount=amount)


def _back(start: str, checkout: Checkout) -> str:
    """The address of who comes back without paying; a long article in it is cut to fit.

    One letter of it may become six signs: what counts is the length once it is written out.
    """
    kept = {"currency": checkout.currency, "interval": checkout.interval}
    article = checkout.article or ""
    while article and len(start + urlencode(kept | {"article": article})) >= LONGEST_ADDRESS:
        article = article[:-20]
    return start + urlencode(kept | ({"article": article} if article else {}))
