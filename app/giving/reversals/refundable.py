"""How much of a donation may be refunded, and by whom alone."""

from sqlalchemy import func, select

from app.current import settings
from app.extensions import db
from app.giving.models import Dispute, Donation, Refund
from app.giving.rules import RefundStatus
from app.money import Money
from app.payments.facts import DisputeState

#: What a refund may be while its money is gone or about to go.
LIVE = (RefundStatus.ASKED, RefundStatus.APPROVED, RefundStatus.PENDING, RefundStatus.SUCCEEDED)


class CannotRefund(ValueError):
    """The refund is not possible; the kinds of this say why."""


class OutsideStripe(CannotRefund):
    """The gift did not come through Stripe: it goes back by hand, and so does its entry."""


class Contested(CannotRefund):
    """The gift is contested at the giver's bank, which may send the money back itself."""


class TooMuch(CannotRefund):
    """More than what is left of the gift; `left` is what is, perhaps nothing."""

    def __init__(self, left: Money) -> None:
        super().__init__(f"{left.minor} {left.currency} are left")
        self.left = left


def left(donation: Donation) -> Money:
    """Return what of a donation may still be refunded."""
    gone = db.session.scalar(
        select(func.sum(Refund.amount_minor)).where(
            Refund.donation_id == donation.id, Refund.status.in_(LIVE)
        )
    )
    lost = db.session.scalar(
        select(func.sum(Dispute.amount_minor)).where(
            Dispute.donation_id == donation.id, Dispute.status == DisputeState.LOST
        )
    )
    return Money(max(donation.amount_minor - int(gone or 0) - int(lost or 0), 0), donation.currency)


def needs_second(donation: Donation, amount: Money) -> bool:
    """Whether a refund needs a second member of staff: with what went back of the gift before."""
    most = settings().refund_alone_most
    before = Money(donation.amount_minor, donation.currency) - left(donation)
    return (before + amount).major > most


def check(donation: Donation, amount: Money) -> None:
    """Raise `OutsideStripe`, `Contested` or `TooMuch` unless the amount may be refunded."""
    if donation.source != "stripe" or donation.stripe_charge_id is None:
        raise OutsideStripe(str(donation.id))
    contested = select(Dispute.id).where(
        Dispute.donation_id == donation.id, Dispute.status == DisputeState.OPEN
    )
    if db.session.scalar(select(contested.exists())):
        raise Contested(str(donation.id))
    remains = left(donation)
    if amount.minor <= 0 or amount.currency != donation.currency or not amount <= remains:
        raise TooMuch(remains)
