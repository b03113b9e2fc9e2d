"""Letters owed and sent: each at least once, and each attempt under the same Message-ID."""

import uuid
from collections.abc import Callable, Iterable
from datetime import datetime
from itertools import islice

import structlog
from flask import current_app
from flask_babel import force_locale
from jinja2 import Template
from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert

from app.current import settings
from app.extensions import db
from app.jobs import Job, enqueue_after_commit
from app.letters import categories, consents, unsubscribing
from app.letters.models import Letter
from app.localisation import words
from app.mailer import NOWHERE, Attachment, Draft, Mailer, NotSent, Refused

log = structlog.get_logger()

#: Urgency of what a person waits for at the screen, and of the rest.
AT_ONCE, IN_TURN = 0, 5
#: So many letters are entered at a time where there are very many.
SET = 1000

#: Writes one letter from what the database says now. None: it need not be sent any more.
Writer = Callable[[Letter], Draft | None]

_writers: dict[str, Writer] = {}


def writes(kind: str) -> Callable[[Writer], Writer]:
    """Register the function that writes letters of a kind. A room registers its own."""

    def register(writer: Writer) -> Writer:
        _writers[kind] = writer
        return writer

    return register


def kinds() -> frozenset[str]:
    """Return every kind of letter that has a writer."""
    return frozenset(_writers)


def owe(
    kind: str, matter: object, account_id: int, *, now: datetime, urgency: int = IN_TURN
) -> None:
    """Owe a letter about a matter, once for ever, and ask for it to be sent. The caller commits.

    A kind that needs consent is owed only to who agreed to it. Raises `KeyError` for a kind that
    stands in no category.
    """
    owe_each(kind, [(matter, account_id)], now=now, urgency=urgency)


def owe_each(
    kind: str,
    matters: Iterable[tuple[object, int]],
    *,
    now: datetime,
    urgency: int = IN_TURN,
) -> None:
    """Owe a letter for each (matter, account), as `owe` does one. The caller commits."""
    matters = list(matters)
    willing = consents.among(kind, (account_id for _, account_id in matters))
    rows = [
        {
            "id": uuid.uuid4(),
            "kind": kind,
            "matter": str(matter),
            "account_id": account_id,
            "urgency": urgency,
            "created_at": now,
            "due_at": now,
            "attempts": 0,
        }
        for matter, account_id in matters
        if account_id in willing
    ]
    if not rows:
        return
    db.session.execute(
        insert(Letter).on_conflict_do_nothing(constraint="uq_letter_kind_matter"), rows
    )
    enqueue_after_commit(Job.SEND_LETTERS)


def owe_many(kind: str, matters: Iterable[tuple[object, int]], *, now: datetime) -> None:
    """Owe a letter for each (matter, account) in sets; commits after each.

    For so many that whatever the caller holds would be held too long. Cut off and begun anew, it
    owes those that are missing.
    """
    rest = iter(matters)
    while part := list(islice(rest, SET)):
        owe_each(kind, part, now=now)
        db.session.commit()


def draft(
    kind: str,
    *,
    to: str,
    locale: str,
    account_id: int | None = None,
    attachments: tuple[Attachment, ...] = (),
    **context: object,
) -> Draft:
    """Write a letter from its folder, templates/emails/<kind>/, in a language.

    Besides `context` its templates have `newsroom` in that language, and `address`, which turns
    an endpoint into a full address on our site. A kind that needs consent needs `account_id` too:
    its letter says how to end it, which templates have as `unsubscribe`.
    """
    ending = _ending(kind, account_id)
    with force_locale(locale):
        shared = {
            "locale": locale,
            "newsroom": words(),
            "address": _address,
            "unsubscribe": ending,
        }
        subject, text, html = (
            _template(f"emails/{kind}/{part}").render(**shared, **context)
            for part in ("subject.txt", "body.txt", "body.html")
        )
    return Draft(
        to, " ".join(subject.split()), text.strip() + "\n", html, locale, attachments, ending
    )


def _ending(kind: str, account_id: int | None) -> str:
    """The address that ends letters of this kind; empty for those that need no consent."""
    category = categories.to_agree_to(kind)
    if category is None:
        return ""
    if account_id is None:
        raise ValueError(f"a letter {kind!r} says how to end it, so it needs its account")
    return unsubscribing.address(category, account_id)


def _template(name: str) -> Template:
    return current_app.jinja_env.get_template(name)


def _address(endpoint: str, **values: object) -> str:
    """Return the full address of a page. A worker answers no request, so it is built by hand."""
    adapter = current_app.url_map.bind("")
    return settings().site_url + adapter.build(endpoint, values)


def send(letter_id: uuid.UUID, mailer: Mailer, *, now: datetime) -> None:
    """Write and send one letter. Safe to run twice; commits.

    A worker that dies between handing the letter over and noting it will send it again, under the
    same Message-ID. No transaction is open while the mail server answers. Raises nothing for a
    server that does not take it: the reason is kept on the row, which stays due for as long as it
    takes, unless the server refuses the letter for good.
    """
    letter = db.session.get_one(Letter, letter_id, populate_existing=True)
    if letter.sent_at is not None:
        return
    # Consent may have been withdrawn since it became owed.
    willing = consents.lets(letter.kind, letter.account_id)
    written = _writers[letter.kind](letter) if willing else None
    # A writer may have noted something of its own, such as the hash of a fresh token.
    db.session.commit()
    if written is None or written.to.endswith(f"@{NOWHERE}"):
        letter.done()
        db.session.commit()
        return
    try:
        mailer.send(written, str(letter.id))
    except NotSent as error:
        if isinstance(error, Refused):
            letter.failed(str(error), for_good=True)
        else:
            letter.unanswered(str(error))
        log.warning("letter_not_sent", letter=str(letter.id), kind=letter.kind, error=str(error))
    else:
        letter.sent_at = now
        letter.done()
    db.session.commit()


def forget(*, before: datetime) -> int:
    """Remove what is kept of letters that became owed before a moment; return how many.

    One that still waits stays. Commits by sets.
    """
    old = select(Letter.id).where(Letter.created_at < before, Letter.due_at.is_(None)).limit(SET)
    gone = 0
    while taken := db.session.scalars(
        delete(Letter).where(Letter.id.in_(old)).returning(Letter.id)
    ).all():
        db.session.commit()
        gone += len(taken)
    db.session.commit()
    return gone
