"""What the ledger comes to in a span of time, to the minor unit; currencies are never added."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Row, func, select

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
    balance = db.session.execute(
        select(
            Adjustment.settled_currency,
            func.sum(Adjustment.settled_minor),
            func.sum(Adjustment.fee_minor),
            func.sum(Adjustment.net_minor),
        )
        .where(happened, Adjustment.kind != "correction")
        .group_by(Adjustment.settled_currency)
    )
    return Totals(_given(gifts, moves), _settled([*fees, *balance]), unknown or 0)


def _given(
    gifts: Iterable[Row[str, int, int, int, int]], moves: Iterable[Row[str, str, int]]
) -> tuple[Given, ...]:
    sums: defaultdict[str, defaultdict[str, int]] = defaultdict(lambda: defaultdict(int))
    for currency, count, gross, outside, cover in gifts:
        parts = {"gifts": count, "gross_minor": gross, "outside_minor": outside or 0}
        sums[currency].update({name: int(value) for name, value in parts.items()})
        sums[currency]["cover_minor"] = int(cover)
    for currency, kind, amount in moves:
        sums[currency][FIGURES[kind]] += int(amount)
    return tuple(
        Given(
            currency,
            gifts=sums[currency]["gifts"],
            gross_minor=sums[currency]["gross_minor"],
            outside_minor=sums[currency]["outside_minor"],
            cover_minor=sums[currency]["cover_minor"],
            refunds_minor=sums[currency]["refunds_minor"],
            disputes_minor=sums[currency]["disputes_minor"],
            corrections_minor=sums[currency]["corrections_minor"],
        )
        for currency in sorted(sums)
    )


def _settled(rows: Iterable[Row[str, int, int, int]]) -> tuple[Settled, ...]:
    sums: defaultdict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    for currency, *amounts in rows:
        sums[currency] = [
            have + int(more) for have, more in zip(sums[currency], amounts, strict=True)
        ]
    return tuple(Settled(currency, *sums[currency]) for currency in sorted(sums))
