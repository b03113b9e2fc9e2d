"""What givers add to cover Stripe's fee, and what the fee then was."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import Row, func, select

from app.accounts.models import Account
from app.extensions import db
from app.giving.models import Donation, DonationFee
from app.localisation import format_month
from app.money import Money
from app.reports import periods
from app.reports.cashbook import STRIPE
from app.reports.entries import GIFT
from app.reports.listing import Found
from app.reports.periods import ALL
from app.reports.rollups import cash_days, following, reading
from app.reports.rollups.cash_days import FEE_AS_GIVEN
from app.reports.shape import Asked, Behind, Listing, Person, Share, Table, Value

#: The list of gifts with a cover, as keys name it.
COVERED = "covered"


@dataclass(frozen=True, slots=True)
class Cover:
    """The gifts of a month through Stripe in one currency, and those that cover the fee.

    `known` of the covered ones have a fee by now; the last two sums are of these alone.
    """

    month: date
    currency: str
    gifts: int
    covered: int
    cover_minor: int
    known: int
    known_cover_minor: int
    known_fee_minor: int


def by_month(asked: Asked) -> list[Cover]:
    """Ask of each month and currency how many gifts cover the fee, and how well."""
    if not asked.spans():
        return []
    following.fresh(cash_days.ROLLUP)
    columns = cash_days.read(asked.since, asked.until).c
    months = [month for month, _since, _until in asked.spans()]
    alike = reading.place(columns.day, months).label("place"), columns.currency
    sums = ("count", "covered", "cover_minor", "known", "known_cover_minor", "known_fee_minor")
    rows = db.session.execute(
        select(*alike, *(func.sum(columns[name]) for name in sums))
        .where(
            columns.source == STRIPE,
            columns.kind == GIFT,
            *((columns.currency == asked.currency,) if asked.currency else ()),
        )
        .group_by(*alike)
        .order_by(*alike)
    )
    return [
        Cover(periods.month_at(asked, place), currency, *(int(one) for one in counts))
        for place, currency, *counts in rows
    ]


def uptake(covers: Sequence[Cover], key: str = "") -> Value:
    """Return the share of gifts that cover the fee; it opens its list where a key is given."""
    share = Share(sum(one.covered for one in covers), sum(one.gifts for one in covers))
    return Behind(share, key) if key else share


def over(covers: Sequence[Cover]) -> list[Value]:
    """Return by currency what covers came to less the fees of the same gifts."""
    sums: defaultdict[str, int] = defaultdict(int)
    for one in covers:
        if one.known:
            sums[one.currency] += one.known_cover_minor - one.known_fee_minor
    return [Money(minor, currency) for currency, minor in sorted(sums.items())]


def table(covers: Sequence[Cover]) -> Table:
    """Return the covers of each month as a table."""
    rows: list[Sequence[Value]] = [
        [
            format_month(one.month),
            one.currency,
            Behind(Share(one.covered, one.gifts), f"{one.month}:{one.currency}:{ALL}:{COVERED}"),
            Money(one.cover_minor, one.currency),
            one.known,
            Money(one.known_cover_minor, one.currency),
            Money(one.known_fee_minor, one.currency),
            Money(one.known_cover_minor - one.known_fee_minor, one.currency),
        ]
        for one in covers
    ]
    return Table(
        _("Fees that givers cover, by the currency of the gift"),
        [
            _("Month"),
            _("Given in"),
            _("Cover the fee"),
            _("Added for it"),
            _("Fee known of"),
            _("Added by these"),
            _("Their fees"),
            _("Over or under"),
        ],
        rows,
        _("A fee in another currency is turned into the gift's at the rate of that payment."),
        frozenset(place for place, one in enumerate(covers) if one.gifts < Share.SMALL),
    )


def listed(when: str, since: datetime, until: datetime, currency: str | None) -> Listing:
    """List the gifts of a span that cover the fee."""
    query = (
        select(
            Donation.account_id,
            Donation.received_at,
            Donation.amount_minor,
            Donation.cover_minor,
            Donation.currency,
            Account.name,
            FEE_AS_GIVEN.label("fee_minor"),
        )
        .join(Account, Account.id == Donation.account_id)
        .outerjoin(DonationFee, DonationFee.donation_id == Donation.id)
        .where(
            Donation.received_at >= since,
            Donation.received_at < until,
            Donation.source == STRIPE,
            Donation.cover_minor > 0,
            *((Donation.currency == currency,) if currency else ()),
        )
        .order_by(Donation.received_at.desc(), Donation.id.desc())
    )
    return Listing(
        _("Gifts that cover the fee, %(when)s", when=when),
        [_("Name"), _("Day"), _("Amount"), _("Added for it"), _("Fee"), _("Over or under")],
        Found(query, _written),
    )


def _written(row: Row[Any]) -> list[Value]:
    fee = None if row.fee_minor is None else int(row.fee_minor)
    return [
        Person(row.account_id, row.name),
        row.received_at,
        Money(row.amount_minor, row.currency),
        Money(row.cover_minor, row.currency),
        None if fee is None else Money(fee, row.currency),
        None if fee is None else Money(row.cover_minor - fee, row.currency),
    ]
