"""Rows as CSV that every spreadsheet opens right and none runs. Pure."""

import csv
import io
import re
from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal

#: Without it spreadsheets read Cyrillic letters as something else.
BYTE_ORDER_MARK = "\ufeff"
#: A cell that begins so is a formula to a spreadsheet
#: (https://owasp.org/www-community/attacks/CSV_Injection).
DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
#: Spreadsheets of many countries, Ukraine's too, begin a new cell at a semicolon or a tab.
NEW_CELL = re.compile(r"([;\t\r\n])(?=[\s\"]*[=+\-@＝＋－＠])")

Cell = str | int | Decimal | date | None


def defused(cell: Cell) -> str:
    """Return the cell as text that a spreadsheet shows and never runs.

    Text that begins like a formula gets an apostrophe before it; numbers are ours and stay numbers.
    """
    if cell is None:
        return ""
    if isinstance(cell, str):
        cell = NEW_CELL.sub(r"\1'", cell)
        return f"'{cell}" if cell.lstrip(' "').startswith(DANGEROUS) else cell
    return str(cell)


def lines(rows: Iterable[Iterable[Cell]]) -> Iterator[str]:
    """Yield the rows as lines of CSV (RFC 4180), the first with a byte order mark before it."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    buffer.write(BYTE_ORDER_MARK)
    for row in rows:
        writer.writerow([defused(cell) for cell in row])
        yield buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()
