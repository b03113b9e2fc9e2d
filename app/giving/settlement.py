"""Settlement: a payment event becomes entries in the ledger and the state of a pledge, once."""

from collections.abc import Iterable
from datetime import datetime

import structlog
from sqlalchemy import select

from app.extensions import db
from app.giving import pledges
from app.giving.books import ledger, payouts
from app.giving.failing import failures
from app.giving.gift import checkouts
from app.giving.reversals import disputes, refunds
from app.payments.facts import (
    CheckoutSeen,
    DisputeSeen,
    DonationPaid,
    Fact,
    FeeKnown,
    FraudWarned,
    PaymentFailed,
    PledgeSeen,
    Reading,
    RefundSeen,
)
from app.payments.gateway import GatewayError, PaymentGateway
from app.payments.models import InboxEvent, Outcome
from app.payments.payout_facts import PayoutSeen

log = structlog.get_logger()


def settle(event_id: str, gateway: PaymentGateway, *, now: datetime) -> None:
    """Act on one kept event and mark it settled, in one transaction. Safe to run twice.

    The truth is fetched before that transaction, so no connection is held while Stripe answers. An
    event that cannot be settled keeps the reason on its row and is tried again until given up.
    """
    asked = db.session.execute(
        select(InboxEvent.type, InboxEvent.stripe_object_id).where(
            InboxEvent.id == event_id, InboxEvent.settled_at.is_(None)
        )
    ).one_or_none()
    db.session.commit()
    if asked is None:
        return
    try:
        reading = gateway.read(asked.type, asked.stripe_object_id)
        event = db.session.get_one(
            InboxEvent, event_id, with_for_update=True, populate_existing=True
        )
        if event.settled_at is None:
            apply(reading.facts, now=now)
            event.outcome = _outcome(reading)
            event.settled_at = now
            event.done()
        db.session.commit()
    except (GatewayError, LookupError) as error:
        db.session.rollback()
        _keep_reason(event_id, error)


def settle_checkout(session_id: str, gateway: PaymentGateway, *, now: datetime) -> Reading:
    """Act on a checkout a reader has just come back from, as its event would; commits.

    Right whether the event came before or comes later. Raises `GatewayError`, `UnknownCheckout`.
    """
    reading = gateway.find_checkout(session_id)
    apply(reading.facts, now=now)
    db.session.commit()
    return reading


def apply(facts: Iterable[Fact], *, now: datetime) -> None:
    """Enter facts. The caller commits. Each may be entered any number of times, in any order."""
    for fact in facts:
        match fact:
            case DonationPaid():
                ledger.record_donation(fact, now=now)
            case PledgeSeen():
                pledges.apply(fact, now=now)
                failures.owe_end(fact.pledge_id, now=now)
            case CheckoutSeen():
                checkouts.apply(fact, now=now)
            case FeeKnown():
                ledger.record_fee(fact, now=now)
            case PaymentFailed():
                failures.record(fact, now=now)
            case RefundSeen() | DisputeSeen() | FraudWarned() | PayoutSeen():
                _went(fact, now)


def _went(fact: RefundSeen | DisputeSeen | FraudWarned | PayoutSeen, now: datetime) -> None:
    """Enter what goes back, may have to, or goes on to the bank."""
    match fact:
        case RefundSeen():
            refunds.apply(fact, now=now)
        case DisputeSeen():
            disputes.apply(fact, now=now)
        case FraudWarned():
            disputes.warned(fact, now=now)
        case PayoutSeen():
            payouts.apply(fact, now=now)


def _outcome(reading: Reading) -> Outcome:
    if not reading.known:
        return Outcome.UNKNOWN
    return Outcome.APPLIED if reading.ours else Outcome.NOT_OURS


def _keep_reason(event_id: str, error: Exception) -> None:
    event = db.session.get_one(InboxEvent, event_id)
    event.failed(f"{type(error).__name__}: {error}")
    db.session.commit()
    log.warning("event_not_settled", event_id=event_id, error=type(error).__name__)
