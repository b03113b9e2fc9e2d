"""Signed links in letters: each names one act on one pledge, works once, and expires."""

import hashlib
import uuid
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from itsdangerous import BadSignature, Signer
from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert

from app.current import settings
from app.extensions import db
from app.giving.models import Pledge, SpentLink
from app.letters.models import Letter

#: How long a link works after its letter became owed.
LIFETIME = timedelta(days=60)
#: The bytes of a token before its signature: purpose, pledge, when it was issued, whose letter.
SHAPE = (1, 16, 4, 8)


class Purpose(StrEnum):
    """What a link does. Its place in this list is its number in tokens, so only add at the end."""

    PAUSE = "pause"
    LOWER = "lower"
    #: Leave out one month, or move a yearly gift by one.
    SKIP = "skip"
    CANCEL = "cancel"
    CARD = "card"
    #: "I meant to give once": the gift stands and the pledge ends.
    ONCE = "once"
    #: Come back after a pledge has ended.
    RETURN = "return"


class DeadLink(ValueError):
    """The link is not one of ours, or too old."""


@dataclass(frozen=True, slots=True)
class Link:
    """What a token says, once its signature was found good."""

    purpose: Purpose
    pledge_id: uuid.UUID
    issued_at: datetime
    token_hash: bytes

    @property
    def act_id(self) -> uuid.UUID:
        """The id of what the link brings about: pressed again, it asks for the same thing."""
        return uuid.UUID(bytes=self.token_hash[:16])


def for_letter(letter: Letter, pledge: Pledge, *purposes: Purpose) -> dict[str, str]:
    """Return a full address for each purpose, by the purpose's word ("pause", "card", ...).

    The same letter written again has the same links. Commits nothing, asks nobody.
    """
    return {
        purpose.value: f"{settings().site_url}/l/{_token(letter, pledge, purpose)}"
        for purpose in purposes
    }


def _token(letter: Letter, pledge: Pledge, purpose: Purpose) -> str:
    payload = b"".join(
        (
            bytes([list(Purpose).index(purpose)]),
            pledge.id.bytes,
            int(letter.created_at.timestamp()).to_bytes(SHAPE[2]),
            hashlib.sha256(letter.id.bytes).digest()[: SHAPE[3]],
        )
    )
    return _signer().sign(urlsafe_b64encode(payload).rstrip(b"=")).decode()


def read(token: str, *, now: datetime) -> Link:
    """Return what a token says. Raises `DeadLink` when it is forged, mistyped or too old."""
    try:
        signed = _signer().unsign(token.encode())
        payload = urlsafe_b64decode(signed + b"=" * (-len(signed) % 4))
    except (BadSignature, ValueError) as error:
        raise DeadLink("not one of ours") from error
    purpose, pledge, issued, _letter = _cut(payload)
    issued_at = datetime.fromtimestamp(int.from_bytes(issued), UTC)
    if now > issued_at + LIFETIME:
        raise DeadLink("too old")
    return Link(
        list(Purpose)[purpose[0]],
        uuid.UUID(bytes=pledge),
        issued_at,
        # Of what is signed: a signature may be spelled in several ways, and is one all the same.
        hashlib.sha256(signed).digest(),
    )


def _cut(payload: bytes) -> list[bytes]:
    parts, start = [], 0
    for length in SHAPE:
        parts.append(payload[start : start + length])
        start += length
    return parts


def spent_at(link: Link) -> datetime | None:
    """Return when a link did its act; None while it has not."""
    row = db.session.get(SpentLink, link.token_hash)
    return row.spent_at if row else None


def spend(link: Link, *, now: datetime) -> None:
    """Note that a link has done its act. The caller commits. Noted twice, the first time stands."""
    db.session.execute(
        insert(SpentLink).values(token_hash=link.token_hash, spent_at=now).on_conflict_do_nothing()
    )


def forget(*, before: datetime) -> int:
    """Remove what is kept of links that were spent before a moment; return how many; commits.

    One spent a `LIFETIME` ago was issued before that, so it works no more in any case.
    """
    old = delete(SpentLink).where(SpentLink.spent_at < before)
    gone = db.session.scalars(old.returning(SpentLink.token_hash)).all()
    db.session.commit()
    return len(gone)


def _signer() -> Signer:
    return Signer(
        settings().secret_key.get_secret_value(),
        salt="link in a letter",
        key_derivation="hmac",
        digest_method=hashlib.sha256,
    )
