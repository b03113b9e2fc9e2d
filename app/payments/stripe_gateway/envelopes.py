"""A delivered event, opened only as far as is needed to keep it."""

import json
import re
from typing import Any

from app.payments.facts import Envelope
from app.payments.gateway import BadSignature

#: A NUL or half of a letter beyond the first 65,536, as JSON writes them.
DOUBTFUL = re.compile(r"\\u(0000|[dD][89a-fA-F])")
#: A NUL; an even number of backslashes before it are letters of their own.
NUL = re.compile(r"(?<!\\)((?:\\\\)*)\\u0000")


def envelope(body: bytes) -> Envelope:
    """Return what signed bytes say they are about. Raises `BadSignature` for what is no event."""
    try:
        text = body.decode()
        return opened(json.loads(text), text)
    except (ValueError, KeyError, TypeError, AttributeError):
        raise BadSignature("signed, but not an event") from None


def opened(event: Any, text: str) -> Envelope:
    """Return what an event is about; `text` is its JSON. Fails on what is no event."""
    subject = event["data"]["object"]
    return Envelope(
        event_id=event["id"],
        type=event["type"],
        object_id=subject.get("id"),
        livemode=bool(event["livemode"]),
        foreign_account=bool(event.get("account")),
        body=_storable(text, event),
    )


def _storable(text: str, event: object) -> str:
    """An event as it came, but for what JSON may hold and `jsonb` may not: NULs, half letters."""
    if not DOUBTFUL.search(text):
        return text
    whole = json.dumps(event, ensure_ascii=False).encode(errors="replace").decode()
    return NUL.sub(r"\1", whole)
