"""What each endpoint does that is more than to make, keep and show."""

from __future__ import annotations

from collections.abc import Callable

from tests.sandbox import checkout, disputes, listing, objects, refunds, subscriptions
from tests.sandbox.cards import CARDS, NAMED
from tests.sandbox.errors import invalid, missing, not_imitated
from tests.sandbox.events import API_VERSION
from tests.sandbox.objects import merged
from tests.sandbox.shapes import Obj
from tests.sandbox.world import World

#: Gets the world, the validated parameters and the ids in the path; gives the answer.
Act = Callable[..., Obj | str]

METHOD_FILTERS = {"customer": "customer", "type": "type", "allow_redisplay": "allow_redisplay"}


def retrieve(kind: str) -> Act:
    def act(world: World, params: Obj, id_: str) -> Obj | str:
        if kind == "checkout.session":
            checkout.current(world, id_)
        if "expand" not in params:
            return world.store.text(id_, kind)
        return listing.expanded(world, world.store.load(id_, kind), params["expand"])

    return act


def lister(kind: str, url: str, filters: dict[str, str]) -> Act:
    return lambda world, params: listing.page(world, kind, filters, params, url)


def answer(world: World, obj: Obj, params: Obj) -> Obj:
    """Give an object as it is answered: with what was asked to be expanded."""
    return listing.expanded(world, obj, params.get("expand", []))


def create_product(world: World, params: Obj) -> Obj:
    if "default_price_data" in params:
        raise not_imitated("default_price_data", param="default_price_data")
    if params.get("id") and world.store.has(params["id"], "product"):
        raise invalid("Product already exists.", param="id", code="resource_already_exists")
    return answer(world, world.make(objects.product(world, params), "product.created"), params)


def updater(kind: str, event: str, keys: tuple[str, ...]) -> Act:
    """Make an act that overwrites plain keys and merges metadata."""

    def act(world: World, params: Obj, id_: str) -> Obj:
        obj = world.store.load(id_, kind)
        for name, value in params.items():
            if name == "metadata":
                obj["metadata"] = merged(obj["metadata"], value)
            elif name in keys:
                obj[name] = None if value == "" else value
            elif name != "expand":
                raise not_imitated(f"changing `{name}` of a {kind}", param=name)
        if kind == "product":
            obj["updated"] = world.clock.now()
        world.change(obj, *([event] if event else []))
        return answer(world, obj, params)

    return act


def create_price(world: World, params: Obj) -> Obj:
    world.store.text(params.get("product", ""), "product", param="product")
    if params.get("unit_amount") is None:
        raise not_imitated("prices without unit_amount", param="unit_amount")
    return answer(world, world.make(objects.price(world, params), "price.created"), params)


_PERSON = {"email", "name", "phone", "description", "address", "preferred_locales", "metadata"}


def create_customer(world: World, params: Obj) -> Obj:
    for name in params.keys() - _PERSON - {"expand", "test_clock"}:
        raise not_imitated(f"`{name}` of a customer", param=name)
    if "test_clock" in params:
        world.store.text(params["test_clock"], "test_helpers.test_clock", param="test_clock")
    return answer(world, world.make(objects.customer(world, params), "customer.created"), params)


def update_customer(world: World, params: Obj, id_: str) -> Obj:
    settings = params.pop("invoice_settings", None)
    if settings is not None:
        payer = world.store.load(id_, "customer")
        payer["invoice_settings"] |= settings
        world.change(payer, "customer.updated")
    keys = ("email", "name", "phone", "description", "preferred_locales")
    obj: Obj = updater("customer", "customer.updated", keys)(world, params, id_)  # type: ignore[assignment]
    return obj


def delete_customer(world: World, params: Obj, id_: str) -> Obj:
    payer = world.store.load(id_, "customer")
    for subscription in world.store.each("subscription", "customer", id_):
        if subscription["status"] != "canceled":
            subscriptions.end(world, subscription, "cancellation_requested")
    for method in world.store.each("payment_method", "customer", id_):
        world.change({**method, "customer": None}, "payment_method.detached")
    world.make(payer, "customer.deleted")
    world.store.delete(id_)
    return {"id": id_, "object": "customer", "deleted": True}


def methods_of_customer(world: World, params: Obj, id_: str) -> Obj | str:
    world.store.text(id_, "customer", param="customer")
    url = f"/v1/customers/{id_}/payment_methods"
    asked = {**params, "customer": id_}
    return listing.page(world, "payment_method", METHOD_FILTERS, asked, url)


def attach_method(world: World, params: Obj, id_: str) -> Obj:
    world.store.text(params.get("customer", ""), "customer", param="customer")
    if id_ in NAMED:
        card = CARDS[NAMED[id_]]
        expiry = (12, 2040)
        method = objects.card_payment_method(world, card, expiry=expiry, name=None, email=None)
    else:
        method = world.store.load(id_, "payment_method")
    if method["customer"] not in (None, params["customer"]):
        raise invalid("The payment method is already attached to another customer.")
    method["customer"] = params["customer"]
    world.change(method, "payment_method.attached")
    return answer(world, method, params)


def detach_method(world: World, params: Obj, id_: str) -> Obj:
    method = world.store.load(id_, "payment_method")
    if method["customer"] is None:
        raise invalid("The payment method you provided is not attached to a customer.")
    payer = world.store.load(method["customer"], "customer")
    method["customer"] = None
    world.change(method, "payment_method.detached")
    if payer["invoice_settings"]["default_payment_method"] == id_:
        payer["invoice_settings"]["default_payment_method"] = None
        world.change(payer, "customer.updated")
    for one in world.store.each("subscription", "customer", payer["id"]):
        if one["default_payment_method"] == id_:
            world.change({**one, "default_payment_method": None}, "customer.subscription.updated")
    return answer(world, method, params)


def session_lines(world: World, params: Obj, id_: str) -> Obj:
    session = world.store.load(id_, "checkout.session")
    return listing.expanded(world, session, ["line_items"])["line_items"]  # type: ignore[no-any-return]


#: An account has no more webhook endpoints.
_MOST_ENDPOINTS = 16


def create_endpoint(world: World, params: Obj) -> Obj:
    """Keep a webhook endpoint; its secret is shown here and never again."""
    if "connect" in params:
        raise not_imitated("`connect` of a webhook endpoint", param="connect")
    if params.get("api_version", API_VERSION) != API_VERSION:
        raise not_imitated("events of other API versions", param="api_version")
    if len(world.store.ids("webhook_endpoint")) >= _MOST_ENDPOINTS:
        raise invalid(f"You have reached the maximum of {_MOST_ENDPOINTS} webhook endpoints.")
    obj = objects.webhook_endpoint(world, params)
    world.store.save(obj)
    secret = "whsec_" + obj["id"].removeprefix("we_")
    world.store.note(obj["id"], secret=secret)
    return answer(world, {**obj, "secret": secret}, params)


def update_endpoint(world: World, params: Obj, id_: str) -> Obj:
    if "disabled" in params:
        params["status"] = "disabled" if params.pop("disabled") else "enabled"
    keys = ("url", "enabled_events", "description", "status")
    obj: Obj = updater("webhook_endpoint", "", keys)(world, params, id_)  # type: ignore[assignment]
    return obj


def delete_endpoint(world: World, params: Obj, id_: str) -> Obj:
    if not world.store.has(id_, "webhook_endpoint"):
        raise missing("webhook endpoint", id_)
    world.store.delete(id_)
    return {"id": id_, "object": "webhook_endpoint", "deleted": True}


def retrieve_event(world: World, params: Obj, id_: str) -> Obj:
    return world.events.shown(world.events.get(id_))


def open_session(world: World, params: Obj) -> Obj:
    """Open a Checkout Session."""
    return answer(world, checkout.open_session(world, params), params)


def expire_session(world: World, params: Obj, id_: str) -> Obj:
    """Expire an open Checkout Session."""
    return answer(world, checkout.expire(world, id_), params)


def list_events(world: World, params: Obj) -> Obj:
    """Give one page of events."""
    return listing.event_page(world, params, "/v1/events")


def create_refund(world: World, params: Obj) -> Obj:
    """Refund a charge or a part of it."""
    return answer(world, refunds.create(world, params), params)


def update_dispute(world: World, params: Obj, id_: str) -> Obj:
    """Answer a dispute."""
    return answer(world, disputes.update(world, id_, params), params)


def close_dispute(world: World, params: Obj, id_: str) -> Obj:
    """Accept a dispute as lost."""
    return answer(world, disputes.give_up(world, id_), params)
