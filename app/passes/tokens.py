"""The pass itself: a short-lived signed token that says whether its reader is a patron."""

from dataclasses import dataclass
from datetime import datetime

import jwt

from app.accounts.models import Account
from app.current import settings, zone
from app.giving import pledges
from app.passes import keys
from app.passes.rules import TOKEN_LIFE

#: Explicitly typed, so that it is taken for nothing else (RFC 8725, section 3.11).
TYPE = "hromada-pass+jwt"
ALGORITHM = "EdDSA"


@dataclass(frozen=True, slots=True)
class Known:
    """What a site learns of a reader."""

    patron: bool
    #: The month since when, such as "2026-08"; None for who is not a patron now.
    since: str | None
    lang: str


def known_of(account: Account, *, now: datetime) -> Known:
    """Return what a site may learn of an account."""
    standing = pledges.in_standing(account.id, now)
    began = standing[0].started_at if standing else None
    since = began.astimezone(zone()).strftime("%Y-%m") if began else None
    return Known(bool(standing), since, account.locale)


def sign(known: Known, origin: str, *, now: datetime) -> str:
    """Return a token for a site: nothing in it names the reader or tells two of them apart.

    May commit: the first token of all makes the key.
    """
    name, key = keys.signing(now=now)
    issued = int(now.timestamp())
    claims = {
        "iss": settings().site_url,
        "aud": origin,
        "iat": issued,
        "exp": issued + int(TOKEN_LIFE.total_seconds()),
        "patron": known.patron,
        "since": known.since,
        "lang": known.lang,
    }
    return jwt.encode(claims, key, algorithm=ALGORITHM, headers={"kid": name, "typ": TYPE})
