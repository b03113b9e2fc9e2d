"""Statements as banks write them, for tests. They are kept in UTF-8, so that they can be read."""

from datetime import date
from pathlib import Path

from app.bank import tables
from app.bank.statement import Statement

FOLDER = Path(__file__).parent / "statements"
#: The day on which all of them are read.
TODAY = date(2026, 8, 31)


def body(name: str, encoding: str = "utf-8") -> bytes:
    """The bytes of a statement, its letters written as its bank does."""
    return (FOLDER / name).read_text().encode(encoding)


def read(raw: bytes, *, currency: str = "EUR", today: date = TODAY) -> Statement:
    """A table read as it is guessed to be."""
    table = tables.open_(raw, tables.guess_encoding(raw))
    return tables.read(table, tables.guess(table, currency), today=today)
