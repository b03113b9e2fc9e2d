"""The desk's letters: an act that waits for a second person, and a receipt sent again."""

import uuid

from flask_babel import force_locale

from app.accounts import approvals
from app.accounts.models import Account, Approval
from app.desk.acts import RECEIPT_AGAIN
from app.extensions import db
from app.giving.books import receipts
from app.giving.books.receipt_pdf import card_words
from app.giving.models import Donation, Refund
from app.giving.reversals import reversal_words
from app.letters import letters
from app.letters.models import Letter
from app.mailer import Attachment, Draft


@letters.writes(approvals.LETTER)
def write_wanted(letter: Letter) -> Draft | None:
    """Ask one of those who could to decide; not any more once somebody has."""
    approval = db.session.get(Approval, int(letter.matter.partition(":")[0]))
    reader = db.session.get_one(Account, letter.account_id)
    if approval is None or approval.decided_at is not None:
        return None
    if not approvals.may_decide(approval, reader):
        return None
    refund = _refund(approval)
    with force_locale(reader.locale):
        why = reversal_words.reason_label(refund.reason) if refund else ""
    return letters.draft(
        approvals.LETTER,
        to=reader.email,
        locale=reader.locale,
        name=reader.name,
        approval=approval,
        asked_by=db.session.get_one(Account, approval.asked_by_id).name,
        refund=refund,
        donation=db.session.get(Donation, refund.donation_id) if refund else None,
        why=why,
    )


def _refund(approval: Approval) -> Refund | None:
    if approval.act != "refund":
        return None
    return db.session.get(Refund, uuid.UUID(approval.subject_id))


@letters.writes(RECEIPT_AGAIN)
def write_receipt_again(letter: Letter) -> Draft | None:
    """Write the letter with a receipt that was sent before, as its gift stands now."""
    found = receipts.find(int(letter.matter.partition(":")[0]))
    if found is None:
        return None
    receipt, donation = found
    account = db.session.get_one(Account, donation.account_id)
    return letters.draft(
        RECEIPT_AGAIN,
        to=account.email,
        locale=account.locale,
        attachments=(
            Attachment(f"receipt-{receipt.reference}.pdf", receipts.pdf(receipt, donation), "pdf"),
        ),
        name=account.name,
        receipt=receipt,
        donation=donation,
        card=card_words(donation),
    )
