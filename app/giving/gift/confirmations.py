"""Gifts that are confirmed by a letter before Stripe is asked: the letter and its link."""

import uuid
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import datetime, timedelta

from itsdangerous import BadSignature, Signer

from app.accounts.models import Account
from app.clock import utcnow
from app.current import settings
from app.giving import words
from app.giving.gift import checkouts
from app.giving.gift.checkouts import UnknownCheckout
from app.giving.models import Checkout
from app.giving.rules import Interval
from app.letters import letters
from app.letters.models import Letter
from app.mailer import Draft

#: How long a link leads on to Stripe, from when the form was sent.
LIFETIME = timedelta(hours=24)


class DeadLink(LookupError):
    """The link is not ours, or its gift was begun too long ago, expired or was erased."""


def token(checkout_id: uuid.UUID) -> str:
    """Return what a link names its checkout by; only whoever has the letter can know it."""
    return _signer().sign(urlsafe_b64encode(checkout_id.bytes).rstrip(b"=")).decode()


def read(text: str, *, now: datetime) -> tuple[Checkout, Account]:
    """Return the checkout a link names, and whose it is; looking changes nothing.

    One that was paid is returned as well: its reader is led on to the thanks. Raises `DeadLink`.
    """
    try:
        key = uuid.UUID(bytes=urlsafe_b64decode(_signer().unsign(text) + b"=="))
        checkout, account = checkouts.find(key)
    except (BadSignature, ValueError, UnknownCheckout):
        raise DeadLink from None
    if checkout.status == "expired" or now - checkout.created_at > LIFETIME or account.is_erased:
        raise DeadLink
    return checkout, account


@letters.writes("confirm_gift")
def write(letter: Letter) -> Draft | None:
    """Ask whether the gift is meant; not any more when it is paid, expired or a day old."""
    checkout, account = checkouts.find(uuid.UUID(letter.matter))
    if checkout.status != "open" or utcnow() - checkout.created_at > LIFETIME:
        return None
    return letters.draft(
        "confirm_gift",
        to=account.email,
        # The language of the page that was filled in: whoever waits for the letter reads it.
        locale=checkout.locale,
        label=lambda: words.give(checkout.amount, Interval(checkout.interval)),
        token=token(checkout.id),
        hours=int(LIFETIME.total_seconds() // 3600),
    )


def _signer() -> Signer:
    return Signer(settings().secret_key.get_secret_value(), salt="confirm gift")
