"""The made-up newsroom's payouts: each Monday what had become available, and Stripe's charges."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import Row, insert, select

from app.extensions import db
from app.giving.books import payouts
from app.giving.models import Adjustment, Donation, DonationFee, Payout, PayoutEntry
from app.payments.payout_facts import EntryKind, PayoutState

#: A payment can be paid out so long after it was made, and is in the bank so long after that.
AVAILABLE_AFTER, ARRIVES_AFTER = timedelta(days=7), timedelta(days=2)
WEEK = timedelta(days=7)
#: What Stripe charges for recurring gifts, of a thousand, once for each payout.
BILLING = 7
#: Counted back from the newest: this one the bank sent back, and the next one brought it again.
SENT_BACK = 9


@dataclass
class _Week:
    """One payout to be made, with what it holds."""

    made_at: datetime
    entries: list[dict[str, Any]] = field(default_factory=list)

    @property
    def amount_minor(self) -> int:
        return sum(entry["net_minor"] for entry in self.entries)


def fill(*, now: datetime) -> None:
    """Pay out what the ledger holds through Stripe, each week until now. The caller commits."""
    weeks = list(_weeks(now))
    for place, week in enumerate(weeks):
        week.entries.append(_billing(place, week))
    back = len(weeks) - SENT_BACK
    if back >= 0:
        weeks[back + 1].entries.append(_returned(weeks[back]))
    rows = [_payout(place, week, failed=place == back, now=now) for place, week in enumerate(weeks)]
    if not rows:
        return
    ids = db.session.scalars(
        insert(Payout).returning(Payout.id, sort_by_parameter_order=True), rows
    ).all()
    db.session.execute(
        insert(PayoutEntry),
        [
            {"payout_id": id_, **entry}
            for id_, week in zip(ids, weeks, strict=True)
            for entry in week.entries
        ],
    )
    for id_ in ids:
        payouts.sum_up(id_)


def _weeks(now: datetime) -> Iterator[_Week]:
    """The Mondays since the first gift on which something was there to be paid out."""
    entries = sorted([*_gifts(), *_moves()], key=lambda entry: entry["happened_at"])
    if not entries:
        return
    begun = entries[0]["happened_at"].astimezone(UTC)
    monday = _midnight((begun - timedelta(days=begun.weekday())).date())
    place = 0
    while monday <= now:
        week = _Week(monday)
        while place < len(entries) and entries[place]["happened_at"] < monday - AVAILABLE_AFTER:
            week.entries.append(entries[place])
            place += 1
        if week.entries:
            yield week
        monday += WEEK


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def _gifts() -> Iterator[dict[str, Any]]:
    """What gifts brought to the balance."""
    found = db.session.execute(
        select(Donation.received_at, Donation.stripe_charge_id, DonationFee)
        .join(DonationFee, DonationFee.donation_id == Donation.id)
        .where(DonationFee.currency == "EUR")
        .order_by(Donation.received_at, Donation.id)
    )
    return map(_gift, found)


def _moves() -> Iterator[dict[str, Any]]:
    """What refunds and disputes took from it, and what came back."""
    for move in db.session.scalars(select(Adjustment).order_by(Adjustment.id)):
        yield {
            "stripe_balance_transaction_id": move.stripe_balance_transaction_id,
            "kind": move.kind,
            "stripe_type": "refund" if move.refund_id else "adjustment",
            "description": None,
            "stripe_source_id": None,
            "amount_minor": move.settled_minor,
            "fee_minor": move.fee_minor,
            "net_minor": move.net_minor,
            "currency": "EUR",
            "happened_at": move.happened_at,
        }


def _gift(row: Row[*tuple[Any, ...]]) -> dict[str, Any]:
    fee: DonationFee = row.DonationFee
    return {
        "stripe_balance_transaction_id": fee.stripe_balance_transaction_id,
        "kind": EntryKind.GIFT.value,
        "stripe_type": "charge",
        "description": None,
        "stripe_source_id": row.stripe_charge_id,
        "amount_minor": fee.fee_minor + fee.net_minor,
        "fee_minor": fee.fee_minor,
        "net_minor": fee.net_minor,
        "currency": "EUR",
        "happened_at": row.received_at,
    }


def _billing(place: int, week: _Week) -> dict[str, Any]:
    gross = sum(entry["amount_minor"] for entry in week.entries)
    return _own(f"billing_{place:04d}", EntryKind.STRIPE_FEE, -(gross * BILLING // 1000), week) | {
        "stripe_type": "stripe_fee",
        "description": "Billing - Usage Fee",
    }


def _returned(week: _Week) -> dict[str, Any]:
    entry = _own("back", EntryKind.PAYOUT_RETURNED, week.amount_minor, week)
    return entry | {
        "stripe_type": "payout_failure",
        "happened_at": week.made_at + 2 * ARRIVES_AFTER,
    }


def _own(name: str, kind: EntryKind, minor: int, week: _Week) -> dict[str, Any]:
    """A movement that is of no gift."""
    return {
        "stripe_balance_transaction_id": f"txn_demo_{name}",
        "kind": kind.value,
        "stripe_type": "",
        "description": None,
        "stripe_source_id": None,
        "amount_minor": minor,
        "fee_minor": 0,
        "net_minor": minor,
        "currency": "EUR",
        "happened_at": week.made_at - timedelta(hours=3),
    }


def _payout(place: int, week: _Week, *, failed: bool, now: datetime) -> dict[str, Any]:
    arrives_on = (week.made_at + ARRIVES_AFTER).date()
    state = PayoutState.PAID if arrives_on < now.date() else PayoutState.IN_TRANSIT
    return {
        "stripe_payout_id": f"po_demo_{place:04d}",
        "amount_minor": week.amount_minor,
        "currency": "EUR",
        "status": (PayoutState.FAILED if failed else state).value,
        "automatic": True,
        "arrives_on": arrives_on,
        "made_at": week.made_at,
        "failure": "account_closed" if failed else None,
        "returned_by": "txn_demo_back" if failed else None,
        "read_at": week.made_at + timedelta(hours=1),
        "held_minor": week.amount_minor,
        "seen_at": week.made_at + timedelta(hours=1),
        "listed": True,
        # What each holds is entered, so nobody has to ask for it.
        "attempts": 1,
        "due_at": None,
    }
