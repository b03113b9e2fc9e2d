"""Checkout Sessions: opened by the API, expired, and what they look like."""

from __future__ import annotations

import time

from tests.sandbox import money, objects
from tests.sandbox.errors import invalid, not_imitated
from tests.sandbox.objects import NO_ADDRESS, blank, merged
from tests.sandbox.shapes import Obj
from tests.sandbox.world import World

_DAY = 24 * 3600
_ACCEPTED = {
    "mode", "ui_mode", "customer", "customer_email", "customer_creation", "customer_update",
    "client_reference_id", "line_items", "subscription_data", "payment_intent_data", "metadata",
    "allowed_payment_method_types", "adaptive_pricing", "submit_type", "locale", "custom_text",
    "consent_collection", "payment_method_options", "success_url", "cancel_url", "expires_at",
    "after_expiration", "billing_address_collection", "payment_method_collection", "currency",
    "expand", "allow_promotion_codes",
}  # fmt: skip


def wall_for(world: World, session: Obj) -> int:
    """Give the time by which a session lives: the wall's, plus what was advanced since.

    A product knows only the wall's time when it asks for `expires_at`, however far the
    sandbox has been advanced before.
    """
    then = int(world.store.extra(session["id"]).get("offset", world.clock.offset))
    ahead = world.clock.offset - then
    return int(time.time()) + int(ahead)


def open_session(world: World, params: Obj) -> Obj:
    """Open a session as the API is asked to. Refuses what Stripe refuses."""
    for name in params.keys() - _ACCEPTED:
        raise not_imitated(f"`{name}` of a Checkout Session", param=name)
    mode = params.get("mode")
    if mode not in ("payment", "subscription"):
        raise not_imitated("sessions of this mode", param="mode")
    if params.get("ui_mode", "hosted_page") != "hosted_page":
        raise not_imitated("any page but the hosted one", param="ui_mode")
    _check_together(world, params, mode)
    created = int(time.time())
    expires = params.get("expires_at", created + _DAY)
    if not created + 30 * 60 - 60 <= expires <= created + _DAY + 60:
        raise invalid(
            "The `expires_at` timestamp must be between 30 minutes and 24 hours from "
            "Checkout Session creation.",
            param="expires_at",
        )
    id_ = world.store.new_id("cs_test")
    lines = [_line(world, line, at, mode) for at, line in enumerate(params.get("line_items", []))]
    total = _total(lines)
    currency = lines[0]["currency"]
    session = _session(world, id_, params, mode, created, expires, total, currency)
    world.store.save(session)
    world.store.note(
        id_,
        offset=world.clock.offset,
        lines=lines,
        data=params.get("subscription_data") or params.get("payment_intent_data") or {},
        customer_update=params.get("customer_update") or {},
    )
    return session


def _check_together(world: World, params: Obj, mode: str) -> None:
    """Refuse what only shows when parameters are read together."""
    if "customer" in params and "customer_email" in params:
        raise invalid("You may only specify one of these parameters: customer, customer_email.")
    if "customer" in params:
        world.store.text(params["customer"], "customer", param="customer")
    elif "customer_update" in params:
        raise invalid(
            "`customer_update` can only be used with `customer`.", param="customer_update"
        )
    if not params.get("success_url"):
        raise invalid(
            "Missing required param: success_url.", param="success_url", code="parameter_missing"
        )
    if not params.get("line_items"):
        raise invalid(
            "Missing required param: line_items.", param="line_items", code="parameter_missing"
        )
    refused = {
        "subscription": ("customer_creation", "payment_intent_data"),
        "payment": ("subscription_data", "payment_method_collection"),
    }[mode]
    for name in refused:
        if name in params:
            raise invalid(f"You can not pass `{name}` in `{mode}` mode.", param=name)
    _check_imitated(params)


def _check_imitated(params: Obj) -> None:
    """Refuse what lies deeper in the parameters and is not pretended to here."""
    consent = params.get("consent_collection") or {}
    if consent.get("terms_of_service") == "required":
        raise not_imitated("terms of service consent", param="consent_collection[terms_of_service]")
    adaptive = params.get("adaptive_pricing") or {}
    if adaptive.get("enabled"):
        raise not_imitated("adaptive pricing", param="adaptive_pricing")
    for name in ("trial_end", "trial_period_days", "billing_cycle_anchor", "add_invoice_items"):
        if name in (params.get("subscription_data") or {}):
            raise not_imitated(f"subscription_data[{name}]", param=f"subscription_data[{name}]")


def _line(world: World, line: Obj, at: int, mode: str) -> Obj:
    """Make one line item, its inline price kept as a price of its own."""
    where = f"line_items[{at}]"
    if ("price" in line) == ("price_data" in line):
        raise invalid(f"You must pass one of `price` or `price_data`: {where}.", param=where)
    quantity = line.get("quantity", 1)
    if "price" in line:
        price = world.store.load(line["price"], "price", param=f"{where}[price]")
    else:
        data = line["price_data"]
        product = data.get("product")
        if (product is None) == ("product_data" not in data):
            raise invalid(
                "You must specify either `product` or `product_data` when creating a price.",
                param=f"{where}[price_data]",
            )
        if product is None:
            made = objects.product(world, data["product_data"])
            product = world.make(made, "product.created")["id"]
        world.store.text(product, "product", param=f"{where}[price_data][product]")
        if data.get("unit_amount") is None:
            raise not_imitated("prices without unit_amount", param=f"{where}[price_data]")
        price = objects.price(world, {**data, "product": product, "active": False})
        world.make(price, "price.created")
    if (price["recurring"] is not None) != (mode == "subscription"):
        wanted = "at least one recurring price" if mode == "subscription" else "one-time prices"
        raise invalid(f"`{mode}` mode needs {wanted}.", param=where)
    of = world.store.load(price["product"], "product")
    amount = price["unit_amount"] * quantity
    line_item = blank(
        "LineItem",
        "item",
        world.store.new_id("li"),
        amount_discount=0,
        amount_subtotal=amount,
        amount_tax=0,
        amount_total=amount,
        currency=price["currency"],
        description=of["name"],
        price=price,
        quantity=quantity,
    )
    del line_item["livemode"]
    return line_item


def _total(lines: list[Obj]) -> int:
    currencies = {line["currency"] for line in lines}
    if len(currencies) > 1:
        raise invalid("All prices on a Checkout Session must be in one currency.")
    if len(lines) > 1 and lines[0]["price"]["recurring"] is not None:
        raise not_imitated("subscriptions of several items", param="line_items")
    currency = currencies.pop()
    total = sum(int(line["amount_total"]) for line in lines)
    if total < money.minimum(currency):
        least = money.shown(money.minimum(currency), currency, "en")
        raise invalid(
            f"The Checkout Session's total amount due must add up to at least {least}.",
            code="amount_too_small",
        )
    if total > money.MAXIMUM:
        raise invalid("Amount must be no more than 999,999.99.", code="amount_too_large")
    return total


def _session(
    world: World,
    id_: str,
    params: Obj,
    mode: str,
    created: int,
    expires: int,
    total: int,
    currency: str,
) -> Obj:
    customer = params.get("customer")
    email = params.get("customer_email")
    if customer:
        email = world.store.load(customer, "customer")["email"]
    custom_text = dict.fromkeys(
        ("after_submit", "shipping_address", "submit", "terms_of_service_acceptance")
    )
    return blank(
        "Checkout.Session",
        "checkout.session",
        id_,
        adaptive_pricing={"enabled": False},
        allowed_payment_method_types=params.get("allowed_payment_method_types"),
        amount_subtotal=total,
        amount_total=total,
        automatic_tax={"enabled": False, "liability": None, "provider": None, "status": None},
        billing_address_collection=params.get("billing_address_collection"),
        cancel_url=params.get("cancel_url"),
        client_reference_id=params.get("client_reference_id"),
        created=created,
        currency=currency,
        custom_fields=[],
        custom_text={**custom_text, **(params.get("custom_text") or {})},
        customer=customer,
        customer_creation=_customer_creation(params, mode),
        customer_details=email and _details(email, None),
        customer_email=params.get("customer_email"),
        expires_at=expires,
        locale=params.get("locale"),
        metadata=merged({}, params.get("metadata")),
        mode=mode,
        payment_method_collection="always" if mode == "subscription" else "if_required",
        payment_method_options={"card": {"request_three_d_secure": "automatic"}},
        payment_method_types=params.get("allowed_payment_method_types") or ["card"],
        payment_status="unpaid",
        phone_number_collection={"enabled": False},
        shipping_options=[],
        status="open",
        submit_type=params.get("submit_type"),
        success_url=params["success_url"],
        total_details={"amount_discount": 0, "amount_shipping": 0, "amount_tax": 0},
        ui_mode="hosted_page",
        url=f"{world.options.url}/c/pay/{id_}",
    )


def _customer_creation(params: Obj, mode: str) -> str | None:
    if "customer" in params:
        return None
    default = "always" if mode == "subscription" else "if_required"
    return str(params.get("customer_creation", default))


def _details(email: str | None, name: str | None) -> Obj:
    return {
        "address": dict(NO_ADDRESS) if name else None,
        "business_name": None,
        "email": email,
        "individual_name": None,
        "name": name,
        "phone": None,
        "tax_exempt": "none",
        "tax_ids": [],
    }


def details(session: Obj, name: str) -> Obj:
    """Give the customer details of a session whose form was filled in."""
    known = session["customer_details"] or {}
    return _details(known.get("email") or session["customer_email"], name)


def expire(world: World, id_: str) -> Obj:
    """Close an open session as the API is asked to."""
    session = world.store.load(id_, "checkout.session")
    if session["status"] != "open":
        raise invalid(
            f'Only Checkout Sessions with a status in ["open"] can be expired. This Checkout '
            f"Session has a status of {session['status']}."
        )
    return close(world, session)


def close(world: World, session: Obj) -> Obj:
    """Mark a session expired and tell of it."""
    session = {**session, "status": "expired", "url": None}
    world.change(session, "checkout.session.expired")
    return session


def current(world: World, id_: str) -> Obj:
    """Give a session; one whose time has run out is expired first."""
    session = world.store.load(id_, "checkout.session")
    if session["status"] == "open" and wall_for(world, session) >= session["expires_at"]:
        return close(world, session)
    return session
