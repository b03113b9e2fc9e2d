"""Addresses by which a letter's reader ends its kind: signed, for good, and without an address."""

import hashlib
from base64 import urlsafe_b64decode, urlsafe_b64encode

from itsdangerous import BadSignature, Signer

from app.current import settings
from app.letters.categories import CONSENTED, Category

#: Bytes of a token before its signature: which category, whose.
SHAPE = (1, 8)


class BadToken(ValueError):
    """The token is not one of ours."""


def token(category: Category, account_id: int) -> str:
    """Return the token of an account and a category; always the same one.

    Works for as long as SECRET_KEY stays.
    """
    which = list(Category).index(category)
    payload = which.to_bytes(SHAPE[0]) + account_id.to_bytes(SHAPE[1])
    return _signer().sign(urlsafe_b64encode(payload).rstrip(b"=")).decode()


def read(text: str) -> tuple[Category, int]:
    """Return the category and the account of a token. Raises `BadToken`."""
    try:
        signed = _signer().unsign(text.encode())
        payload = urlsafe_b64decode(signed + b"=" * (-len(signed) % 4))
        category = list(Category)[payload[0]]
    except (BadSignature, ValueError, IndexError) as error:
        raise BadToken("not one of ours") from error
    if len(payload) != sum(SHAPE) or category not in CONSENTED:
        raise BadToken("not one of ours")
    return category, int.from_bytes(payload[SHAPE[0] :])


def address(kind_category: Category | None, account_id: int) -> str:
    """Return the full address that ends letters of a category; empty where it needs no consent."""
    if kind_category is None:
        return ""
    return f"{settings().site_url}/unsubscribe/{token(kind_category, account_id)}"


def _signer() -> Signer:
    return Signer(
        settings().secret_key.get_secret_value(),
        salt="unsubscribe",
        key_derivation="hmac",
        digest_method=hashlib.sha256,
    )
