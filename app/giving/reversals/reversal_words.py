"""What letters and pages say of money that goes back, in the reader's language."""

from flask_babel import gettext as _

from app.giving.models import Pledge, Refund
from app.giving.rules import FINAL, PledgeStatus, RefundReason, RefundStatus
from app.localisation import format_day, format_money
from app.payments.facts import DisputeState


def refund_reason(reason: str) -> str:
    """Write to the giver why money goes back; empty for what was made at Stripe itself."""
    return {
        RefundReason.ASKED_FOR: _("You asked for it."),
        RefundReason.DUPLICATE: _("The same gift had been taken twice."),
        RefundReason.MISTAKE: _("It had been taken by mistake."),
        RefundReason.FRAUD: _(
            "The bank of the card told us that its owner may not have made this payment."
        ),
        RefundReason.AT_STRIPE: "",
    }[RefundReason(reason)]


def reason_label(reason: str) -> str:
    """Write the reason of a refund in two or three words, for staff."""
    return {
        RefundReason.ASKED_FOR: _("The giver asked for it"),
        RefundReason.DUPLICATE: _("Taken twice"),
        RefundReason.MISTAKE: _("Taken by mistake"),
        RefundReason.FRAUD: _("Suspected fraud"),
        RefundReason.AT_STRIPE: _("Made at Stripe"),
    }[RefundReason(reason)]


def refund_state(status: str) -> tuple[str, str]:
    """Return how far a refund has come in a word or two and the kind of tag it gets."""
    return {
        RefundStatus.ASKED: (_("Waits for a second person"), "warn"),
        RefundStatus.APPROVED: (_("Being sent"), "warn"),
        RefundStatus.DECLINED: (_("Declined"), "quiet"),
        RefundStatus.REFUSED: (_("Refused by Stripe"), "bad"),
        RefundStatus.PENDING: (_("On its way"), "warn"),
        RefundStatus.SUCCEEDED: (_("Refunded"), "good"),
        RefundStatus.FAILED: (_("Came back"), "bad"),
        RefundStatus.CANCELLED: (_("Cancelled"), "quiet"),
    }[RefundStatus(status)]


def dispute_state(status: str) -> tuple[str, str]:
    """Return how a dispute stands in a word or two and the kind of tag it gets."""
    return {
        DisputeState.INQUIRY: (_("The bank asks"), "warn"),
        DisputeState.OPEN: (_("Contested"), "bad"),
        DisputeState.WON: (_("Dispute won"), "good"),
        DisputeState.LOST: (_("Dispute lost"), "bad"),
        DisputeState.CLOSED: (_("Closed"), "quiet"),
    }[DisputeState(status)]


def dispute_reason(reason: str) -> str:
    """Write, for staff, what the giver told the bank; Stripe's own word where it is a new one."""
    known = {
        "fraudulent": _("the card's owner did not make the payment"),
        "unrecognized": _("the card's owner does not recognise the payment"),
        "duplicate": _("the payment was taken twice"),
        "subscription_canceled": _("the gift was taken after the pledge was ended"),
        "product_not_received": _("nothing was received for the payment"),
        "credit_not_processed": _("a refund was promised and did not come"),
        "general": _("no particular reason"),
    }
    return known.get(reason) or reason.replace("_", " ")


def pledge_after(refund: Refund, pledge: Pledge | None) -> str:
    """Write to the giver what becomes of the pledge the refunded gift was given on."""
    if pledge is None:
        return _("You gave once; nothing more will be taken from your card.")
    if refund.ends_pledge or pledge.status in FINAL:
        return _("Your pledge has ended, and nothing more will be taken from your card.")
    if pledge.ends_at is not None:
        day = format_day(pledge.ends_at)
        return _("Your pledge ends on %(day)s; nothing more will be taken from your card.", day=day)
    amount = format_money(pledge.amount)
    if pledge.status == PledgeStatus.ACTIVE and pledge.next_payment_at is not None:
        return _(
            "Your pledge goes on: %(amount)s will next be taken on %(day)s.",
            amount=amount,
            day=format_day(pledge.next_payment_at),
        )
    return _(
        "Your pledge of %(amount)s goes on. You can change or end it at any time.", amount=amount
    )
