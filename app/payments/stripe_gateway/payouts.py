"""Payouts, and the movements of the balance that each holds."""

from collections.abc import Iterator
from datetime import datetime

import stripe

from app.clock import utcnow
from app.money import Money
from app.payments.facts import Reading
from app.payments.payout_facts import BalanceEntry, EntryKind, PayoutSeen, PayoutState
from app.payments.stripe_gateway.calls import Calls, pages
from app.payments.stripe_gateway.errors import translated
from app.payments.stripe_gateway.fields import id_of, moment, seconds

STATES = {
    "pending": PayoutState.PENDING,
    "in_transit": PayoutState.IN_TRANSIT,
    "paid": PayoutState.PAID,
    "failed": PayoutState.FAILED,
    "canceled": PayoutState.CANCELLED,
}
#: What Stripe calls a movement, and what it is to us. A dispute is told by its category.
KINDS = {
    "charge": EntryKind.GIFT,
    "payment": EntryKind.GIFT,
    "refund": EntryKind.REFUND,
    "payment_refund": EntryKind.REFUND,
    "refund_failure": EntryKind.REFUND_FAILED,
    "payment_failure_refund": EntryKind.REFUND_FAILED,
    "stripe_fee": EntryKind.STRIPE_FEE,
    "stripe_fx_fee": EntryKind.STRIPE_FEE,
    "tax_fee": EntryKind.STRIPE_FEE,
    "payout_failure": EntryKind.PAYOUT_RETURNED,
    "payout_cancel": EntryKind.PAYOUT_RETURNED,
}
CATEGORIES = {
    "dispute": EntryKind.DISPUTE,
    "dispute_reversal": EntryKind.DISPUTE_RETURNED,
}


class Payouts(Calls):
    """What left for the bank."""

    def payouts(self, since: datetime) -> Iterator[PayoutSeen]:
        """See `PaymentGateway`."""
        listed = self._client.v1.payouts.list
        for asked_at, page in pages(
            lambda: listed({"created": {"gte": seconds(since)}, "limit": 100})
        ):
            for payout in page:
                yield payout_seen(payout, asked_at)

    def payout_entries(self, stripe_payout_id: str) -> Iterator[BalanceEntry]:
        """See `PaymentGateway`."""
        listed = self._client.v1.balance_transactions.list
        for _asked_at, page in pages(lambda: listed({"payout": stripe_payout_id, "limit": 100})):
            for entry in page:
                # The payout's own movement is the other side of all the others.
                if entry.type != "payout":
                    yield balance_entry(entry)

    def _payout(self, payout_id: str) -> Reading:
        asked_at = utcnow()
        with translated():
            payout = self._client.v1.payouts.retrieve(payout_id)
        return Reading((payout_seen(payout, asked_at),))


def payout_seen(payout: stripe.Payout, asked_at: datetime) -> PayoutSeen:
    """Return how a payout stood at `asked_at`."""
    returned = payout.failure_balance_transaction
    return PayoutSeen(
        stripe_payout_id=payout.id,
        amount=Money(payout.amount, payout.currency.upper()),
        state=STATES.get(payout.status, PayoutState.PENDING),
        automatic=payout.automatic,
        listable=payout.automatic and payout.reconciliation_status == "completed",
        # Stripe tells the day as its midnight in UTC.
        arrives_on=moment(payout.arrival_date).date(),
        made_at=moment(payout.created),
        failure=payout.failure_code,
        returned_by=id_of(returned) if returned else None,
        seen_at=asked_at,
    )


def balance_entry(entry: stripe.BalanceTransaction) -> BalanceEntry:
    """Return a movement of the balance; one of a type we do not know is `OTHER`."""
    currency = entry.currency.upper()
    kind = CATEGORIES.get(entry.reporting_category) or KINDS.get(entry.type, EntryKind.OTHER)
    return BalanceEntry(
        balance_transaction_id=entry.id,
        kind=kind,
        type=entry.type,
        description=entry.description,
        source_id=id_of(entry.source) if entry.source else None,
        amount=Money(entry.amount, currency),
        fee=Money(entry.fee, currency),
        net=Money(entry.net, currency),
        happened_at=moment(entry.created),
    )
