"""The gifts of erased people once the law asks for them no longer: their last links are cut.

Sums by day, month and year stay, of nobody: no id leads to Stripe any more, and no card is known.
"""

import uuid
from collections.abc import Sequence
from datetime import datetime

import structlog
from sqlalchemy import ColumnElement, func, or_, select, text
from sqlalchemy.exc import SQLAlchemyError

from app.current import settings, zone
from app.extensions import db
from app.giving.models import Donation
from app.privacy import erasing, erasure_steps
from app.privacy.erasure_models import Erasure, ErasureState
from app.privacy.inventory import periods

log = structlog.get_logger()

#: Rows that belong together keep a word in common, by which figures go on to find them together.
CUT = (
    """UPDATE payout_entry AS entry SET stripe_source_id = NULL, description = NULL,
       stripe_balance_transaction_id = 'erased:fee:' || fee.donation_id
       FROM donation_fee AS fee
       WHERE entry.stripe_balance_transaction_id = fee.stripe_balance_transaction_id
       AND fee.donation_id = ANY(:ids)""",
    """UPDATE payout_entry AS entry SET stripe_source_id = NULL, description = NULL,
       stripe_balance_transaction_id = 'erased:moved:' || moved.id
       FROM adjustment AS moved
       WHERE entry.stripe_balance_transaction_id = moved.stripe_balance_transaction_id
       AND moved.donation_id = ANY(:ids)""",
    """UPDATE donation_fee SET stripe_balance_transaction_id = 'erased:fee:' || donation_id
       WHERE donation_id = ANY(:ids)""",
    """UPDATE adjustment SET stripe_balance_transaction_id = 'erased:moved:' || id
       WHERE donation_id = ANY(:ids) AND stripe_balance_transaction_id IS NOT NULL""",
    "UPDATE refund SET stripe_refund_id = NULL WHERE donation_id = ANY(:ids)",
    "UPDATE dispute SET stripe_dispute_id = 'erased:' || id WHERE donation_id = ANY(:ids)",
    "UPDATE fraud_warning SET stripe_warning_id = 'erased:' || id WHERE donation_id = ANY(:ids)",
    """UPDATE failed_payment AS failed SET stripe_invoice_id = 'erased:' || donation.id
       FROM donation WHERE donation.stripe_invoice_id = failed.stripe_invoice_id
       AND donation.id = ANY(:ids)""",
    """UPDATE donation SET stripe_invoice_id = CASE WHEN stripe_invoice_id IS NOT NULL
         THEN 'erased:' || id END,
       stripe_payment_intent_id = CASE WHEN stripe_payment_intent_id IS NOT NULL
         THEN 'erased:' || id END,
       stripe_charge_id = CASE WHEN stripe_charge_id IS NOT NULL THEN 'erased:' || id END
       WHERE id = ANY(:ids)""",
)
#: At the end: what is told apart by a card is told apart by a number instead.
LAST = (
    """UPDATE donation SET card_last4 = 'x' || lpad(ranked.place::text, 3, '0')
       FROM (SELECT id, least(dense_rank() OVER (PARTITION BY account_id ORDER BY card_last4), 999)
             AS place FROM donation WHERE account_id = ANY(:ids) AND card_last4 IS NOT NULL)
             AS ranked
       WHERE ranked.id = donation.id""",
    """UPDATE failed_payment AS failed SET stripe_invoice_id = 'erased:failed:' || alike.first
       FROM (SELECT stripe_invoice_id AS invoice, min(failed_payment.id) AS first
             FROM failed_payment JOIN pledge ON pledge.id = pledge_id
             WHERE account_id = ANY(:ids) GROUP BY 1) AS alike
       WHERE failed.stripe_invoice_id = alike.invoice
       AND failed.stripe_invoice_id NOT LIKE 'erased:%'""",
    """UPDATE pledge SET stripe_subscription_id = NULL, stripe_customer_id = NULL
       WHERE account_id = ANY(:ids)""",
)


def cut(*, now: datetime) -> int:
    """Cut the links of gifts that were kept for the books long enough; commits for each person.

    Returns how many gifts those were. Safe to run twice. One that cannot be cut is kept for staff,
    tried again like what comes late, and stops no other.
    """
    before = kept_since(now)
    owed = db.session.scalars(
        select(Erasure.id).where(
            Erasure.state == ErasureState.DONE.value,
            Erasure.books_cut_at.is_(None),
            or_(Erasure.again_at.is_(None), Erasure.again_at <= now),
            _over(before),
        )
    ).all()
    db.session.commit()
    count = 0
    for erasure_id in owed:
        try:
            count += _cut(erasure_id, before, now)
        except SQLAlchemyError as error:
            log.exception("books_not_cut", erasure=str(erasure_id))
            erasing.not_now(erasure_id, f"{type(error).__name__}: {error}", now)
    return count


def _over(before: datetime) -> ColumnElement[bool]:
    """Whether there is something to cut: for years every one waits, and the job looks often."""
    theirs = Donation.account_id == Erasure.account_id
    newest = select(func.max(Donation.received_at)).where(theirs).scalar_subquery()
    linked = select(Donation.id).where(theirs, *_linked(before)).limit(1).scalar_subquery()
    return or_(newest.is_(None), newest < before, linked.is_not(None))


def _linked(before: datetime) -> tuple[ColumnElement[bool], ...]:
    """The gifts that were kept long enough and lead to Stripe still."""
    number = func.coalesce(Donation.stripe_invoice_id, Donation.stripe_payment_intent_id, "erased:")
    return Donation.received_at < before, number.not_like("erased:%")


def kept_since(now: datetime) -> datetime:
    """Return from when on gifts are kept: the inventory's period, and nothing else, says so."""
    return periods.over(periods.books(settings()), now, zone())


def _cut(erasure_id: uuid.UUID, before: datetime, now: datetime) -> int:
    erasure = db.session.get_one(Erasure, erasure_id, with_for_update=True, populate_existing=True)
    accounts = erasing.accounts_of(erasure.id)
    theirs = Donation.account_id.in_(accounts)
    old = db.session.scalars(select(Donation.id).where(theirs, *_linked(before))).all()
    erasure_steps.allow(erasure.id)
    _run(CUT, old)
    if not db.session.scalar(
        select(select(Donation.id).where(theirs, Donation.received_at >= before).exists())
    ):
        _run(LAST, accounts)
        erasure.books_cut_at = now
    erasure.attempts, erasure.error, erasure.again_at = 0, None, None
    db.session.commit()
    return len(old)


def _run(statements: Sequence[str], ids: Sequence[int]) -> None:
    if ids:
        for statement in statements:
            db.session.execute(text(statement), {"ids": list(ids)})
