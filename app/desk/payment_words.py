"""What staff read about events and differences, in plain words."""

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.desk.comparisons import CALLED_OFF
from app.desk.differences import STAYS
from app.desk.inbox import State
from app.payments.orders import SurveyKind

STATES = {
    State.WAITING: _l("waiting"),
    State.TROUBLED: _l("will be tried again"),
    State.FAILED: _l("failed"),
    State.SETTLED: _l("settled"),
    State.NOT_OURS: _l("not ours"),
    State.UNKNOWN: _l("type not used"),
}
#: The colour of each state's tag.
KINDS = {
    State.WAITING: "plain",
    State.TROUBLED: "warn",
    State.FAILED: "bad",
    State.SETTLED: "good",
    State.NOT_OURS: "plain",
    State.UNKNOWN: "plain",
}
SURVEYS = {
    SurveyKind.SUBSCRIPTIONS: _l("Pledges"),
    SurveyKind.INVOICES: _l("Payments of pledges"),
    SurveyKind.GIFTS: _l("Gifts given once"),
    SurveyKind.REFUNDS: _l("Refunds"),
    SurveyKind.DISPUTES: _l("Disputes"),
}
FIELDS = {
    "status": _l("state"),
    "amount": _l("amount"),
    "interval": _l("period"),
    "cover": _l("cover of the fee"),
    "ends_at": _l("end"),
    "next_payment_at": _l("next payment"),
    "resumes_at": _l("end of the pause"),
    "card": _l("card"),
    "charge": _l("charge"),
    "end": _l("reason of the end"),
    "movement refund": _l("money of a refund"),
    "movement refund_failed": _l("money of a failed refund"),
    "movement dispute": _l("money of a dispute"),
    "movement dispute_returned": _l("money a dispute gave back"),
}
WHATS = {
    "missing_here": _l("missing here"),
    "missing_there": _l("missing at Stripe"),
    "differs": _l("differs"),
}


def trouble(error: str) -> str:
    """Say in words why an event could not be settled, or a difference not repaired."""
    name, _colon, rest = error.partition(":")
    if "resource_missing" in rest:
        return _(
            "Stripe does not know this object. It may belong to another Stripe account or to the "
            "other mode (test or live)."
        )
    match name:
        case "GatewayUnavailable":
            return _("Stripe did not answer.")
        case "GatewayError":
            return _("Stripe refused to show it. Look at the doctor's page: the key may be wrong.")
        case "UnknownPledge":
            return _(
                "It speaks of a pledge that this database does not have. Perhaps a backup was "
                "restored that is older than the pledge."
            )
        case "UnknownCheckout":
            return _("It speaks of a checkout that this database does not have.")
        case "UnknownDonation":
            return _(
                "It speaks of a gift that is not entered yet. Once the gift's own event is "
                "settled, this one will be too."
            )
        case _:
            return _("Our own program failed on it. Tell whoever maintains the program.")


def stays(error: str) -> str:
    """Say in words why a repair did not mend a difference."""
    if error != STAYS:
        return trouble(error)
    return _(
        "It was read again and still differs. What the ledger holds is never changed, and a pledge "
        "that has ended here does not come back: end it at Stripe, or enter a correction."
    )


def ending(error: str | None) -> str:
    """Say in words how a comparison came to its end."""
    if error is None:
        return _("finished")
    return _("called off") if error == CALLED_OFF else _("broke off: %(why)s", why=trouble(error))
