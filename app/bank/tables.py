"""Statements in CSV: find the encoding, the separator and the heading, then read the lines. Pure.

No two banks write the same table. What is guessed here is shown to a person before it is used.
"""

import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from app.bank import columns, figures
from app.bank.columns import Column, Mapping
from app.bank.statement import (
    LONGEST_NAME,
    LONGEST_REFERENCE,
    LONGEST_TEXT,
    MOST_LINES,
    Entry,
    Flaw,
    NotAStatement,
    Statement,
    Trouble,
    Unread,
    Unreadable,
    account_number,
    money,
    one_line,
)

SEPARATORS = ";,\t|"
#: How far down the heading may stand: banks print the account and the period above it.
HEADING_WITHIN = 40
#: Lines that a guess looks at.
SAMPLE = 200
MOST_COLUMNS = 100
#: What stands behind this many letters of a cell is not read.
LONGEST_CELL = 2000

#: What stands in a column of directions, in small letters.
MONEY_IN = frozenset(
    [
        "in",
        "incoming",
        "credit",
        "crdt",
        "cr",
        "c",
        "h",
        "haben",
        "k",
        "кредит",
        "зарахування",
        "надходження",
        "eingang",
        "uznanie",
        "ct",
        "+",
    ]
)
MONEY_OUT = frozenset(
    [
        "out",
        "outgoing",
        "debit",
        "dbit",
        "dr",
        "d",
        "s",
        "soll",
        "дебет",
        "списання",
        "витрати",
        "ausgang",
        "obciążenie",
        "wn",
        "dt",
        "-",
    ]
)
PENDING = ("pending", "vorgemerkt", "обробці", "очікує", "oczekuj", "zablokowan", "pdng")


class Encoding(StrEnum):
    """How a file's letters are written. Of the two old ones, each covers our languages' half."""

    UTF8 = "utf-8-sig"
    UTF16 = "utf-16"
    CYRILLIC = "cp1251"
    LATIN = "cp1250"


@dataclass(frozen=True, slots=True)
class Table:
    """A file as rows: the heading, and each row below it with its line in the file."""

    heading: tuple[str, ...]
    rows: list[tuple[int, tuple[str, ...]]]

    def column(self, place: int) -> list[str]:
        """Return what stands in a column, of the first rows."""
        return [row[place] for _, row in self.rows[:SAMPLE] if place < len(row)]


def guess_encoding(body: bytes) -> Encoding:
    """Return how a file's letters are written.

    Cyrillic words are high bytes side by side; in the Latin alphabets such a letter stands alone.
    """
    if body.startswith((b"\xff\xfe", b"\xfe\xff")):
        return Encoding.UTF16
    try:
        body.decode("utf-8-sig")
    except UnicodeDecodeError:
        side_by_side = sum(map(len, re.findall(rb"[\x80-\xff]{3,}", body)))
        alone = len(re.findall(rb"(?<![\x80-\xff])[\x80-\xff]{1,2}(?![\x80-\xff])", body))
        return Encoding.CYRILLIC if side_by_side > alone else Encoding.LATIN
    return Encoding.UTF8


def open_(body: bytes, encoding: Encoding) -> Table:
    """Return the table of a file. Raises `NotAStatement`."""
    try:
        text = body.decode(encoding)
    except UnicodeDecodeError as error:
        raise NotAStatement(Flaw.NOT_TEXT, body[: error.start].count(b"\n") + 1) from None
    if "\0" in text:
        raise NotAStatement(Flaw.NOT_TEXT, text[: text.index("\0")].count("\n") + 1)
    if not text.strip():
        raise NotAStatement(Flaw.EMPTY)
    return _table(list(_rows(text, _separator(text))))


def _separator(text: str) -> str:
    """Return what parts the cells: what makes the best heading of the first rows."""
    first = text[:20_000].splitlines()[:HEADING_WITHIN]
    found = [separator for separator in SEPARATORS if any(separator in row for row in first)]
    if not found:
        raise NotAStatement(Flaw.NO_TABLE)
    return max(
        found,
        key=lambda separator: max(
            (columns.known(row), len(row)) for row in csv.reader(first, delimiter=separator)
        ),
    )


def _rows(text: str, separator: str) -> Iterator[tuple[int, tuple[str, ...]]]:
    # Strict: a quote that is never closed would otherwise swallow every line behind it.
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    began = 1
    try:
        for number, cells in enumerate(reader):
            if number >= MOST_LINES:
                raise NotAStatement(Flaw.TOO_MANY_LINES, began)
            line, began = began, reader.line_num + 1
            if any(cell.strip() for cell in cells):
                yield line, tuple(cell[:LONGEST_CELL].strip() for cell in cells[:MOST_COLUMNS])
    except csv.Error:
        raise NotAStatement(Flaw.BROKEN_ROW, began) from None


def _table(rows: list[tuple[int, tuple[str, ...]]]) -> Table:
    """Part the heading from what stands above and below it."""
    if not rows:
        raise NotAStatement(Flaw.EMPTY)
    top = rows[:HEADING_WITHIN]
    best = max(range(len(top)), key=lambda at: (columns.known(top[at][1]), len(top[at][1]), -at))
    return Table(top[best][1], rows[best + 1 :])


def guess(table: Table, currency: str) -> Mapping:
    """Return how a table is most likely to be read; `currency` where nothing names one."""
    found = columns.guess(table.heading)
    named = ""
    if Column.AMOUNT in found:
        named = columns.currency_in(table.heading[found[Column.AMOUNT]])
        if named:
            # A column beside it then tells another sum's currency, such as that of a purchase.
            found.pop(Column.CURRENCY, None)
    return Mapping(
        found,
        named or currency,
        figures.guess_mark(table.column(found.get(Column.AMOUNT, MOST_COLUMNS))),
        figures.guess_order(table.column(found.get(Column.DAY, MOST_COLUMNS))),
    )


def read(table: Table, mapping: Mapping, *, today: date) -> Statement:
    """Read every line of a table; one that cannot be read is named and the others go on."""
    statement = Statement()
    for line, row in table.rows:
        cells = _Cells(row, mapping)
        try:
            _read(cells, line, statement, today)
        except Unreadable as unreadable:
            statement.unread.append(Unread(line, unreadable.trouble, unreadable.found))
    return statement


@dataclass(frozen=True, slots=True)
class _Cells:
    row: Sequence[str]
    mapping: Mapping

    def __getitem__(self, column: Column) -> str:
        place = self.mapping.columns.get(column)
        return "" if place is None or place >= len(self.row) else self.row[place]


def _read(cells: _Cells, line: int, statement: Statement, today: date) -> None:
    if any(word in cells[Column.STATE].casefold() for word in PENDING):
        statement.pending += 1
        return
    if not cells[Column.DAY] and not cells[Column.AMOUNT]:
        raise Unreadable(Trouble.SHORT, " ".join(cells.row))
    booked_on = figures.day(cells[Column.DAY], cells.mapping.order)
    # A table with a column for money that came in leaves it empty for what went out.
    value = figures.amount(cells[Column.AMOUNT] or "0", cells.mapping.mark)
    if value <= 0 or not _came_in(cells[Column.DIRECTION]):
        statement.debits += 1
        return
    if booked_on > today:
        raise Unreadable(Trouble.FUTURE, cells[Column.DAY])
    statement.entries.append(
        Entry(
            line=line,
            booked_on=booked_on,
            amount=money(value, cells[Column.CURRENCY] or cells.mapping.currency),
            payer=one_line(cells[Column.PAYER], LONGEST_NAME),
            account=account_number(cells[Column.ACCOUNT]),
            text=one_line(cells[Column.TEXT], LONGEST_TEXT),
            reference=one_line(cells[Column.REFERENCE], LONGEST_REFERENCE),
        )
    )


def _came_in(direction: str) -> bool:
    """Whether a line says that money came in; one that says nothing has told it by its sign."""
    said = direction.strip().casefold()
    if not said or said in MONEY_IN:
        return True
    if said in MONEY_OUT:
        return False
    raise Unreadable(Trouble.DIRECTION, direction)
