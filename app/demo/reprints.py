"""What the made-up newsroom was asked to let others print, and what it answered."""

import tomllib
import uuid
from datetime import date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

from app.accounts import accounts
from app.current import newsroom, zone
from app.extensions import db
from app.reprints.models import ReprintPermission, ReprintRequest
from app.reprints.rules import CHECK_LENGTH, SIGNS, State

_content = tomllib.loads(Path(__file__).with_name("reprints.toml").read_text(encoding="utf-8"))

#: How a request is kept that was granted, whatever became of it.
GRANTED = {"granted": State.GRANTED, "withdrawn": State.GRANTED}


def fill(rng: Random, *, by: int, now: datetime) -> None:
    """Enter requests to reprint in every state; commits. No letter is owed."""
    for told in sorted(_content["request"], key=lambda one: -int(one["days"])):
        asked = _request(rng, told, by=by, now=now)
        if told["state"] in GRANTED:
            db.session.add(_permission(rng, told, asked, by=by))
    db.session.commit()


def _request(rng: Random, told: dict[str, Any], *, by: int, now: datetime) -> ReprintRequest:
    at = now - timedelta(days=int(told["days"]), minutes=rng.randrange(600))
    account = accounts.find_or_make(
        told["email"], name=told["name"], locale=told["locale"], listed=False
    )
    account.created_at = at
    state = GRANTED.get(told["state"], told["state"])
    is_open = state == State.OPEN
    asked = ReprintRequest(
        request_key=uuid.UUID(int=rng.getrandbits(128), version=4),
        account_id=account.id,
        asked_at=at,
        locale=told["locale"],
        name=told["name"],
        organisation=told["organisation"],
        place=told["place"],
        articles="\n".join(_article(one) for one in told["articles"]),
        purpose=told["purpose"],
        state=state,
        decided_at=None if is_open else at + timedelta(days=int(told["then"])),
        decided_by_id=None if is_open else by,
        refusal=told["reason"] if state == State.REFUSED else None,
    )
    db.session.add(asked)
    db.session.flush()
    return asked


def _article(told: str) -> str:
    """A title as it is; what has no blank is the end of an address."""
    return told if " " in told else f"{newsroom().website}/{told}"


def _permission(
    rng: Random, told: dict[str, Any], asked: ReprintRequest, *, by: int
) -> ReprintPermission:
    granted = asked.decided_at
    assert granted is not None
    withdrawn = granted + timedelta(days=40) if told["state"] == "withdrawn" else None
    return ReprintPermission(
        request_id=asked.id,
        year=granted.astimezone(zone()).year,
        check_part="".join(rng.choices(SIGNS, k=CHECK_LENGTH)),
        granted_at=granted,
        holder=asked.organisation or asked.name,
        place=asked.place,
        articles=asked.articles,
        valid_until=_until(granted, int(told["months"])),
        credit_line=f"{newsroom().name.within(asked.locale)}, {newsroom().website}",
        changes_allowed=bool(told.get("changes")),
        conditions=told["conditions"],
        withdrawn_at=withdrawn,
        withdrawn_by_id=by if withdrawn else None,
        withdrawal=told["reason"] if withdrawn else None,
    )


def _until(granted: datetime, months: int) -> date | None:
    return (granted + timedelta(days=30 * months)).astimezone(zone()).date() if months else None
