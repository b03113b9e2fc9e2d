"""Questions to the audit log: who did what to whom, and when."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import Select, func, or_, select

from app.accounts.models import Account, AuditEntry
from app.current import zone
from app.extensions import db

PAGE = 50
#: How many rows of a file are held at once.
BATCH = 500


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked for; nothing asks for everything."""

    by: int | None = None
    act: str = ""
    #: Part of a name or an address, or the key of an account.
    person: str = ""
    day: date | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """One page of the log, the newest first; `number` counts from 1."""

    entries: Sequence[AuditEntry]
    number: int
    pages: int
    total: int


def page(asked: Question, number: int) -> Page:
    """Return a page of what was asked for; a number beyond the last gives the last."""
    found = _found(asked)
    total = db.session.scalar(select(func.count()).select_from(found.subquery())) or 0
    pages = max(1, -(-total // PAGE))
    number = min(max(number, 1), pages)
    rows = db.session.scalars(_newest_first(found).limit(PAGE).offset((number - 1) * PAGE)).all()
    return Page(rows, number, pages, total)


def each(asked: Question) -> Iterator[AuditEntry]:
    """Yield all that was asked for, holding few rows at once; the transaction lasts as long."""
    yield from db.session.scalars(
        _newest_first(_found(asked)), execution_options={"yield_per": BATCH}
    )


def actors() -> Sequence[Account]:
    """Return everybody who has ever acted, by name."""
    acted = select(AuditEntry.by_account_id).distinct()
    return db.session.scalars(
        select(Account).where(Account.id.in_(acted)).order_by(func.lower(Account.name), Account.id)
    ).all()


def acts() -> Sequence[str]:
    """Return every act that was ever entered."""
    return db.session.scalars(select(AuditEntry.act).distinct().order_by(AuditEntry.act)).all()


def _found(asked: Question) -> Select[AuditEntry]:
    found = select(AuditEntry)
    if asked.by is not None:
        found = found.where(AuditEntry.by_account_id == asked.by)
    if asked.act:
        found = found.where(AuditEntry.act == asked.act)
    if asked.day is not None:
        begin = datetime.combine(asked.day, time(), zone())
        end = datetime.combine(asked.day + timedelta(days=1), time(), zone())
        found = found.where(AuditEntry.at >= begin, AuditEntry.at < end)
    if asked.person:
        found = found.where(AuditEntry.account_id.in_(_people(asked.person)))
    return found


def _people(part: str) -> Select[int]:
    is_key = part.isdecimal() and len(part) < 19
    which = [
        Account.name.icontains(part, autoescape=True),
        Account.email.icontains(part, autoescape=True),
    ]
    if is_key:
        which = [Account.id == int(part), Account.merged_into_id == int(part)]
    return select(Account.id).where(or_(*which))


def _newest_first(found: Select[AuditEntry]) -> Select[AuditEntry]:
    return found.order_by(AuditEntry.at.desc(), AuditEntry.id.desc())
