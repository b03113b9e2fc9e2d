"""The bank room's facts in words."""

from flask_babel import gettext as _

from app.bank.columns import Column
from app.bank.figures import Mark, Order
from app.bank.matching import Reason, Strength
from app.bank.statement import Flaw, NotAStatement, Trouble
from app.bank.tables import Encoding
from app.giving.books.receipt_pdf import source_words

#: The kind of tag of each strength.
KINDS = {Strength.STRONG: "good", Strength.LIKELY: "plain", Strength.WEAK: "warn"}


def flaw(refused: NotAStatement) -> str:
    """Say why a file was refused, where, and what to do."""
    line = refused.line
    return {
        Flaw.EMPTY: _("The file is empty. Download the statement from the bank again."),
        Flaw.NOT_TEXT: _(
            "Line %(line)s is no text in the chosen encoding. Choose another encoding, or download "
            "the statement as CSV or camt.053 rather than PDF or Excel.",
            line=line,
        ),
        Flaw.NO_TABLE: _(
            "This is neither a CSV table nor XML. Download the statement as CSV or camt.053."
        ),
        Flaw.BROKEN_ROW: _(
            "Line %(line)s has a quotation mark that is not closed. Download the file again and "
            "upload it without opening it in another program.",
            line=line,
        ),
        Flaw.TOO_MANY_LINES: _(
            "The file has more than 20,000 lines. Download it in shorter periods; lines that are "
            "here already are not taken twice."
        ),
        Flaw.NOT_XML: _(
            "The XML breaks off or is damaged at line %(line)s. Download the file again.",
            line=line,
        ),
        Flaw.DOCTYPE: _(
            "The XML declares entities, which no bank's statement does. It was not read; ask where "
            "the file comes from."
        ),
        Flaw.NOT_CAMT: _("This XML is no camt.053 statement. Download the statement as camt.053."),
        Flaw.OTHER_CAMT: _(
            "This is a camt.052 or camt.054 message, which is not final. Download the statement "
            "itself, camt.053."
        ),
    }[refused.flaw]


def trouble(found: Trouble | str) -> str:
    """Say what of a line cannot be read."""
    return {
        Trouble.DAY: _("there is no day in it"),
        Trouble.FUTURE: _("its day is in the future; day and month may be the other way round"),
        Trouble.AMOUNT: _("there is no amount in it"),
        Trouble.CURRENCY: _("there is no currency in it"),
        Trouble.DIRECTION: _("it does not say whether the money came or went"),
        Trouble.SHORT: _("there is neither a day nor an amount in it"),
    }[Trouble(found)]


def column(one: Column) -> str:
    """Name what a column holds."""
    return {
        Column.DAY: _("Day"),
        Column.AMOUNT: _("Amount that came in"),
        Column.CURRENCY: _("Currency"),
        Column.PAYER: _("Who paid"),
        Column.ACCOUNT: _("Account of who paid"),
        Column.TEXT: _("What they wrote"),
        Column.REFERENCE: _("Reference of the bank"),
        Column.DIRECTION: _("Whether it came or went"),
        Column.STATE: _("Whether it is booked"),
    }[one]


def mark(one: Mark) -> str:
    """Name what stands before the decimals."""
    return {Mark.COMMA: _("a comma: 1.234,50"), Mark.POINT: _("a point: 1,234.50")}[one]


def order(one: Order) -> str:
    """Name the order of a day."""
    return {
        Order.DAY_FIRST: _("day, month, year"),
        Order.MONTH_FIRST: _("month, day, year"),
    }[one]


def encoding(one: Encoding) -> str:
    """Name how letters are written."""
    return {
        Encoding.UTF8: "UTF-8",
        Encoding.UTF16: "UTF-16",
        Encoding.CYRILLIC: _("Windows-1251 (Cyrillic)"),
        Encoding.LATIN: _("Windows-1250 (Latin)"),
    }[one]


def reason(one: Reason) -> str:
    """Say why somebody may be the giver."""
    return {
        Reason.REFERENCE: _("our reference is in the text"),
        Reason.ACCOUNT: _("gave from this account before"),
        Reason.EMAIL: _("the e-mail address is in the text"),
        Reason.NAME: _("has the payer's name"),
        Reason.AMOUNT: _("gave this amount before"),
    }[one]


def strength(one: Strength) -> str:
    """Say how sure a suggestion is."""
    return {
        Strength.STRONG: _("sure"),
        Strength.LIKELY: _("likely"),
        Strength.WEAK: _("a guess"),
    }[one]


def status(one: str) -> tuple[str, str]:
    """Return a line's state and the kind of its tag."""
    return {
        "waiting": (_("waits"), "marked"),
        "booked": (_("booked"), "good"),
        "set_aside": (_("no gift"), "plain"),
    }[one]


def source(one: str) -> str:
    """Say how a gift outside Stripe came."""
    return source_words(one)
