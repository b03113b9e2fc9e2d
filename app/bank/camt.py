"""Statements in camt.053, the XML of ISO 20022. Pure.

Versions differ little: from 03 on a party's name stands in a `Pty` of its own, from 07 on a status
is a code in an element of its own. Both ways are read, whatever the version. The elements are those
of https://www.iso20022.org/iso-20022-message-definitions, Bank-to-Customer Cash Management.
"""

import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import NoReturn
from xml.etree.ElementTree import Element, ParseError, TreeBuilder, XMLParser

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
from app.money import Money

#: What banks write where a payer gave no reference.
NONE_GIVEN = frozenset(["NOTPROVIDED", "NOTAVAILABLE", "NONREF"])
#: Elements this deep are no statement.
DEEPEST = 60


def looks_like(body: bytes) -> bool:
    """Whether a file is XML rather than a table."""
    start = body[:200].replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n")
    return start.startswith(b"<")


def read(body: bytes, *, today: date) -> Statement:
    """Read every entry; one that cannot be read is named and the others go on.

    Raises `NotAStatement`.
    """
    statement = Statement()
    for number, entry in enumerate(_entries(_root(body)), 1):
        if number > MOST_LINES:
            raise NotAStatement(Flaw.TOO_MANY_LINES, number)
        try:
            _read(entry, number, statement, today)
        except Unreadable as unreadable:
            statement.unread.append(Unread(number, unreadable.trouble, unreadable.found))
    return statement


class _Tree(TreeBuilder):
    """A tree of plain names, without namespaces. A statement that declares entities is none."""

    _depth = 0

    def start(self, tag: str, attrs: dict[str, str]) -> Element:
        self._depth += 1
        if self._depth > DEEPEST:
            raise NotAStatement(Flaw.NOT_CAMT)
        return super().start(tag.rpartition("}")[2], attrs)

    def end(self, tag: str) -> Element:
        self._depth -= 1
        return super().end(tag.rpartition("}")[2])

    def doctype(self, _name: str, _public: str | None, _system: str | None) -> NoReturn:
        """Refuse at its first line what could declare entities that grow without end."""
        raise NotAStatement(Flaw.DOCTYPE)


def _root(body: bytes) -> Element:
    parser = XMLParser(target=_Tree())  # noqa: S314 - no DOCTYPE passes, so no entity of its own
    try:
        parser.feed(body)
        root = parser.close()
    except ParseError as error:
        raise NotAStatement(Flaw.NOT_XML, error.position[0]) from None
    except (LookupError, ValueError) as error:
        if isinstance(error, NotAStatement):
            raise
        # An encoding that no machine knows.
        raise NotAStatement(Flaw.NOT_XML, 1) from None
    if root.tag != "Document":
        raise NotAStatement(Flaw.NOT_CAMT)
    return root


def _entries(root: Element) -> Iterator[Element]:
    message = root.find("BkToCstmrStmt")
    if message is None:
        other = next((child.tag for child in root), "")
        known = other in ("BkToCstmrAcctRpt", "BkToCstmrDbtCdtNtfctn")
        raise NotAStatement(Flaw.OTHER_CAMT if known else Flaw.NOT_CAMT, found=other)
    for one in message.iter("Stmt"):
        yield from one.findall("Ntry")


def _read(entry: Element, number: int, statement: Statement, today: date) -> None:
    state = _text(entry, "Sts/Cd") or _text(entry, "Sts")
    if state and state != "BOOK":
        statement.pending += 1
        return
    turned = _text(entry, "RvslInd").lower() in ("true", "1")
    direction = _text(entry, "CdtDbtInd")
    if direction not in ("CRDT", "DBIT"):
        raise Unreadable(Trouble.DIRECTION, direction)
    # Money that comes back because a payment of ours failed was given by nobody.
    if direction == "DBIT" or turned:
        statement.debits += 1
        return
    booked_on = _day(entry)
    if booked_on > today:
        raise Unreadable(Trouble.FUTURE, booked_on.isoformat())
    whole = _amount(entry.find("Amt"))
    reference = _text(entry, "AcctSvcrRef")
    parts = _parts(entry, whole)
    for place, (details, amount) in enumerate(parts, 1):
        own = _own_reference(details)
        batch = f"{reference} {place}" if reference and len(parts) > 1 else reference
        statement.entries.append(
            Entry(
                line=number,
                booked_on=booked_on,
                amount=amount,
                payer=one_line(_payer(details), LONGEST_NAME),
                account=_account(details),
                text=one_line(_remittance(details) or _text(entry, "AddtlNtryInf"), LONGEST_TEXT),
                reference=one_line(own or batch, LONGEST_REFERENCE),
            )
        )


def _parts(entry: Element, whole: Money) -> list[tuple[Element, Money]]:
    """Return the payments of an entry with their amounts: a batch has several.

    They stand for the entry only where they add up to it, in its own currency.
    """
    found = [details for part in entry.findall("NtryDtls") for details in part.findall("TxDtls")]
    if len(found) < 2:
        return [(found[0] if found else entry, whole)]
    amounts = [_part_amount(details) for details in found]
    if any(amount is None for amount in amounts):
        return [(entry, whole)]
    read_ = [_amount(amount) for amount in amounts]
    if {one.currency for one in read_} != {whole.currency}:
        return [(entry, whole)]
    if sum(one.minor for one in read_) != whole.minor:
        return [(entry, whole)]
    return list(zip(found, read_, strict=True))


def _part_amount(details: Element) -> Element | None:
    amount = details.find("Amt")
    return details.find("AmtDtls/TxAmt/Amt") if amount is None else amount


def _amount(element: Element | None) -> Money:
    if element is None:
        raise Unreadable(Trouble.AMOUNT)
    text = (element.text or "").strip()
    if not re.fullmatch(r"\d{1,18}(\.\d{0,5})?", text, re.ASCII):
        raise Unreadable(Trouble.AMOUNT, text)
    try:
        amount = money(Decimal(text), element.get("Ccy", ""))
    except InvalidOperation:
        raise Unreadable(Trouble.AMOUNT, text) from None
    if amount.minor <= 0:
        raise Unreadable(Trouble.AMOUNT, text)
    return amount


def _day(entry: Element) -> date:
    for where in ("BookgDt/Dt", "BookgDt/DtTm", "ValDt/Dt", "ValDt/DtTm"):
        text = _text(entry, where)
        if text:
            try:
                return date.fromisoformat(text[:10])
            except ValueError:
                raise Unreadable(Trouble.DAY, text) from None
    raise Unreadable(Trouble.DAY)


def _payer(details: Element) -> str:
    names = ("Dbtr/Nm", "Dbtr/Pty/Nm", "UltmtDbtr/Nm", "UltmtDbtr/Pty/Nm", "InitgPty/Nm")
    return _first(details, [f"RltdPties/{name}" for name in names])


def _account(details: Element) -> str:
    places = ("RltdPties/DbtrAcct/Id/IBAN", "RltdPties/DbtrAcct/Id/Othr/Id")
    return account_number(_first(details, places))


def _remittance(details: Element) -> str:
    free = [part.text or "" for part in details.findall("RmtInf/Ustrd")]
    marked = [part.text or "" for part in details.findall("RmtInf/Strd/CdtrRefInf/Ref")]
    more = [part.text or "" for part in details.findall("RmtInf/Strd/AddtlRmtInf")]
    return " ".join(text.strip() for text in (*free, *marked, *more) if text.strip())


def _own_reference(details: Element) -> str:
    return _first(details, ("Refs/AcctSvcrRef", "Refs/TxId", "Refs/UETR"))


def _first(element: Element, places: list[str] | tuple[str, ...]) -> str:
    found = (_text(element, place) for place in places)
    return next((text for text in found if text and text.upper() not in NONE_GIVEN), "")


def _text(element: Element, place: str) -> str:
    return (element.findtext(place) or "").strip()
