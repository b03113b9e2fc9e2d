"""Payouts: what Stripe sent to the bank, what each holds, and that the two are the same."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from flask_babel import gettext as _
from flask_babel import ngettext

from app.accounts.models import Role
from app.giving.books import payouts
from app.giving.models import PayoutEntry, PayoutLook
from app.localisation import format_moment, format_month
from app.money import Money
from app.reports import paid_out, payout_tables, periods, rates, report_words
from app.reports.listing import AtHand
from app.reports.paid_out import PaidOut
from app.reports.payout_tables import PAYOUTS
from app.reports.payout_words import PARTS, UNMATCHED
from app.reports.periods import ALL
from app.reports.shape import (
    Answer,
    Asked,
    Behind,
    Chart,
    Figure,
    Group,
    Listing,
    Report,
)

#: The lists that are of no single payout, beside `PAYOUTS`.
WRONG, WAITING, RETURNED = "wrong", "waiting", "returned"
#: No number of a payout has more digits.
LONGEST = 18


def build(asked: Asked) -> Answer:
    """Tell each payout with what it holds: the columns of a row add up to what reached the bank."""
    found, look = paid_out.of(asked), payouts.unanswered_look()
    before = paid_out.totals(asked.before())
    if look is None and not found and not before:
        return Answer(
            _figures(asked, found, before),
            refused=_(
                "No payout was to reach the bank in this time. Stripe pays out once there is money "
                "to pay out, and payouts are asked for every half hour."
            ),
        )
    wrong = [one for one in found if one.difference_minor]
    return Answer(
        _figures(asked, found, before),
        _chart(found),
        [payout_tables.by_month(found), payout_tables.each(found)],
        alarm=_alarm(len(wrong), look),
    )


def _alarm(wrong: int, look: PayoutLook | None) -> str:
    told = []
    if look is not None:
        told.append(
            _(
                "Stripe did not tell its payouts on %(when)s, so some may be missing here: look at "
                "the doctor.",
                when=format_moment(look.looked_at),
            )
        )
    if wrong:
        told.append(
            ngettext(
                "%(num)s payout is not what its entries come to.",
                "%(num)s payouts are not what their entries come to.",
                wrong,
            )
        )
    return " ".join(told)


def _figures(asked: Asked, found: Sequence[PaidOut], before: Mapping[str, int]) -> list[Figure]:
    unmatched = sum(one.held[UNMATCHED].count for one in found if UNMATCHED in one.held)
    figures = [
        Figure(
            _("Paid out"),
            [
                Behind(Money(minor, currency), f"{ALL}:{currency}:{PAYOUTS}")
                for currency, minor in _sums(found)
            ],
            _("All payouts that were to be in the bank in this time and were not sent back."),
            [Money(minor, currency) for currency, minor in before.items()],
        ),
        Figure(
            _("Payouts that differ from their entries"),
            [Behind(sum(bool(one.difference_minor) for one in found), f"{ALL}:{ALL}:{WRONG}")],
            _("This must be 0."),
        ),
        Figure(
            _("Entries that the ledger has not"),
            [Behind(unmatched, f"{ALL}:{ALL}:{UNMATCHED}")],
            _("Gifts of another application on the same Stripe account, or something was lost."),
        ),
        _waiting(asked),
    ]
    if back := paid_out.not_paid_again():
        figures.append(
            Figure(
                _("Sent back by the bank and not paid again yet"),
                [Behind(len(back), f"{ALL}:{ALL}:{RETURNED}")],
                _("Look at Stripe whether the bank account is still right."),
            )
        )
    return figures


def _waiting(asked: Asked) -> Figure:
    unknown = paid_out.by_hand()
    return Figure(
        _("Not in the bank at the end"),
        [
            None
            if currency in unknown
            else Behind(Money(minor, currency), f"{ALL}:{currency}:{WAITING}")
            for currency, minor in sorted(paid_out.waiting(asked).items())
        ],
        _("Payouts were also made by hand, and Stripe does not say what those hold.")
        if unknown
        else _(
            "What the ledger holds, less fees, and no payout had brought by the last day: at "
            "Stripe or on its way."
        ),
    )


def _sums(found: Iterable[PaidOut]) -> list[tuple[str, int]]:
    sums: defaultdict[str, int] = defaultdict(int)
    for one in found:
        if one.payout.status not in paid_out.SENT_BACK:
            sums[one.payout.currency] += one.payout.amount_minor
    return sorted(sums.items())


def _chart(found: Sequence[PaidOut]) -> Chart | None:
    """What arrived in each month in the leading currency."""
    counts = Counter(
        one.payout.currency for one in found if one.payout.status not in paid_out.SENT_BACK
    )
    currency = rates.leading(counts)
    if currency is None:
        return None
    by_month: defaultdict[date, list[PaidOut]] = defaultdict(list)
    for one in found:
        by_month[one.payout.arrives_on.replace(day=1)].append(one)
    return Chart(
        _("Payouts of each month, %(currency)s", currency=currency),
        [
            (
                report_words.short_month(month),
                format_month(month),
                dict(_sums(by_month[month])).get(currency, 0),
            )
            for month in sorted(by_month)
        ],
        currency,
    )


def listed(asked: Asked, key: str) -> Listing:
    """List payouts, or entries of them. Raises `KeyError` for a key no cell has."""
    month, which, what = periods.parts_of(key, 3)
    if what in (PAYOUTS, WRONG, RETURNED):
        return _payouts(asked, month, which, what)
    if what == WAITING:
        return payout_tables.not_in_the_bank(asked, periods.currency_of(which) or "")
    if what == UNMATCHED and which == ALL:
        return payout_tables.entries(paid_out.arriving(asked) & PARTS[UNMATCHED].which())
    if not (which.isdecimal() and which.isascii() and len(which) <= LONGEST) or what not in (
        *PARTS,
        ALL,
    ):
        raise KeyError(key)
    one = PayoutEntry.payout_id == int(which)
    return payout_tables.entries(one if what == ALL else one & PARTS[what].which())


def _payouts(asked: Asked, month: str, currency: str, what: str) -> Listing:
    if what == RETURNED:
        rows = paid_out.with_sums(paid_out.not_paid_again())
    else:
        found = paid_out.of(asked)
        if month != ALL:
            periods.span_of(asked, month)
            found = [one for one in found if f"{one.payout.arrives_on:%Y-%m}-01" == month]
        elif what == PAYOUTS:
            found = [one for one in found if one.payout.status not in paid_out.SENT_BACK]
        wanted = periods.currency_of(currency)
        rows = [
            one
            for one in found
            if wanted in (None, one.payout.currency) and (what != WRONG or one.difference_minor)
        ]
    table = payout_tables.each(rows)
    return Listing(table.caption, table.head, AtHand(table.rows))


REPORT = Report(
    name="payouts",
    group=Group.MONEY,
    roles=(Role.FINANCE,),
    title=lambda: _("Payouts to the bank"),
    definition=lambda: _(
        "Each sum that Stripe sent to the newsroom's bank, with the gifts, refunds, disputes and "
        "fees it is made of: together they are the payout to the cent."
    ),
    build=build,
    listed=listed,
    caveat=lambda: _(
        "A payout holds gifts of about a week before, so the payouts of a month are not the gifts "
        "of that month."
    ),
    by_currency=False,
)
