"""Appeals: stated by staff, switched on and off, and the one that a page shows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import or_, select

from app.accounts import audit
from app.appeals import rules
from app.appeals.models import Appeal
from app.extensions import db


class UnknownAppeal(LookupError):
    """There is no such appeal."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What staff state of an appeal; see the columns of `Appeal`."""

    name: str
    texts: Mapping[str, Mapping[str, Mapping[str, str]]]
    amounts: Mapping[str, Mapping[str, Sequence[int]]] = field(default_factory=dict)
    articles: Sequence[str] = ()
    sections: Sequence[str] = ()
    from_at: datetime | None = None
    until_at: datetime | None = None


#: What of the terms readers see of an appeal once it is shown.
SEEN = ("texts", "amounts")


def everything() -> Sequence[Appeal]:
    """Return every appeal, those that are on first, then the newest."""
    return db.session.scalars(select(Appeal).order_by(Appeal.is_on.desc(), Appeal.id.desc())).all()


def find(appeal_id: int) -> Appeal:
    """Return an appeal. Raises `UnknownAppeal`."""
    found = db.session.get(Appeal, appeal_id)
    if found is None:
        raise UnknownAppeal(str(appeal_id))
    return found


def add(terms: Terms, *, by: int, now: datetime) -> Appeal:
    """Write a new appeal, switched off; commits."""
    appeal = Appeal(edition=1, edition_at=now, created_at=now)
    _write(appeal, terms)
    db.session.add(appeal)
    db.session.flush()
    audit.note(by, "appeal_added", "appeal", appeal.id, now=now, appeal_name=appeal.name)
    db.session.commit()
    return appeal


def change(appeal_id: int, terms: Terms, *, by: int, now: datetime) -> Appeal:
    """Write an appeal anew; commits. Raises `UnknownAppeal`.

    Where readers see something else from now on it is another edition, counted from nought.
    """
    appeal = _locked(appeal_id)
    before = [getattr(appeal, name) for name in SEEN]
    _write(appeal, terms)
    if before != [getattr(appeal, name) for name in SEEN]:
        appeal.edition, appeal.edition_at = appeal.edition + 1, now
    audit.note(by, "appeal_changed", "appeal", appeal.id, now=now, appeal_name=appeal.name)
    db.session.commit()
    return appeal


def switch(appeal_id: int, on: bool, *, by: int, now: datetime) -> None:
    """Show an appeal from now on, or no more; commits. Raises `UnknownAppeal`."""
    appeal = _locked(appeal_id)
    if appeal.is_on != on:
        appeal.is_on = on
        act = "appeal_switched_on" if on else "appeal_switched_off"
        audit.note(by, act, "appeal", appeal.id, now=now, appeal_name=appeal.name)
    db.session.commit()


def shown(article: str, section: str, locale: str, *, now: datetime) -> Appeal | None:
    """Return the appeal that a page shows in a language; None for the newsroom's usual words.

    The one meant most closely for the page, see `rules.closeness`; of those alike the newest. One
    that is not written in the language is not shown in it.
    """
    found = [
        (close, appeal.id, appeal)
        for appeal in live(now)
        if locale in appeal.texts[rules.VARIANTS[0]]
        and (close := rules.closeness(appeal.articles, appeal.sections, article, section))
    ]
    return max(found)[2] if found else None


def live(now: datetime) -> Sequence[Appeal]:
    """Return the appeals that are on and whose time it is."""
    return db.session.scalars(
        select(Appeal).where(
            Appeal.is_on,
            or_(Appeal.from_at.is_(None), Appeal.from_at <= now),
            or_(Appeal.until_at.is_(None), Appeal.until_at > now),
        )
    ).all()


def tags(appeal: Appeal) -> list[str]:
    """Return what the wordings of an appeal are called in links, as it is now."""
    return [rules.tag(appeal.id, appeal.edition, variant) for variant in sorted(appeal.texts)]


def _write(appeal: Appeal, terms: Terms) -> None:
    appeal.name = terms.name
    appeal.texts, appeal.amounts = _plain(terms.texts), _plain(terms.amounts)
    appeal.articles, appeal.sections = list(terms.articles), list(terms.sections)
    appeal.from_at, appeal.until_at = terms.from_at, terms.until_at


def _plain(told: Any) -> Any:
    """What JSON can hold, and compares alike with what was read from it."""
    if isinstance(told, Mapping):
        return {name: _plain(each) for name, each in told.items()}
    return list(told) if isinstance(told, list | tuple) else told


def _locked(appeal_id: int) -> Appeal:
    found = db.session.get(Appeal, appeal_id, with_for_update=True, populate_existing=True)
    if found is None:
        raise UnknownAppeal(str(appeal_id))
    return found
