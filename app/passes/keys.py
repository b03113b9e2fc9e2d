"""The keys that sign passes: made, published, taken in turn, and removed."""

import hashlib
import json
from base64 import urlsafe_b64encode
from collections.abc import Sequence
from datetime import datetime

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import delete, func, select

from app.extensions import db
from app.passes.models import PassKey
from app.passes.rules import KEY_LEAD, KEY_PERIOD, KEY_REST, TOKEN_LIFE
from app.sealing import seal, unseal

PURPOSE = "pass signing key"
#: Only one process at a time makes a key.
LOCK = 0x70617373


def signing(*, now: datetime) -> tuple[str, Ed25519PrivateKey]:
    """Return the name and the key that signs now; makes the first one, and then commits."""
    found = _signing(now)
    if found is None:
        turn(now=now)
        found = _signing(now)
        assert found is not None, "the first key signs at once"
    raw = unseal(found.private_sealed, PURPOSE)
    return found.id, Ed25519PrivateKey.from_private_bytes(raw)


def published(*, now: datetime) -> Sequence[PassKey]:
    """Return the keys that the world may need, the oldest first; makes the first, and commits."""
    if _signing(now) is None:
        turn(now=now)
    return db.session.scalars(select(PassKey).order_by(PassKey.signs_from, PassKey.id)).all()


def turn(*, now: datetime) -> None:
    """Make the key that signs next and remove those that nobody needs any more; commits.

    Safe to run twice and at the same moment.
    """
    db.session.execute(select(func.pg_advisory_xact_lock(LOCK)))
    newest = db.session.scalar(select(func.max(PassKey.signs_from)))
    if newest is None:
        _make(signs_from=now, now=now)
    elif newest + KEY_PERIOD - KEY_LEAD <= now:
        # Nobody has a list of keys so old that this one is missing when it begins to sign.
        _make(signs_from=max(newest + KEY_PERIOD, now + KEY_LEAD), now=now)
    current = _signing(now)
    if current is not None and current.signs_from + TOKEN_LIFE + KEY_REST <= now:
        # The one before signed its last token when this one began.
        db.session.execute(delete(PassKey).where(PassKey.signs_from < current.signs_from))
    db.session.commit()


def as_jwk(key: PassKey) -> dict[str, str]:
    """Return the public half as a JSON Web Key (RFC 8037)."""
    return {
        "kty": "OKP",
        "crv": "Ed25519",
        "x": _base64(key.public),
        "kid": key.id,
        "use": "sig",
        "alg": "EdDSA",
    }


def _signing(now: datetime) -> PassKey | None:
    return db.session.scalar(
        select(PassKey)
        .where(PassKey.signs_from <= now)
        .order_by(PassKey.signs_from.desc(), PassKey.id)
        .limit(1)
    )


def _make(*, signs_from: datetime, now: datetime) -> None:
    private = Ed25519PrivateKey.generate()
    public = private.public_key().public_bytes_raw()
    raw = private.private_bytes(
        serialization.Encoding.Raw, serialization.PrivateFormat.Raw, serialization.NoEncryption()
    )
    db.session.add(
        PassKey(
            id=_thumbprint(public),
            public=public,
            private_sealed=seal(raw, PURPOSE),
            made_at=now,
            signs_from=signs_from,
        )
    )
    db.session.flush()


def _thumbprint(public: bytes) -> str:
    """The name of a key: the thumbprint of its public half (RFC 7638, RFC 8037)."""
    members = {"crv": "Ed25519", "kty": "OKP", "x": _base64(public)}
    text = json.dumps(members, sort_keys=True, separators=(",", ":"))
    return _base64(hashlib.sha256(text.encode()).digest())


def _base64(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()
