"""What we have of what Stripe was asked about, found in the database. Writes nothing."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import InstrumentedAttribute

from app.desk import comparing
from app.desk.comparing import Finding
from app.extensions import db
from app.giving.models import Adjustment, Dispute, Donation, Pledge, Refund
from app.giving.rules import FINAL
from app.payments.facts import DisputeSeen, DonationPaid, Fact, PledgeSeen, Reading, RefundSeen
from app.payments.orders import SurveyKind

#: Where our row of each kind names Stripe's object.
NAMES: dict[SurveyKind, InstrumentedAttribute[Any]] = {
    SurveyKind.SUBSCRIPTIONS: Pledge.stripe_subscription_id,
    SurveyKind.INVOICES: Donation.stripe_invoice_id,
    SurveyKind.GIFTS: Donation.stripe_payment_intent_id,
    SurveyKind.REFUNDS: Refund.stripe_refund_id,
    SurveyKind.DISPUTES: Dispute.stripe_dispute_id,
}
#: The ids of what `flask demo fill` makes up: Stripe never had it, and no id of its looks so.
MADE_UP = "%/_demo/_%"
MODELS: dict[SurveyKind, type[Any]] = {
    SurveyKind.SUBSCRIPTIONS: Pledge,
    SurveyKind.INVOICES: Donation,
    SurveyKind.GIFTS: Donation,
    SurveyKind.REFUNDS: Refund,
    SurveyKind.DISPUTES: Dispute,
}
FACTS: dict[SurveyKind, type[Fact]] = {
    SurveyKind.SUBSCRIPTIONS: PledgeSeen,
    SurveyKind.INVOICES: DonationPaid,
    SurveyKind.GIFTS: DonationPaid,
    SurveyKind.REFUNDS: RefundSeen,
    SurveyKind.DISPUTES: DisputeSeen,
}


def compare(kind: SurveyKind, found: Iterable[tuple[str, Reading]]) -> dict[str, list[Finding]]:
    """Compare objects as Stripe has them with our rows; what is not ours is left out."""
    facts = {
        object_id: fact
        for object_id, reading in found
        for fact in reading.facts
        if isinstance(fact, FACTS[kind])
    }
    rows = _rows(kind, facts)
    entered = _entered(facts.values())
    return {
        object_id: _compared(fact, rows.get(object_id), entered)
        for object_id, fact in facts.items()
    }


def _rows(kind: SurveyKind, facts: dict[str, Fact]) -> dict[str, Any]:
    """Our rows by Stripe's ids; a pledge is known by its own id, which travels at Stripe."""
    if kind is SurveyKind.SUBSCRIPTIONS:
        keys = {
            fact.pledge_id: object_id
            for object_id, fact in facts.items()
            if isinstance(fact, PledgeSeen)
        }
        pledges = db.session.scalars(_fresh(Pledge, Pledge.id.in_(keys)))
        return {keys[pledge.id]: pledge for pledge in pledges}
    name = NAMES[kind]
    rows = db.session.scalars(_fresh(MODELS[kind], name.in_(facts)))
    return {getattr(row, name.key): row for row in rows}


def _fresh(model: type[Any], which: ColumnElement[bool]) -> Any:
    return select(model).where(which).execution_options(populate_existing=True)


def _entered(facts: Iterable[Fact]) -> set[str]:
    """The balance transactions, of all that facts tell of, which the ledger has."""
    told = [
        movement.balance_transaction_id
        for fact in facts
        if isinstance(fact, RefundSeen | DisputeSeen)
        for movement in fact.movements
    ]
    name = Adjustment.stripe_balance_transaction_id
    return {str(one) for one in db.session.scalars(select(name).where(name.in_(told)))}


def _compared(fact: Fact, row: Any, entered: set[str]) -> list[Finding]:
    match fact:
        case PledgeSeen():
            return comparing.pledge(fact, row)
        case DonationPaid():
            return comparing.donation(fact, row)
        case RefundSeen():
            return comparing.refund(fact, row, entered)
        case DisputeSeen():
            return comparing.dispute(fact, row, entered)
        case _:
            return []


def expected(kind: SurveyKind, since: datetime, until: datetime) -> Sequence[str]:
    """List Stripe's ids of what is here and should be there: all that live, or of a window."""
    name = NAMES[kind]
    which: ColumnElement[bool]
    match kind:
        case SurveyKind.SUBSCRIPTIONS:
            which = Pledge.status.not_in(FINAL) & (Pledge.created_at < until)
        case SurveyKind.INVOICES:
            which = _in_window(Donation.received_at, since, until)
        case SurveyKind.GIFTS:
            which = _in_window(Donation.received_at, since, until) & Donation.pledge_id.is_(None)
        case SurveyKind.REFUNDS:
            which = _in_window(Refund.asked_at, since, until)
        case SurveyKind.DISPUTES:
            which = _in_window(Dispute.opened_at, since, until)
    real = name.is_not(None) & name.not_like(MADE_UP, escape="/")
    return db.session.scalars(select(name).where(real, which)).all()


def _in_window(
    column: InstrumentedAttribute[datetime], since: datetime, until: datetime
) -> ColumnElement[bool]:
    return (column >= since) & (column < until)


def described(kind: SurveyKind, object_id: str) -> str | None:
    """Return what we have under one of Stripe's ids, in a few words; None for nothing."""
    row = db.session.scalar(select(MODELS[kind]).where(NAMES[kind] == object_id))
    if row is None:
        return None
    state = f", {row.status}" if hasattr(row, "status") else ""
    return f"{comparing.written(row.amount)}{state}"
