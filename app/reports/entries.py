"""The ledger's entries of a span of time, one by one, as an accountant books them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, case, func, literal, select, union_all

from app.extensions import db
from app.giving.models import Adjustment, Donation, DonationFee, Receipt
from app.money import Money

#: How many entries of a file are held at once.
BATCH = 500
#: The kind of an entry that is a gift; what came after it is an `Adjustment.kind`.
GIFT = "gift"


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry. Amounts are signed as the newsroom sees them: what went back is negative.

    `settled` = `fee` + `net` in the currency of Stripe's balance; None for money outside Stripe and
    while Stripe's fee is not known.
    """

    at: datetime
    kind: str
    #: How the gift came: "stripe", "bank", "cash" or "other".
    source: str
    #: The number of the gift's receipt, and whom it names.
    receipt: str
    giver: str
    amount: Money
    settled: Money | None
    fee: Money | None
    net: Money | None
    #: Stripe's id of the movement on its balance, or of the charge while that is not known.
    stripe_id: str | None
    #: What the giver, the bank or staff wrote beside it.
    reference: str | None


def between(since: datetime, until: datetime) -> Iterator[Entry]:
    """Yield every entry from `since` up to, not including, `until`, in the order they happened.

    By currency they add up to `giving.totals.between` of the same span. Few rows are held at once;
    the transaction lasts as long.
    """
    every = union_all(_gifts(since, until), _moves(since, until)).subquery("entry")
    asked = (
        select(every, Donation.source, Receipt.year, Receipt.number, Receipt.donor_name)
        .join(Donation, Donation.id == every.c.donation_id)
        .join(Receipt, Receipt.donation_id == Donation.id, isouter=True)
        .order_by(every.c.at, every.c.donation_id, every.c.place)
    )
    for row in db.session.execute(asked, execution_options={"yield_per": BATCH}):
        yield _entry(row)


def count(since: datetime, until: datetime) -> int:
    """Count what `between` yields."""
    every = union_all(_gifts(since, until), _moves(since, until)).subquery("entry")
    return db.session.scalar(select(func.count()).select_from(every)) or 0


def _gifts(since: datetime, until: datetime) -> Select[*tuple[Any, ...]]:
    stripe_id = func.coalesce(DonationFee.stripe_balance_transaction_id, Donation.stripe_charge_id)
    return (
        select(
            Donation.received_at.label("at"),
            # A gift comes before what moves on it, also within one second.
            literal(0).label("place"),
            literal(GIFT).label("kind"),
            Donation.id.label("donation_id"),
            Donation.amount_minor,
            Donation.currency,
            DonationFee.fee_minor,
            DonationFee.net_minor,
            DonationFee.currency.label("settled_currency"),
            stripe_id.label("stripe_id"),
            Donation.reference,
        )
        .outerjoin(DonationFee, DonationFee.donation_id == Donation.id)
        .where(Donation.received_at >= since, Donation.received_at < until)
    )


def _moves(since: datetime, until: datetime) -> Select[*tuple[Any, ...]]:
    # What takes a gift outside Stripe back moves nothing on Stripe's balance.
    at_stripe = Adjustment.stripe_balance_transaction_id.is_not(None)
    return select(
        Adjustment.happened_at,
        Adjustment.id,
        Adjustment.kind,
        Adjustment.donation_id,
        Adjustment.amount_minor,
        Adjustment.currency,
        case((at_stripe, Adjustment.fee_minor)),
        case((at_stripe, Adjustment.net_minor)),
        case((at_stripe, Adjustment.settled_currency)),
        Adjustment.stripe_balance_transaction_id,
        Adjustment.note,
    ).where(Adjustment.happened_at >= since, Adjustment.happened_at < until)


def _entry(row: Row[Any]) -> Entry:
    fee, net = None, None
    if row.settled_currency is not None:
        fee = Money(row.fee_minor, row.settled_currency)
        net = Money(row.net_minor, row.settled_currency)
    return Entry(
        at=row.at,
        kind=row.kind,
        source=row.source,
        receipt=f"{row.year}-{row.number:06d}" if row.number else "",
        giver=row.donor_name or "",
        amount=Money(row.amount_minor, row.currency),
        settled=fee + net if fee is not None and net is not None else None,
        fee=fee,
        net=net,
        stripe_id=row.stripe_id,
        reference=row.reference,
    )
