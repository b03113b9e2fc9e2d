"""The PDF of a yearly statement, set by Typst from templates/receipts/statement.typ."""

import json
from datetime import UTC, date, datetime, time
from functools import cache
from pathlib import Path

import typst
from flask import current_app
from flask_babel import force_locale
from flask_babel import gettext as _

from app.giving.books.receipt_pdf import issuer_lines, marks
from app.giving.books.years import Line, Statement
from app.localisation import format_day, format_money
from app.money import Money
from config.newsroom import Newsroom

#: A minus as it is set, not the hyphen of a keyboard.
MINUS = "\N{MINUS SIGN}"


def typeset(statement: Statement, newsroom: Newsroom, locale: str) -> bytes:
    """Return a statement as a tagged PDF in a language, of as many pages as it takes.

    Equal input gives equal bytes. Raises `typst.TypstError` when the template is broken.
    """
    with force_locale(locale):
        words = _words(statement, newsroom, locale)
    day = statement.as_of or date(statement.year, 12, 31)
    document = _compiler().compile(
        format="pdf",
        sys_inputs={"statement": json.dumps(words)},
        timestamp=datetime.combine(day, time(12), UTC),
    )
    assert isinstance(document, bytes), "one document, one file"
    return document


@cache
def _compiler() -> typst.Compiler:
    """One compiler per process, as for receipts."""
    source = Path(str(current_app.template_folder), "receipts", "statement.typ")
    return typst.Compiler(source, ignore_system_fonts=True)


def _words(statement: Statement, newsroom: Newsroom, locale: str) -> dict[str, object]:
    return {
        "locale": locale,
        "accent": newsroom.colours.accent,
        "newsroom": newsroom.name.within(locale),
        "tagline": newsroom.tagline.within(locale),
        "title": _("Your gifts in %(year)s", year=statement.year),
        "facts": _facts(statement),
        "head": [_("Date"), _("Receipt"), _("For"), _("Amount")],
        "lines": [row for line in statement.lines for row in _rows(line)],
        "totals": _totals(statement),
        "notes": _notes(statement),
        "page": _("Page %(number)s of %(pages)s", number="{number}", pages="{pages}"),
        "issuer": issuer_lines(newsroom),
    }


def _facts(statement: Statement) -> list[tuple[str, str]]:
    year = statement.year
    rows = [
        (_("Received from"), statement.name),
        (_("Currency"), statement.currency),
        (_("First day"), format_day(date(year, 1, 1))),
    ]
    until = statement.as_of or date(year, 12, 31)
    return [*rows, (_("Last day"), format_day(until))]


def _rows(line: Line) -> list[list[str]]:
    """The gift, then a row for each way in which some of it went back."""
    gift = line.donation
    rows = [
        [
            format_day(line.receipt.issued_on),
            line.receipt.reference,
            _("Recurring gift") if gift.pledge_id else _("Gift given once"),
            format_money(gift.amount),
        ]
    ]
    for mark, minor in zip(marks(gift, line.returned), line.gone, strict=True):
        less = format_money(Money(minor, gift.currency))
        rows.append(["", line.receipt.reference, mark, MINUS + less])
    return rows


def _totals(statement: Statement) -> list[tuple[str, str]]:
    kept = f"{format_money(statement.kept)} ({statement.currency})"
    if not statement.returned.minor:
        return [(_("In all"), kept)]
    return [
        (_("Received"), format_money(statement.given)),
        (_("Went back to you"), MINUS + format_money(statement.returned)),
        (_("In all"), kept),
    ]


def _notes(statement: Statement) -> list[str]:
    notes = []
    if statement.cover.minor:
        cover = format_money(statement.cover)
        notes.append(_("Of what we received, you added %(cover)s to cover the fees.", cover=cover))
    if statement.returned.minor:
        notes.append(
            _("What went back is subtracted from the gift it belongs to, whenever it went.")
        )
    if statement.as_of is not None:
        notes.append(_("The year is not over; later gifts are not in this statement."))
    notes.append(
        _(
            "Thank you. These gifts are donations: no goods or services were given in return. "
            "Gifts in other currencies have a statement of their own."
        )
    )
    return notes
