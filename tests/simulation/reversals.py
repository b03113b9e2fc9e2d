"""What staff and banks do with a patron's money, each as one act of a life."""

from sqlalchemy import select

from app.clock import utcnow
from app.extensions import db
from app.giving.models import Refund
from app.giving.reversals import refunds
from app.giving.rules import RefundReason, RefundStatus
from app.money import Money
from tests.simulation.people import Act, Later, Patron


def refund(numerator: int = 1, denominator: int = 1, *, ends: bool = False) -> Act:
    """Staff refund a part of the newest donation, with a second one where it is large."""

    def act(patron: Patron) -> None:
        donation = patron.donation()
        part = Money(max(donation.amount_minor * numerator // denominator, 1), donation.currency)
        patron.notes["refunded"] = str(donation.id)
        asker, second = patron.staff
        asked = refunds.ask(
            donation.id,
            part,
            reason=RefundReason.ASKED_FOR,
            note="",
            tells=True,
            ends_pledge=ends,
            by=asker,
            refund_id=patron.new_id(),
            now=utcnow(),
        )
        if asked.status == RefundStatus.ASKED:
            refunds.decide(asked.id, approved=True, by=second, now=utcnow())

    return act


def refund_at_stripe(patron: Patron) -> None:
    """Somebody refunds the newest donation in Stripe's own dashboard."""
    charge = patron.donation().stripe_charge_id
    patron.stripes.api.v1.refunds.create({"charge": str(charge)})


def refund_fails(patron: Patron) -> None:
    """The bank sends the refund of before back."""
    made = db.session.scalar(
        select(Refund.stripe_refund_id).where(
            Refund.donation_id == int(patron.notes["refunded"]),
            Refund.stripe_refund_id.is_not(None),
        )
    )
    if made is None:
        raise Later("no refund")
    patron.stripes.control("refund_fails", refund=made)


def contest(*, inquiry: bool = False, reason: str = "product_not_received") -> Act:
    """The bank contests the newest donation, or only asks about it."""

    def act(patron: Patron) -> None:
        charge = patron.donation().stripe_charge_id
        sent = {"charge": charge, "inquiry": inquiry, "reason": reason}
        patron.notes["dispute"] = patron.stripes.control("dispute", **sent)["dispute"]["id"]

    return act


def escalate(patron: Patron) -> None:
    """An inquiry becomes a dispute."""
    patron.stripes.control("dispute/escalate", dispute=_dispute(patron))


def decide(*, won: bool) -> Act:
    """The bank decides a dispute."""

    def act(patron: Patron) -> None:
        patron.stripes.control("dispute/close", dispute=_dispute(patron), won=won)

    return act


def _dispute(patron: Patron) -> str:
    if "dispute" not in patron.notes:
        raise Later("no dispute")
    return patron.notes["dispute"]


def warn(patron: Patron) -> None:
    """The bank warns of fraud about the newest donation."""
    patron.stripes.control("fraud_warning", charge=patron.donation().stripe_charge_id)
