"""Topics that the tests of this room begin with."""

import uuid
from datetime import date, datetime, timedelta

from app.accounts.models import Account
from app.clock import utcnow
from app.extensions import db
from app.topics import proposals, steps, stories
from app.topics.models import Proposal
from app.topics.proposals import Draft
from app.topics.rules import State
from tests.builders import AUGUST, a_patron, a_staff_member

WHY = "Nobody has asked the city yet, and thousands wait for an answer."


def a_suggestion(
    author: Account | None = None,
    *,
    title: str = "Power cuts in Kharkiv schools",
    why: str = WHY,
    links: tuple[str, ...] = (),
    named: bool = True,
    locale: str = "en",
    now: datetime = AUGUST,
) -> Proposal:
    """A topic that a patron has suggested."""
    author = author or a_patron()
    return proposals.make(
        author.id,
        Draft(title=title, why=why, links=links, named=named, locale=locale),
        request_key=uuid.uuid4(),
        now=now,
    )


def moved(
    proposal: Proposal, *states: State, reason: str = "", now: datetime | None = None
) -> Proposal:
    """The same topic after staff have moved it."""
    editor = a_staff_member("editor")
    for state in states:
        seen = proposals.find(proposal.id).state
        steps.move(proposal.id, state, seen=seen, reason=reason, by=editor.id, now=now or AUGUST)
    return proposal


def a_story(title: str, *, url: str = "https://news.example.org/story") -> None:
    """A story already published."""
    stories.enter(title, url, date(2026, 7, 1), by=None, now=utcnow() - timedelta(days=1))
    db.session.commit()
