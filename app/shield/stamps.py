"""The moment a form was handed out, signed and carried in it: too quick is no person."""

import hmac
from datetime import datetime, timedelta
from enum import StrEnum

from app.current import settings
from app.sealing import keyed_hash

#: How long a form may be filled in; shorter than its token of CSRF, so that this is told first.
LIFE = timedelta(hours=6)


class Age(StrEnum):
    """How old a form is."""

    FIT = "fit"
    QUICK = "quick"
    #: Too old, or not one that we handed out.
    STALE = "stale"


def issue(now: datetime) -> str:
    """Return the stamp of a form handed out now."""
    moment = str(int(now.timestamp() * 1000))
    return f"{moment}.{_sign(moment)}"


def age(stamp: str, now: datetime) -> Age:
    """Return how old the form with this stamp is."""
    moment, _, signature = stamp.partition(".")
    if not signature.isascii() or not hmac.compare_digest(signature, _sign(moment)):
        return Age.STALE
    passed = timedelta(milliseconds=now.timestamp() * 1000 - int(moment))
    if passed > LIFE:
        return Age.STALE
    return Age.QUICK if passed.total_seconds() < settings().give_seconds else Age.FIT


def _sign(moment: str) -> str:
    return keyed_hash(moment, "give form stamp").hex()
