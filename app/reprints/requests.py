"""Requests to reprint: taken from a form, and found again."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from app.accounts import accounts
from app.extensions import db
from app.reprints.models import ReprintRequest
from app.reprints.rules import State


class UnknownRequest(LookupError):
    """There is no such request."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody asks for; `articles` are links or titles, one on each line."""

    name: str
    organisation: str
    email: str
    place: str
    articles: str
    purpose: str
    locale: str


def ask(asked: Asked, *, request_key: uuid.UUID, now: datetime) -> None:
    """Enter a request, once for each key, and an account for its address; commits.

    An account that was there stays as it is, whatever name a stranger typed.
    """
    account = accounts.find_or_make(asked.email, name=asked.name, locale=asked.locale, listed=False)
    db.session.execute(
        insert(ReprintRequest)
        .values(
            request_key=request_key,
            account_id=account.id,
            asked_at=now,
            locale=asked.locale,
            name=asked.name,
            organisation=asked.organisation,
            place=asked.place,
            articles=asked.articles,
            purpose=asked.purpose,
            state=State.OPEN,
        )
        .on_conflict_do_nothing(index_elements=["request_key"])
    )
    db.session.commit()


def find(request_id: int) -> ReprintRequest:
    """Return a request. Raises `UnknownRequest`."""
    found = db.session.get(ReprintRequest, request_id)
    if found is None:
        raise UnknownRequest(request_id)
    return found


def locked(request_id: int) -> ReprintRequest:
    """Return a request under a row lock until the caller commits. Raises `UnknownRequest`."""
    found = db.session.scalar(
        select(ReprintRequest)
        .where(ReprintRequest.id == request_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if found is None:
        raise UnknownRequest(request_id)
    return found
