"""Appeals and goals as tests need them."""

from datetime import UTC, datetime
from typing import Any

from app.accounts.models import Role
from app.appeals import appeals
from app.appeals.appeals import Terms
from app.appeals.models import Appeal
from tests.builders import a_staff_member

AUGUST = datetime(2026, 8, 3, 9, 30, tzinfo=UTC)


def words(headline: str = "Who pays for this", text: str = "Readers do.") -> dict[str, str]:
    """One wording in one language."""
    return {"headline": headline, "text": text, "button": ""}


def an_appeal(name: str = "Autumn", *, on: bool = True, both: bool = False, **over: Any) -> Appeal:
    """An appeal in English, shown to all from August on unless told otherwise."""
    texts: dict[str, Any] = {"a": {"en": words(name)}}
    if both:
        texts["b"] = {"en": words(f"{name}, put otherwise")}
    by = a_staff_member(Role.FUNDRAISER).id
    made = appeals.add(Terms(name, **{"texts": texts} | over), by=by, now=AUGUST)
    if on:
        appeals.switch(made.id, True, by=by, now=AUGUST)
    return made
