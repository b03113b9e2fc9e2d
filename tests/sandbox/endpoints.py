"""The endpoints this sandbox answers: method, path, parameter type, act."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import stripe.params as p
import stripe.params.checkout as pc

from tests.sandbox import checkout, invoices, listing, objects, subscriptions
from tests.sandbox.cards import CARDS, NAMED
from tests.sandbox.errors import invalid, missing, not_imitated
from tests.sandbox.objects import merged
from tests.sandbox.shapes import Obj
from tests.sandbox.world import World

#: Gets the world, the validated parameters and the ids in the path; gives the answer.
Act = Callable[..., Obj | str]


class Endpoint:
    """One row of the table: what is asked, how it is checked, what is done."""

    def __init__(self, method: str, path: str, shape: Any, act: Act) -> None:
        self.method, self.shape, self.act = method, shape, act
        self.pattern = re.compile(re.sub(r"\{\w+\}", r"([^/]+)", path))


def find(method: str, path: str) -> tuple[Endpoint, tuple[str, ...]] | None:
    """Find the endpoint for a request, and the ids in its path."""
    for endpoint in TABLE:
        if endpoint.method == method and (found := endpoint.pattern.fullmatch(path)):
            return endpoint, found.groups()
    return None


def _retrieve(kind: str) -> Act:
    def act(world: World, params: Obj, id_: str) -> Obj | str:
        if kind == "checkout.session":
            checkout.current(world, id_)
        if "expand" not in params:
            return world.store.text(id_, kind)
        return listing.expanded(world, world.store.load(id_, kind), params["expand"])

    return act


def _list(kind: str, url: str, filters: dict[str, str]) -> Act:
    return lambda world, params: listing.page(world, kind, filters, params, url)


def _answer(world: World, obj: Obj, params: Obj) -> Obj:
    return listing.expanded(world, obj, params.get("expand", []))


def _create_product(world: World, params: Obj) -> Obj:
    if "default_price_data" in params:
        raise not_imitated("default_price_data", param="default_price_data")
    if params.get("id") and world.store.has(params["id"], "product"):
        raise invalid("Product already exists.", param="id", code="resource_already_exists")
    return _answer(world, world.make(objects.product(world, params), "product.created"), params)


def _update(kind: str, event: str, keys: tuple[str, ...]) -> Act:
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
        return _answer(world, obj, params)

    return act


def _create_price(world: World, params: Obj) -> Obj:
    world.store.text(params.get("product", ""), "product", param="product")
    if params.get("unit_amount") is None:
        raise not_imitated("prices without unit_amount", param="unit_amount")
    return _answer(world, world.make(objects.price(world, params), "price.created"), params)


_PERSON = {"email", "name", "phone", "description", "address", "preferred_locales", "metadata"}


def _create_customer(world: World, params: Obj) -> Obj:
    for name in params.keys() - _PERSON - {"expand"}:
        raise not_imitated(f"`{name}` of a customer", param=name)
    return _answer(world, world.make(objects.customer(world, params), "customer.created"), params)


def _update_customer(world: World, params: Obj, id_: str) -> Obj:
    settings = params.pop("invoice_settings", None)
    if settings is not None:
        payer = world.store.load(id_, "customer")
        payer["invoice_settings"] |= settings
        world.change(payer, "customer.updated")
    keys = ("email", "name", "phone", "description", "preferred_locales")
    obj: Obj = _update("customer", "customer.updated", keys)(world, params, id_)  # type: ignore[assignment]
    return obj


def _delete_customer(world: World, params: Obj, id_: str) -> Obj:
    payer = world.store.load(id_, "customer")
    for subscription in world.store.each("subscription", "customer", id_):
        if subscription["status"] != "canceled":
            subscriptions.end(world, subscription, "cancellation_requested")
    world.make(payer, "customer.deleted")
    world.store.delete(id_)
    return {"id": id_, "object": "customer", "deleted": True}


def _customers_methods(world: World, params: Obj, id_: str) -> Obj | str:
    world.store.text(id_, "customer", param="customer")
    url = f"/v1/customers/{id_}/payment_methods"
    asked = {**params, "customer": id_}
    return listing.page(world, "payment_method", _METHOD_FILTERS, asked, url)


def _attach(world: World, params: Obj, id_: str) -> Obj:
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
    return _answer(world, method, params)


def _detach(world: World, params: Obj, id_: str) -> Obj:
    method = world.store.load(id_, "payment_method")
    if method["customer"] is None:
        raise invalid("The payment method you provided is not attached to a customer.")
    method["customer"] = None
    world.change(method, "payment_method.detached")
    return _answer(world, method, params)


def _line_items(world: World, params: Obj, id_: str) -> Obj:
    session = world.store.load(id_, "checkout.session")
    return listing.expanded(world, session, ["line_items"])["line_items"]  # type: ignore[no-any-return]


def _pay_invoice(world: World, params: Obj, id_: str) -> Obj:
    invoice = world.store.load(id_, "invoice")
    for name in params.keys() - {"payment_method", "off_session", "expand"}:
        raise not_imitated(f"`{name}` when paying an invoice", param=name)
    if invoice["status"] == "paid":
        raise invalid("Invoice is already paid", code="invoice_already_paid")
    if invoice["status"] == "draft":
        invoice = invoices.finalize(world, invoice)
    if invoice["status"] != "open":
        raise invalid(f"Invoice is {invoice['status']}.", code="invoice_not_open")
    subscription = invoices.subscription_of(world, invoice)
    payer = world.store.load(invoice["customer"], "customer")
    chosen = (
        params.get("payment_method")
        or subscription["default_payment_method"]
        or payer["invoice_settings"]["default_payment_method"]
    )
    method = world.store.load(chosen or "", "payment_method", param="payment_method")
    intent = invoices.intent_of(world, invoice)
    outcome = invoices.collect(world, invoice, method, present=False, intent=intent)
    invoices.refuse(outcome)
    subscriptions.recovered(world, subscription["id"])
    return _answer(world, world.store.load(id_, "invoice"), params)


def _create_endpoint(world: World, params: Obj) -> Obj:
    obj = objects.webhook_endpoint(world, params)
    world.store.save(obj)
    secret = "whsec_" + obj["id"].removeprefix("we_")
    world.store.note(obj["id"], secret=secret)
    return _answer(world, {**obj, "secret": secret}, params)


def _update_endpoint(world: World, params: Obj, id_: str) -> Obj:
    if "disabled" in params:
        params["status"] = "disabled" if params.pop("disabled") else "enabled"
    keys = ("url", "enabled_events", "description", "status")
    obj: Obj = _update("webhook_endpoint", "", keys)(world, params, id_)  # type: ignore[assignment]
    return obj


def _delete_endpoint(world: World, params: Obj, id_: str) -> Obj:
    if not world.store.has(id_, "webhook_endpoint"):
        raise missing("webhook endpoint", id_)
    world.store.delete(id_)
    return {"id": id_, "object": "webhook_endpoint", "deleted": True}


def _event(world: World, params: Obj, id_: str) -> Obj:
    return world.events.shown(world.events.get(id_))


_SUBSCRIPTION = "parent.subscription_details.subscription"
_METHOD_FILTERS = {"customer": "customer", "type": "type", "allow_redisplay": "allow_redisplay"}
_PRICE_FILTERS = {"product": "product", "active": "active", "currency": "currency", "type": "type"}
_SESSION_FILTERS = {
    "customer": "customer",
    "subscription": "subscription",
    "payment_intent": "payment_intent",
}
_INVOICE_FILTERS = {"customer": "customer", "subscription": _SUBSCRIPTION}
_CHARGE_FILTERS = {"customer": "customer", "payment_intent": "payment_intent"}
_BALANCE_FILTERS = {"source": "source", "type": "type", "currency": "currency"}

TABLE = [
    Endpoint("POST", "/v1/products", p.ProductCreateParams, _create_product),
    Endpoint("GET", "/v1/products/{id}", p.ProductRetrieveParams, _retrieve("product")),
    Endpoint(
        "POST",
        "/v1/products/{id}",
        p.ProductUpdateParams,
        _update("product", "product.updated", ("name", "active", "description", "url")),
    ),
    Endpoint(
        "GET",
        "/v1/products",
        p.ProductListParams,
        _list("product", "/v1/products", {"active": "active", "url": "url"}),
    ),
    Endpoint("POST", "/v1/prices", p.PriceCreateParams, _create_price),
    Endpoint("GET", "/v1/prices/{id}", p.PriceRetrieveParams, _retrieve("price")),
    Endpoint(
        "POST",
        "/v1/prices/{id}",
        p.PriceUpdateParams,
        _update("price", "price.updated", ("active", "nickname")),
    ),
    Endpoint("GET", "/v1/prices", p.PriceListParams, _list("price", "/v1/prices", _PRICE_FILTERS)),
    Endpoint("POST", "/v1/customers", p.CustomerCreateParams, _create_customer),
    Endpoint("GET", "/v1/customers/{id}", p.CustomerRetrieveParams, _retrieve("customer")),
    Endpoint("POST", "/v1/customers/{id}", p.CustomerUpdateParams, _update_customer),
    Endpoint("DELETE", "/v1/customers/{id}", p.CustomerDeleteParams, _delete_customer),
    Endpoint(
        "GET",
        "/v1/customers",
        p.CustomerListParams,
        _list("customer", "/v1/customers", {"email": "email"}),
    ),
    Endpoint(
        "GET",
        "/v1/customers/{id}/payment_methods",
        p.CustomerPaymentMethodListParams,
        _customers_methods,
    ),
    Endpoint(
        "GET",
        "/v1/payment_methods/{id}",
        p.PaymentMethodRetrieveParams,
        _retrieve("payment_method"),
    ),
    Endpoint("POST", "/v1/payment_methods/{id}/attach", p.PaymentMethodAttachParams, _attach),
    Endpoint("POST", "/v1/payment_methods/{id}/detach", p.PaymentMethodDetachParams, _detach),
    Endpoint(
        "GET",
        "/v1/payment_methods",
        p.PaymentMethodListParams,
        _list("payment_method", "/v1/payment_methods", _METHOD_FILTERS),
    ),
    Endpoint(
        "POST",
        "/v1/checkout/sessions",
        pc.SessionCreateParams,
        lambda world, params: _answer(world, checkout.open_session(world, params), params),
    ),
    Endpoint(
        "GET", "/v1/checkout/sessions/{id}", pc.SessionRetrieveParams, _retrieve("checkout.session")
    ),
    Endpoint(
        "POST",
        "/v1/checkout/sessions/{id}/expire",
        pc.SessionExpireParams,
        lambda world, params, id_: _answer(world, checkout.expire(world, id_), params),
    ),
    Endpoint(
        "GET",
        "/v1/checkout/sessions/{id}/line_items",
        pc.SessionListLineItemsParams,
        _line_items,
    ),
    Endpoint(
        "GET",
        "/v1/checkout/sessions",
        pc.SessionListParams,
        _list("checkout.session", "/v1/checkout/sessions", _SESSION_FILTERS),
    ),
    Endpoint(
        "GET", "/v1/subscriptions/{id}", p.SubscriptionRetrieveParams, _retrieve("subscription")
    ),
    Endpoint(
        "POST",
        "/v1/subscriptions/{id}",
        p.SubscriptionUpdateParams,
        lambda world, params, id_: _answer(world, subscriptions.update(world, id_, params), params),
    ),
    Endpoint(
        "DELETE",
        "/v1/subscriptions/{id}",
        p.SubscriptionCancelParams,
        lambda world, params, id_: _answer(world, subscriptions.cancel(world, id_, params), params),
    ),
    Endpoint(
        "GET",
        "/v1/subscriptions",
        p.SubscriptionListParams,
        _list("subscription", "/v1/subscriptions", {"customer": "customer"}),
    ),
    Endpoint("GET", "/v1/invoices/{id}", p.InvoiceRetrieveParams, _retrieve("invoice")),
    Endpoint("POST", "/v1/invoices/{id}/pay", p.InvoicePayParams, _pay_invoice),
    Endpoint(
        "POST",
        "/v1/invoices/{id}/void",
        p.InvoiceVoidInvoiceParams,
        lambda world, params, id_: _answer(
            world, invoices.void(world, world.store.load(id_, "invoice")), params
        ),
    ),
    Endpoint(
        "GET",
        "/v1/invoices",
        p.InvoiceListParams,
        _list("invoice", "/v1/invoices", _INVOICE_FILTERS),
    ),
    Endpoint(
        "GET",
        "/v1/invoice_payments/{id}",
        p.InvoicePaymentRetrieveParams,
        _retrieve("invoice_payment"),
    ),
    Endpoint(
        "GET",
        "/v1/invoice_payments",
        p.InvoicePaymentListParams,
        _list("invoice_payment", "/v1/invoice_payments", {"invoice": "invoice"}),
    ),
    Endpoint(
        "GET",
        "/v1/payment_intents/{id}",
        p.PaymentIntentRetrieveParams,
        _retrieve("payment_intent"),
    ),
    Endpoint(
        "GET",
        "/v1/payment_intents",
        p.PaymentIntentListParams,
        _list("payment_intent", "/v1/payment_intents", {"customer": "customer"}),
    ),
    Endpoint("GET", "/v1/charges/{id}", p.ChargeRetrieveParams, _retrieve("charge")),
    Endpoint(
        "GET", "/v1/charges", p.ChargeListParams, _list("charge", "/v1/charges", _CHARGE_FILTERS)
    ),
    Endpoint(
        "GET",
        "/v1/balance_transactions/{id}",
        p.BalanceTransactionRetrieveParams,
        _retrieve("balance_transaction"),
    ),
    Endpoint(
        "GET",
        "/v1/balance_transactions",
        p.BalanceTransactionListParams,
        _list("balance_transaction", "/v1/balance_transactions", _BALANCE_FILTERS),
    ),
    Endpoint("GET", "/v1/events/{id}", p.EventRetrieveParams, _event),
    Endpoint(
        "GET",
        "/v1/events",
        p.EventListParams,
        lambda world, params: listing.event_page(world, params, "/v1/events"),
    ),
    Endpoint("POST", "/v1/webhook_endpoints", p.WebhookEndpointCreateParams, _create_endpoint),
    Endpoint(
        "GET",
        "/v1/webhook_endpoints/{id}",
        p.WebhookEndpointRetrieveParams,
        _retrieve("webhook_endpoint"),
    ),
    Endpoint("POST", "/v1/webhook_endpoints/{id}", p.WebhookEndpointUpdateParams, _update_endpoint),
    Endpoint(
        "DELETE", "/v1/webhook_endpoints/{id}", p.WebhookEndpointDeleteParams, _delete_endpoint
    ),
    Endpoint(
        "GET",
        "/v1/webhook_endpoints",
        p.WebhookEndpointListParams,
        _list("webhook_endpoint", "/v1/webhook_endpoints", {}),
    ),
]
