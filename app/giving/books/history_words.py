"""What a person's timeline says, in that person's language."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext as _

from app.giving.books.history import Entry, Kind
from app.giving.books.receipt_pdf import card_words
from app.giving.rules import RefundStatus
from app.localisation import format_money
from app.payments.facts import DisputeState


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a timeline, as a page shows it: see templates/giving/parts_history.html."""

    at: datetime
    text: str
    donation_id: int
    receipt: str


def lines(entries: Iterable[Entry]) -> list[Line]:
    """Return entries as lines in the current language."""
    return [Line(one.at, sentence(one), one.donation.id, one.receipt) for one in entries]


def sentence(entry: Entry) -> str:
    """Write what happened, to the person it happened to."""
    amount = format_money(entry.amount)
    match entry.kind:
        case Kind.GIFT:
            return _gift(entry, amount)
        case Kind.REFUND:
            return _refund(entry, amount)
        case Kind.DISPUTE:
            return _dispute(entry, amount)
        case Kind.TAKEN_BACK:
            return _("The entry of your gift of %(amount)s was taken back.", amount=amount)


def _gift(entry: Entry, amount: str) -> str:
    card = card_words(entry.donation)
    if card:
        return _("You gave %(amount)s by %(card)s.", amount=amount, card=card)
    if entry.donation.source == "bank":
        return _("You gave %(amount)s by bank transfer.", amount=amount)
    if entry.donation.source == "cash":
        return _("You gave %(amount)s in cash.", amount=amount)
    return _("You gave %(amount)s.", amount=amount)


def _refund(entry: Entry, amount: str) -> str:
    return {
        RefundStatus.PENDING: _("We are sending %(amount)s back to you.", amount=amount),
        RefundStatus.SUCCEEDED: _("We sent %(amount)s back to you.", amount=amount),
        RefundStatus.FAILED: _(
            "We sent %(amount)s back to you, but your bank returned it. Please write to us.",
            amount=amount,
        ),
    }[RefundStatus(entry.status)]


def _dispute(entry: Entry, amount: str) -> str:
    return {
        DisputeState.OPEN: _("Your bank took %(amount)s back and asks us about it.", amount=amount),
        DisputeState.WON: _("Your bank gave %(amount)s to us again.", amount=amount),
        DisputeState.LOST: _("Your bank returned %(amount)s to you.", amount=amount),
    }[DisputeState(entry.status)]
