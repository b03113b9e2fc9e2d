"""Rows as files that every spreadsheet opens right and none runs: CSV and XLSX."""

import csv
import io
import re
import shutil
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from itertools import chain, islice
from pathlib import Path
from tempfile import TemporaryDirectory, gettempdir
from typing import IO

from xlsxwriter import Workbook

#: Without it spreadsheets read Cyrillic letters as something else.
BYTE_ORDER_MARK = "\ufeff"
#: A cell that begins so is a formula to a spreadsheet
#: (https://owasp.org/www-community/attacks/CSV_Injection).
DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
#: Spreadsheets of many countries, Ukraine's too, begin a new cell at a semicolon or a tab.
NEW_CELL = re.compile(r"([;\t\r\n])(?=[\s\"]*[=+\-@＝＋－＠])")

Cell = str | int | Decimal | date | None


class Format(StrEnum):
    """What a file is written as; the value is what its name ends with."""

    CSV = "csv"
    XLSX = "xlsx"


#: The content types of the formats.
TYPES = {
    Format.CSV: "text/csv; charset=utf-8",
    Format.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


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


#: A sheet's name is no longer, and has none of these letters.
SHEET_NAME, NOT_IN_NAMES = 31, re.compile(r"[\[\]:*?/\\']")
#: A sheet has no more rows, its heading among them; what is left goes on the next one.
SHEET_ROWS = 1_048_576
#: Rows of a workbook lie in a folder named so until it is done.
FOLDER = "hromada-sheets-"


def write(rows: Iterable[Iterable[Cell]], of: Format, title: str, file: IO[bytes]) -> None:
    """Write rows into a file, the first row the heading; few of them are held at once."""
    if of is Format.XLSX:
        workbook([(title, rows)], file)
        return
    for line in lines(rows):
        file.write(line.encode())


def workbook(
    sheets: Iterable[tuple[str, Iterable[Iterable[Cell]]]],
    file: IO[bytes],
    *,
    most: int = SHEET_ROWS,
) -> None:
    """Write an XLSX file with a sheet for each name and its rows, the first row its heading.

    Text is written as text: nothing a giver typed becomes a formula or a link. Rows go to disk as
    they come, so many of them take no more memory than one; more than `most` go on the next sheet.
    A process that is killed leaves that folder: see `remove_left`.
    """
    with (
        TemporaryDirectory(prefix=FOLDER) as folder,
        Workbook(
            file,
            {
                "constant_memory": True,
                "tmpdir": folder,
                "strings_to_formulas": False,
                "strings_to_urls": False,
                "default_date_format": "yyyy-mm-dd",
            },
        ) as book,
    ):
        bold = book.add_format({"bold": True})
        place = 0
        for name, rows in sheets:
            for part in _sheets(rows, most):
                place += 1
                cut = f"{place} {NOT_IN_NAMES.sub(' ', name)}"[:SHEET_NAME].rstrip()
                sheet = book.add_worksheet(cut)
                for line, row in enumerate(part):
                    for column, cell in enumerate(row):
                        sheet.write(line, column, cell, *([bold] if line == 0 else []))
                sheet.freeze_panes(1, 0)


def _sheets(rows: Iterable[Iterable[Cell]], most: int) -> Iterator[Iterator[Iterable[Cell]]]:
    """Cut rows into as many sheets as they fill, each with the heading; one where there is none."""
    rest = iter(rows)
    head = [list(row) for row in islice(rest, 1)]
    yield chain(head, islice(rest, most - 1))
    for row in rest:
        yield chain(head, [row], islice(rest, most - 2))


def remove_left(before: datetime) -> None:
    """Remove what processes that were killed left of workbooks they began before a moment."""
    for folder in Path(gettempdir()).glob(f"{FOLDER}*"):
        # Another process may remove it too, and one of another user's is not ours to remove.
        with suppress(OSError):
            if folder.lstat().st_mtime < before.timestamp():
                shutil.rmtree(folder)
