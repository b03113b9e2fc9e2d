"""Disputes: payments contested at the bank, the money taken and sometimes given back."""

from __future__ import annotations

from typing import Any

from tests.sandbox import balance, fraud, money, subscriptions
from tests.sandbox.cards import CARDS
from tests.sandbox.charging import TROUBLE_AFTER
from tests.sandbox.clock import DAY
from tests.sandbox.errors import Refusal, invalid, not_imitated
from tests.sandbox.objects import merged
from tests.sandbox.shapes import Obj
from tests.sandbox.world import World

#: So long the newsroom has to answer; without an answer the dispute is lost then.
ANSWER_WITHIN = 9 * DAY
#: The bank decides so many seconds after an answer with one of the words below.
_DECIDED_AFTER = 10 * 60
_DECIDING = {"winning_evidence": True, "losing_evidence": False}

_INQUIRIES = ("warning_needs_response", "warning_under_review", "warning_closed")
_OVER = ("won", "lost", "warning_closed", "prevented")
_NETWORK_REASONS = {"fraudulent": "10.4", "product_not_received": "13.1"}
_TEXTS = (
    "access_activity_log", "billing_address", "cancellation_policy",
    "cancellation_policy_disclosure", "cancellation_rebuttal", "customer_communication",
    "customer_email_address", "customer_name", "customer_purchase_ip", "customer_signature",
    "duplicate_charge_documentation", "duplicate_charge_explanation", "duplicate_charge_id",
    "product_description", "receipt", "refund_policy", "refund_policy_disclosure",
    "refund_refusal_explanation", "service_date", "service_documentation", "shipping_address",
    "shipping_carrier", "shipping_date", "shipping_documentation", "shipping_tracking_number",
    "uncategorized_file", "uncategorized_text",
)  # fmt: skip


def begin(
    world: World, charge_id: str, *, reason: str = "fraudulent", inquiry: bool = False
) -> Obj:
    """Contest what is left of a charge; an inquiry takes no money yet."""
    of = world.store.load(charge_id, "charge", param="charge")
    if not of["paid"] or of["refunded"]:
        raise invalid("Only money that was paid and kept can be contested.", param="charge")
    if of["disputed"]:
        raise invalid(f"Charge {charge_id} is disputed already.", param="charge")
    now = world.clock.now()
    brand = of["payment_method_details"]["card"]["brand"]
    dispute: Obj = {
        "id": world.store.new_id("du"),
        "object": "dispute",
        "amount": of["amount"] - of["amount_refunded"],
        "balance_transactions": [],
        "charge": charge_id,
        "created": now,
        "currency": of["currency"],
        "enhanced_eligibility_types": [],
        "evidence": {**dict.fromkeys(_TEXTS), "enhanced_evidence": {}},
        "evidence_details": {
            "due_by": now + ANSWER_WITHIN,
            "enhanced_eligibility": {},
            "has_evidence": False,
            "past_due": False,
            "submission_count": 0,
            "submission_method": "not_submitted",
        },
        "intended_submission_method": None,
        "is_charge_refundable": inquiry,
        "livemode": False,
        "metadata": {},
        "payment_intent": of["payment_intent"],
        "payment_method_details": {
            "type": "card",
            "card": {
                "brand": brand,
                "case_type": "inquiry" if inquiry else "chargeback",
                "network": brand,
                "network_reason_code": _NETWORK_REASONS.get(reason),
            },
        },
        "reason": reason,
        "status": "warning_needs_response" if inquiry else "needs_response",
    }
    world.make(dispute, "charge.dispute.created")
    world.change({**of, "disputed": True})
    fraud.nothing_left_to_do(world, charge_id)
    world.agenda.add(now + ANSWER_WITHIN, "dispute_due", dispute["id"])
    if not inquiry:
        dispute = _withdraw(world, dispute)
        if world.options.cancel_disputed:
            _end_subscription(world, of)
    return dispute


def _withdraw(world: World, dispute: Obj) -> Obj:
    """Take the contested money and the fee for it out of the balance."""
    of = world.store.load(dispute["charge"], "charge")
    whole = of["amount_refunded"] + dispute["amount"]
    taken = balance.share(of, of["amount_refunded"], whole)
    entry = balance.enter(world, "adjustment", -taken, dispute, fee=money.DISPUTE_FEE)
    return _moved(world, dispute, entry, "charge.dispute.funds_withdrawn")


def _moved(world: World, dispute: Obj, entry: Obj, event: str) -> Obj:
    dispute = {**dispute, "balance_transactions": [*dispute["balance_transactions"], entry]}
    world.change(dispute, event)
    return dispute


def escalate(world: World, dispute: Obj) -> Obj:
    """Make a dispute of an inquiry: now the money is taken."""
    if dispute["status"] not in ("warning_needs_response", "warning_under_review"):
        raise invalid(f"The dispute is {dispute['status']} and no open inquiry.")
    details = dispute["payment_method_details"]
    dispute = {
        **dispute,
        "is_charge_refundable": False,
        "payment_method_details": {
            **details,
            "card": {**details["card"], "case_type": "chargeback"},
        },
        "status": "needs_response",
    }
    world.change(dispute, "charge.dispute.updated")
    return _withdraw(world, dispute)


def decide(world: World, dispute: Obj, *, won: bool) -> Obj:
    """Close a dispute; won, the money comes back and the fee does not. An inquiry just ends."""
    if dispute["status"] in _OVER:
        raise invalid(f"The dispute is {dispute['status']} already.", param="dispute")
    if dispute["status"] in _INQUIRIES:
        return _close(world, dispute, "warning_closed")
    if not won:
        return _close(world, dispute, "lost")
    taken = sum(entry["amount"] for entry in dispute["balance_transactions"])
    entry = balance.enter(world, "adjustment", -taken, dispute, category="dispute_reversal")
    dispute = _close(world, dispute, "won")
    return _moved(world, dispute, entry, "charge.dispute.funds_reinstated")


def _close(world: World, dispute: Obj, status: str) -> Obj:
    dispute = {**dispute, "status": status, "is_charge_refundable": status == "warning_closed"}
    world.change(dispute, "charge.dispute.closed")
    return dispute


def _end_subscription(world: World, of: Obj) -> None:
    """Cancel the subscription a disputed charge was made for, as the account's setting wants."""
    path = "payment.payment_intent"
    for link in world.store.each("invoice_payment", path, of["payment_intent"]):
        invoice = world.store.load(link["invoice"], "invoice")
        id_ = invoice["parent"]["subscription_details"]["subscription"]
        subscription = subscriptions.is_live(world, id_)
        if subscription is not None:
            subscriptions.end(world, subscription, "payment_disputed")


def update(world: World, id_: str, params: Obj) -> Obj:
    """Keep evidence and metadata; the evidence goes to the bank unless `submit` is false."""
    dispute = world.store.load(id_, "dispute")
    for name in params.keys() - {"evidence", "metadata", "submit", "expand"}:
        raise not_imitated(f"changing `{name}` of a dispute", param=name)
    dispute["metadata"] = merged(dispute["metadata"], params.get("metadata"))
    if "evidence" in params or params.get("submit"):
        _answer(world, dispute, params.get("evidence") or {}, bool(params.get("submit", True)))
    world.change(dispute, "charge.dispute.updated")
    return dispute


def _answer(world: World, dispute: Obj, evidence: Obj, submit: bool) -> None:
    if dispute["status"] not in ("needs_response", "warning_needs_response"):
        message = f"This dispute is {dispute['status']}: its evidence can no longer be changed."
        raise invalid(message, param="evidence")
    for name in evidence.keys() - set(_TEXTS):
        raise not_imitated(f"`{name}` as evidence", param=f"evidence[{name}]")
    dispute["evidence"] |= {name: value or None for name, value in evidence.items()}
    details: dict[str, Any] = dispute["evidence_details"]
    details["has_evidence"] = any(dispute["evidence"][name] for name in _TEXTS)
    if not submit:
        return
    details["submission_count"] += 1
    details["submission_method"] = "manual"
    warning = dispute["status"] == "warning_needs_response"
    dispute["status"] = "warning_under_review" if warning else "under_review"
    if dispute["evidence"]["uncategorized_text"] in _DECIDING:
        moment = world.clock.now() + _DECIDED_AFTER
        world.agenda.add(moment, "dispute_decided", dispute["id"])


def give_up(world: World, id_: str) -> Obj:
    """Accept a dispute as lost."""
    dispute = world.store.load(id_, "dispute")
    if dispute["status"] in _INQUIRIES:
        raise not_imitated("the closing of an inquiry")
    if dispute["status"] in _OVER:
        raise invalid(f"This dispute is already closed ({dispute['status']}).")
    return _close(world, dispute, "lost")


def forbids_refund(world: World, charge_id: str) -> bool:
    """Tell whether a dispute keeps a charge from being refunded: open or lost, and no inquiry."""
    found = world.store.each("dispute", "charge", charge_id)
    return any(one["status"] in ("needs_response", "under_review", "lost") for one in found)


def satisfied(world: World, charge_id: str) -> None:
    """End the inquiry about a charge that has been refunded in full."""
    for dispute in world.store.each("dispute", "charge", charge_id):
        if dispute["status"] in ("warning_needs_response", "warning_under_review"):
            _close(world, dispute, "warning_closed")


def charge_due(world: World, moment: int, charge_id: str, *, inquiry: bool = False) -> bool:
    """Contest a charge made by a card that is known for it."""
    try:
        of = world.store.load(charge_id, "charge")
    except Refusal:
        return False  # The account was reset in the meantime.
    if of["disputed"] or of["refunded"]:
        return False
    begin(world, charge_id, reason=_card(world, of).reason, inquiry=inquiry)
    return True


def _card(world: World, of: Obj) -> Any:
    return CARDS[world.store.extra(of["payment_method"])["number"]]


def inquiry_due(world: World, moment: int, charge_id: str) -> bool:
    """Inquire about a charge made by a card that is known for it."""
    return charge_due(world, moment, charge_id, inquiry=True)


def answer_due(world: World, moment: int, id_: str) -> bool:
    """Lose a dispute nobody answered in time; close an inquiry."""
    if not world.store.has(id_, "dispute"):
        return False
    dispute = world.store.load(id_, "dispute")
    if dispute["status"] not in ("needs_response", "warning_needs_response"):
        return False
    dispute["evidence_details"]["past_due"] = True
    decide(world, dispute, won=False)
    return True


def bank_decides(world: World, moment: int, id_: str) -> bool:
    """Decide a dispute by the word in its evidence."""
    if not world.store.has(id_, "dispute"):
        return False
    dispute = world.store.load(id_, "dispute")
    if dispute["status"] in _OVER:
        return False
    decide(world, dispute, won=_DECIDING[dispute["evidence"]["uncategorized_text"]])
    return True


def resume(world: World) -> None:
    """Enter into the agenda what was in it when the sandbox was stopped."""
    for dispute in world.store.each("dispute"):
        due_by = dispute["evidence_details"]["due_by"]
        world.agenda.add(due_by, "dispute_due", dispute["id"])
        if dispute["evidence"]["uncategorized_text"] in _DECIDING:
            world.agenda.add(world.clock.now(), "dispute_decided", dispute["id"])
    for of in world.store.each("charge"):
        moment = of["created"] + TROUBLE_AFTER
        if of["paid"] and moment >= world.clock.now() and _card(world, of).trouble:
            world.agenda.add(moment, _card(world, of).trouble, of["id"])
