"""Everything that happened to one person here, as one timeline: money, letters, wishes, votes."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from flask_babel import gettext as _
from sqlalchemy import select

from app.accounts.models import Account, AccountNote, AuditEntry
from app.desk import deed_details, deed_words, letter_words, money_lines, wish_lines
from app.desk.lines import Line
from app.extensions import db
from app.letters.models import Letter
from app.localisation import format_day
from app.voting.models import Participation, Round

#: So many lines stand on one page.
PAGE = 40
#: What is left out where everything is asked for: that staff looked.
LOOKED = "person_seen"


class Kind(StrEnum):
    """What is asked for."""

    ALL = "all"
    MONEY = "money"
    LETTERS = "letters"
    WISHES = "wishes"
    VOTES = "votes"
    NOTES = "notes"
    DEEDS = "deeds"


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a timeline, the newest first; `number` counts from 1."""

    lines: Sequence[Line]
    number: int
    pages: int
    total: int


def kinds() -> list[tuple[Kind, str]]:
    """Return what can be asked for, in words."""
    return [
        (Kind.ALL, _("Everything")),
        (Kind.MONEY, _("Money")),
        (Kind.LETTERS, _("Letters")),
        (Kind.WISHES, _("Pledges")),
        (Kind.VOTES, _("Votes")),
        (Kind.NOTES, _("Notes")),
        (Kind.DEEDS, _("Done by staff")),
    ]


def page(account_ids: Sequence[int], kind: Kind, number: int) -> Page:
    """Return a page of what happened to a person's accounts; a number beyond gives the last.

    A life of monthly gifts is some thousand lines, so they are read whole and put in order here.
    """
    found = sorted(_asked(account_ids, kind), key=lambda line: line.at, reverse=True)
    pages = max(1, -(-len(found) // PAGE))
    number = min(max(number, 1), pages)
    return Page(found[(number - 1) * PAGE : number * PAGE], number, pages, len(found))


def _asked(account_ids: Sequence[int], kind: Kind) -> Iterable[Line]:
    parts = {
        Kind.MONEY: money_lines.of,
        Kind.LETTERS: _letters,
        Kind.WISHES: wish_lines.of,
        Kind.VOTES: _votes,
        Kind.NOTES: _notes,
        Kind.DEEDS: _deeds,
    }
    if kind is not Kind.ALL:
        return parts[kind](account_ids)
    lines = [line for part in parts.values() for line in part(account_ids)]
    return [line for line in lines if line.act != LOOKED]


def _letters(account_ids: Sequence[int]) -> list[Line]:
    rows = db.session.scalars(select(Letter).where(Letter.account_id.in_(account_ids)))
    return [
        Line(
            letter.sent_at or letter.created_at,
            _("Letter: %(what)s", what=letter_words.kind(letter.kind)),
            tag=letter_words.state(letter),
            more=letter.error or "",
        )
        for letter in rows
    ]


def _votes(account_ids: Sequence[int]) -> list[Line]:
    """That they voted, by the round and no finer: a day would narrow down whose ballot is whose."""
    rows = db.session.execute(
        select(Round.title, Round.opens_at, Round.closes_at)
        .join(Participation, Participation.round_id == Round.id)
        .where(Participation.account_id.in_(account_ids))
    )
    return [
        Line(
            opens_at,
            _("Voted: %(round)s", round=title),
            when=_("%(first)s to %(last)s", first=format_day(opens_at), last=format_day(closes_at)),
        )
        for title, opens_at, closes_at in rows
        if opens_at is not None
    ]


def _notes(account_ids: Sequence[int]) -> list[Line]:
    rows = db.session.execute(
        select(AccountNote, Account.name)
        .join(Account, Account.id == AccountNote.by_account_id)
        .where(AccountNote.account_id.in_(account_ids), AccountNote.removed_at.is_(None))
    )
    return [
        Line(note.written_at, _("Note by %(name)s", name=name), more=note.text)
        for note, name in rows
    ]


def _deeds(account_ids: Sequence[int]) -> list[Line]:
    entries = db.session.scalars(
        select(AuditEntry).where(AuditEntry.account_id.in_(account_ids))
    ).all()
    names = names_of(entry.by_account_id for entry in entries)
    return [
        Line(
            entry.at,
            deed_words.sentence(entry, names),
            more=deed_details.write(entry),
            act=entry.act,
        )
        for entry in entries
    ]


def names_of(account_ids: Iterable[int | None]) -> dict[int, str]:
    """Return the names of accounts by their keys."""
    keys = {key for key in account_ids if key is not None}
    rows = db.session.execute(select(Account.id, Account.name).where(Account.id.in_(keys)))
    return {row[0]: row[1] for row in rows}
