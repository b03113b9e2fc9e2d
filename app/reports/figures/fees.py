"""Fees: what Stripe keeps of each gift, and whether what givers add to cover it does."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import Row

from app.accounts.models import Role
from app.localisation import format_month
from app.money import Money
from app.reports import cashbook, fee_covers, month_words, periods, rates, report_words
from app.reports.cashbook import STRIPE, Cash, Which
from app.reports.entries import GIFT
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

#: The lists behind cells: gifts whose fee is known, what came after a gift.
GIFTS, LATER = "gifts", "later"
#: Stands for no card where a list is named.
NONE = "none"


def build(asked: Asked) -> Answer:
    """Tell what share of the gross Stripe kept, and how far covers reached."""
    found, earlier = _known(asked), _known(asked.before())
    covers, before = fee_covers.by_month(asked), fee_covers.by_month(asked.before())
    return Answer(
        [
            Figure(
                _("Fees of the gross"),
                _rates(found),
                _("Stripe's fees of gifts, of the gifts they were taken from."),
                _rates(earlier),
            ),
            Figure(
                _("Gifts that cover the fee"),
                [fee_covers.uptake(covers, f"{ALL}:{ALL}:{ALL}:{fee_covers.COVERED}")],
                _("Gifts through Stripe to which the giver added something for the fee."),
                [fee_covers.uptake(before)],
            ),
            Figure(
                _("Covers less the fees of these gifts"),
                fee_covers.over(covers),
                _("More than nothing: givers added more than Stripe kept of their gifts."),
                fee_covers.over(before),
            ),
        ],
        _chart(found),
        [_months(found), fee_covers.table(covers), _cards(found)],
    )


def _known(asked: Asked) -> list[Cash]:
    """What went through Stripe's balance; gifts without a known fee have no part in it."""
    return [one for one in cashbook.by_month(asked) if one.source == STRIPE and one.settled_in]


def _sums(found: Sequence[Cash]) -> tuple[int, int, int, int]:
    """How many gifts, their gross, their fees, and the fees of what came after gifts."""
    gifts = [one for one in found if one.kind == GIFT]
    return (
        sum(one.count for one in gifts),
        sum(one.settled_minor for one in gifts),
        sum(one.fee_minor for one in gifts),
        sum(one.fee_minor for one in found if one.kind != GIFT),
    )


def _rates(found: Sequence[Cash]) -> list[Value]:
    rates: list[Value] = []
    for settled in sorted({str(one.settled_in) for one in found}):
        _count, gross, fees, _later = _sums([one for one in found if one.settled_in == settled])
        rates.append(Share(fees, gross, settled))
    return rates


def _months(found: Sequence[Cash]) -> Table:
    grouped: defaultdict[tuple[date, str], list[Cash]] = defaultdict(list)
    for one in found:
        grouped[one.month, str(one.settled_in)].append(one)
    rows = [
        [format_month(month), *_cells(ones, settled, f"{month}:{settled}:{ALL}")]
        for (month, settled), ones in sorted(grouped.items())
    ]
    return Table(
        _("Fees by month, in the currency of Stripe's balance"),
        [_("Month"), *_heads()],
        rows,
        _("Gifts whose fee is not known yet are left out; the report on cash counts them."),
    )


def _cards(found: Sequence[Cash]) -> Table:
    grouped: defaultdict[tuple[str, str], list[Cash]] = defaultdict(list)
    for one in found:
        grouped[one.card_brand or "", str(one.settled_in)].append(one)
    groups = sorted(grouped.items())
    rows = [
        [
            brand.title() or _("no card known"),
            *_cells(ones, settled, f"{ALL}:{settled}:{brand or NONE}"),
        ]
        for (brand, settled), ones in groups
    ]
    few = {place for place, (_key, ones) in enumerate(groups) if _sums(ones)[0] < Share.SMALL}
    return Table(
        _("Fees by card, the whole time"),
        [_("Card"), *_heads()],
        rows,
        _("Grey: fewer than %(count)s gifts.", count=Share.SMALL) if few else "",
        frozenset(few),
    )


def _heads() -> list[str]:
    return [
        _("Settled in"),
        _("Gifts"),
        _("Gross"),
        _("Fees"),
        _("Fees of the gross"),
        _("Fees of refunds and disputes"),
    ]


def _cells(ones: Sequence[Cash], settled: str, key: str) -> list[Value]:
    count, gross, fees, later = _sums(ones)
    return [
        settled,
        Behind(count, f"{key}:{GIFTS}"),
        Money(gross, settled),
        Money(fees, settled),
        Share(fees, gross, settled),
        Behind(Money(later, settled), f"{key}:{LATER}"),
    ]


def _chart(found: Sequence[Cash]) -> Chart | None:
    """The fees of each month in the leading currency of settlement."""
    counts = {str(one.settled_in): 0 for one in found}
    for one in found:
        counts[str(one.settled_in)] += one.count
    currency = rates.leading(counts)
    if currency is None:
        return None
    months = sorted({one.month for one in found if one.settled_in == currency})
    return Chart(
        _("Fees of each month's gifts, %(currency)s", currency=currency),
        [
            (
                report_words.short_month(month),
                format_month(month),
                _sums([one for one in found if (one.month, one.settled_in) == (month, currency)])[
                    2
                ],
            )
            for month in months
        ],
        currency,
    )


def listed(asked: Asked, key: str) -> Listing:
    """List the entries behind one cell. Raises `KeyError` for a key no cell has."""
    month, currency, brand, what = periods.parts_of(key, 4)
    when, since, until = periods.span_of(asked, month)
    code = periods.currency_of(currency)
    if what == fee_covers.COVERED:
        return fee_covers.listed(when, since, until, code or asked.currency)
    if what not in (GIFTS, LATER) or code is None:
        raise KeyError(key)
    later = ("refund", "refund_failed", "dispute", "dispute_returned")
    which = Which(
        currency=asked.currency,
        source=STRIPE,
        settled_in=code,
        kinds=(GIFT,) if what == GIFTS else later,
        card_brand=None if brand == ALL else "" if brand == NONE else brand,
    )
    return Listing(
        _("Fees of %(when)s", when=when),
        [_("Name"), _("Day"), _("Entry"), _("On the balance"), _("Fee"), _("Net")],
        Found(cashbook.rows_of(since, until, which), _written),
    )


def _written(row: Row[Any]) -> list[Value]:
    return [
        Person(row.account_id, row.name),
        row.at,
        str(month_words.KINDS[row.kind]),
        *(
            Money(minor, row.settled_in)
            for minor in (row.settled_minor, row.fee_minor, row.net_minor)
        ),
    ]


REPORT = Report(
    name="fees",
    group=Group.MONEY,
    roles=(Role.FINANCE,),
    title=lambda: _("Fees and who covers them"),
    definition=lambda: _(
        "What Stripe kept of the gifts of a month, as a share of them, and how many givers added "
        "something to cover it."
    ),
    build=build,
    listed=listed,
    caveat=lambda: _(
        "What a giver adds is reckoned before the payment, from a price list; cards from abroad "
        "and some brands cost more, so that single covers fall short while others go beyond."
    ),
)
