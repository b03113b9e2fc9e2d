"""Lines that wait: booked as gifts by a person's yes, set aside, and taken back."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import func, select

from app.accounts import audit
from app.bank.models import StatementLine
from app.extensions import db
from app.giving.books import outside
from app.giving.books.outside import Gift, Giver, Source
from app.giving.models import Donation
from app.giving.rules import CURRENCIES

PAGE = 50


class UnknownLine(LookupError):
    """There is no such line."""


class Decided(ValueError):
    """Somebody else has decided about the line meanwhile."""


class Doubtful(ValueError):
    """Some gifts look entered before; `doubts` holds for each line's id the entries like it."""

    def __init__(self, doubts: dict[int, Sequence[Donation]]) -> None:
        super().__init__(f"{len(doubts)} lines")
        self.doubts = doubts


@dataclass(slots=True)
class Page:
    """One page of lines, and how many pages and lines there are."""

    rows: Sequence[StatementLine]
    number: int
    pages: int
    total: int


@dataclass(slots=True)
class Booked:
    """What came of booking several lines."""

    donations: list[Donation] = field(default_factory=list)
    #: Lines that somebody else had decided about meanwhile.
    passed: list[int] = field(default_factory=list)


def waiting(number: int) -> Page:
    """Return a page of the lines that wait, the oldest first."""
    total = count_waiting()
    pages = max(1, -(-total // PAGE))
    number = min(max(number, 1), pages)
    rows = db.session.scalars(
        select(StatementLine)
        .where(StatementLine.status == "waiting")
        .order_by(StatementLine.booked_on, StatementLine.id)
        .limit(PAGE)
        .offset((number - 1) * PAGE)
    ).all()
    return Page(rows, number, pages, total)


def count_waiting() -> int:
    """Return how many lines wait for a person."""
    waiting_ = select(func.count()).where(StatementLine.status == "waiting")
    return db.session.scalar(waiting_) or 0


def of_import(import_id: int, status: str, limit: int) -> Sequence[StatementLine]:
    """Return the lines of a statement in one state, in their order."""
    return db.session.scalars(
        select(StatementLine)
        .where(StatementLine.import_id == import_id, StatementLine.status == status)
        .order_by(StatementLine.number, StatementLine.id)
        .limit(limit)
    ).all()


def count(import_id: int) -> dict[str, int]:
    """Return how many lines of a statement are in each state."""
    rows = db.session.execute(
        select(StatementLine.status, func.count())
        .where(StatementLine.import_id == import_id)
        .group_by(StatementLine.status)
    )
    return {status: number for status, number in rows}  # noqa: C416 - rows are no tuples


def find(line_id: int) -> StatementLine:
    """Return a line. Raises `UnknownLine`."""
    line = db.session.get(StatementLine, line_id)
    if line is None:
        raise UnknownLine(str(line_id))
    return line


def bookable(line: StatementLine) -> bool:
    """Whether a line can be a gift: it waits, and its currency is one of ours."""
    return line.status == "waiting" and line.currency in CURRENCIES


def gift(line: StatementLine, giver: Giver) -> Gift:
    """Return the gift that a line would be."""
    reference = (line.bank_reference or line.text)[:140]
    return Gift(giver, Source.BANK, line.amount, line.booked_on, reference)


def doubts(choices: dict[int, Giver]) -> dict[int, Sequence[Donation]]:
    """Return for each chosen line's id the entries that may be the same gift; none: not named.

    A gift booked from another line of a statement is another gift.
    """
    lines = [line for line in map(find, choices) if line.status == "waiting"]
    found = {line.id: outside.near(gift(line, choices[line.id])) for line in lines}
    like = {entry.id for entries in found.values() for entry in entries}
    from_lines = set(
        db.session.scalars(
            select(StatementLine.donation_id).where(StatementLine.donation_id.in_(like))
        )
    )
    doubted = {
        line_id: [entry for entry in entries if entry.id not in from_lines]
        for line_id, entries in found.items()
    }
    return {line_id: entries for line_id, entries in doubted.items() if entries}


def book(choices: dict[int, Giver], *, by: int, sure: bool, now: datetime) -> Booked:
    """Book lines as gifts of the chosen givers, each once, with receipts and letters; commits.

    A line that somebody else has decided about meanwhile is passed over. Raises `Doubtful` when
    gifts like them were entered by hand, unless `sure`; then nothing is booked.
    """
    outside.one_at_a_time()
    found = {} if sure else doubts(choices)
    if found:
        db.session.rollback()
        raise Doubtful(found)
    booked = Booked()
    for line_id in sorted(choices):
        line = _locked(line_id)
        if not bookable(line):
            booked.passed.append(line_id)
            continue
        donation = outside.record(gift(line, choices[line_id]), by=by, now=now)
        _decide(line, "booked", by, now)
        line.donation_id = donation.id
        booked.donations.append(donation)
    db.session.commit()
    return booked


def set_aside(line_ids: Sequence[int], *, by: int, now: datetime) -> int:
    """Say of lines that they are no gifts; commits. Returns of how many; the others are decided."""
    number = 0
    for line_id in sorted(line_ids):
        line = _locked(line_id)
        if line.status != "waiting":
            continue
        _decide(line, "set_aside", by, now)
        audit.note(by, "line_set_aside", "statement_line", line.id, now=now)
        number += 1
    db.session.commit()
    return number


def put_back(line_id: int, *, by: int, now: datetime) -> None:
    """Let a line that was set aside wait again; commits. Raises `UnknownLine`, `Decided`."""
    line = _locked(line_id)
    if line.status != "set_aside":
        db.session.rollback()
        raise Decided(str(line_id))
    _wait_again(line)
    audit.note(by, "line_put_back", "statement_line", line.id, now=now)
    db.session.commit()


def take_back(donation_id: int, reason: str, *, by: int, now: datetime) -> StatementLine | None:
    """Take a gift outside Stripe back; commits. A line it was booked from waits again.

    Returns that line. Raises `NotOutside`, `TakenBack`.
    """
    outside.one_at_a_time()
    outside.reverse(donation_id, reason, by=by, now=now)
    line = db.session.scalar(
        select(StatementLine).where(StatementLine.donation_id == donation_id).with_for_update()
    )
    if line is not None:
        _wait_again(line)
    db.session.commit()
    return line


def of_donation(donation_id: int) -> StatementLine | None:
    """Return the line a gift was booked from."""
    return db.session.scalar(select(StatementLine).where(StatementLine.donation_id == donation_id))


def _locked(line_id: int) -> StatementLine:
    line = db.session.get(StatementLine, line_id, with_for_update=True, populate_existing=True)
    if line is None:
        raise UnknownLine(str(line_id))
    return line


def _decide(line: StatementLine, status: str, by: int, now: datetime) -> None:
    line.status, line.decided_by_id, line.decided_at = status, by, now


def _wait_again(line: StatementLine) -> None:
    line.status, line.donation_id = "waiting", None
    line.decided_by_id, line.decided_at = None, None
