"""How fields of Stripe's objects are read: moments, references, and what we wrote beside them."""

import uuid
from datetime import UTC, datetime

import stripe

#: What marks our objects on a Stripe account that other applications may use too.
APP = "hromada"


def metadata_of(holder: object) -> dict[str, str]:
    """Return an object's metadata as a plain dict; empty where it has none."""
    found = getattr(holder, "metadata", None)
    if found is None:
        return {}
    return found.to_dict() if isinstance(found, stripe.StripeObject) else dict(found)


def is_ours(holder: object) -> bool:
    """Whether an object bears our mark."""
    return metadata_of(holder).get("app") == APP


def pledge_id_of(holder: object) -> uuid.UUID | None:
    """Return the pledge an object names; None where it is not ours."""
    metadata = metadata_of(holder)
    if metadata.get("app") != APP or "pledge_id" not in metadata:
        return None
    return uuid.UUID(metadata["pledge_id"])


def cover_of(holder: object, amount_minor: int) -> int:
    """Return what of an amount covers the fee, as we noted it; 0 where that cannot be."""
    noted = number_of(holder, "cover_minor") or 0
    return noted if noted < amount_minor else 0


def number_of(holder: object, name: str) -> int | None:
    """Return a whole number from 0 that we noted; None for what somebody else made of it."""
    noted = metadata_of(holder).get(name, "")
    return int(noted) if noted.isascii() and noted.isdigit() else None


def id_of(reference: "str | stripe.StripeObject") -> str:
    """Return the id of what is either an id or the object itself."""
    return reference if isinstance(reference, str) else str(reference["id"])


def moment(seconds: int) -> datetime:
    """Return a moment of Stripe's, aware, in UTC."""
    return datetime.fromtimestamp(seconds, UTC)


def moment_if(seconds: int | None) -> datetime | None:
    """Return a moment of Stripe's; None for none."""
    return None if seconds is None else moment(seconds)


def seconds(at: datetime) -> int:
    """Return a moment as Stripe takes it: whole seconds since 1970."""
    return int(at.timestamp())
