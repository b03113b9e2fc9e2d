"""What pages and letters say of gifts and pledges, in the reader's language."""

from flask_babel import gettext as _

from app.giving.models import Pledge
from app.giving.rules import EndReason, Interval, PledgeStatus
from app.localisation import format_money
from app.money import Money


def give(amount: Money, interval: Interval) -> str:
    """Write what the button does: the amount and the period, so that nobody gives by mistake."""
    words = format_money(amount)
    match interval:
        case Interval.MONTH:
            return _("Give %(amount)s each month", amount=words)
        case Interval.YEAR:
            return _("Give %(amount)s each year", amount=words)
        case Interval.ONCE:
            return _("Give %(amount)s once", amount=words)


def gift(interval: Interval, newsroom: str) -> str:
    """Write what stands on Stripe's page and on the patron's side of it."""
    match interval:
        case Interval.MONTH:
            return _("Monthly gift to %(newsroom)s", newsroom=newsroom)
        case Interval.YEAR:
            return _("Yearly gift to %(newsroom)s", newsroom=newsroom)
        case Interval.ONCE:
            return _("Gift to %(newsroom)s", newsroom=newsroom)


def state(pledge: Pledge) -> tuple[str, str]:
    """Return a pledge's state in a word or two and the kind of tag it gets."""
    goes_on = pledge.status in {PledgeStatus.ACTIVE, PledgeStatus.PAUSED}
    if goes_on and pledge.ends_at is not None:
        return _("Ending"), "warn"
    if pledge.status == PledgeStatus.LAPSED and pledge.end_reason == EndReason.DISPUTED:
        return _("Ended: disputed"), "quiet"
    return {
        PledgeStatus.PENDING: (_("Waiting for payment"), "warn"),
        PledgeStatus.ABANDONED: (_("Not begun"), "quiet"),
        PledgeStatus.ACTIVE: (_("Active"), "good"),
        PledgeStatus.PAST_DUE: (_("Payment failed"), "bad"),
        PledgeStatus.PAUSED: (_("Paused"), "warn"),
        PledgeStatus.LAPSED: (_("Ended: not paid"), "quiet"),
        PledgeStatus.ENDED: (_("Ended"), "quiet"),
    }[PledgeStatus(pledge.status)]
