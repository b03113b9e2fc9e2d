"""What one person has given, for that person."""

from sqlalchemy import select

from app.extensions import db
from app.giving.models import Donation, Receipt

#: Twenty years of monthly gifts; a page need not hold more.
MOST = 240


def donations(account_id: int) -> list[tuple[Donation, str]]:
    """Return an account's donations with their receipts' numbers, the newest first."""
    rows = db.session.execute(
        select(Donation, Receipt)
        .join(Receipt, Receipt.donation_id == Donation.id)
        .where(Donation.account_id == account_id)
        .order_by(Donation.received_at.desc(), Donation.id.desc())
        .limit(MOST)
    )
    return [(donation, receipt.reference) for donation, receipt in rows]
