"""Whatever order refunds and disputes are told in, and however often, the ledger's sums are one."""

import uuid
from dataclasses import replace
from datetime import timedelta

from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from app.accounts.models import Account
from app.extensions import db
from app.giving.books import ledger, totals
from app.giving.models import Dispute, Refund
from app.money import Money
from app.payments.facts import (
    DisputeSeen,
    DisputeState,
    DonationPaid,
    Movement,
    MovementKind,
    RefundSeen,
    RefundState,
)
from tests.builders import a_reader
from tests.giving.facts import AUGUST, disputed, refunded
from tests.giving.gifts import a_gift, enter

HOUR = timedelta(hours=1)
YEARS = (AUGUST - timedelta(days=400), AUGUST + timedelta(days=400))
#: What each refund and the dispute go through; an answer holds all that moved until then.
REFUND_LIVES = (
    (RefundState.PENDING, RefundState.SUCCEEDED, RefundState.FAILED),
    (RefundState.SUCCEEDED, RefundState.FAILED),
    (RefundState.SUCCEEDED,),
    (RefundState.PENDING, RefundState.CANCELLED),
)
DISPUTE_LIVES = (
    (DisputeState.INQUIRY, DisputeState.CLOSED),
    (DisputeState.INQUIRY, DisputeState.OPEN, DisputeState.LOST),
    (DisputeState.OPEN, DisputeState.WON),
)
BROKEN = (RefundState.FAILED, RefundState.CANCELLED)


def movement(tag: str, kind: MovementKind, yen: int, cents: int, fee: int = 0) -> Movement:
    """A movement on a gift in yen that is settled in euro."""
    return Movement(
        balance_transaction_id=f"txn_{tag}_{kind.value}",
        kind=kind,
        amount=Money(yen, "JPY"),
        settled=Money(cents, "EUR"),
        fee=Money(fee, "EUR"),
        net=Money(cents - fee, "EUR"),
        happened_at=AUGUST + HOUR,
    )


def refund_told(charge: DonationPaid, number: int, minor: int) -> list[RefundSeen]:
    """One refund, as it stood each time it was asked for."""
    tag, told = f"{charge.charge_id}_{number}", []
    out = movement(tag, MovementKind.REFUND, -minor, -minor // 160)
    back = movement(tag, MovementKind.REFUND_FAILED, minor, minor // 160)
    for step, state in enumerate(REFUND_LIVES[number % len(REFUND_LIVES)]):
        told.append(
            refunded(
                charge,
                minor,
                stripe_refund_id=f"re_{tag}",
                state=state,
                movements=(out, back) if state in BROKEN else (out,),
                seen_at=AUGUST + HOUR * (step + 1),
            )
        )
    return told


def dispute_told(charge: DonationPaid, number: int) -> list[DisputeSeen]:
    """The dispute, as it stood each time it was asked for."""
    tag, minor, told = f"{charge.charge_id}_d", charge.amount.minor, []
    out = movement(tag, MovementKind.DISPUTE, -minor, -minor // 160, fee=1500)
    back = movement(tag, MovementKind.DISPUTE_RETURNED, minor, minor // 160)
    moved = {
        DisputeState.OPEN: (out,),
        DisputeState.LOST: (out,),
        DisputeState.WON: (out, back),
    }
    for step, state in enumerate(DISPUTE_LIVES[number]):
        fact = disputed(charge, state, stripe_dispute_id=f"du_{tag}")
        seen_at = AUGUST + HOUR * (step + 1)
        told.append(replace(fact, movements=moved.get(state, ()), seen_at=seen_at))
    return told


def sums() -> tuple[int, ...]:
    """What moved in yen by refunds and disputes, and in euro settled, fee and net."""
    all_time = totals.between(*YEARS)
    yen = next(given for given in all_time.given if given.currency == "JPY")
    euro = next(iter(all_time.settled), totals.Settled("EUR", 0, 0, 0))
    return (
        yen.refunds_minor,
        yen.disputes_minor,
        euro.settled_minor,
        euro.fee_minor,
        euro.net_minor,
    )


def naive(facts: list[RefundSeen | DisputeSeen]) -> tuple[int, ...]:
    """The same from the distinct movements that were told, added up by hand."""
    distinct = {m.balance_transaction_id: m for fact in facts for m in fact.movements}.values()
    refunds = [m.amount.minor for m in distinct if m.kind.value.startswith("refund")]
    disputes = [m.amount.minor for m in distinct if m.kind.value.startswith("dispute")]
    return (
        sum(refunds),
        sum(disputes),
        sum(m.settled.minor for m in distinct),
        sum(m.fee.minor for m in distinct),
        sum(m.net.minor for m in distinct),
    )


def a_yen_gift(reader: Account) -> DonationPaid:
    """A gift of 20,000 yen under ids of its own."""
    tag = uuid.uuid4().hex[:12]
    return a_gift(
        20_000,
        account=reader,
        currency="JPY",
        invoice_id=f"in_{tag}",
        payment_intent_id=f"pi_{tag}",
        charge_id=f"ch_{tag}",
    )[1]


@given(data=st.data())
@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_any_order_and_any_repetition_ends_in_the_same_sums_and_states(
    app: Flask, data: st.DataObject
) -> None:
    db.session.remove()
    charge = a_yen_gift(a_reader())
    before = sums()
    pool: list[RefundSeen | DisputeSeen] = []
    for number, minor in enumerate(data.draw(st.lists(st.integers(1, 6000), max_size=4))):
        pool += refund_told(charge, number, minor)
    pool += dispute_told(charge, data.draw(st.integers(0, len(DISPUTE_LIVES) - 1)))
    told = data.draw(st.lists(st.sampled_from(pool), max_size=20))
    for fact in told:
        enter(fact)
    assert tuple(a - b for a, b in zip(sums(), before, strict=True)) == naive(told)
    for fact in told:
        newest = max((f for f in told if _id(f) == _id(fact)), key=lambda f: f.seen_at)
        assert _status(newest) == newest.state.value


def _id(fact: RefundSeen | DisputeSeen) -> str:
    return fact.stripe_refund_id if isinstance(fact, RefundSeen) else fact.stripe_dispute_id


def _status(fact: RefundSeen | DisputeSeen) -> str | None:
    if isinstance(fact, RefundSeen):
        which = Refund.stripe_refund_id == fact.stripe_refund_id
        return db.session.scalar(select(Refund.status).where(which))
    which = Dispute.stripe_dispute_id == fact.stripe_dispute_id
    return db.session.scalar(select(Dispute.status).where(which))


def test_an_entry_counts_when_it_happened_and_only_there(app: Flask) -> None:
    donation, charge = a_gift(2000)
    enter(refunded(charge, 500))
    day = timedelta(days=1)
    gift_only = totals.between(AUGUST, AUGUST + day)
    assert (gift_only.given[0].gross_minor, gift_only.given[0].refunds_minor) == (2000, 0)
    assert gift_only.fees_unknown == 1
    refund_only = totals.between(AUGUST + day, AUGUST + 5 * day)
    assert (refund_only.given[0].gifts, refund_only.given[0].kept) == (0, Money(-500, "EUR"))
    assert totals.between(AUGUST + 5 * day, AUGUST + 9 * day).given == ()
    assert ledger.moved(donation.id) == -500
