"""The letters about money that goes back: to the giver of a refund, to staff of the rest."""

import uuid
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from flask_babel import force_locale
from sqlalchemy import select

from app.accounts.models import Account, Role
from app.current import settings
from app.extensions import db
from app.giving.books import receipts
from app.giving.books.receipt_pdf import card_words
from app.giving.models import (
    Adjustment,
    Dispute,
    Donation,
    FraudWarning,
    Pledge,
    Receipt,
    Refund,
)
from app.giving.reversals import reversal_words
from app.giving.rules import RefundStatus
from app.letters import letters
from app.letters.models import Letter
from app.mailer import Attachment, Draft
from app.money import Money
from app.payments.facts import DisputeState

#: Who hears that a refund failed, besides who asked for it.
WHO_HEARS = (Role.FINANCE, Role.OWNER)
#: Where staff answer disputes; Stripe keeps what is not real money under another address.
DASHBOARD = "https://dashboard.stripe.com"


def owe_refund(refund: Refund, donation: Donation, *, now: datetime) -> None:
    """Owe the letter that tells the giver, unless staff decided that none does. Caller commits."""
    if refund.tells:
        letters.owe("refund", refund.id, donation.account_id, now=now)


def owe_broken(refund: Refund, *, now: datetime) -> None:
    """Owe the letters that tell who asked, and finance, that a refund failed. Caller commits."""
    asked_by = [refund.asked_by_id] if refund.asked_by_id else []
    matter = f"{refund.id}:{refund.status}"
    owe_staff("refund_failed", matter, WHO_HEARS, also=asked_by, now=now)


def owe_staff(
    kind: str, matter: str, roles: Iterable[Role], *, also: Iterable[int] = (), now: datetime
) -> None:
    """Owe one letter about a matter to each member of staff with one of the roles.

    The caller commits.
    """
    having = db.session.scalars(select(Account.id).where(Account.role.in_(list(roles)))).all()
    whom = sorted({*having, *also})
    letters.owe_each(kind, [(f"{matter}:{one}", one) for one in whom], now=now)


@letters.writes("refund")
def write_refund(letter: Letter) -> Draft | None:
    """Tell the giver of a refund; not any more when it has failed meanwhile."""
    refund = db.session.get_one(Refund, uuid.UUID(letter.matter))
    if refund.status != RefundStatus.SUCCEEDED:
        return None
    donation, receipt, account = _gift(refund.donation_id)
    pledge = db.session.get(Pledge, donation.pledge_id) if donation.pledge_id else None
    with force_locale(account.locale):
        why = reversal_words.refund_reason(refund.reason)
        after = reversal_words.pledge_after(refund, pledge)
    return letters.draft(
        "refund",
        to=account.email,
        locale=account.locale,
        attachments=(
            Attachment(f"receipt-{receipt.reference}.pdf", receipts.pdf(receipt, donation), "pdf"),
        ),
        name=account.name,
        refund=refund,
        donation=donation,
        receipt=receipt,
        card=card_words(donation),
        why=why,
        after=after,
    )


@letters.writes("refund_failed")
def write_refund_failed(letter: Letter) -> Draft | None:
    """Tell a member of staff that a refund failed; not any more when it has come through."""
    refund_id, status, _whom = letter.matter.split(":")
    refund = db.session.get_one(Refund, uuid.UUID(refund_id))
    if refund.status != status:
        return None
    donation, receipt, giver = _gift(refund.donation_id)
    return _to_staff(
        letter,
        "refund_failed",
        refund=refund,
        told=_told(refund),
        donation=donation,
        receipt=receipt,
        giver=giver,
        at_stripe=at_stripe(f"payments/{donation.stripe_payment_intent_id}"),
    )


def _told(refund: Refund) -> bool:
    """Whether a letter has told the giver that the money was sent."""
    sent = select(Letter.id).where(
        Letter.kind == "refund", Letter.matter == str(refund.id), Letter.sent_at.is_not(None)
    )
    return bool(db.session.scalar(select(sent.exists())))


@letters.writes("dispute_opened")
def write_dispute_opened(letter: Letter) -> Draft | None:
    """Tell a member of staff of a contested gift; not any more once that is over."""
    return _dispute(letter, "dispute_opened")


@letters.writes("dispute_closed")
def write_dispute_closed(letter: Letter) -> Draft | None:
    """Tell a member of staff how a dispute ended."""
    return _dispute(letter, "dispute_closed")


def _dispute(letter: Letter, kind: str) -> Draft | None:
    dispute_id, state, _whom = letter.matter.split(":")
    dispute = db.session.get_one(Dispute, int(dispute_id))
    if dispute.status != state:
        return None
    donation, receipt, giver = _gift(dispute.donation_id)
    reader = db.session.get_one(Account, letter.account_id)
    with force_locale(reader.locale):
        why = reversal_words.dispute_reason(dispute.reason)
    return _to_staff(
        letter,
        kind,
        why=why,
        dispute=dispute,
        inquiry=dispute.status == DisputeState.INQUIRY,
        donation=donation,
        receipt=receipt,
        giver=giver,
        fees=_fees(dispute),
        at_stripe=at_stripe(f"disputes/{dispute.stripe_dispute_id}"),
    )


def _fees(dispute: Dispute) -> Money | None:
    """What Stripe keeps for a dispute; None where it keeps nothing."""
    entries = db.session.scalars(
        select(Adjustment).where(Adjustment.dispute_id == dispute.id)
    ).all()
    kept = sum(entry.fee_minor for entry in entries)
    return Money(kept, entries[0].settled_currency) if kept > 0 else None


@letters.writes("fraud_warning")
def write_fraud_warning(letter: Letter) -> Draft | None:
    """Tell a member of staff of a larger gift that a bank calls a fraud."""
    warning = db.session.get_one(FraudWarning, int(letter.matter.partition(":")[0]))
    donation, receipt, giver = _gift(warning.donation_id)
    return _to_staff(
        letter,
        "fraud_warning",
        warning=warning,
        donation=donation,
        receipt=receipt,
        giver=giver,
        at_stripe=at_stripe(f"payments/{donation.stripe_payment_intent_id}"),
    )


def _to_staff(letter: Letter, kind: str, **context: Any) -> Draft | None:
    reader = db.session.get_one(Account, letter.account_id)
    if not reader.is_staff:
        return None
    return letters.draft(kind, to=reader.email, locale=reader.locale, name=reader.name, **context)


def _gift(donation_id: int) -> tuple[Donation, Receipt, Account]:
    row = db.session.execute(
        select(Donation, Receipt, Account)
        .join(Receipt, Receipt.donation_id == Donation.id)
        .join(Account, Account.id == Donation.account_id)
        .where(Donation.id == donation_id)
    ).one()
    return row[0], row[1], row[2]


def at_stripe(path: str) -> str:
    """Return the address of Stripe's own page about something, for staff."""
    return f"{DASHBOARD}/{path}" if settings().livemode else f"{DASHBOARD}/test/{path}"
