"""Signed links in the letters of an erasure: each leads to one page, on which a button acts."""

import hashlib
import uuid
from enum import StrEnum

from itsdangerous import BadSignature, Signer

from app.current import settings


class Purpose(StrEnum):
    """What the page of a link offers."""

    CONFIRM = "confirm"
    UNDO = "undo"


def token(purpose: Purpose, erasure_id: uuid.UUID) -> str:
    """Return what stands in a link. Where the erasure stands decides whether it still works."""
    return _signer().sign(f"{purpose.value}-{erasure_id.hex}".encode()).decode()


def read(given: str, purpose: Purpose) -> uuid.UUID | None:
    """Return which erasure a link is about; None for one that is forged or of another purpose."""
    try:
        said, _dash, key = _signer().unsign(given.encode()).decode().partition("-")
        return uuid.UUID(hex=key) if said == purpose else None
    except (BadSignature, ValueError):
        return None


def _signer() -> Signer:
    return Signer(
        settings().secret_key.get_secret_value(),
        salt="erasure",
        key_derivation="hmac",
        digest_method=hashlib.sha256,
    )
