"""Proof of work: a sum that costs a browser a second, checked here at once and good once.

A task names a salt and a SHA-256; the browser looks for the number that, written after the salt,
has it. The idea is ALTCHA's; nobody else is asked and nothing is kept but the salts that were used.
"""

import hashlib
import hmac
import secrets
from datetime import datetime, timedelta

from flask import current_app

from app.sealing import keyed_hash

#: The number lies below this; half of them are tried on average.
NUMBERS = 100_000
#: How long a task may be handed in.
LIFE = timedelta(hours=1)
SPENT = "hromada:shield:spent:"


def issue(now: datetime) -> str:
    """Return a task: salt, last moment, SHA-256 and our signature, parted by points."""
    salt = secrets.token_hex(12)
    until = int((now + LIFE).timestamp())
    body = f"{salt}.{until}.{_digest(salt, str(secrets.randbelow(NUMBERS)))}"
    return f"{body}.{_sign(body)}"


def spend(task: str, number: str, now: datetime) -> bool:
    """Whether the number solves a task of ours that was not handed in before; then it is now.

    Raises `redis.RedisError` when that cannot be known.
    """
    body, _, signature = task.rpartition(".")
    if not signature.isascii() or not hmac.compare_digest(signature, _sign(body)):
        return False
    salt, until, digest = body.split(".")
    left = int(until) - int(now.timestamp())
    if left <= 0 or len(number) > len(str(NUMBERS)) or _digest(salt, number) != digest:
        return False
    redis = current_app.extensions["redis"]
    return bool(redis.set(f"{SPENT}{salt}", 1, nx=True, ex=left))


def _digest(salt: str, number: str) -> str:
    return hashlib.sha256(f"{salt}{number}".encode()).hexdigest()


def _sign(body: str) -> str:
    return keyed_hash(body, "proof of work").hex()
