"""The tables of payouts: by month, one by one, and the entries that they hold."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import ColumnElement, Row

from app.giving.models import PayoutEntry
from app.localisation import format_month
from app.money import Money
from app.reports import paid_out, payout_words
from app.reports.listing import Found
from app.reports.paid_out import PaidOut
from app.reports.payout_words import PARTS
from app.reports.periods import ALL
from app.reports.shape import FIRST_ROWS, Asked, Behind, Each, Listing, Person, Table, Value

#: Names the list of the payouts of a month.
PAYOUTS = "payouts"


def by_month(found: Sequence[PaidOut]) -> Table:
    """Sum up payouts by the month in which they are to be in the bank, and by currency."""
    grouped: defaultdict[tuple[date, str], list[PaidOut]] = defaultdict(list)
    for one in found:
        grouped[one.payout.arrives_on.replace(day=1), one.payout.currency].append(one)
    return Table(
        _("By month of the day a payout is to be in the bank"),
        [_("Month"), _("Currency"), _("Payouts"), *_heads()],
        [
            [
                format_month(month),
                currency,
                Behind(len(ones), f"{month}:{currency}:{PAYOUTS}"),
                *_cells(ones, currency, ""),
            ]
            for (month, currency), ones in sorted(grouped.items())
        ],
        _("What was sent back by the bank is in its own row and, once paid again, in the next."),
    )


def each(found: Sequence[PaidOut]) -> Table:
    """Tell payouts one by one, in the order they are given."""

    def row(one: PaidOut) -> list[Value]:
        return [
            one.payout.arrives_on,
            payout_words.state(one.payout),
            *_cells([one], one.payout.currency, str(one.payout.id)),
            one.payout.stripe_payout_id,
        ]

    return Table(
        _("Each payout: what it holds adds up to it"),
        [_("In the bank"), _("State"), *_heads(), _("Stripe's id")],
        Each(found, row),
        _("Where nothing is told yet, Stripe is asked again within the hour."),
        shown=FIRST_ROWS,
    )


def _heads() -> list[str]:
    return [
        _("Payout"),
        *(str(name) for name in payout_words.COLUMNS.values()),
        _("Together"),
        _("Difference"),
    ]


def _cells(ones: Sequence[PaidOut], currency: str, key: str) -> list[Value]:
    """Payouts of one currency, their parts, the sum of these, and the difference."""
    paid = Money(sum(one.payout.amount_minor for one in ones), currency)
    if not all(one.readable for one in ones):
        return [paid, *[None] * (len(PARTS) + 2)]
    cells: list[Value] = [paid]
    for name, part in PARTS.items():
        minor = sum(part.minor(one.held) for one in ones)
        count = sum(part.count(one.held) for one in ones)
        money = Money(minor, currency)
        cells.append(Behind(money, f"{ALL}:{key}:{name}") if key and count else money)
    whole = Money(sum(one.sum_minor for one in ones), currency)
    return [
        *cells,
        Behind(whole, f"{ALL}:{key}:{ALL}") if key else whole,
        Money(sum(one.difference_minor for one in ones), currency),
    ]


def entries(which: ColumnElement[bool]) -> Listing:
    """List entries that payouts hold."""

    def written(row: Row[Any]) -> list[Value]:
        entry: PayoutEntry = row.PayoutEntry
        return [
            Person(row.account_id, row.name) if row.account_id else None,
            entry.happened_at,
            payout_words.entry(row.kind, entry),
            Money(entry.amount_minor, entry.currency),
            Money(entry.fee_minor, entry.currency),
            Money(entry.net_minor, entry.currency),
            entry.stripe_balance_transaction_id,
        ]

    return Listing(
        _("Entries of the payout"), _entry_heads(), Found(paid_out.entries(which), written)
    )


def _entry_heads() -> list[str]:
    return [
        _("Name"),
        _("Day"),
        _("Entry"),
        _("On the balance"),
        _("Fee"),
        _("Net"),
        _("Stripe's id"),
    ]


def not_in_the_bank(asked: Asked, currency: str) -> Listing:
    """List the ledger's entries that no payout had brought by the end of the period."""

    def written(row: Row[Any]) -> list[Value]:
        return [
            Person(row.account_id, row.name),
            row.at,
            payout_words.entry(row.kind),
            Money(row.amount_minor, currency),
            Money(row.fee_minor, currency),
            Money(row.net_minor, currency),
            row.stripe_id,
        ]

    return Listing(
        _("Not in the bank at the end"),
        _entry_heads(),
        Found(paid_out.waiting_entries(asked, currency), written),
    )
