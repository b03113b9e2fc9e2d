"""What a person finds in the mailbox after asking to sign in."""

import re
from dataclasses import dataclass

from sqlalchemy import select

from app.clock import utcnow
from app.extensions import db
from app.letters import letters
from app.letters.models import Letter
from app.mailer import Draft
from tests.fakes import FakeMailer


@dataclass(frozen=True)
class Way:
    """The two ways in that one letter holds."""

    path: str
    code: str
    draft: Draft


def deliver(mailer: FakeMailer) -> list[Draft]:
    """Send every letter that is owed, as a worker would, and return those sent just now."""
    before = len(mailer.sent)
    for key in db.session.scalars(select(Letter.id).where(Letter.due_at.is_not(None))).all():
        letters.send(key, mailer, now=utcnow())
    return [draft for _, draft in mailer.sent[before:]]


def newest_way(mailer: FakeMailer) -> Way:
    """Deliver what is owed and read the newest sign-in letter."""
    deliver(mailer)
    draft = mailer.sent[-1][1]
    path = re.search(r"http://localhost(/sign-in/link/[\w-]+)", draft.text)
    code = re.search(r"^(\d{6})$", draft.text, re.MULTILINE)
    assert path, draft.text
    assert code, draft.text
    return Way(path[1], code[1], draft)
