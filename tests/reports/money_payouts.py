"""What Stripe pays out of the balance while stories of money are told, kept by the services."""

from datetime import UTC, date, datetime, timedelta

from flask import current_app
from sqlalchemy import select

from app.extensions import db
from app.giving.books import payouts
from app.giving.models import Adjustment, Donation, DonationFee, Payout
from app.money import Money
from app.payments.payout_facts import BalanceEntry, EntryKind, PayoutSeen, PayoutState
from tests.fakes import FakeGateway
from tests.reports.stories import DAY, NOW


def pay_out(every: int) -> None:
    """Let Stripe pay out all that the balance moved by a week before, and keep what that was."""
    gateway: FakeGateway = current_app.extensions["gateway"]
    gateway.paid_out, gateway.held = [], {}
    left = sorted(_balance(), key=lambda one: (one.happened_at, one.balance_transaction_id))
    made, number = datetime(2025, 2, 10, 12, tzinfo=UTC), 0
    while made < NOW:
        held = [one for one in left if one.happened_at < made - 5 * DAY]
        left = [one for one in left if one not in held]
        if held:
            number += 1
            gateway.held[f"po_{number}"] = held
            gateway.paid_out.append(_payout(number, made, held))
        made += every * DAY
    gateway.paid_out.reverse()
    payouts.look(gateway, now=NOW)
    for payout_id in db.session.scalars(select(Payout.id).where(Payout.due_at.is_not(None))).all():
        payouts.read(payout_id, gateway, now=NOW)
    payouts.sum_up_again(now=NOW)


def _payout(number: int, made: datetime, held: list[BalanceEntry]) -> PayoutSeen:
    on: date = (made + 2 * DAY).date()
    return PayoutSeen(
        stripe_payout_id=f"po_{number}",
        amount=Money(sum(one.net.minor for one in held), "EUR"),
        state=PayoutState.IN_TRANSIT if made > NOW - 5 * DAY else PayoutState.PAID,
        automatic=True,
        listable=True,
        arrives_on=on,
        made_at=made,
        failure=None,
        returned_by=None,
        seen_at=made + timedelta(hours=1),
    )


def _balance() -> list[BalanceEntry]:
    """All that moved on Stripe's balance: the ledger's, and now and then something else."""
    found = []
    known = select(DonationFee, Donation.received_at).join(Donation)
    for fee, at in db.session.execute(known):
        found.append(_moved(EntryKind.GIFT, fee, at))
        if fee.fee_minor == 60:
            name = f"txn_other_{fee.donation_id}"
            charge = EntryKind.STRIPE_FEE if fee.donation_id % 2 else EntryKind.GIFT
            found.append(_entry(charge, name, -35 if fee.donation_id % 2 else 900, 0, at))
    at_stripe = Adjustment.stripe_balance_transaction_id.is_not(None)
    return found + [
        _moved(EntryKind(move.kind), move, move.happened_at)
        for move in db.session.scalars(select(Adjustment).where(at_stripe))
    ]


def _moved(kind: EntryKind, row: DonationFee | Adjustment, at: datetime) -> BalanceEntry:
    assert row.stripe_balance_transaction_id is not None
    return _entry(kind, row.stripe_balance_transaction_id, row.net_minor, row.fee_minor, at)


def _entry(kind: EntryKind, name: str, net: int, fee: int, at: datetime) -> BalanceEntry:
    return BalanceEntry(
        balance_transaction_id=name,
        kind=kind,
        type=kind.value,
        description=None,
        source_id=f"src_{name}",
        amount=Money(net + fee, "EUR"),
        fee=Money(fee, "EUR"),
        net=Money(net, "EUR"),
        happened_at=at,
    )
