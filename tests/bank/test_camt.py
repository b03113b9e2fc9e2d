"""Statements in camt.053: two versions, batches, reversals, and files that mean harm."""

import time
from datetime import date

import pytest

from app.bank import camt
from app.bank.statement import Entry, Flaw, NotAStatement, Trouble, content
from app.money import Money
from tests.bank.files import TODAY, body, read

HEAD = '<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.02"><BkToCstmrStmt><Stmt>'
FOOT = "</Stmt></BkToCstmrStmt></Document>"


def entry(
    amount: str = "5.00", currency: str = "EUR", day: str = "2026-08-14", **parts: str
) -> str:
    """One entry of money that came in; `more` stands at its end."""
    return (
        f'<Ntry><Amt Ccy="{currency}">{amount}</Amt>'
        f"<CdtDbtInd>{parts.get('direction', 'CRDT')}</CdtDbtInd>{parts.get('state', '')}"
        f"<BookgDt><Dt>{day}</Dt></BookgDt>{parts.get('more', '')}</Ntry>"
    )


def test_version_2_is_read() -> None:
    found = camt.read(body("camt053_02.xml"), today=TODAY)
    assert found.entries[0] == Entry(
        line=1,
        booked_on=date(2026, 8, 14),
        amount=Money(5000, "EUR"),
        payer="Jürgen Müller",
        account="DE02120300000000202051",
        text="Spende Fuer unabhaengigen Journalismus",
        reference="2026081400001",
    )
    assert [one.reference[-1] for one in found.entries] == ["1", "2", "3"]
    assert (found.debits, found.pending, found.unread) == (2, 1, [])


def test_version_8_is_read_and_a_batch_is_its_payments() -> None:
    found = camt.read(body("camt053_08.xml"), today=TODAY)
    assert [(one.line, one.amount.minor, one.payer, one.reference) for one in found.entries] == [
        (1, 2550, "Olena Marchenko", "ZKB-77 1"),
        (1, 1000, "Taras & Iryna Koval", "ZKB-77 2"),
        (2, 2000, "", "ZKB-78"),
    ]
    assert [one.text for one in found.entries] == ["RF74000001", "for the newsroom", "Cash deposit"]
    assert found.entries[1].account == "1234567890"
    assert [(one.line, one.trouble) for one in found.unread] == [(3, Trouble.AMOUNT)]


def test_the_same_lines_say_the_same_in_both_formats() -> None:
    table = read(body("sparkasse.csv", "cp1252")).entries
    message = camt.read(body("camt053_02.xml"), today=TODAY).entries
    assert [content(one) for one in table] == [content(one) for one in message]


def test_a_batch_that_does_not_add_up_stays_one_line() -> None:
    details = '<TxDtls><Amt Ccy="{}">{}</Amt></TxDtls>'
    for parts in (("EUR", "1.00"), ("USD", "2.50")):
        more = "<NtryDtls>" + details.format(*parts) * 2 + "</NtryDtls>"
        found = camt.read((HEAD + entry(more=more) + FOOT).encode(), today=TODAY)
        assert [one.amount for one in found.entries] == [Money(500, "EUR")]


@pytest.mark.parametrize(
    ("one", "trouble"),
    [
        (entry(amount="5.001"), Trouble.AMOUNT),
        (entry(amount="-5.00"), Trouble.AMOUNT),
        (entry(amount="0.00"), Trouble.AMOUNT),
        (entry(amount="five"), Trouble.AMOUNT),
        (entry(currency="euro"), Trouble.CURRENCY),
        (entry(day="14.08.2026"), Trouble.DAY),
        (entry(day="2026-09-14"), Trouble.FUTURE),
        (entry(direction="BOTH"), Trouble.DIRECTION),
    ],
)
def test_an_entry_that_cannot_be_read_is_named(one: str, trouble: Trouble) -> None:
    found = camt.read((HEAD + one + entry() + FOOT).encode(), today=TODAY)
    assert [(bad.line, bad.trouble) for bad in found.unread] == [(1, trouble)]
    assert len(found.entries) == 1


BOMB = (
    '<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY a "aaaaaaaaaa">'
    + "".join(
        f'<!ENTITY {new} "{f"&{old};" * 10}">'
        for old, new in zip("abcdefgh", "bcdefghi", strict=True)
    )
    + "]><Document>&i;</Document>"
)
OUTSIDE = '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><Document>&e;</Document>'


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
@pytest.mark.parametrize("text", [BOMB, OUTSIDE, "<!DOCTYPE Document><Document/>"])
def test_a_file_that_declares_entities_is_refused_before_they_grow(
    text: str, encoding: str
) -> None:
    began = time.monotonic()
    with pytest.raises(NotAStatement) as refused:
        camt.read(
            text.replace('"1.0"', f'"1.0" encoding="{encoding}"').encode(encoding), today=TODAY
        )
    assert refused.value.flaw is Flaw.DOCTYPE
    assert time.monotonic() - began < 1


@pytest.mark.parametrize(
    ("raw", "flaw", "line"),
    [
        (b"<Document>\n<BkToCstmrStmt>\n", Flaw.NOT_XML, 3),
        (b"<Document>&nbsp;</Document>", Flaw.NOT_XML, 1),
        (b'<?xml version="1.0" encoding="no-such"?><Document/>', Flaw.NOT_XML, 1),
        (b"<html><body>Please sign in</body></html>", Flaw.NOT_CAMT, 0),
        (b"<Document/>", Flaw.NOT_CAMT, 0),
        (b"<Document><BkToCstmrAcctRpt/></Document>", Flaw.OTHER_CAMT, 0),
        (b"<Document><BkToCstmrDbtCdtNtfctn/></Document>", Flaw.OTHER_CAMT, 0),
        (b"<a>" * 50_000, Flaw.NOT_CAMT, 0),
    ],
)
def test_what_is_no_statement_is_refused_with_its_line(raw: bytes, flaw: Flaw, line: int) -> None:
    with pytest.raises(NotAStatement) as refused:
        camt.read(raw, today=TODAY)
    assert (refused.value.flaw, refused.value.line) == (flaw, line)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_xml_is_told_from_a_table_in_any_encoding(encoding: str) -> None:
    assert camt.looks_like("<Document/>".encode(encoding))
    assert not camt.looks_like("Date,Amount".encode(encoding))


def test_a_month_of_ten_thousand_entries_is_read_quickly() -> None:
    raw = (HEAD + entry() * 10_000 + FOOT).encode()
    began = time.monotonic()
    assert len(camt.read(raw, today=TODAY).entries) == 10_000
    assert time.monotonic() - began < 5
