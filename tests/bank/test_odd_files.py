"""Whatever a file holds, it is read, or refused in words: nothing else ever comes of it."""

import contextlib
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from app.bank import camt, tables
from app.bank.statement import NotAStatement, numbered
from app.bank.tables import Encoding
from tests.bank.files import TODAY, body, read

CELLS = st.one_of(
    st.sampled_from(["Date", "Amount", "Сума", "2026-08-14", "14.08.26", "1.234,56", "-5", "EUR"]),
    st.text(max_size=12),
)
ROWS = st.lists(st.lists(CELLS, max_size=6), max_size=8)


@settings(deadline=None)
@given(ROWS, st.sampled_from(tables.SEPARATORS))
def test_any_table_is_read_or_refused(rows: list[list[str]], separator: str) -> None:
    raw = "\n".join(separator.join(row) for row in rows).encode("utf-8", "replace")
    with contextlib.suppress(NotAStatement):
        found = read(raw)
        keys = [key for _, key in numbered(found.entries)]
        assert len(set(keys)) == len(keys)
        assert all(entry.amount.minor > 0 for entry in found.entries)


@settings(deadline=None)
@given(st.binary(max_size=300), st.sampled_from(list(Encoding)))
def test_any_bytes_are_read_or_refused(raw: bytes, encoding: Encoding) -> None:
    for reading in (lambda: tables.open_(raw, encoding), lambda: camt.read(raw, today=TODAY)):
        with contextlib.suppress(NotAStatement):
            _: Any = reading()


@settings(deadline=None)
@given(st.data())
def test_a_statement_that_was_cut_or_stained_is_read_or_refused(data: st.DataObject) -> None:
    whole = body("camt053_08.xml")
    at = data.draw(st.integers(0, len(whole)))
    stained = whole[:at] + data.draw(st.binary(max_size=4)) + whole[at + 3 :]
    for raw in (whole[:at], stained):
        with contextlib.suppress(NotAStatement):
            camt.read(raw, today=TODAY)


def test_a_cell_of_brackets_takes_no_longer_than_any_other() -> None:
    raw = b"Date,Amount" + b"(" * 100_000 + b"\n2026-08-01,5.00\n"
    assert len(read(raw).entries) == 1
