"""Who lets which site know them, and what the site hands in to learn it: codes and renewals."""

import hashlib
import secrets
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NoReturn, TypeVar

import structlog
from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert

from app import sites
from app.accounts import accounts
from app.accounts.models import Account
from app.extensions import db
from app.passes import tokens
from app.passes.models import PassAsk, PassCode, PassGrant, PassRenewal
from app.passes.rules import (
    ASK_LIFE,
    CODE_LIFE,
    GRACE,
    RENEWAL_LIFE,
    USED_KEPT,
    Ask,
    answered,
    proves,
)

log = structlog.get_logger()

Held = TypeVar("Held", PassCode, PassRenewal)


class Refused(ValueError):
    """What was handed in is worth nothing: used, expired, another site's, or never ours.

    The message is for our log; whoever asked learns only that it is refused.
    """


@dataclass(frozen=True, slots=True)
class Pass:
    """What a site gets: a token, and what to hand in for the next one."""

    token: str
    renewal: str


def may_ask(ask: Ask) -> bool:
    """Whether a question is whole and comes from a site of the newsroom's own."""
    return ask.is_whole and sites.is_ours(ask.return_to)


def keep(ask: Ask, *, now: datetime) -> uuid.UUID:
    """Keep a question while its reader signs in, and return its id; commits."""
    kept = PassAsk(
        id=uuid.uuid4(),
        return_to=ask.return_to,
        challenge=ask.challenge,
        state=ask.state,
        asked_at=now,
    )
    db.session.add(kept)
    db.session.commit()
    return kept.id


def kept(ask_id: uuid.UUID, *, now: datetime) -> Ask | None:
    """Return a question that was kept; None when its time is over."""
    found = db.session.get(PassAsk, ask_id)
    if found is None or found.asked_at + ASK_LIFE <= now:
        return None
    return Ask(found.return_to, found.challenge, found.state)


def is_known(account_id: int, origin: str) -> bool:
    """Whether a person has let a site know them."""
    return _grant(account_id, origin) is not None


def let(account_id: int, origin: str, *, now: datetime) -> None:
    """Let a site know whether a person is a patron; commits."""
    account = accounts.locked(account_id)
    db.session.execute(
        insert(PassGrant)
        .values(account_id=account.id, origin=origin, granted_at=now, asked_at=now)
        .on_conflict_do_nothing(index_elements=["account_id", "origin"])
    )
    db.session.commit()


def answer(account: Account, ask: Ask, *, now: datetime) -> str | None:
    """Return the page to go back to, with a code good once; commits. None: it may not know them."""
    grant = _grant(account.id, ask.origin)
    if grant is None:
        return None
    code = secrets.token_urlsafe(32)
    db.session.add(
        PassCode(
            code_hash=_hash(code),
            grant_id=grant.id,
            page_hash=_hash(ask.return_to),
            challenge=ask.challenge,
            session_version=account.session_version,
            family=uuid.uuid4(),
            expires_at=now + CODE_LIFE,
        )
    )
    db.session.commit()
    return answered(ask.return_to, code, ask.state)


def redeem(code: str, verifier: str, return_to: str, origin: str, *, now: datetime) -> Pass:
    """Give a site its first token for a code, once; commits. Raises `Refused`.

    A code that comes twice may have been stolen: what came of it the first time ends too.
    """
    grant, found = _held(PassCode, _hash(code))
    if found.used_at is not None:
        _end(found.family, "code used twice")
    if (
        found.expires_at <= now
        or grant.origin != origin
        or found.page_hash != _hash(return_to)
        or not proves(verifier, found.challenge)
    ):
        # Whoever holds it without the rest does not get to try again.
        found.used_at, found.page_hash = now, b""
        db.session.commit()
        raise Refused("code that does not fit")
    found.used_at, found.page_hash = now, b""
    return _given(grant, found.family, found.session_version, now)


def renew(renewal: str, origin: str, *, now: datetime) -> Pass:
    """Give a site the next token, and the next renewal in place of this one; commits.

    Raises `Refused`. For `GRACE` after its use the same one gives another, since answers are lost
    on their way and tabs ask at the same moment. One that comes later may have been stolen: all
    that came of the same sign-in end.
    """
    grant, found = _held(PassRenewal, _hash(renewal))
    if found.used_at is not None and found.used_at + GRACE <= now:
        _end(found.family, "renewal used twice")
    if grant.origin != origin:
        _end(found.family, "renewal of another site")
    if found.expires_at <= now:
        _end(found.family, "renewal too old")
    if found.used_at is None:
        # Of those that were given for the same one, the first to be used is the reader's: the
        # others are used up with it, so that two never go on side by side.
        db.session.execute(
            update(PassRenewal)
            .where(PassRenewal.family == found.family, PassRenewal.used_at.is_(None))
            .values(used_at=now, expires_at=now + USED_KEPT)
            .execution_options(synchronize_session=False)
        )
    return _given(grant, found.family, found.session_version, now)


def of(account_id: int) -> Sequence[PassGrant]:
    """Return the sites that may know a person, the newest first."""
    return db.session.scalars(
        select(PassGrant)
        .where(PassGrant.account_id == account_id)
        .order_by(PassGrant.granted_at.desc(), PassGrant.id.desc())
    ).all()


def revoke(account_id: int, grant_id: int) -> None:
    """Let a site know a person no more, with all it holds; commits. One's own alone."""
    db.session.execute(
        delete(PassGrant).where(PassGrant.id == grant_id, PassGrant.account_id == account_id)
    )
    db.session.commit()


def _given(grant: PassGrant, family: uuid.UUID, session_version: int, now: datetime) -> Pass:
    """A token and the next renewal, unless the sessions have ended since; commits."""
    account = db.session.get_one(Account, grant.account_id, populate_existing=True)
    if account.session_version != session_version:
        _end(family, "signed out everywhere")
    renewal = secrets.token_urlsafe(32)
    db.session.add(
        PassRenewal(
            renewal_hash=_hash(renewal),
            grant_id=grant.id,
            family=family,
            session_version=session_version,
            expires_at=now + RENEWAL_LIFE,
        )
    )
    # The day alone: nobody needs to know when exactly somebody reads.
    grant.asked_at = now.replace(hour=0, minute=0, second=0, microsecond=0)
    known = tokens.known_of(account, now=now)
    db.session.commit()
    return Pass(tokens.sign(known, grant.origin, now=now), renewal)


def _end(family: uuid.UUID, why: str) -> NoReturn:
    """End all that came of one sign-in, and refuse; commits. Always raises `Refused`."""
    db.session.execute(
        delete(PassRenewal)
        .where(PassRenewal.family == family)
        .execution_options(synchronize_session=False)
    )
    db.session.commit()
    log.warning("pass_ended", family=str(family), why=why)
    raise Refused(why)


def _grant(account_id: int, origin: str) -> PassGrant | None:
    return db.session.scalar(
        select(PassGrant).where(PassGrant.account_id == account_id, PassGrant.origin == origin)
    )


def _held(kind: type[Held], hashed: bytes) -> tuple[PassGrant, Held]:
    """Return what was handed in and, under a lock, the grant it belongs to. Raises `Refused`.

    Whoever gives or ends anything locks the grant first, so that of one family only one is given
    at a time, and nothing is given beside what ends it.
    """
    seen = db.session.get(kind, hashed)
    if seen is None:
        raise Refused("unknown")
    grant = db.session.scalar(
        select(PassGrant)
        .where(PassGrant.id == seen.grant_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    # As it is now: what came before us may have used or ended it.
    found = db.session.get(kind, hashed, populate_existing=True)
    if grant is None or found is None:
        db.session.rollback()
        raise Refused("ended meanwhile")
    return grant, found


def _hash(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()
