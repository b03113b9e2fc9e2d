"""The accountant's month in words: what each figure is, and the columns of the file."""

from datetime import tzinfo

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.export import Cell
from app.giving.books.totals import Given
from app.money import Money
from app.reports.entries import GIFT, Entry

#: The figures of a currency, in the order they are read: the name and what it counts.
FIGURES = (
    ("gross_minor", _l("Given")),
    ("outside_minor", _l("of it outside Stripe")),
    ("cover_minor", _l("of it to cover fees")),
    ("refunds_minor", _l("Refunded")),
    ("disputes_minor", _l("Taken by disputes")),
    ("corrections_minor", _l("Taken back by staff")),
)
KINDS = {
    GIFT: _l("gift"),
    "refund": _l("refund"),
    "refund_failed": _l("refund that came back"),
    "dispute": _l("dispute"),
    "dispute_returned": _l("dispute, money returned"),
    "correction": _l("taken back"),
}
SOURCES = {
    "stripe": _l("Stripe"),
    "bank": _l("bank transfer"),
    "cash": _l("cash"),
    "other": _l("another way"),
}


def figures(given: Given) -> list[tuple[str, Money]]:
    """Return what is to be read of one currency; what is nothing is left out but for the gross."""
    return [
        (str(label), Money(getattr(given, name), given.currency))
        for name, label in FIGURES
        if getattr(given, name) or name == "gross_minor"
    ]


def csv_head() -> list[Cell]:
    """The names of the columns of `csv_row`."""
    return [
        _("Day"),
        _("Time"),
        _("Entry"),
        _("Came by"),
        _("Receipt"),
        _("Name"),
        _("Amount"),
        _("Currency"),
        _("On Stripe's balance"),
        _("Stripe's fee"),
        _("Net"),
        _("Currency of the balance"),
        _("Stripe's id"),
        _("Reference"),
    ]


def csv_row(entry: Entry, zone: tzinfo) -> list[Cell]:
    """One entry as cells; amounts as plain signed decimals, days in the newsroom's zone."""
    at = entry.at.astimezone(zone)
    return [
        at.date(),
        f"{at:%H:%M:%S}",
        str(KINDS[entry.kind]),
        str(SOURCES[entry.source]),
        entry.receipt,
        entry.giver,
        entry.amount.major,
        entry.amount.currency,
        entry.settled.major if entry.settled else None,
        entry.fee.major if entry.fee else None,
        entry.net.major if entry.net else None,
        entry.settled.currency if entry.settled else None,
        entry.stripe_id,
        entry.reference,
    ]
