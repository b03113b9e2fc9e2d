"""Seal secrets at rest: ballot keys, second factors. The key never lies beside what it seals."""

import hashlib
import hmac
from base64 import urlsafe_b64encode

from cryptography.fernet import Fernet

from app.current import settings


def seal(secret: bytes, purpose: str) -> bytes:
    """Encrypt and authenticate a secret for one purpose (Fernet: AES-128-CBC, HMAC-SHA256)."""
    return _fernet(purpose).encrypt(secret)


def unseal(sealed: bytes, purpose: str) -> bytes:
    """Return what was sealed for the purpose. Raises `cryptography.fernet.InvalidToken`."""
    return _fernet(purpose).decrypt(sealed)


def keyed_hash(text: str, purpose: str) -> bytes:
    """Hash a short secret, such as a six-digit code, so that a stolen table cannot be searched."""
    return hmac.digest(_key(purpose), text.encode(), "sha256")


def _fernet(purpose: str) -> Fernet:
    return Fernet(urlsafe_b64encode(_key(purpose)))


def _key(purpose: str) -> bytes:
    """A key of its own for each purpose, derived from the sealing key (HMAC-SHA256)."""
    master = settings().sealing_key.get_secret_value().encode()
    return hmac.digest(master, b"hromada\n" + purpose.encode(), hashlib.sha256)
