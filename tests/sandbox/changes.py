"""Changes of a running subscription: amount, rhythm, card, trial, pause, scheduled end."""

from __future__ import annotations

from tests.sandbox import dunning, invoices, objects, subscriptions
from tests.sandbox.clock import DAY
from tests.sandbox.errors import invalid, not_imitated
from tests.sandbox.objects import merged
from tests.sandbox.shapes import Obj
from tests.sandbox.world import World

_CHANGEABLE = {
    "items", "proration_behavior", "cancel_at_period_end", "cancel_at", "cancellation_details",
    "metadata", "default_payment_method", "description", "pause_collection", "trial_end", "expand",
}  # fmt: skip
#: A trial ends at most so long from now.
_LONGEST_TRIAL = 731 * DAY


def update(world: World, id_: str, params: Obj) -> Obj:
    """Change a live subscription as the API is asked to."""
    subscription = world.store.load(id_, "subscription")
    for name in params.keys() - _CHANGEABLE:
        raise not_imitated(f"changing `{name}` of a subscription", param=name)
    allowed = {"cancellation_details", "metadata", "expand"}
    if subscription["status"] == "canceled" and params.keys() - allowed:
        raise invalid(
            "A canceled subscription can only update its cancellation_details and metadata."
        )
    rhythm_changed = "items" in params and _change_item(world, subscription, params)
    _change_plain(world, subscription, params)
    if "pause_collection" in params:
        _change_pause(world, subscription, params["pause_collection"])
    bill = _change_trial(world, subscription, params, rhythm_changed=rhythm_changed)
    _change_end(world, subscription, params)
    world.change(subscription, "customer.subscription.updated")
    subscriptions.foresee(world, subscription)
    if bill == "now":
        return dunning.charge_now(world, subscription, reason="subscription_update")
    if bill == "trial":
        item = subscription["items"]["data"][0]
        period = (item["current_period_start"], item["current_period_end"])
        invoice = invoices.paid_with_nothing(world, subscription, period)
        subscription["latest_invoice"] = invoice["id"]
        world.change(subscription)
    return subscription


def _change_plain(world: World, subscription: Obj, params: Obj) -> None:
    if "metadata" in params:
        subscription["metadata"] = merged(subscription["metadata"], params["metadata"])
    if "description" in params:
        subscription["description"] = params["description"] or None
    if "default_payment_method" in params:
        method_id = params["default_payment_method"]
        method = world.store.load(method_id, "payment_method", param="default_payment_method")
        if method["customer"] != subscription["customer"]:
            raise invalid(
                f"The customer does not have a payment method with the ID {method_id}.",
                param="default_payment_method",
            )
        subscription["default_payment_method"] = method_id


def _change_item(world: World, subscription: Obj, params: Obj) -> bool:
    """Put another price on the one item; tells whether it has another rhythm."""
    item = subscription["items"]["data"][0]
    changes = params["items"]
    if len(changes) != 1 or changes[0].get("id") != item["id"]:
        raise not_imitated("subscriptions of several items; give the id of the one", param="items")
    change = changes[0]
    if "price_data" in change:
        price = objects.price(world, _known_price_data(world, change["price_data"], "items[0]"))
        world.make(price, "price.created")
    elif "price" in change:
        price = world.store.load(change["price"], "price", param="items[0][price]")
    else:
        price = item["price"]
    if price["currency"] != subscription["currency"]:
        raise invalid("The price specified must match the subscription's currency.", param="items")
    if price["recurring"] is None:
        raise invalid("The price specified is set to `type=one_time`.", param="items")
    if params.get("proration_behavior", "create_prorations") != "none":
        raise not_imitated("prorations; say proration_behavior=none", param="proration_behavior")
    changed = _rhythm(price) != _rhythm(item["price"])
    item |= {"price": price, "plan": objects.plan(price)}
    item["quantity"] = change.get("quantity", item["quantity"])
    return changed


def _known_price_data(world: World, data: Obj, where: str) -> Obj:
    param = f"{where}[price_data][product]"
    world.store.text(data["product"], "product", param=param)
    if data.get("unit_amount") is None:
        raise invalid("Missing required param: unit_amount.", param=f"{where}[price_data]")
    return data


def _rhythm(price: Obj) -> tuple[str, int]:
    return price["recurring"]["interval"], price["recurring"]["interval_count"]


def _change_trial(
    world: World, subscription: Obj, params: Obj, *, rhythm_changed: bool
) -> str | None:
    """Begin or end a trial; tells what is to be billed: "trial", "now" or nothing.

    Another rhythm without a trial begins a period now and is billed at once, whatever is
    said about prorations.
    """
    until = params.get("trial_end")
    now = world.clock.now()
    item = subscription["items"]["data"][0]
    if isinstance(until, int):
        if until <= now:
            message = "Invalid timestamp: must be an integer Unix timestamp in the future."
            raise invalid(message, param="trial_end")
        if until > now + _LONGEST_TRIAL:
            raise invalid(
                "Invalid timestamp: can be no more than two years in the future.",
                param="trial_end",
            )
        if params.get("proration_behavior", "create_prorations") != "none":
            raise not_imitated("prorations; say proration_behavior=none", param="trial_end")
        item["current_period_start"], item["current_period_end"] = now, until
        subscription |= {
            "status": "trialing",
            "trial_start": now,
            "trial_end": until,
            "billing_cycle_anchor": until,
        }
        if subscription["cancel_at_period_end"]:
            subscription["cancel_at"] = until
        return "trial"
    if until == "now" and subscription["status"] == "trialing":
        subscription |= {"status": "active", "trial_end": now}
    elif not rhythm_changed or subscription["status"] == "trialing":
        return None
    subscription["billing_cycle_anchor"] = now
    subscriptions.begin_period(world, subscription, now)
    return "now"


def _change_pause(world: World, subscription: Obj, pause: Obj | str) -> None:
    if not isinstance(pause, dict):
        subscription["pause_collection"] = None
        return
    if pause["behavior"] != "void":
        raise not_imitated("a pause other than by voiding", param="pause_collection[behavior]")
    resumes_at = pause.get("resumes_at")
    if resumes_at is not None and resumes_at <= world.clock.now():
        raise invalid(
            "`resumes_at` must be a timestamp in the future.",
            param="pause_collection[resumes_at]",
        )
    subscription["pause_collection"] = {"behavior": "void", "resumes_at": resumes_at}


def _change_end(world: World, subscription: Obj, params: Obj) -> None:
    """Schedule the end, or call it off, and note what the patron said about it."""
    details = subscription["cancellation_details"] or subscriptions.no_reason()
    end: int | None = subscription["cancel_at"]
    at_period_end = bool(subscription["cancel_at_period_end"])
    if params.get("cancel_at_period_end"):
        at_period_end, end = True, subscription["items"]["data"][0]["current_period_end"]
    elif at_period_end and "cancel_at_period_end" in params:
        # A day set otherwise, as the portal does, is not called off by this flag.
        at_period_end, end = False, None
    if "cancel_at" in params:
        if params.get("cancel_at_period_end"):
            raise invalid("You cannot set both cancel_at and cancel_at_period_end.")
        at_period_end, end = False, params["cancel_at"] or None
        if not isinstance(end, int | None):
            raise not_imitated("cancel_at other than a time", param="cancel_at")
        if end is not None and end <= world.clock.now():
            raise invalid("`cancel_at` must be in the future.", param="cancel_at")
    if end is not None and subscription["cancel_at"] is None:
        subscription["canceled_at"] = world.clock.now()
        details = {**details, "reason": "cancellation_requested"}
    elif end is None and subscription["cancel_at"] is not None:
        subscription["canceled_at"] = None
        details = subscriptions.no_reason()
    subscription["cancel_at"] = end
    subscription["cancel_at_period_end"] = at_period_end
    said = params.get("cancellation_details") or {}
    subscription["cancellation_details"] = {
        **details,
        **{key: value or None for key, value in said.items()},
    }
