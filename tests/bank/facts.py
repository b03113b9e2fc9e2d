"""Statements and lines that tests of the bank begin with; each builder commits what it makes."""

from datetime import UTC, date, datetime
from typing import Any

from app.bank import imports, lines
from app.bank.models import StatementImport, StatementLine
from app.giving.books.outside import Gift, Giver, Source
from app.money import Money
from tests.builders import a_staff_member

#: When all statements of the tests are read; the newest of them ends before it.
NOW = datetime(2026, 8, 31, 9, 0, tzinfo=UTC)
DAY = date(2026, 8, 14)


def a_gift(giver: Giver | None = None, **over: Any) -> Gift:
    """Fifty euros by bank."""
    values: dict[str, Any] = {
        "giver": giver or Giver(name="Olena Marchenko", email="olena@example.org"),
        "source": Source.BANK,
        "amount": Money(5000, "EUR"),
        "received_on": DAY,
        "reference": "Spende",
    }
    return Gift(**values | over)


def a_statement(body: bytes, name: str = "statement.csv") -> StatementImport:
    """A statement whose lines were taken."""
    by = a_staff_member("finance").id
    return imports.take(imports.upload(name, body, by=by, now=NOW).id, by=by, now=NOW)


def csv(*rows: str) -> bytes:
    """A table as a bank writes it: day, amount, currency, payer, account, text, reference."""
    heading = "Date;Amount;Currency;Payer;IBAN;Description;Bank reference"
    return "\n".join((heading, *rows, "")).encode()


def a_line(
    payer: str = "Olena Marchenko",
    *,
    amount: str = "50,00",
    currency: str = "EUR",
    account: str = "",
    text: str = "",
    reference: str = "",
    day: str = "2026-08-14",
) -> StatementLine:
    """A line that waits."""
    row = f"{day};{amount};{currency};{payer};{account};{text};{reference}"
    (line,) = lines.of_import(a_statement(csv(row)).id, "waiting", 10)
    return line
