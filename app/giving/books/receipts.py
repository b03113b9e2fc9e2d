"""Receipts: numbered and owed with the donation, sent as a letter with a PDF."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from app.accounts.models import Account
from app.current import newsroom, zone
from app.extensions import db
from app.giving.books import receipt_links, receipt_pdf
from app.giving.models import Donation, Pledge, Receipt, ReceiptYear
from app.giving.reversals import returns
from app.letters import letters
from app.letters.models import Letter
from app.mailer import Attachment, Draft


def owe(donation: Donation, *, now: datetime) -> Receipt:
    """Number the receipt of a donation just entered and owe its letter. The caller commits.

    Who chose one letter a year gets that one instead, but for the very first receipt.

    The year's row stays locked until then, so numbers have no gap: a rolled-back number is taken
    by the next donation.
    """
    account = db.session.get_one(Account, donation.account_id)
    issued_on = donation.received_at.astimezone(zone()).date()
    receipt = Receipt(
        donation_id=donation.id,
        year=issued_on.year,
        number=_next_number(issued_on.year),
        issued_on=issued_on,
        donor_name=account.name,
        locale=account.locale,
    )
    if account.receipt_letters == "each" or _first_of(account.id, donation.id):
        letters.owe("receipt", donation.id, donation.account_id, now=now)
    db.session.add(receipt)
    return receipt


def _first_of(account_id: int, donation_id: int) -> bool:
    """Whether no donation of the account has a receipt yet: the first one always comes."""
    earlier = (
        select(Receipt.id)
        .join(Donation, Donation.id == Receipt.donation_id)
        .where(Donation.account_id == account_id, Donation.id != donation_id)
    )
    return not db.session.scalar(select(earlier.exists()))


def _next_number(year: int) -> int:
    number = db.session.scalar(
        insert(ReceiptYear)
        .values(year=year, last_number=1)
        .on_conflict_do_update(
            index_elements=["year"], set_={"last_number": ReceiptYear.last_number + 1}
        )
        .returning(ReceiptYear.last_number)
    )
    assert number is not None, "an upsert returns its row"
    return number


def find(donation_id: int) -> tuple[Receipt, Donation] | None:
    """Return a donation's receipt and the donation."""
    row = db.session.execute(
        select(Receipt, Donation)
        .join(Donation, Donation.id == Receipt.donation_id)
        .where(Donation.id == donation_id)
    ).one_or_none()
    return (row[0], row[1]) if row else None


def pdf(receipt: Receipt, donation: Donation) -> bytes:
    """Return the receipt as a PDF, marked with what of the donation has gone back by now."""
    return receipt_pdf.typeset(receipt, donation, newsroom(), returns.of(donation.id))


@letters.writes("receipt")
def write(letter: Letter) -> Draft | None:
    """Write the letter with a donation's receipt; not any more where its entry was taken back."""
    found = db.session.execute(
        select(Receipt, Donation, Account, Pledge)
        .join(Donation, Donation.id == Receipt.donation_id)
        .join(Account, Account.id == Donation.account_id)
        .outerjoin(Pledge, Pledge.id == Donation.pledge_id)
        .where(Donation.id == int(letter.matter))
    ).one_or_none()
    if found is None or returns.of(int(letter.matter)).taken_back_minor:
        return None
    receipt, donation, account = found[:3]
    pledge: Pledge | None = found[3]
    return letters.draft(
        "receipt",
        to=account.email,
        locale=receipt.locale,
        attachments=(
            Attachment(f"receipt-{receipt.reference}.pdf", pdf(receipt, donation), "pdf"),
        ),
        receipt=receipt,
        donation=donation,
        interval=pledge.interval if pledge else None,
        card=receipt_pdf.card_words(donation),
        name=receipt.donor_name,
        pledge=pledge,
        **receipt_links.of(letter, donation, pledge),
    )
