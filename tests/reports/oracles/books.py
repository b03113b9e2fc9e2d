"""The ledger entry by entry in plain Python, to hold the reports on money against."""

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import select

from app.extensions import db
from app.giving.models import Adjustment, Donation, DonationFee, Pledge, PledgeChange
from app.localisation import format_month
from app.money import Money
from app.reports.shape import Answer, Asked, Report, Share
from tests.reports.lives import opened

One = TypeVar("One")
WAYS = {"stripe": "Stripe", "bank": "bank transfer"}


@dataclass(frozen=True)
class Entry:
    """One gift or what moved on it; `settled = fee + net`, none while a gift's fee is unknown."""

    at: datetime
    kind: str
    gift: Donation
    amount: int
    settled_in: str | None
    settled: int
    fee: int
    net: int

    @property
    def currency(self) -> str:
        """The currency of the gift."""
        return self.gift.currency

    def month(self, of: Asked) -> str:
        """The newsroom's month it happened in, as pages write it."""
        return format_month(self.at.astimezone(of.zone))


def entries(of: Asked) -> list[Entry]:
    """Every entry of the period in the currency asked for."""
    found = [_gift(gift) for gift in db.session.scalars(select(Donation)).all()]
    for move in db.session.scalars(select(Adjustment)).all():
        gift = db.session.get_one(Donation, move.donation_id)
        sums = move.settled_minor, move.fee_minor, move.net_minor
        amount = move.amount_minor
        found.append(Entry(move.happened_at, move.kind, gift, amount, move.settled_currency, *sums))
    return [
        one
        for one in found
        if of.since <= one.at < of.until and of.currency in (None, one.currency)
    ]


def _gift(gift: Donation) -> Entry:
    amount, fee = gift.amount_minor, db.session.get(DonationFee, gift.id)
    if gift.source != "stripe":
        return Entry(gift.received_at, "gift", gift, amount, gift.currency, amount, 0, amount)
    if fee is None:
        return Entry(gift.received_at, "gift", gift, amount, None, 0, 0, 0)
    kept, net = fee.fee_minor, fee.net_minor
    return Entry(gift.received_at, "gift", gift, amount, fee.currency, kept + net, kept, net)


def grouped(ones: Iterable[One], key: Callable[[One], Hashable]) -> dict[Any, list[One]]:
    """Put what is alike together."""
    found: defaultdict[Any, list[One]] = defaultdict(list)
    for one in ones:
        found[key(one)].append(one)
    return dict(found)


def sums(ones: Iterable[tuple[str | None, int]]) -> list[Money]:
    """Add amounts up by their currency, in the order of these."""
    found: Counter[str] = Counter()
    for currency, minor in ones:
        if currency is not None:
            found[currency] += minor
    return [Money(minor, currency) for currency, minor in sorted(found.items())]


def kept_of(gift: Donation, fee: DonationFee | None) -> int:
    """What Stripe kept in the gift's own currency, at the rate of that payment, rounded half up."""
    if fee is None:
        return 0
    whole = fee.fee_minor + fee.net_minor
    return (2 * gift.amount_minor * fee.fee_minor + whole) // (2 * whole)


def is_yearly(gift: Donation) -> bool:
    """Whether a gift was given on a pledge that was a yearly one then."""
    if gift.pledge_id is None:
        return False
    pledge = db.session.get_one(Pledge, gift.pledge_id)
    changes = db.session.scalars(
        select(PledgeChange).where(PledgeChange.pledge_id == pledge.id)
    ).all()
    later = [one for one in changes if one.applied_at and one.applied_at > gift.received_at]
    first = min(later, key=lambda one: one.applied_at or one.asked_at, default=None)
    return (first.interval_before if first else pledge.interval) == "year"


def lists_as_long(report: Report, of: Asked, answer: Answer) -> int:
    """Hold every count against the length of its list; return how many lists there were."""
    count = 0
    for behind, rows in opened(report, of, answer):
        value, count = behind.value, count + 1
        if isinstance(value, Share) and value.currency is None:
            assert len(rows) == value.part, (report.name, behind)
        if isinstance(value, int):
            assert len(rows) == value, (report.name, behind)
    return count
