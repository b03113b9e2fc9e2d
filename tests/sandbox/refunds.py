"""Refunds: money given back, at once or after a while, and sometimes coming back itself."""

from __future__ import annotations

from tests.sandbox import balance, disputes, fraud
from tests.sandbox.cards import CARDS
from tests.sandbox.errors import Refusal, invalid, not_imitated
from tests.sandbox.money import shown
from tests.sandbox.objects import blank, merged
from tests.sandbox.shapes import Obj
from tests.sandbox.world import World

#: A refund that takes its time is decided so many seconds later.
DECIDED_AFTER = 10 * 60

_KNOWN = {"amount", "charge", "expand", "metadata", "payment_intent", "reason"}


def create(world: World, params: Obj) -> Obj:
    """Refund a charge, or a part of it, as the API is asked to."""
    for name in params.keys() - _KNOWN:
        raise not_imitated(f"`{name}` of a refund", param=name)
    of = _charge(world, params)
    amount = _amount(of, params)
    card = CARDS[world.store.extra(of["payment_method"])["number"]]
    refunded = of["amount_refunded"] + amount
    refund = blank(
        "Refund",
        "refund",
        world.store.new_id("re"),
        amount=amount,
        charge=of["id"],
        created=world.clock.now(),
        currency=of["currency"],
        customer=of["customer"],
        destination_details={
            "type": "card",
            "card": {"reference_status": "pending", "reference_type": "acquirer_reference_number",
                     "type": "refund"},
        },
        metadata=merged({}, params.get("metadata")),
        payment_intent=of["payment_intent"],
        payment_method=of["payment_method"],
        reason=params.get("reason"),
        status="pending" if card.refunds == "pending" else "succeeded",
    )  # fmt: skip
    del refund["livemode"]
    taken = balance.share(of, of["amount_refunded"], refunded)
    refund["balance_transaction"] = balance.enter(world, "refund", -taken, refund)["id"]
    world.make(refund, "refund.created")
    of |= {"amount_refunded": refunded, "refunded": refunded == of["amount"]}
    if params.get("reason") == "fraudulent":
        of["fraud_details"] = {"user_report": "fraudulent"}
    world.change(of, "charge.refunded")
    if card.refunds:
        world.agenda.add(refund["created"] + DECIDED_AFTER, "refund", refund["id"])
    if of["refunded"]:
        fraud.nothing_left_to_do(world, of["id"])
        disputes.satisfied(world, of["id"])
    return refund


def _charge(world: World, params: Obj) -> Obj:
    """Find the charge meant and make sure that it can be refunded."""
    if "charge" not in params and "payment_intent" not in params:
        message = "One of the following params should be provided for this request: "
        raise invalid(message + "payment_intent or charge.", code="parameter_missing")
    id_ = params.get("charge")
    if "payment_intent" in params:
        asked = params["payment_intent"]
        intent = world.store.load(asked, "payment_intent", param="payment_intent")
        if intent["status"] != "succeeded" or id_ not in (None, intent["latest_charge"]):
            message = f"This PaymentIntent ({asked}) does not have a successful charge to refund."
            raise invalid(message, param="payment_intent")
        id_ = intent["latest_charge"]
    of = world.store.load(str(id_), "charge", param="charge")
    if not of["paid"]:
        raise invalid(f"Charge {of['id']} was not paid and cannot be refunded.", param="charge")
    if disputes.forbids_refund(world, of["id"]):
        message = f"Charge {of['id']} has been charged back; cannot issue a refund."
        raise invalid(message, code="charge_disputed")
    if of["refunded"]:
        message = f"Charge {of['id']} has already been refunded."
        raise invalid(message, code="charge_already_refunded")
    return of


def _amount(of: Obj, params: Obj) -> int:
    left: int = of["amount"] - of["amount_refunded"]
    amount = int(params.get("amount", left))
    if amount < 1:
        message = "This value must be greater than or equal to 1."
        raise invalid(message, param="amount", code="parameter_invalid_integer")
    if amount > left:
        asked, rest = (shown(sum_, of["currency"], "en") for sum_ in (amount, left))
        message = f"Refund amount ({asked}) is greater than unrefunded amount on charge ({rest})"
        raise invalid(message, param="amount")
    return amount


def fall_due(world: World, moment: int, id_: str) -> bool:
    """Decide a refund that was left undecided: it succeeds, or fails, as its card wants it."""
    try:
        refund = world.store.load(id_, "refund")
    except Refusal:
        return False  # The account was reset in the meantime.
    if refund["status"] == "pending":
        world.change({**refund, "status": "succeeded"}, "refund.updated")
        return True
    if refund["status"] == "succeeded":
        fail(world, refund)
        return True
    return False


def fail(world: World, refund: Obj) -> Obj:
    """Let a refund fail: its money returns to the balance, the charge is no longer refunded."""
    if refund["status"] not in ("pending", "succeeded"):
        raise invalid(f"The refund is {refund['status']} already.", param="refund")
    taken = world.store.load(refund["balance_transaction"], "balance_transaction")["amount"]
    back = balance.enter(world, "refund_failure", -taken, refund)
    refund = {
        **refund,
        "failure_balance_transaction": back["id"],
        "failure_reason": "expired_or_canceled_card",
        "status": "failed",
    }
    world.change(refund, "refund.updated", "refund.failed")
    of = world.store.load(refund["charge"], "charge")
    of |= {"amount_refunded": of["amount_refunded"] - refund["amount"], "refunded": False}
    world.change(of, "charge.updated")
    return refund


def resume(world: World) -> None:
    """Enter into the agenda the refunds that were undecided when the sandbox was stopped."""
    for refund in world.store.each("refund"):
        card = CARDS[world.store.extra(refund["payment_method"])["number"]]
        if (card.refunds, refund["status"]) in (("pending", "pending"), ("fails", "succeeded")):
            world.agenda.add(refund["created"] + DECIDED_AFTER, "refund", refund["id"])
