"""What readers of the made-up newsroom have found wrong, and the log of what was corrected."""

import tomllib
import uuid
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

from sqlalchemy import select

from app.accounts.models import Account
from app.corrections import articles, groups, intake, notes
from app.corrections.articles import Article
from app.corrections.intake import Draft
from app.corrections.passages import Passage
from app.corrections.rules import Kind, Source, State
from app.current import newsroom, zone
from app.extensions import db

_content = tomllib.loads(Path(__file__).with_name("mistakes.toml").read_text(encoding="utf-8"))

#: How long an editor takes, and how long after that a note is amended.
DECIDED = timedelta(hours=20)
AMENDED = timedelta(days=2)


def fill(rng: Random, *, by: int, now: datetime) -> None:
    """Enter what readers sent and editors decided; commits. No letter is owed."""
    readers = db.session.scalars(
        select(Account).where(Account.role.is_(None), Account.name != "").order_by(Account.id)
    ).all()
    for told in sorted(_content["mistake"], key=lambda one: -int(one["days"])):
        first = now - timedelta(days=int(told["days"]), hours=rng.randrange(2, 9))
        some = rng.sample(readers, int(told["asks"]))
        group_id = _letters(rng, told, [one.email for one in some], first)
        _decide(told, group_id, first + DECIDED, by=by)
    for told in _content["own"]:
        at = now - timedelta(days=int(told["days"]))
        notes.enter(_article(told), _note(told, at), by=by, now=at)


def _article(told: dict[str, Any]) -> Article:
    found = articles.read(f"{newsroom().website}/{told['path']}")
    assert found is not None, "the demo's own addresses can be read"
    return found


def _letters(rng: Random, told: dict[str, Any], addresses: list[str], first: datetime) -> int:
    """Enter what each reader sent, and return the group of it."""
    comments, group_id = told["comments"], 0
    for number in range(int(told["readers"])):
        draft = Draft(
            article=_article(told),
            title=told["title"],
            passage=Passage(told["passage"], told.get("prefix", ""), told.get("suffix", "")),
            comment=comments[number % len(comments)],
            email=addresses[number] if number < len(addresses) else "",
            locale=told["locale"],
            source=Source.ARTICLE if "prefix" in told else Source.FORM,
        )
        key = uuid.UUID(int=rng.getrandbits(128), version=4)
        at = first + timedelta(minutes=61 * number)
        group_id = intake.receive(draft, request_key=key, now=at).group_id
    return group_id


def _decide(told: dict[str, Any], group_id: int, at: datetime, *, by: int) -> None:
    match told.get("state", State.NEW):
        case State.IN_HAND:
            groups.take(group_id, seen=State.NEW, by=by, now=at)
        case State.NO_MISTAKE:
            groups.no_mistake(group_id, told["reason"], seen=State.NEW, by=by, now=at)
        case State.SPAM:
            groups.spam(group_id, seen=State.NEW, by=by, now=at)
        case State.CORRECTED:
            note = notes.correct(group_id, _note(told, at), seen=State.NEW, by=by, now=at)
            if "amended" in told:
                said = replace(_note(told, at), stands=told["amended"])
                notes.amend(note.id, said, seen=1, by=by, now=at + AMENDED)


def _note(told: dict[str, Any], at: datetime) -> notes.Draft:
    return notes.Draft(
        kind=Kind(told["kind"]),
        stood=told["stood"],
        stands=told["stands"],
        day=at.astimezone(zone()).date(),
        title=told["title"],
        locale=told["locale"],
    )
