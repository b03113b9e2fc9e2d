"""Cash: what was given, what went back, what Stripe kept, and what is left of it."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import Row

from app.accounts.models import Role
from app.giving.books.totals import FIGURES
from app.localisation import format_month
from app.money import Money
from app.reports import cashbook, month_words, periods, rate_words, rates, report_words
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
    Table,
    Value,
)

#: The columns of what went back, each with the kinds of entries it adds up.
BACK = {
    what: tuple(kind for kind, figure in FIGURES.items() if figure == f"{what}_minor")
    for what in ("refunds", "disputes", "corrections")
}
#: The kinds of entries behind a cell.
KINDS: dict[str, tuple[str, ...] | None] = {
    "gifts": (GIFT,),
    **BACK,
    "back": tuple(kind for kinds in BACK.values() for kind in kinds),
    ALL: None,
}
#: Stands for no currency and for no card where a list is named.
NONE = "none"


def build(asked: Asked) -> Answer:
    """Tell for each month what came and what is left, in the currency it was settled in.

    In every row the gross and what stands behind it add up to the net.
    """
    found, earlier = cashbook.by_month(asked), cashbook.by_month(asked.before())
    return Answer(
        [*_figures(found, earlier), *_together(asked, found)],
        _chart(found),
        [_months(found), _cards(found)],
    )


def _together(asked: Asked, found: Sequence[Cash]) -> list[Figure]:
    """What was given and what is left, of all currencies in one."""
    given: defaultdict[tuple[date, str], int] = defaultdict(int)
    net: defaultdict[tuple[date, str], int] = defaultdict(int)
    for one in found:
        given[one.month, one.currency] += _given(one)
        if one.settled_in is not None:
            net[one.month, one.settled_in] += one.net_minor
    if asked.currency or not rates.several(currency for _month, currency in [*given, *net]):
        return []
    of = rates.of(asked)
    return [
        *rate_words.figures(_("Given, together"), of, given),
        *rate_words.figures(_("Net, together"), of, net),
    ]


def _figures(found: Sequence[Cash], earlier: Sequence[Cash]) -> list[Figure]:
    unknown = sum(one.count for one in found if one.settled_in is None)
    return [
        Figure(
            _("Given"),
            _sums(found, _given, by="currency", key=f"{ALL}:{{}}:{ALL}:{ALL}:{ALL}:gifts"),
            _("All gifts received in this time, in the currency they were given in."),
            _sums(earlier, _given, by="currency"),
        ),
        Figure(
            _("Went back"),
            _sums(found, _back, by="currency", key=f"{ALL}:{{}}:{ALL}:{ALL}:{ALL}:back"),
            _("Refunds, disputes and entries taken back, of gifts of whatever time."),
            _sums(earlier, _back, by="currency"),
        ),
        Figure(
            _("Fees"),
            _sums(found, _fee, by="settled_in", key=f"{ALL}:{ALL}:{STRIPE}:{ALL}:{{}}:{ALL}"),
            _("What Stripe kept of gifts, refunds and disputes, in the currency of its balance."),
            _sums(earlier, _fee, by="settled_in"),
        ),
        Figure(
            _("Net"),
            _sums(found, _net, by="settled_in", key=f"{ALL}:{ALL}:{ALL}:{ALL}:{{}}:{ALL}"),
            _("What is left, by Stripe, bank and cash together."),
            _sums(earlier, _net, by="settled_in"),
        ),
        Figure(
            _("Gifts whose fee is not known yet"),
            [Behind(unknown, f"{ALL}:{ALL}:{ALL}:{ALL}:{NONE}:gifts")],
            _("Stripe tells its fee minutes after the payment; until then a gift is in no net."),
        ),
    ]


def _given(one: Cash) -> int:
    return one.amount_minor if one.kind == GIFT else 0


def _back(one: Cash) -> int:
    return 0 if one.kind == GIFT else one.amount_minor


def _fee(one: Cash) -> int:
    return -one.fee_minor


def _net(one: Cash) -> int:
    return one.net_minor


def _sums(
    found: Sequence[Cash], what: Callable[[Cash], int], *, by: str, key: str = ""
) -> list[Value]:
    """Sum by a column of currencies; each opens its list where a key is given."""
    sums: defaultdict[str, int] = defaultdict(int)
    for one in found:
        currency = getattr(one, by)
        if currency is not None:
            sums[currency] += what(one)
    return [
        Behind(Money(minor, currency), key.format(currency)) if key else Money(minor, currency)
        for currency, minor in sorted(sums.items())
    ]


def _months(found: Sequence[Cash]) -> Table:
    grouped: defaultdict[tuple[Any, ...], list[Cash]] = defaultdict(list)
    for one in found:
        grouped[one.month, one.currency, one.source, one.settled_in].append(one)
    rows: list[Sequence[Value]] = []
    for (month, currency, source, settled), ones in grouped.items():
        key = f"{month}:{currency}:{source}:{ALL}:{settled or NONE}"
        head: list[Value] = [format_month(month), currency, str(month_words.SOURCES[source])]
        rows.append([*head, *_cells(ones, currency, settled, key)])
    return Table(
        _("Each row's gross and what follows it add up to its net, in the currency of the balance"),
        [_("Month"), _("Given in"), _("Came by"), *_heads()],
        rows,
        _(
            "A gift counts in the month it was received, what went back in the month it went. "
            "What of it reached the bank, and when, is in the report on payouts."
        ),
    )


def _cards(found: Sequence[Cash]) -> Table:
    grouped: defaultdict[tuple[Any, ...], list[Cash]] = defaultdict(list)
    for one in found:
        grouped[one.card_brand or "", one.source, one.currency, one.settled_in or ""].append(one)
    rows: list[Sequence[Value]] = []
    for (brand, source, currency, settled), ones in sorted(grouped.items()):
        key = f"{ALL}:{currency}:{source}:{brand or NONE}:{settled or NONE}"
        how = brand.title() if brand else str(month_words.SOURCES[source])
        rows.append([how, currency, *_cells(ones, currency, settled or None, key)])
    return Table(_("By card, the whole time"), [_("Card"), _("Given in"), *_heads()], rows)


def _heads() -> list[str]:
    return [
        _("Gifts"),
        _("Given"),
        _("Settled in"),
        _("Gross"),
        _("Refunds"),
        _("Disputes"),
        _("Taken back"),
        _("Fees"),
        _("Net"),
    ]


def _cells(ones: Sequence[Cash], currency: str, settled: str | None, key: str) -> list[Value]:
    gifts = [one for one in ones if one.kind == GIFT]
    cells: list[Value] = [
        Behind(sum(one.count for one in gifts), f"{key}:gifts"),
        Money(sum(one.amount_minor for one in gifts), currency),
    ]
    if settled is None:
        return [*cells, _("not known yet"), *[None] * 6]

    def cell(kinds: tuple[str, ...], what: str) -> Value:
        moved = [one for one in ones if one.kind in kinds]
        money = Money(sum(one.settled_minor for one in moved), settled)
        return Behind(money, f"{key}:{what}") if moved else money

    return [
        *cells,
        settled,
        cell((GIFT,), "gifts"),
        *(cell(kinds, what) for what, kinds in BACK.items()),
        Money(-sum(one.fee_minor for one in ones), settled),
        Behind(Money(sum(one.net_minor for one in ones), settled), f"{key}:{ALL}"),
    ]


def _chart(found: Sequence[Cash]) -> Chart | None:
    """The net of each month in the leading currency of settlement."""
    counts: defaultdict[str, int] = defaultdict(int)
    months: defaultdict[Any, int] = defaultdict(int)
    for one in found:
        if one.settled_in is not None:
            counts[one.settled_in] += one.count
            months[one.settled_in, one.month] += one.net_minor
    currency = rates.leading(counts)
    if currency is None:
        return None
    return Chart(
        _("Net of each month, %(currency)s", currency=currency),
        [
            (report_words.short_month(month), format_month(month), months[currency, month])
            for month in sorted({one.month for one in found})
        ],
        currency,
    )


def listed(asked: Asked, key: str) -> Listing:
    """List the entries behind one cell. Raises `KeyError` for a key no cell has."""
    month, currency, source, brand, settled, what = periods.parts_of(key, 6)
    when, since, until = periods.span_of(asked, month)
    if source != ALL and source not in month_words.SOURCES:
        raise KeyError(key)
    which = Which(
        currency=periods.currency_of(currency) or asked.currency,
        source=None if source == ALL else source,
        settled_in="" if settled == NONE else periods.currency_of(settled),
        kinds=KINDS[what],
        card_brand=None if brand == ALL else "" if brand == NONE else brand,
    )
    return Listing(
        _("Entries of %(when)s", when=when),
        [
            _("Name"),
            _("Day"),
            _("Entry"),
            _("Amount"),
            _("On the balance"),
            _("Fee"),
            _("Net"),
        ],
        Found(cashbook.rows_of(since, until, which), _written),
    )


def _written(row: Row[Any]) -> list[Value]:
    return [
        Person(row.account_id, row.name),
        row.at,
        str(month_words.KINDS[row.kind]),
        Money(row.amount_minor, row.currency),
        *(
            Money(minor, row.settled_in) if row.settled_in else None
            for minor in (row.settled_minor, row.fee_minor, row.net_minor)
        ),
    ]


REPORT = Report(
    name="cash",
    group=Group.MONEY,
    roles=(Role.FINANCE,),
    title=lambda: _("Cash by month"),
    definition=lambda: _(
        "What givers paid, less what went back to them and what Stripe kept, is what is left, each "
        "entry in the month it happened."
    ),
    build=build,
    listed=listed,
    caveat=lambda: _(
        "This is the ledger, and not what reached the bank: Stripe pays out later and in sums of "
        "its own, which are in the report on payouts."
    ),
)
