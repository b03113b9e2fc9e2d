"""What the newsroom decides about a request: permitted, refused, withdrawn, or spam."""

import hmac
import secrets
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select

from app.accounts import audit
from app.current import zone
from app.extensions import db
from app.letters import letters
from app.reprints import requests
from app.reprints.models import ReprintPermission, ReprintRequest
from app.reprints.rules import CHECK_LENGTH, SIGNS, Standing, State, read_number, standing

#: What a request is called in the audit log.
SUBJECT = "reprint"


class Decided(ValueError):
    """Somebody has decided about it already, or there is nothing left to take back."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What is permitted, and how."""

    holder: str
    place: str
    articles: str
    #: The last day, in the newsroom's zone; None for no end.
    valid_until: date | None
    credit_line: str
    changes_allowed: bool
    conditions: str


def grant(request_id: int, terms: Terms, *, by: int, now: datetime) -> ReprintPermission:
    """Grant a request with terms, and owe the letter; commits. Raises `Decided`."""
    asked = _decide(request_id, State.GRANTED, by, now)
    permission = ReprintPermission(
        request_id=asked.id,
        year=now.astimezone(zone()).year,
        check_part="".join(secrets.choice(SIGNS) for _ in range(CHECK_LENGTH)),
        granted_at=now,
        holder=terms.holder,
        place=terms.place,
        articles=terms.articles,
        valid_until=terms.valid_until,
        credit_line=terms.credit_line,
        changes_allowed=terms.changes_allowed,
        conditions=terms.conditions,
    )
    db.session.add(permission)
    db.session.flush()
    _told(asked, "reprint_granted", by, now)
    return permission


def refuse(request_id: int, reason: str, *, by: int, now: datetime) -> None:
    """Refuse a request with a reason, and owe the letter; commits. Raises `Decided`."""
    asked = _decide(request_id, State.REFUSED, by, now)
    asked.refusal = reason
    _told(asked, "reprint_refused", by, now, reason=reason)


def spam(request_id: int, *, by: int, now: datetime) -> None:
    """Decide that no reader asked this, and tell nobody; commits. Raises `Decided`."""
    _decide(request_id, State.SPAM, by, now)
    # Without whose account it is: that is forgotten with the request.
    audit.note(by, "reprint_spam", SUBJECT, request_id, now=now)
    db.session.commit()


def reopen(request_id: int, *, by: int, now: datetime) -> None:
    """Take back that a request was called spam; commits. Raises `Decided` where it was not."""
    asked = _held(request_id, State.SPAM)
    asked.state, asked.decided_at, asked.decided_by_id = State.OPEN, None, None
    audit.note(by, "reprint_reopened", SUBJECT, request_id, now=now)
    db.session.commit()


def withdraw(request_id: int, reason: str, *, by: int, now: datetime) -> None:
    """Withdraw a permission with a reason everybody reads, and owe the letter; commits.

    Raises `Decided` where there is none, or none any more.
    """
    asked = requests.locked(request_id)
    permission = of(request_id)
    if permission is None or permission.withdrawn_at is not None:
        db.session.rollback()
        raise Decided(request_id)
    permission.withdrawn_at, permission.withdrawn_by_id = now, by
    permission.withdrawal = reason
    _told(asked, "reprint_withdrawn", by, now, reason=reason)


def of(request_id: int) -> ReprintPermission | None:
    """Return the permission that a request was granted; None where it was not."""
    return db.session.scalar(
        select(ReprintPermission)
        .where(ReprintPermission.request_id == request_id)
        .execution_options(populate_existing=True)
    )


def look_up(text: str) -> ReprintPermission | None:
    """Return the permission with a number, as somebody typed it; None where there is none."""
    number = read_number(text)
    # No key of the database is larger.
    if number is None or number.serial >= 2**63:
        return None
    found = db.session.get(ReprintPermission, number.serial)
    if found is None or found.year != number.year:
        return None
    return found if hmac.compare_digest(found.check_part, number.check) else None


def standing_of(permission: ReprintPermission, *, now: datetime) -> Standing:
    """Return how a permission stands."""
    return standing(
        permission.valid_until,
        withdrawn=permission.withdrawn_at is not None,
        today=now.astimezone(zone()).date(),
    )


def _decide(request_id: int, state: State, by: int, now: datetime) -> ReprintRequest:
    asked = _held(request_id, State.OPEN)
    asked.state, asked.decided_at, asked.decided_by_id = state, now, by
    return asked


def _held(request_id: int, state: State) -> ReprintRequest:
    asked = requests.locked(request_id)
    if asked.state != state:
        db.session.rollback()
        raise Decided(request_id)
    return asked


def _told(asked: ReprintRequest, act: str, by: int, now: datetime, **details: object) -> None:
    """Owe the letter and enter the act, which are named alike; commits."""
    letters.owe(act, asked.id, asked.account_id, now=now)
    audit.note(by, act, SUBJECT, asked.id, account_id=asked.account_id, now=now, **details)
    db.session.commit()
