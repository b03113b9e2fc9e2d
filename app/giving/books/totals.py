"""What the ledger comes to in a span of time, to the minor unit; currencies are never added."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, select

from app.extensions import db
from app.giving.models import Adjustment, Donation, DonationFee
from app.money import Money


@dataclass(frozen=True, slots=True)
class Given:
    """What givers paid in one currency and what went back to them, in its minor units.

    All but `gross_minor` and its parts are signed as the newsroom sees them: what went back is
    negative. `outside_minor` and `cover_minor` are parts of the gross: what did not come through
    Stripe, and what givers added to cover fees.
    """

    currency: str
    gifts: int
    gross_minor: int
    outside_minor: int
    cover_minor: int
    refunds_minor: int
    disputes_minor: int
    corrections_minor: int

    @property
    def kept(self) -> Money:
        """What was given less what went back."""
        went = self.refunds_minor + self.disputes_minor + self.corrections_minor
        return Money(self.gross_minor + went, self.currency)


@dataclass(frozen=True, slots=True)
class Settled:
    """What Stripe's balance moved by in the currency it settles in: `settled` = `fee` + `net`.

    Payments, refunds and disputes together; gifts outside Stripe have no part in it.
    """

    currency: str
    settled_minor: int
    fee_minor: int
    net_minor: int


@dataclass(frozen=True, slots=True)
class Totals:
    """The ledger of a span of time. Currencies in alphabetical order.

    `fees_unknown` donations came through Stripe and have no part in `settled` yet.
    """

    given: tuple[Given, ...]
    settled: tuple[Settled, ...]
    fees_unknown: int


#: The figures of gifts, in the order they are asked for.
GIFTS = ("gifts", "gross_minor", "outside_minor", "cover_minor")
#: Which kinds of entries make up which figure.
FIGURES = {
    "refund": "refunds_minor",
    "refund_failed": "refunds_minor",
    "dispute": "disputes_minor",
    "dispute_returned": "disputes_minor",
    "correction": "corrections_minor",
}


def between(since: datetime, until: datetime) -> Totals:
    """Sum what was received and what moved from `since` up to, not including, `until`.

    Each entry counts when it happened: a gift of March refunded in April is whole in March.
    """
    received = (Donation.received_at >= since) & (Donation.received_at < until)
    happened = (Adjustment.happened_at >= since) & (Adjustment.happened_at < until)
    unknown = db.session.scalar(
        select(func.count())
        .select_from(Donation)
        .outerjoin(DonationFee)
        .where(received, Donation.source == "stripe", DonationFee.donation_id.is_(None))
    )
    return Totals(_given(received, happened), _settled(received, happened), unknown or 0)


def _given(received: ColumnElement[bool], happened: ColumnElement[bool]) -> tuple[Given, ...]:
    gifts = db.session.execute(
        select(
            Donation.currency,
            func.count(),
            func.sum(Donation.amount_minor),
            func.sum(Donation.amount_minor).filter(Donation.source != "stripe"),
            func.sum(Donation.cover_minor),
        )
        .where(received)
        .group_by(Donation.currency)
    )
    moves = db.session.execute(
        select(Adjustment.currency, Adjustment.kind, func.sum(Adjustment.amount_minor))
        .where(happened)
        .group_by(Adjustment.currency, Adjustment.kind)
    )
    sums: defaultdict[str, defaultdict[str, int]] = defaultdict(lambda: defaultdict(int))
    for currency, *figures in gifts:
        sums[currency].update(zip(GIFTS, (int(one or 0) for one in figures), strict=True))
    for currency, kind, amount in moves:
        sums[currency][FIGURES[kind]] += int(amount)
    names = (*GIFTS, *dict.fromkeys(FIGURES.values()))
    return tuple(
        Given(currency, **{name: sums[currency][name] for name in names})
        for currency in sorted(sums)
    )


def _settled(received: ColumnElement[bool], happened: ColumnElement[bool]) -> tuple[Settled, ...]:
    fees = db.session.execute(
        select(
            DonationFee.currency,
            func.sum(DonationFee.fee_minor + DonationFee.net_minor),
            func.sum(DonationFee.fee_minor),
            func.sum(DonationFee.net_minor),
        )
        .join(Donation, Donation.id == DonationFee.donation_id)
        .where(received)
        .group_by(DonationFee.currency)
    )
    moves = db.session.execute(
        select(
            Adjustment.settled_currency,
            func.sum(Adjustment.settled_minor),
            func.sum(Adjustment.fee_minor),
            func.sum(Adjustment.net_minor),
        )
        .where(happened, Adjustment.kind != "correction")
        .group_by(Adjustment.settled_currency)
    )
    sums: defaultdict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    for currency, *figures in [*fees, *moves]:
        sums[currency] = [
            have + int(more) for have, more in zip(sums[currency], figures, strict=True)
        ]
    return tuple(Settled(currency, *sums[currency]) for currency in sorted(sums))
