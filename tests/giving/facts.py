"""What Stripe would tell of a pledge, for tests; every fact may be changed by name."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from app.giving.models import Checkout, Pledge
from app.money import Money
from app.payments.facts import (
    CheckoutSeen,
    DisputeSeen,
    DisputeState,
    DonationPaid,
    Fee,
    FeeKnown,
    Movement,
    MovementKind,
    PaymentFailed,
    PledgeSeen,
    RefundSeen,
    RefundState,
    Remedy,
    Standing,
)

AUGUST = datetime(2026, 8, 14, 10, 30, tzinfo=UTC)
MONTH = timedelta(days=31)


def paid(pledge: Pledge, number: int = 1, **over: Any) -> DonationPaid:
    """The payment of a pledge's n-th month."""
    fact = DonationPaid(
        amount=pledge.amount,
        received_at=AUGUST + MONTH * (number - 1),
        pledge_id=pledge.id,
        checkout_id=None,
        invoice_id=f"in_{pledge.id.hex[:8]}_{number}",
        payment_intent_id=f"pi_{pledge.id.hex[:8]}_{number}",
        charge_id=f"ch_{pledge.id.hex[:8]}_{number}",
        card_brand="visa",
        card_last4="4242",
        subscription_id=f"sub_{pledge.id.hex[:8]}",
        customer_id=f"cus_{pledge.id.hex[:8]}",
        paid_until=AUGUST + MONTH * number,
    )
    return replace(fact, **over)


def paid_once(checkout: Checkout, **over: Any) -> DonationPaid:
    """The payment of a gift given once."""
    fact = DonationPaid(
        amount=checkout.amount,
        received_at=AUGUST,
        pledge_id=None,
        checkout_id=checkout.id,
        invoice_id=None,
        payment_intent_id=f"pi_{checkout.id.hex[:8]}",
        charge_id=f"ch_{checkout.id.hex[:8]}",
        card_brand="mastercard",
        card_last4="4444",
        subscription_id=None,
        customer_id="cus_once",
        paid_until=None,
    )
    return replace(fact, **over)


def seen(pledge: Pledge, standing: Standing = Standing.PAYING, **over: Any) -> PledgeSeen:
    """A subscription as it stands."""
    fact = PledgeSeen(
        pledge_id=pledge.id,
        subscription_id=f"sub_{pledge.id.hex[:8]}",
        customer_id=f"cus_{pledge.id.hex[:8]}",
        standing=standing,
        amount=pledge.amount,
        interval=pledge.interval,
        paid_until=AUGUST + MONTH,
        ends_at=None,
        ended_at=None,
        ending=None,
        seen_at=AUGUST + timedelta(minutes=1),
    )
    return replace(fact, **over)


def failed(pledge: Pledge, attempt: int = 1, **over: Any) -> PaymentFailed:
    """The n-th attempt at the pledge's second month; Stripe tries again after three days."""
    when = AUGUST + MONTH + timedelta(days=3 * (attempt - 1), hours=1)
    fact = PaymentFailed(
        pledge_id=pledge.id,
        invoice_id=f"in_{pledge.id.hex[:8]}_2",
        attempt=attempt,
        amount=pledge.amount,
        failed_at=when,
        next_attempt_at=when + timedelta(days=3),
        remedy=Remedy.WAIT,
        decline_code="insufficient_funds",
        pay_url=f"https://pay.test/i/in_{pledge.id.hex[:8]}_2",
    )
    return replace(fact, **over)


def page(checkout: Checkout, state: str) -> CheckoutSeen:
    """A checkout page as it stands."""
    return CheckoutSeen(checkout.id, f"cs_{checkout.id.hex[:8]}", state)


def fee_of(fact: DonationPaid, fee: int = 33) -> FeeKnown:
    """The fee of a payment, in euro."""
    assert fact.charge_id is not None
    return FeeKnown(
        fact.charge_id,
        Fee(f"txn_{fact.charge_id}", Money(fee, "EUR"), Money(fact.amount.minor - fee, "EUR")),
    )


def moved(kind: MovementKind, minor: int, number: int = 1, **over: Any) -> Movement:
    """One entry of Stripe's balance in euro, signed; the number names it."""
    amount = Money(minor, "EUR")
    fact = Movement(
        balance_transaction_id=f"txn_{kind.value}_{number}",
        kind=kind,
        amount=amount,
        settled=amount,
        fee=Money(0, "EUR"),
        net=amount,
        happened_at=AUGUST + timedelta(days=3),
    )
    return replace(fact, **over)


def refunded(charge: DonationPaid, minor: int | None = None, **over: Any) -> RefundSeen:
    """A refund that succeeded, made at Stripe unless it names one of ours."""
    assert charge.charge_id is not None
    minor = charge.amount.minor if minor is None else minor
    fact = RefundSeen(
        refund_id=None,
        stripe_refund_id=f"re_{charge.charge_id}",
        charge_id=charge.charge_id,
        amount=Money(minor, charge.amount.currency),
        state=RefundState.SUCCEEDED,
        failure=None,
        made_at=AUGUST + timedelta(days=3),
        movements=(moved(MovementKind.REFUND, -minor),),
        seen_at=AUGUST + timedelta(days=3),
    )
    return replace(fact, **over)


def disputed(
    charge: DonationPaid, state: DisputeState = DisputeState.OPEN, **over: Any
) -> DisputeSeen:
    """A payment contested whole; the bank has taken it with a fee of 15 euro."""
    assert charge.charge_id is not None
    minor = charge.amount.minor
    taken = moved(
        MovementKind.DISPUTE, -minor, fee=Money(1500, "EUR"), net=Money(-minor - 1500, "EUR")
    )
    fact = DisputeSeen(
        stripe_dispute_id=f"du_{charge.charge_id}",
        charge_id=charge.charge_id,
        amount=charge.amount,
        state=state,
        reason="fraudulent",
        opened_at=AUGUST + timedelta(days=5),
        evidence_due_at=AUGUST + timedelta(days=14),
        movements=() if state is DisputeState.INQUIRY else (taken,),
        seen_at=AUGUST + timedelta(days=5),
    )
    return replace(fact, **over)
