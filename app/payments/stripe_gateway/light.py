"""Answers of the API without what we do not read of them. Pure.

The library gives every field a place in an object of its own: three hundred for one renewal, of
which we read twenty.
"""

from typing import Any

#: What we read of objects, by their kind; the others are left whole.
READ = {
    "charge": frozenset({"payment_method_details"}),
    "customer": frozenset({"invoice_settings"}),
    "invoice": frozenset(
        {
            "amount_due",
            "amount_paid",
            "attempt_count",
            "currency",
            "customer",
            "hosted_invoice_url",
            "lines",
            "next_payment_attempt",
            "parent",
            "status",
            "status_transitions",
        }
    ),
    "line_item": frozenset({"period"}),
    "payment_intent": frozenset({"latest_charge"}),
    "payment_method": frozenset({"card", "created"}),
    "price": frozenset({"currency", "recurring", "unit_amount"}),
    "subscription": frozenset(
        {
            "billing_cycle_anchor",
            "cancel_at",
            "cancel_at_period_end",
            "cancellation_details",
            "customer",
            "default_payment_method",
            "ended_at",
            "items",
            "metadata",
            "pause_collection",
            "status",
            "trial_end",
        }
    ),
    "subscription_item": frozenset({"current_period_end", "current_period_start", "price"}),
}


def lightened(answer: Any) -> Any:
    """Return an answer, as JSON, without the fields of such objects we do not read."""
    if isinstance(answer, list):
        return [lightened(item) for item in answer]
    if not isinstance(answer, dict):
        return answer
    kept = READ.get(answer.get("object", ""))
    return {
        name: lightened(value)
        for name, value in answer.items()
        if kept is None or name in kept or name in ("id", "object")
    }
