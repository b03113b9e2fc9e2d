"""Refunds and disputes: how much of what was paid goes back, and why."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import Row

from app.accounts.models import Role
from app.giving.reversals import reversal_words
from app.localisation import format_month
from app.money import Money
from app.reports import going_back, periods, report_words
from app.reports.going_back import Happened, What
from app.reports.listing import Found
from app.reports.periods import ALL
from app.reports.shape import (
    Answer,
    Asked,
    Behind,
    Chart,
    Figure,
    Group,
    Listing,
    Person,
    Report,
    Share,
    Table,
    Value,
)

#: The lists behind cells: what each holds.
LISTS: dict[str, tuple[What, ...]] = {
    "refunds": (What.REFUND,),
    "came_back": (What.REFUND_FAILED,),
    "disputes": (What.DISPUTE,),
    "inquiries": (What.INQUIRY,),
    "warnings": (What.WARNING,),
    "refunded": (What.REFUND, What.REFUND_FAILED),
    "contested": (What.TAKEN, What.RETURNED),
}


def build(asked: Asked) -> Answer:
    """Tell how often and how much money went back, of how many payments, and for which reasons."""
    found, earlier = going_back.by_month(asked), going_back.by_month(asked.before())
    charged = going_back.charges(asked)
    whole, whole_before = sum(charged.values()), sum(going_back.charges(asked.before()).values())
    key = f"{ALL}:{ALL}"
    return Answer(
        [
            Figure(
                _("Refunds"),
                [Behind(_share(found, "refunds", whole), f"{key}:refunds:{ALL}")],
                _("Of all payments through Stripe in this time."),
                [_share(earlier, "refunds", whole_before)],
            ),
            Figure(
                _("Disputes"),
                [Behind(_share(found, "disputes", whole), f"{key}:disputes:{ALL}")],
                _("Opened in this time, of all payments through Stripe in it."),
                [_share(earlier, "disputes", whole_before)],
            ),
            Figure(_("Refunded"), _sums(found, "refunded"), before=_sums(earlier, "refunded")),
            Figure(
                _("Taken by disputes"),
                _sums(found, "contested"),
                _("Less what came back from disputes that were won; without the bank's fee."),
                _sums(earlier, "contested"),
            ),
        ],
        _chart(asked, found),
        [_months(asked, found, charged), _money(found), _refunds(found), _disputes(found)],
    )


def _of(found: Sequence[Happened], name: str) -> list[Happened]:
    return [one for one in found if one.what in LISTS[name]]


def _count(found: Sequence[Happened], name: str) -> int:
    return sum(one.count for one in _of(found, name))


def _minor(found: Sequence[Happened], name: str) -> int:
    return sum(one.amount_minor for one in _of(found, name))


def _share(found: Sequence[Happened], name: str, whole: int) -> Share:
    return Share(_count(found, name), whole)


def _sums(found: Sequence[Happened], name: str) -> list[Value]:
    currencies = sorted({one.currency for one in _of(found, name)})
    return [
        Money(_minor([one for one in found if one.currency == currency], name), currency)
        for currency in currencies
    ]


def _months(asked: Asked, found: Sequence[Happened], charged: dict[date, int]) -> Table:
    rows: list[Sequence[Value]] = []
    few = set()
    for month, _since, _until in asked.spans():
        ones = [one for one in found if one.month == month]
        whole, key = charged.get(month, 0), f"{month}:{ALL}"
        shares = [
            Behind(_share(ones, name, whole), f"{key}:{name}:{ALL}")
            for name in ("refunds", "disputes")
        ]
        counts = [
            Behind(_count(ones, name), f"{key}:{name}:{ALL}")
            for name in ("refunds", "came_back", "disputes", "inquiries", "warnings")
        ]
        if whole < Share.SMALL:
            few.add(len(rows))
        rows.append(
            [format_month(month), whole, counts[0], shares[0], *counts[1:3], shares[1], *counts[3:]]
        )
    return Table(
        _("Refunds and disputes by month"),
        [
            _("Month"),
            _("Payments"),
            _("Refunds"),
            _("Of the payments"),
            _("Refunds that came back"),
            _("Disputes"),
            _("Of the payments"),
            _("Only asked about"),
            _("Warnings of fraud"),
        ],
        rows,
        _(
            "A refund counts in the month the money went, whenever the gift was. What the bank "
            "only asks about takes no money and is no dispute."
        )
        + (" " + _("Grey: fewer than %(count)s payments.", count=Share.SMALL) if few else ""),
        frozenset(few),
    )


def _money(found: Sequence[Happened]) -> Table:
    grouped: defaultdict[tuple[date, str], list[Happened]] = defaultdict(list)
    for one in (*_of(found, "refunded"), *_of(found, "contested")):
        grouped[one.month, one.currency].append(one)
    rows: list[Sequence[Value]] = [
        [
            format_month(month),
            currency,
            *(
                Behind(Money(_minor(ones, name), currency), f"{month}:{currency}:{name}:{ALL}")
                for name in ("refunded", "contested")
            ),
        ]
        for (month, currency), ones in sorted(grouped.items())
    ]
    return Table(
        _("What went back, in the currency of the gift"),
        [_("Month"), _("Currency"), _("Refunded"), _("Taken by disputes")],
        rows,
    )


def _refunds(found: Sequence[Happened]) -> Table:
    grouped: defaultdict[tuple[str, str], list[Happened]] = defaultdict(list)
    for one in _of(found, "refunds"):
        grouped[one.reason, one.currency].append(one)
    rows: list[Sequence[Value]] = [
        [
            _why_refunded(reason),
            currency,
            Behind(_count(ones, "refunds"), f"{ALL}:{currency}:refunds:{reason}"),
            Money(_minor(ones, "refunds"), currency),
        ]
        for (reason, currency), ones in sorted(grouped.items())
    ]
    head = [_("Reason"), _("Currency"), _("Refunds"), _("Amount")]
    return Table(_("Refunds by reason, the whole time"), head, rows)


def _disputes(found: Sequence[Happened]) -> Table:
    grouped: defaultdict[tuple[str, str], list[Happened]] = defaultdict(list)
    for one in _of(found, "disputes"):
        grouped[one.reason, one.currency].append(one)
    rows: list[Sequence[Value]] = [
        [
            _why_disputed(reason),
            currency,
            Behind(_count(ones, "disputes"), f"{ALL}:{currency}:disputes:{reason}"),
            Money(_minor(ones, "disputes"), currency),
            *(
                sum(one.count for one in ones if one.state == state)
                for state in ("open", "won", "lost")
            ),
        ]
        for (reason, currency), ones in sorted(grouped.items())
    ]
    return Table(
        _("Disputes by what the giver told the bank, the whole time"),
        [
            _("Reason"),
            _("Currency"),
            _("Disputes"),
            _("Contested"),
            _("Still open"),
            _("Disputes won"),
            _("Disputes lost"),
        ],
        rows,
    )


def _why_refunded(reason: str) -> str:
    return reversal_words.reason_label(reason) if reason else _("unknown")


def _why_disputed(reason: str) -> str:
    return reversal_words.dispute_reason(reason) if reason else _("unknown")


def _chart(asked: Asked, found: Sequence[Happened]) -> Chart | None:
    if not found:
        return None
    return Chart(
        _("Refunds by month"),
        [
            (
                report_words.short_month(month),
                format_month(month),
                _count([one for one in found if one.month == month], "refunds"),
            )
            for month, _since, _until in asked.spans()
        ],
    )


def listed(asked: Asked, key: str) -> Listing:
    """List what is behind one cell. Raises `KeyError` for a key no cell has."""
    month, currency, name, reason = periods.parts_of(key, 4)
    when, since, until = periods.span_of(asked, month)
    query = going_back.rows_of(
        since,
        until,
        LISTS[name],
        currency=periods.currency_of(currency) or asked.currency,
        reason=None if reason == ALL else reason,
    )
    why = _why_refunded if name in ("refunds", "came_back", "refunded") else _why_disputed

    def written(row: Row[Any]) -> list[Value]:
        return [
            Person(row.account_id, row.name),
            row.at,
            Money(row.amount_minor, row.currency),
            row.received_at,
            why(row.reason) if name != "warnings" else "",
        ]

    return Listing(
        _("Refunds and disputes, %(when)s", when=when),
        [_("Name"), _("Day"), _("Amount"), _("Gift of"), _("Reason")],
        Found(query, written),
    )


REPORT = Report(
    name="returns",
    group=Group.MONEY,
    roles=(Role.FINANCE,),
    title=lambda: _("Refunds and disputes"),
    definition=lambda: _(
        "How many payments were refunded or disputed in a month, for every payment through Stripe "
        "in the same month, and how much money went back."
    ),
    build=build,
    listed=listed,
    caveat=lambda: _(
        "A refund in one month may be of a gift of an earlier one, so a share can pass a hundred "
        "percent. Gifts outside Stripe that staff took back are in the report on cash."
    ),
)
