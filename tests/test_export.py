"""Files that a spreadsheet shows and never runs."""

import csv
import io
import os
import shutil
import tempfile
import zipfile
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from app import export


@pytest.mark.parametrize(
    "cell",
    ["=1+1", "+380441234567", "-2", "@SUM(A1)", '=HYPERLINK("http://x.test")'],
)
def test_a_cell_that_a_spreadsheet_would_run_is_defused(cell: str) -> None:
    assert export.defused(cell) == f"'{cell}"


@pytest.mark.parametrize(
    ("cell", "written"),
    [
        ("Ann;=1+1", "Ann;'=1+1"),
        ("Ann; @SUM(A1)", "Ann;' @SUM(A1)"),
        ("Ann\n-2", "Ann\n'-2"),
        ('Ann;"=1+1', "Ann;'\"=1+1"),
        (" =1+1", "' =1+1"),
        ("＝1+1", "'＝1+1"),
    ],
)
def test_a_cell_that_a_spreadsheet_would_cut_in_two_and_run_is_defused(
    cell: str, written: str
) -> None:
    assert export.defused(cell) == written


@pytest.mark.parametrize(
    ("cell", "written"),
    [
        ("Ґалина Їжакевич", "Ґалина Їжакевич"),
        ("a=b", "a=b"),
        ("", ""),
        (None, ""),
        (-5, "-5"),
        (date(2026, 8, 3), "2026-08-03"),
    ],
)
def test_any_other_cell_is_written_as_it_is(cell: export.Cell, written: str) -> None:
    assert export.defused(cell) == written


def test_rows_come_back_whole_whatever_stands_in_them() -> None:
    rows = [["Name", "Note"], ["Їжак, Ганна", 'says "so"\nand goes on'], ["O'Neil", "=2*3"]]

    text = "".join(export.lines(rows))

    assert text.startswith("\ufeff")
    read = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline="")))
    assert read == [rows[0], rows[1], ["O'Neil", "'=2*3"]]


def test_only_the_first_row_carries_the_byte_order_mark() -> None:
    lines = list(export.lines([["a"], ["b"]]))

    assert lines == ["\ufeffa\r\n", "b\r\n"]


def test_a_workbook_goes_on_on_the_next_sheet_when_one_is_full() -> None:
    file = io.BytesIO()

    export.workbook([("Rows", [["Number"], *([number] for number in range(5))])], file, most=3)

    book = zipfile.ZipFile(file)
    sheets = [book.read(f"xl/worksheets/sheet{number}.xml").decode() for number in (1, 2, 3)]
    assert [sheet.count("<row ") for sheet in sheets] == [3, 3, 2]
    assert "xl/worksheets/sheet4.xml" not in book.namelist()


def sheets() -> set[Path]:
    """The folders in which rows of workbooks lie."""
    return set(Path(tempfile.gettempdir()).glob(f"{export.FOLDER}*"))


def test_rows_of_a_workbook_lie_in_a_folder_that_goes_with_it() -> None:
    before, seen = sheets(), set()

    def rows() -> Iterator[list[export.Cell]]:
        yield ["Number"]
        seen.update(sheets() - before)
        yield [1]

    export.workbook([("Rows", rows())], io.BytesIO())

    assert seen
    assert not any(folder.exists() for folder in seen)


def test_what_a_killed_process_left_of_a_workbook_is_removed_once_it_is_old() -> None:
    old, new, of_others = (
        Path(tempfile.mkdtemp(prefix=prefix))
        for prefix in (export.FOLDER, export.FOLDER, "of-others-")
    )
    for folder, year in ((old, 2000), (new, 2002), (of_others, 2000)):
        (folder / "rows").touch()
        moment = datetime(year, 8, 1, tzinfo=UTC).timestamp()
        os.utime(folder, (moment, moment))
    try:
        export.remove_left(datetime(2001, 8, 1, tzinfo=UTC))

        assert [folder.exists() for folder in (old, new, of_others)] == [False, True, True]
    finally:
        for folder in (new, of_others):
            shutil.rmtree(folder)
