"""Payouts in words: their states, what they hold, and the columns that what they hold is put in."""

from collections.abc import Mapping
from dataclasses import dataclass

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement

from app.giving.books import payouts
from app.giving.models import Payout, PayoutEntry, PayoutSum
from app.payments.payout_facts import EntryKind, PayoutState
from app.reports import month_words
from app.reports.paid_out import Held

UNMATCHED = PayoutSum.UNMATCHED
FEES = "fees"


@dataclass(frozen=True, slots=True)
class Part:
    """One column of a payout: the kinds it adds up, fees apart."""

    kinds: tuple[str, ...]
    #: Whether fees are still in it: of what the ledger has not, all is told together.
    net: bool = False

    def minor(self, held: Mapping[str, Held]) -> int:
        """What it comes to."""
        ones = [one for kind, one in held.items() if kind in self.kinds]
        return sum(one.net_minor if self.net else one.amount_minor for one in ones)

    def count(self, held: Mapping[str, Held]) -> int:
        """How many entries stand behind it."""
        return sum(one.count for kind, one in held.items() if kind in self.kinds)

    def which(self) -> ColumnElement[bool]:
        """The entries that stand behind it, of those that `payouts.matched` joined."""
        return payouts.kind_in_the_ledger().in_(self.kinds)


class _Fees(Part):
    """What Stripe kept of gifts, refunds and disputes, and what it charged besides."""

    def minor(self, held: Mapping[str, Held]) -> int:
        """What it comes to, as it was taken: mostly negative."""
        kept = sum(held[kind].fee_minor for kind in payouts.LEDGER if kind in held)
        charged = held.get(EntryKind.STRIPE_FEE)
        return (charged.net_minor if charged else 0) - kept

    def count(self, held: Mapping[str, Held]) -> int:
        """How many entries stand behind it."""
        return sum(one.count for kind, one in held.items() if kind in self.kinds)

    def which(self) -> ColumnElement[bool]:
        """The entries that stand behind it."""
        return Part.which(self) & (
            (PayoutEntry.fee_minor != 0) | (PayoutEntry.kind == EntryKind.STRIPE_FEE)
        )


#: The columns of a payout in their order; every kind is in one, fees of the ledger's in their own.
PARTS: dict[str, Part] = {
    "gifts": Part((EntryKind.GIFT,)),
    "refunds": Part((EntryKind.REFUND, EntryKind.REFUND_FAILED)),
    "disputes": Part((EntryKind.DISPUTE, EntryKind.DISPUTE_RETURNED)),
    FEES: _Fees((*payouts.LEDGER, EntryKind.STRIPE_FEE)),
    UNMATCHED: Part((UNMATCHED,), net=True),
    "other": Part((EntryKind.PAYOUT_RETURNED, EntryKind.OTHER), net=True),
}
COLUMNS = {
    "gifts": _l("Gifts"),
    "refunds": _l("Refunds"),
    "disputes": _l("Disputes"),
    FEES: _l("Fees"),
    UNMATCHED: _l("Not in the ledger"),
    "other": _l("Other movements"),
}


def state(payout: Payout) -> str:
    """Write how far a payout has come."""
    word = {
        PayoutState.PENDING: _("being made"),
        PayoutState.IN_TRANSIT: _("on its way"),
        PayoutState.PAID: _("in the bank"),
        PayoutState.FAILED: _("sent back by the bank"),
        PayoutState.CANCELLED: _("called off"),
    }[PayoutState(payout.status)]
    return word if payout.automatic else _("%(state)s, made by hand", state=word)


def entry(kind: str, of: PayoutEntry | None = None) -> str:
    """Write what a movement of the balance is; in Stripe's own words too where it is not ours."""
    if kind in month_words.KINDS:
        return str(month_words.KINDS[kind])
    word = {
        UNMATCHED: _("not in the ledger"),
        EntryKind.STRIPE_FEE.value: _("Stripe's charge"),
        EntryKind.PAYOUT_RETURNED.value: _("payout sent back"),
    }.get(kind, _("other"))
    theirs = (of.description or of.stripe_type.replace("_", " ")) if of else ""
    return f"{word}: {theirs}" if theirs else word
