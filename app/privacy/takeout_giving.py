"""What a person takes of pledges and money: the sections read from the giving and bank rooms."""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Select, select

from app.bank.models import StatementLine
from app.extensions import db
from app.giving.models import (
    Adjustment,
    Checkout,
    Dispute,
    Donation,
    DonationFee,
    FailedPayment,
    FraudWarning,
    Pledge,
    PledgeChange,
    PledgeMovement,
    Receipt,
    Refund,
    Touch,
)
from app.money import Money
from app.privacy.takeout_shape import Row

Ids = Sequence[int]


def _each(asked: Select[Any]) -> Sequence[Any]:
    return db.session.scalars(asked.execution_options(populate_existing=True)).all()


def _own_gifts(ids: Ids) -> Select[Any]:
    return select(Donation.id).where(Donation.account_id.in_(ids))


def _own_pledges(ids: Ids) -> Select[Any]:
    return select(Pledge.id).where(Pledge.account_id.in_(ids))


def pledges(ids: Ids) -> Iterator[Row]:
    """Every pledge, begun or not."""
    asked = select(Pledge).where(Pledge.account_id.in_(ids)).order_by(Pledge.created_at, Pledge.id)
    for one in _each(asked):
        yield {
            "id": str(one.id),
            "made_at": one.created_at,
            "amount": one.amount,
            "covers_fee": Money(one.cover_minor, one.currency),
            "interval": one.interval,
            "status": one.status,
            "started_at": one.started_at,
            "paid_until": one.paid_until,
            "next_payment_at": one.next_payment_at,
            "ends_at": one.ends_at,
            "ended_at": one.ended_at,
            "end_reason": one.end_reason,
            "article": one.article,
            "card": _card(one.card_brand, one.card_last4),
            "stripe_customer_id": one.stripe_customer_id,
            "stripe_subscription_id": one.stripe_subscription_id,
        }


def _card(brand: str | None, last4: str | None) -> str | None:
    return f"{brand or ''} {last4}".strip() if last4 else None


def changes(ids: Ids) -> Iterator[Row]:
    """What was wished of pledges, by the person, by staff and by rules of the house."""
    asked = (
        select(PledgeChange, Pledge.currency)
        .join(Pledge, Pledge.id == PledgeChange.pledge_id)
        .where(Pledge.account_id.in_(ids))
        .order_by(PledgeChange.asked_at, PledgeChange.id)
    )
    for one, currency in db.session.execute(asked):
        yield {
            "pledge": str(one.pledge_id),
            "kind": one.kind,
            "asked_at": one.asked_at,
            "applied_at": one.applied_at,
            "via": one.via,
            "amount_before": Money(one.amount_before, currency),
            "amount_after": Money(one.amount_after, currency) if one.amount_after else None,
            "interval_before": one.interval_before,
            "interval_after": one.interval_after,
            "resumes_at": one.resumes_at,
            "reason": one.reason,
            "comment": one.comment,
        }


def movements(ids: Ids) -> Iterator[Row]:
    """Each change of what the pledges bring by the year."""
    for one in _each(
        select(PledgeMovement)
        .where(PledgeMovement.account_id.in_(ids))
        .order_by(PledgeMovement.at, PledgeMovement.id)
    ):
        yield {
            "pledge": str(one.pledge_id),
            "at": one.at,
            "kind": one.kind,
            "cause": one.cause,
            "by_the_year": one.yearly,
        }


def failures(ids: Ids) -> Iterator[Row]:
    """Attempts to take a renewal that failed."""
    for one in _each(
        select(FailedPayment)
        .where(FailedPayment.pledge_id.in_(_own_pledges(ids)))
        .order_by(FailedPayment.failed_at, FailedPayment.id)
    ):
        yield {
            "pledge": str(one.pledge_id),
            "failed_at": one.failed_at,
            "attempt": one.attempt,
            "amount": one.amount,
            "bank_said": one.decline_code,
            "stripe_invoice_id": one.stripe_invoice_id,
            "pay_url": one.pay_url,
        }


def gifts(ids: Ids) -> Iterator[Row]:
    """Every gift with its receipt and what Stripe kept of it."""
    asked = (
        select(Donation, Receipt, DonationFee)
        .outerjoin(Receipt, Receipt.donation_id == Donation.id)
        .outerjoin(DonationFee, DonationFee.donation_id == Donation.id)
        .where(Donation.account_id.in_(ids))
        .order_by(Donation.received_at, Donation.id)
    )
    # What is joined from outside may be missing, which the types do not say.
    rows: Sequence[Any] = db.session.execute(asked).all()
    for one, receipt, fee in rows:
        yield {
            "id": one.id,
            "received_at": one.received_at,
            "amount": one.amount,
            "covers_fee": Money(one.cover_minor, one.currency),
            "fee": Money(fee.fee_minor, fee.currency) if fee is not None else None,
            "source": one.source,
            "pledge": str(one.pledge_id) if one.pledge_id else None,
            "card": _card(one.card_brand, one.card_last4),
            "reference": one.reference,
            "receipt": receipt.reference if receipt is not None else None,
            "receipt_name": receipt.donor_name if receipt is not None else None,
            "stripe_payment_intent_id": one.stripe_payment_intent_id,
            "stripe_invoice_id": one.stripe_invoice_id,
            "stripe_charge_id": one.stripe_charge_id,
        }


def went_back(ids: Ids) -> Iterator[Row]:
    """Refunds, disputes, fraud warnings and corrections of gifts."""
    own = _own_gifts(ids)
    for one in _each(select(Refund).where(Refund.donation_id.in_(own)).order_by(Refund.asked_at)):
        yield _back("refund", one.donation_id, one.asked_at, one.amount, one.status, one.note)
    for one in _each(select(Dispute).where(Dispute.donation_id.in_(own)).order_by(Dispute.id)):
        yield _back("dispute", one.donation_id, one.opened_at, one.amount, one.status, one.reason)
    for one in _each(select(FraudWarning).where(FraudWarning.donation_id.in_(own))):
        yield _back("fraud_warning", one.donation_id, one.warned_at, None, one.outcome, "")
    for one in _each(select(Adjustment).where(Adjustment.donation_id.in_(own))):
        yield _back(
            "movement", one.donation_id, one.happened_at, one.amount, one.kind, one.note or ""
        )


def _back(what: str, gift: int, at: Any, amount: Money | None, state: str, said: str) -> Row:
    return {
        "what": what,
        "gift": gift,
        "at": at,
        "amount": amount,
        "state": state,
        "said": said,
    }


def attempts(ids: Ids) -> Iterator[Row]:
    """Attempts to give, also those that came to nothing."""
    asked = select(Checkout).where(Checkout.account_id.in_(ids)).order_by(Checkout.created_at)
    for one in _each(asked):
        yield {
            "id": str(one.id),
            "at": one.created_at,
            "closed_at": one.closed_at,
            "status": one.status,
            "amount": one.amount,
            "interval": one.interval,
            "language": one.locale,
            "device": one.device,
            "article": one.article,
            "stripe_session_id": one.stripe_session_id,
        }


def touches(ids: Ids) -> Iterator[Row]:
    """How the person came to each attempt to give."""
    own = select(Checkout.id).where(Checkout.account_id.in_(ids))
    for one in _each(
        select(Touch).where(Touch.checkout_id.in_(own)).order_by(Touch.on, Touch.checkout_id)
    ):
        yield {
            "attempt": str(one.checkout_id),
            "which": one.turn,
            "on": one.on,
            "article": one.article,
            "campaign": one.campaign,
            "source": one.source,
            "medium": one.medium,
            "content": one.content,
            "term": one.term,
            "place": one.place,
            "referrer": one.referrer,
            "appeal": one.appeal,
            "title": one.title,
            "url": one.url,
        }


def bank_lines(ids: Ids) -> Iterator[Row]:
    """Lines of bank statements that were booked as gifts of the person."""
    for one in _each(
        select(StatementLine)
        .where(StatementLine.donation_id.in_(_own_gifts(ids)))
        .order_by(StatementLine.booked_on, StatementLine.id)
    ):
        yield {
            "gift": one.donation_id,
            "on": one.booked_on,
            "amount": one.amount,
            "payer": one.payer,
            "text": one.text,
            "bank_reference": one.bank_reference,
            "account_last4": one.payer_account_last4,
        }
