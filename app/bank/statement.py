"""What a bank statement says, in our words, whichever format it came in. Pure."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum

from app.money import Money, exponent

#: The longest texts that are kept of a line.
LONGEST_NAME, LONGEST_TEXT, LONGEST_REFERENCE = 140, 1000, 140
#: A statement of a newsroom has fewer lines; a file that has more is split by its days.
MOST_LINES = 20_000


class Flaw(StrEnum):
    """Why a file cannot be taken for a statement at all."""

    EMPTY = "empty"
    NOT_TEXT = "not_text"
    NO_TABLE = "no_table"
    BROKEN_ROW = "broken_row"
    TOO_MANY_LINES = "too_many_lines"
    NOT_XML = "not_xml"
    DOCTYPE = "doctype"
    NOT_CAMT = "not_camt"
    OTHER_CAMT = "other_camt"


class NotAStatement(ValueError):
    """A file cannot be read: `flaw` says why, `line` where (0: nowhere in particular)."""

    def __init__(self, flaw: Flaw, line: int = 0, found: str = "") -> None:
        super().__init__(f"{flaw} at line {line}")
        self.flaw = flaw
        self.line = line
        self.found = found[:60]


class Trouble(StrEnum):
    """Why one line of a statement cannot be read."""

    DAY = "day"
    FUTURE = "future"
    AMOUNT = "amount"
    CURRENCY = "currency"
    DIRECTION = "direction"
    SHORT = "short"


class Unreadable(ValueError):
    """One line cannot be read; `trouble` says what of it, `found` what stands there."""

    def __init__(self, trouble: Trouble, found: str = "") -> None:
        super().__init__(trouble)
        self.trouble = trouble
        self.found = found[:60]


@dataclass(frozen=True, slots=True)
class Unread:
    """A line that was left out because it cannot be read."""

    line: int
    trouble: Trouble
    found: str


@dataclass(frozen=True, slots=True)
class Entry:
    """Money that came in: one line of a statement."""

    #: Where it stands in the file: its line, or its number among the entries of an XML.
    line: int
    booked_on: date
    amount: Money
    #: Who paid, as the bank has it; empty where it does not say.
    payer: str = ""
    #: The payer's account, upper-case letters and digits alone; empty where it is not whole.
    account: str = ""
    #: What the payer wrote.
    text: str = ""
    #: The bank's own reference of this line; empty where it gives none.
    reference: str = ""


@dataclass(slots=True)
class Statement:
    """What a file holds: the money that came in, and how much else was passed over."""

    entries: list[Entry] = field(default_factory=list)
    #: Lines of money that went out.
    debits: int = 0
    #: Lines the bank has not booked yet; a later statement has them.
    pending: int = 0
    unread: list[Unread] = field(default_factory=list)


def money(value: Decimal, currency: str) -> Money:
    """Return an exact amount. Raises `Unreadable` for a code or decimals no currency has."""
    code = currency.strip().upper()
    if not re.fullmatch(r"[A-Z]{3}", code):
        raise Unreadable(Trouble.CURRENCY, currency)
    minor = value.scaleb(exponent(code))
    if minor != minor.to_integral_value() or abs(minor) >= 10**12:
        raise Unreadable(Trouble.AMOUNT, str(value))
    return Money(int(minor), code)


def one_line(text: str, longest: int) -> str:
    """Return a text without line breaks, doubled blanks and control characters, cut to length."""
    plain = "".join(
        letter if letter.isprintable() else " " for letter in unicodedata.normalize("NFC", text)
    )
    return " ".join(plain.split())[:longest]


def account_number(text: str) -> str:
    """Return an account number bare; empty when the bank has hidden part of it."""
    whole = re.sub(r"[\s.\-/'\u2019]", "", text).upper()
    return whole if re.fullmatch(r"[A-Z0-9]{6,34}", whole) else ""


def bare(text: str) -> str:
    """Return the letters and digits of a text in small letters, for comparing."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return "".join(letter for letter in folded if letter.isalnum())


def content(entry: Entry) -> str:
    """Write what a line says, as any format of any bank would: without its bank's reference."""
    amount = f"{entry.amount.minor} {entry.amount.currency}"
    return "\n".join((entry.booked_on.isoformat(), amount, bare(entry.payer), bare(entry.text)))


def identity(entry: Entry) -> str:
    """Write what tells a line with a bank's reference from every other; empty without one.

    A reference alone is not enough: some banks count anew every day, and some print the number of
    the payer's own document.
    """
    if not entry.reference:
        return ""
    amount = f"{entry.amount.minor} {entry.amount.currency}"
    parts = (entry.booked_on.isoformat(), amount, bare(entry.reference), bare(entry.payer))
    return "\n".join(("reference", *parts))


def numbered(entries: Iterable[Entry]) -> Iterator[tuple[Entry, str]]:
    """Yield each line with its key: the same for the same line in another file, never twice in one.

    Two people may give the same on one day and write nothing; the key counts them.
    """
    seen: Counter[str] = Counter()
    for entry in entries:
        key = identity(entry) or content(entry)
        seen[key] += 1
        yield entry, placed(key, seen[key])


def placed(text: str, place: int) -> str:
    """Write the key of the line that is the n-th of a file to say something, from 1 on."""
    return f"{text}\n{place}"
