"""The made-up gifts that went back: refunds, disputes and banks' warnings of fraud."""

import uuid
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from random import Random
from typing import Any

from sqlalchemy import Row, insert, select

from app.extensions import db
from app.giving.models import Adjustment, Dispute, Donation, DonationFee, FraudWarning, Refund
from app.giving.rules import RefundReason, RefundStatus
from app.payments.facts import DisputeState

#: Of so many gifts one is refunded.
ONE_OF = 110
#: Why, each as often as it happens.
WHY = (
    (RefundReason.ASKED_FOR, 10),
    (RefundReason.MISTAKE, 6),
    (RefundReason.DUPLICATE, 4),
    (RefundReason.AT_STRIPE, 3),
    (RefundReason.FRAUD, 2),
)
#: How each dispute stands and what the giver said, the oldest first; the last is not over yet.
DISPUTES = (
    (DisputeState.LOST, "fraudulent"),
    (DisputeState.WON, "subscription_canceled"),
    (DisputeState.LOST, "unrecognized"),
    (DisputeState.CLOSED, "general"),
    (DisputeState.WON, "fraudulent"),
    (DisputeState.LOST, "fraudulent"),
    (DisputeState.OPEN, "unrecognized"),
)
#: Stripe's price of a dispute, in cents, which it keeps.
PRICE = 2000
#: What came of each warning.
WARNINGS = ("refunded", "left", "moot", "left")
#: A bank takes so long to contest a gift, so long to decide, and so long to send a refund back.
CONTESTED_AFTER, DECIDED_AFTER, BACK_AFTER = timedelta(days=9), timedelta(days=50), timedelta(9)


def fill(*, by: int, now: datetime, rng: Random) -> None:
    """Let some of the ledger's gifts go back, whole or in part. The caller commits.

    `by` is the member of staff who refunds. Only gifts given once are contested, so that no pledge
    ends with them. Nothing is owed: Stripe has answered everything.
    """
    gifts: Sequence[Row[*tuple[Any, ...]]] = db.session.execute(
        select(
            Donation.id,
            Donation.pledge_id,
            Donation.received_at,
            Donation.amount_minor,
            Donation.currency,
            (DonationFee.fee_minor + DonationFee.net_minor).label("settled_minor"),
        )
        .join(DonationFee, DonationFee.donation_id == Donation.id)
        .where(Donation.received_at < now - CONTESTED_AFTER - timedelta(days=1))
        .order_by(Donation.received_at, Donation.id)
    ).all()
    once = [gift for gift in gifts if gift.pledge_id is None]
    contested = _spread(once, len(DISPUTES))
    _disputes(contested, now)
    rest = [gift for gift in gifts if gift not in contested]
    _refunds(rng.sample(rest, len(rest) // ONE_OF), by, now, rng)
    warned = _spread([gift for gift in once if gift not in contested], len(WARNINGS))
    db.session.execute(
        insert(FraudWarning),
        [
            {
                "stripe_warning_id": f"issfr_demo_{gift.id}",
                "donation_id": gift.id,
                "outcome": outcome,
                "warned_at": gift.received_at + timedelta(days=3),
            }
            for gift, outcome in zip(warned, WARNINGS, strict=False)
        ],
    )


def _spread(gifts: Sequence[Row[*tuple[Any, ...]]], count: int) -> list[Row[*tuple[Any, ...]]]:
    """So many of the gifts, from the first to the last at even distances."""
    if len(gifts) < count:
        return list(gifts)
    return [gifts[place * (len(gifts) - 1) // (count - 1)] for place in range(count)]


def _refunds(gifts: Sequence[Row[*tuple[Any, ...]]], by: int, now: datetime, rng: Random) -> None:
    refunds, moves = [], []
    for place, gift in enumerate(sorted(gifts, key=lambda one: (one.received_at, one.id))):
        at = gift.received_at + timedelta(days=rng.randrange(1, 9), hours=rng.randrange(1, 9))
        reason = rng.choices([why for why, _n in WHY], [often for _why, often in WHY])[0]
        part = place % 5 == 4
        minor = gift.amount_minor // 200 * 100 if part else gift.amount_minor
        failed = place % 17 == 11 and at + BACK_AFTER < now
        key = uuid.UUID(int=rng.getrandbits(128), version=4)
        refunds.append(
            {
                "id": key,
                "donation_id": gift.id,
                "amount_minor": minor,
                "currency": gift.currency,
                "status": RefundStatus.FAILED if failed else RefundStatus.SUCCEEDED,
                "reason": reason,
                "asked_by_id": None if reason is RefundReason.AT_STRIPE else by,
                "asked_at": at,
                "settled_at": at + BACK_AFTER if failed else at + timedelta(minutes=1),
                "stripe_refund_id": f"re_demo_{place:04d}",
                "failure": "expired_or_canceled_card" if failed else None,
                "seen_at": at + timedelta(minutes=1),
                "attempts": 1,
                "due_at": None,
            }
        )
        moves.append(_moved(gift, "refund", f"re_{place:04d}", at, -minor) | {"refund_id": key})
        if failed:
            back = _moved(gift, "refund_failed", f"rf_{place:04d}", at + BACK_AFTER, minor)
            moves.append(back | {"refund_id": key})
    if refunds:
        db.session.execute(insert(Refund), refunds)
        db.session.execute(insert(Adjustment), moves)


def _disputes(gifts: Sequence[Row[*tuple[Any, ...]]], now: datetime) -> None:
    if not gifts:
        return
    rows = list(_disputed(gifts, now))
    ids = db.session.scalars(
        insert(Dispute).returning(Dispute.id, sort_by_parameter_order=True), rows
    ).all()
    moves = []
    for key, row, gift in zip(ids, rows, gifts, strict=True):
        if row["status"] == DisputeState.CLOSED:
            # The bank only asked, which takes nothing.
            continue
        minor, of = gift.amount_minor, {"dispute_id": key}
        taken = _moved(gift, "dispute", f"dp_{key:04d}", row["opened_at"], -minor, fee=PRICE)
        moves.append(taken | of)
        if row["status"] == DisputeState.WON:
            back = _moved(gift, "dispute_returned", f"dr_{key:04d}", row["closed_at"], minor)
            moves.append(back | of)
    db.session.execute(insert(Adjustment), moves)


def _disputed(gifts: Sequence[Row[*tuple[Any, ...]]], now: datetime) -> Iterator[dict[str, Any]]:
    for place, (gift, (status, reason)) in enumerate(zip(gifts, DISPUTES, strict=False)):
        opened_at = gift.received_at + CONTESTED_AFTER
        decided_at = opened_at + DECIDED_AFTER
        is_over = status is not DisputeState.OPEN and decided_at < now
        yield {
            "stripe_dispute_id": f"dp_demo_{place:04d}",
            "donation_id": gift.id,
            "amount_minor": gift.amount_minor,
            "currency": gift.currency,
            "status": status if is_over else DisputeState.OPEN,
            "reason": reason,
            "opened_at": opened_at,
            "evidence_due_at": None if is_over else opened_at + timedelta(days=21),
            "closed_at": decided_at if is_over else None,
            "seen_at": min(decided_at, now),
        }


def _moved(
    gift: Row[*tuple[Any, ...]], kind: str, name: str, at: datetime, minor: int, *, fee: int = 0
) -> dict[str, Any]:
    """A movement of a gift, settled in euro at the rate the gift was."""
    settled = minor * gift.settled_minor // gift.amount_minor
    return {
        "donation_id": gift.id,
        "kind": kind,
        "refund_id": None,
        "dispute_id": None,
        "amount_minor": minor,
        "currency": gift.currency,
        "settled_minor": settled,
        "fee_minor": fee,
        "net_minor": settled - fee,
        "settled_currency": "EUR",
        "stripe_balance_transaction_id": f"txn_demo_{name}",
        "happened_at": at,
        "entered_at": at + timedelta(seconds=5),
    }
