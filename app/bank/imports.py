"""Statements: kept sealed as they were uploaded, looked at, then their lines taken, each once."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from hashlib import sha256
from typing import Any

from sqlalchemy import insert, select

from app.accounts import audit
from app.bank import camt, columns, known, tables
from app.bank.columns import Column, Mapping
from app.bank.figures import Mark, Order
from app.bank.known import LINE
from app.bank.models import StatementImport, StatementLine
from app.bank.statement import Entry, Statement, content
from app.bank.tables import Encoding, Table
from app.current import settings, zone
from app.extensions import db
from app.giving.books import outside
from app.money import Money
from app.sealing import keyed_hash, seal, unseal

#: What the seal and the hash of a file are for.
FILE = "bank statement"
#: A draft nobody took is thrown away after so long, its file with it.
DRAFT_KEPT = timedelta(days=7)
#: What a line that is no gift said about its payer is forgotten after so long.
SET_ASIDE_KEPT = timedelta(days=90)


class UnknownImport(LookupError):
    """There is no such statement."""


class ReadBefore(ValueError):
    """The lines of this statement were taken already."""


@dataclass(slots=True)
class Preview:
    """A draft as it would be taken."""

    #: The lines that are new, and those that are here already.
    new: list[Entry] = field(default_factory=list)
    #: What tells each of the new lines from all others.
    keys: list[str] = field(default_factory=list)
    known: list[Entry] = field(default_factory=list)
    statement: Statement = field(default_factory=Statement)
    #: The table and how it is read; null for camt.053.
    table: Table | None = None
    mapping: Mapping | None = None
    encoding: Encoding | None = None

    @property
    def sums(self) -> list[Money]:
        """What the new lines come to, each currency by itself."""
        return sums(entry.amount for entry in self.new)

    @property
    def assumed_currency(self) -> str:
        """The currency that nothing in the file names; empty where something does."""
        if self.table is None or self.mapping is None or Column.CURRENCY in self.mapping.columns:
            return ""
        place = self.mapping.columns.get(Column.AMOUNT)
        named = "" if place is None else columns.currency_in(self.table.heading[place])
        return "" if named == self.mapping.currency else self.mapping.currency


def sums(amounts: Iterable[Money]) -> list[Money]:
    """Add up amounts, each currency by itself, in the order of their codes."""
    totals: Counter[str] = Counter()
    for amount in amounts:
        totals[amount.currency] += amount.minor
    return [Money(minor, currency) for currency, minor in sorted(totals.items())]


def upload(name: str, body: bytes, *, by: int, now: datetime) -> StatementImport:
    """Keep a file as a draft, sealed; commits. Raises `NotAStatement` for what cannot be read."""
    message = camt.looks_like(body)
    heading = None
    if message:
        camt.read(body, today=_today(now))
    else:
        heading = _heading(tables.open_(body, tables.guess_encoding(body)))
    draft = StatementImport(
        name=name[:200],
        format="camt" if message else "table",
        body_sealed=seal(body, FILE),
        body_hash=_file_hash(body),
        heading_hash=heading,
        mapping=_mapping_of(heading),
        uploaded_by_id=by,
        uploaded_at=now,
    )
    db.session.add(draft)
    db.session.flush()
    audit.note(by, "statement_uploaded", "statement", draft.id, now=now)
    db.session.commit()
    return draft


def _heading(table: Table) -> bytes:
    return keyed_hash("\n".join(table.heading), LINE)


def _file_hash(body: bytes) -> bytes:
    return keyed_hash(sha256(body).hexdigest(), FILE)


def _mapping_of(heading: bytes | None) -> dict[str, Any] | None:
    """How the last table with this heading was read."""
    return db.session.scalar(
        select(StatementImport.mapping)
        .where(StatementImport.heading_hash == heading, StatementImport.read_at.is_not(None))
        .order_by(StatementImport.id.desc())
        .limit(1)
    )


def find(import_id: int) -> StatementImport:
    """Return a statement. Raises `UnknownImport`."""
    found = db.session.get(StatementImport, import_id)
    if found is None:
        raise UnknownImport(str(import_id))
    return found


def same_file(draft: StatementImport) -> StatementImport | None:
    """Return the earlier statement that was the same file, if its lines were taken."""
    return db.session.scalar(
        select(StatementImport)
        .where(
            StatementImport.body_hash == draft.body_hash,
            StatementImport.id != draft.id,
            StatementImport.read_at.is_not(None),
        )
        .order_by(StatementImport.id.desc())
        .limit(1)
    )


def preview(
    draft: StatementImport,
    *,
    now: datetime,
    mapping: Mapping | None = None,
    encoding: Encoding | None = None,
) -> Preview:
    """Read a draft as it would be taken; nothing changes.

    Without a mapping a table is read as the last one of its heading was, or as is guessed. Raises
    `ReadBefore`, and `NotAStatement` where the chosen encoding does not fit.
    """
    if draft.body_sealed is None:
        raise ReadBefore(str(draft.id))
    body = unseal(draft.body_sealed, FILE)
    found = Preview()
    if draft.format == "camt":
        found.statement = camt.read(body, today=_today(now))
    else:
        found.encoding = encoding or tables.guess_encoding(body)
        found.table = tables.open_(body, found.encoding)
        kept = _kept_mapping(draft.mapping, found.table)
        found.mapping = mapping or kept or tables.guess(found.table, settings().currencies[0])
        found.statement = tables.read(found.table, found.mapping, today=_today(now))
    for entry, is_known, key in known.marked(found.statement.entries):
        if is_known:
            found.known.append(entry)
        else:
            found.new.append(entry)
            found.keys.append(key)
    return found


def take(
    import_id: int,
    *,
    by: int,
    now: datetime,
    mapping: Mapping | None = None,
    encoding: Encoding | None = None,
) -> StatementImport:
    """Take the lines of a draft that are not here yet, and empty the file; commits.

    Two people who take the same lines at the same time take each once. Raises as `preview` does,
    and `UnknownImport`.
    """
    # Lines are compared with those that are here, so nobody else may add any meanwhile.
    outside.one_at_a_time()
    draft = db.session.get(StatementImport, import_id, with_for_update=True, populate_existing=True)
    if draft is None:
        raise UnknownImport(str(import_id))
    found = preview(draft, now=now, mapping=mapping, encoding=encoding)
    rows = [_row(draft.id, *line) for line in zip(found.new, found.keys, strict=True)]
    if rows:
        db.session.execute(insert(StatementLine), rows)
    draft.body_sealed = None
    draft.mapping = _plain(found.mapping) if found.mapping else None
    draft.read_at = now
    draft.taken, draft.known = len(found.new), len(found.known)
    draft.debits, draft.pending = found.statement.debits, found.statement.pending
    draft.unread = [[one.line, one.trouble.value] for one in found.statement.unread]
    audit.note(
        by, "statement_taken", "statement", draft.id, now=now, taken=draft.taken, known=draft.known
    )
    db.session.commit()
    return draft


def discard(import_id: int, *, by: int, now: datetime) -> None:
    """Throw a draft away; commits. Raises `UnknownImport`, `ReadBefore`."""
    draft = db.session.get(StatementImport, import_id, with_for_update=True)
    if draft is None:
        raise UnknownImport(str(import_id))
    if draft.read_at is not None:
        raise ReadBefore(str(import_id))
    db.session.delete(draft)
    audit.note(by, "statement_discarded", "statement", import_id, now=now)
    db.session.commit()


def _row(import_id: int, entry: Entry, key: str) -> dict[str, Any]:
    return {
        "import_id": import_id,
        "number": entry.line,
        "fingerprint": keyed_hash(key, LINE),
        "content_hash": keyed_hash(content(entry), LINE),
        "booked_on": entry.booked_on,
        "amount_minor": entry.amount.minor,
        "currency": entry.amount.currency,
        "payer": entry.payer,
        "text": _without_accounts(entry.text),
        "bank_reference": entry.reference,
        "payer_account_hash": known.account_hash(entry.account),
        "payer_account_last4": entry.account[-4:],
    }


def _without_accounts(text: str) -> str:
    """Hide all but the last four of account numbers that banks put into the text."""
    return re.sub(r"\b[A-Z]{2}\d{2}[A-Z0-9]{10,27}([A-Z0-9]{4})\b", r"…\1", text)


def _plain(mapping: Mapping) -> dict[str, Any]:
    return {
        "columns": {column.value: place for column, place in mapping.columns.items()},
        "currency": mapping.currency,
        "mark": mapping.mark.value,
        "order": mapping.order.value,
    }


def _kept_mapping(kept: dict[str, Any] | None, table: Table) -> Mapping | None:
    if kept is None or any(place >= len(table.heading) for place in kept["columns"].values()):
        return None
    places = {Column(name): place for name, place in kept["columns"].items()}
    return Mapping(places, kept["currency"], Mark(kept["mark"]), Order(kept["order"]))


def _today(now: datetime) -> date:
    return now.astimezone(zone()).date()


def latest(limit: int) -> Sequence[StatementImport]:
    """Return the statements uploaded last."""
    return db.session.scalars(
        select(StatementImport).order_by(StatementImport.id.desc()).limit(limit)
    ).all()
