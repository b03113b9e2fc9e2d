"""Statements in CSV, from seven banks, and files that are none."""

from datetime import date

import pytest

from app.bank import columns, tables
from app.bank.columns import Column
from app.bank.statement import Entry, Flaw, NotAStatement, Trouble, numbered
from app.bank.tables import Encoding
from app.money import Money
from tests.bank.files import TODAY, body, read

FILES = [
    (
        "privat24.csv",
        "cp1251",
        Encoding.CYRILLIC,
        ["2026-08-03 50000 UAH", "2026-08-04 125050 UAH"],
    ),
    ("privat24.csv", "utf-8-sig", Encoding.UTF8, ["2026-08-03 50000 UAH", "2026-08-04 125050 UAH"]),
    ("monobank.csv", "utf-8", Encoding.UTF8, ["2026-08-07 20000 UAH", "2026-08-06 451235 UAH"]),
    ("monobank.csv", "utf-16", Encoding.UTF16, ["2026-08-07 20000 UAH", "2026-08-06 451235 UAH"]),
    ("wise.csv", "utf-8", Encoding.UTF8, ["2026-08-14 2500 EUR", "2026-08-02 100000 EUR"]),
    (
        "sparkasse.csv",
        "cp1252",
        Encoding.LATIN,
        ["2026-08-14 5000 EUR", "2026-08-14 123456 EUR", "2026-08-14 123456 EUR"],
    ),
    ("dkb.csv", "utf-8-sig", Encoding.UTF8, ["2026-08-14 1200 EUR"]),
    ("mbank.csv", "cp1250", Encoding.LATIN, ["2026-08-03 15000 PLN"]),
    ("credit_union.csv", "utf-8", Encoding.UTF8, ["2026-08-13 105000 PLN", "2026-08-09 2500 PLN"]),
]


@pytest.mark.parametrize(("name", "encoding", "guessed", "lines"), FILES)
def test_the_money_that_came_in_is_read(
    name: str, encoding: str, guessed: Encoding, lines: list[str]
) -> None:
    raw = body(name, encoding)
    assert tables.guess_encoding(raw) is guessed
    found = read(raw, currency="PLN")
    assert [
        f"{one.booked_on} {one.amount.minor} {one.amount.currency}" for one in found.entries
    ] == lines
    assert found.debits == 1, "money that went out is passed over"


def test_a_line_keeps_what_tells_who_gave() -> None:
    assert read(body("privat24.csv", "cp1251")).entries[0] == Entry(
        line=2,
        booked_on=date(2026, 8, 3),
        amount=Money(50000, "UAH"),
        payer="Марченко Олена Іванівна",
        account="UA213223130000026007233566001",
        text="Благодійна допомога на статутну діяльність, RF74000001",
        reference="JBKLM8A1",
    )


def test_polish_and_german_letters_survive_their_old_encodings() -> None:
    assert read(body("mbank.csv", "cp1250")).entries[0].payer == "ŁUKASZ WÓJCIK UL. DŁUGA 5"
    assert read(body("sparkasse.csv", "cp1252")).entries[1].payer == "Weiß, Käthe"


def test_what_the_bank_has_not_booked_yet_waits_for_a_later_statement() -> None:
    assert read(body("sparkasse.csv", "cp1250")).pending == 1
    assert read(body("dkb.csv")).pending == 1


def test_a_closing_balance_is_no_gift_and_is_named() -> None:
    (unread,) = read(body("mbank.csv", "cp1250")).unread
    assert (unread.line, unread.trouble) == (9, Trouble.DAY)


def test_the_payees_account_is_not_the_givers() -> None:
    table = tables.open_(body("wise.csv"), Encoding.UTF8)
    assert Column.ACCOUNT not in tables.guess(table, "EUR").columns


@pytest.mark.parametrize(
    ("row", "trouble"),
    [
        ("yesterday,5.00,EUR", Trouble.DAY),
        ("2026-09-01,5.00,EUR", Trouble.FUTURE),
        ("2026-08-01,five,EUR", Trouble.AMOUNT),
        ("2026-08-01,5.001,EUR", Trouble.AMOUNT),
        ("2026-08-01,5.5,JPY", Trouble.AMOUNT),
        ("2026-08-01,5.00,euro", Trouble.CURRENCY),
        ("2026-08-01", None),
        (",,Total", Trouble.SHORT),
        ("2026-08-01,99999999999999.00,EUR", Trouble.AMOUNT),
    ],
)
def test_a_line_that_cannot_be_read_is_named_and_the_others_go_on(
    row: str, trouble: Trouble | None
) -> None:
    found = read(f"Date,Amount,Currency\n{row}\n2026-08-02,7.00,EUR\n".encode())
    assert [one.amount for one in found.entries] == [Money(700, "EUR")]
    assert [(one.line, one.trouble) for one in found.unread] == ([(2, trouble)] if trouble else [])


def test_a_column_of_directions_decides_where_amounts_have_no_sign() -> None:
    rows = "Date;Amount;Direction\n01.08.2026;5,00;IN\n02.08.2026;6,00;OUT\n03.08.2026;7,00;up\n"
    found = read(rows.encode())
    assert ([one.amount.minor for one in found.entries], found.debits) == ([500], 1)
    assert found.unread[0].trouble is Trouble.DIRECTION


def test_a_cell_may_hold_line_breaks_and_lines_keep_their_numbers() -> None:
    rows = 'Date,Amount,Description\n2026-08-01,5.00,"two\nlines"\n2026-08-02,6.00,one\n'
    assert [(one.line, one.text) for one in read(rows.encode()).entries] == [
        (2, "two lines"),
        (4, "one"),
    ]


@pytest.mark.parametrize(
    ("raw", "flaw", "line"),
    [
        (b"", Flaw.EMPTY, 0),
        (b" \n \n", Flaw.EMPTY, 0),
        (b"\xff\xfe\x00", Flaw.NOT_TEXT, 1),
        (b"PK\x03\x04\x00\x00", Flaw.NOT_TEXT, 1),
        (b"%PDF-1.7 nothing here", Flaw.NO_TABLE, 0),
        (b'Date,Amount\n2026-08-01,"5.00\n2026-08-02,6.00\n', Flaw.BROKEN_ROW, 2),
        (b'Date,Amount,Text\n2026-08-01,5.00,"a"b\n', Flaw.BROKEN_ROW, 2),
        (b"Date,Amount\n" + b"2026-08-01,5.00\n" * 20_001, Flaw.TOO_MANY_LINES, 20_001),
    ],
)
def test_a_file_that_is_no_statement_is_refused_with_its_line(
    raw: bytes, flaw: Flaw, line: int
) -> None:
    with pytest.raises(NotAStatement) as refused:
        read(raw)
    assert (refused.value.flaw, refused.value.line) == (flaw, line)


def test_headings_of_four_languages_are_known() -> None:
    expected = {
        "Date|Amount|Payer": {Column.DAY: 0, Column.AMOUNT: 1, Column.PAYER: 2},
        "Дата|Сума|Платник": {Column.DAY: 0, Column.AMOUNT: 1, Column.PAYER: 2},
        "Buchungstag|Betrag|Auftraggeber": {Column.DAY: 0, Column.AMOUNT: 1, Column.PAYER: 2},
        "Data operacji|Kwota|Nadawca": {Column.DAY: 0, Column.AMOUNT: 1, Column.PAYER: 2},
        "a|b|c": {},
        "Balance|Total fees|Saldo": {},
    }
    for headings, found in expected.items():
        assert columns.guess(headings.split("|")) == found, headings


def test_identical_lines_of_one_file_are_told_apart_and_the_same_in_the_next() -> None:
    entries = read(body("sparkasse.csv", "cp1252")).entries
    keys = [key for _, key in numbered(entries)]
    assert len(set(keys)) == 3
    assert keys == [key for _, key in numbered(read(body("sparkasse.csv", "utf-8")).entries)]


def test_a_day_in_the_future_hints_at_days_read_as_months() -> None:
    found = read(b"Date,Amount\n12/09/2026,5.00\n", today=TODAY)
    assert found.unread[0].trouble is Trouble.FUTURE
