"""The endpoints this sandbox answers: method, path, parameter type, act."""

from __future__ import annotations

import re
from typing import Any

import stripe.params as p
import stripe.params.billing_portal as pb
import stripe.params.checkout as pc
import stripe.params.radar as pr
import stripe.params.test_helpers as pt

from tests.sandbox import acts, billing, payouts
from tests.sandbox.acts import Act


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


_MONEY = {name: name for name in ("charge", "payment_intent")}
_SUBSCRIPTION = "parent.subscription_details.subscription"

#: What can be looked at and listed: path, kind, the two parameter types, and which
#: parameter of a list is compared with which path of the object.
_READABLE: list[tuple[str, str, Any, Any, dict[str, str]]] = [
    (
        "products",
        "product",
        p.ProductRetrieveParams,
        p.ProductListParams,
        {"active": "active", "url": "url"},
    ),
    (
        "prices",
        "price",
        p.PriceRetrieveParams,
        p.PriceListParams,
        {"product": "product", "active": "active", "currency": "currency", "type": "type"},
    ),
    (
        "customers",
        "customer",
        p.CustomerRetrieveParams,
        p.CustomerListParams,
        {"email": "email"},
    ),
    (
        "payment_methods",
        "payment_method",
        p.PaymentMethodRetrieveParams,
        p.PaymentMethodListParams,
        acts.METHOD_FILTERS,
    ),
    (
        "checkout/sessions",
        "checkout.session",
        pc.SessionRetrieveParams,
        pc.SessionListParams,
        {name: name for name in ("customer", "subscription", "payment_intent")},
    ),
    (
        "subscriptions",
        "subscription",
        p.SubscriptionRetrieveParams,
        p.SubscriptionListParams,
        {"customer": "customer", "collection_method": "collection_method"},
    ),
    (
        "billing_portal/configurations",
        "billing_portal.configuration",
        pb.ConfigurationRetrieveParams,
        pb.ConfigurationListParams,
        {"active": "active", "is_default": "is_default"},
    ),
    (
        "invoices",
        "invoice",
        p.InvoiceRetrieveParams,
        p.InvoiceListParams,
        {
            "customer": "customer",
            "subscription": _SUBSCRIPTION,
            "collection_method": "collection_method",
        },
    ),
    (
        "invoice_payments",
        "invoice_payment",
        p.InvoicePaymentRetrieveParams,
        p.InvoicePaymentListParams,
        {"invoice": "invoice"},
    ),
    (
        "payment_intents",
        "payment_intent",
        p.PaymentIntentRetrieveParams,
        p.PaymentIntentListParams,
        {"customer": "customer"},
    ),
    (
        "charges",
        "charge",
        p.ChargeRetrieveParams,
        p.ChargeListParams,
        {"customer": "customer", "payment_intent": "payment_intent"},
    ),
    (
        "payouts",
        "payout",
        p.PayoutRetrieveParams,
        p.PayoutListParams,
        {},
    ),
    ("refunds", "refund", p.RefundRetrieveParams, p.RefundListParams, _MONEY),
    ("disputes", "dispute", p.DisputeRetrieveParams, p.DisputeListParams, _MONEY),
    (
        "radar/early_fraud_warnings",
        "radar.early_fraud_warning",
        pr.EarlyFraudWarningRetrieveParams,
        pr.EarlyFraudWarningListParams,
        _MONEY,
    ),
    (
        "test_helpers/test_clocks",
        "test_helpers.test_clock",
        pt.TestClockRetrieveParams,
        pt.TestClockListParams,
        {},
    ),
    (
        "webhook_endpoints",
        "webhook_endpoint",
        p.WebhookEndpointRetrieveParams,
        p.WebhookEndpointListParams,
        {},
    ),
]

_change_product = acts.updater(
    "product", "product.updated", ("name", "active", "description", "url")
)
_change_price = acts.updater("price", "price.updated", ("active", "nickname"))
_change_refund = acts.updater("refund", "refund.updated", ())

TABLE = [
    Endpoint(
        "GET",
        "/v1/balance_transactions/{id}",
        p.BalanceTransactionRetrieveParams,
        acts.retrieve("balance_transaction"),
    ),
    Endpoint(
        "GET",
        "/v1/balance_transactions",
        p.BalanceTransactionListParams,
        payouts.transactions,
    ),
    Endpoint("POST", "/v1/products", p.ProductCreateParams, acts.create_product),
    Endpoint("POST", "/v1/products/{id}", p.ProductUpdateParams, _change_product),
    Endpoint("POST", "/v1/prices", p.PriceCreateParams, acts.create_price),
    Endpoint("POST", "/v1/prices/{id}", p.PriceUpdateParams, _change_price),
    Endpoint("POST", "/v1/customers", p.CustomerCreateParams, acts.create_customer),
    Endpoint("POST", "/v1/customers/{id}", p.CustomerUpdateParams, acts.update_customer),
    Endpoint("DELETE", "/v1/customers/{id}", p.CustomerDeleteParams, acts.delete_customer),
    Endpoint(
        "GET",
        "/v1/customers/{id}/payment_methods",
        p.CustomerPaymentMethodListParams,
        acts.methods_of_customer,
    ),
    Endpoint(
        "POST", "/v1/payment_methods/{id}/attach", p.PaymentMethodAttachParams, acts.attach_method
    ),
    Endpoint(
        "POST", "/v1/payment_methods/{id}/detach", p.PaymentMethodDetachParams, acts.detach_method
    ),
    Endpoint("POST", "/v1/checkout/sessions", pc.SessionCreateParams, acts.open_session),
    Endpoint(
        "POST", "/v1/checkout/sessions/{id}/expire", pc.SessionExpireParams, acts.expire_session
    ),
    Endpoint(
        "GET",
        "/v1/checkout/sessions/{id}/line_items",
        pc.SessionListLineItemsParams,
        acts.session_lines,
    ),
    Endpoint(
        "POST", "/v1/subscriptions/{id}", p.SubscriptionUpdateParams, billing.update_subscription
    ),
    Endpoint(
        "DELETE", "/v1/subscriptions/{id}", p.SubscriptionCancelParams, billing.cancel_subscription
    ),
    Endpoint(
        "POST",
        "/v1/subscriptions/{id}/pause",
        p.SubscriptionPauseParams,
        billing.pause_subscription,
    ),
    Endpoint(
        "POST",
        "/v1/subscriptions/{id}/resume",
        p.SubscriptionResumeParams,
        billing.resume_subscription,
    ),
    Endpoint(
        "POST", "/v1/test_helpers/test_clocks", pt.TestClockCreateParams, billing.create_clock
    ),
    Endpoint(
        "POST",
        "/v1/test_helpers/test_clocks/{id}/advance",
        pt.TestClockAdvanceParams,
        billing.advance_clock,
    ),
    Endpoint(
        "DELETE",
        "/v1/test_helpers/test_clocks/{id}",
        pt.TestClockDeleteParams,
        billing.delete_clock,
    ),
    Endpoint(
        "POST",
        "/v1/billing_portal/configurations",
        pb.ConfigurationCreateParams,
        billing.create_portal_configuration,
    ),
    Endpoint(
        "POST",
        "/v1/billing_portal/configurations/{id}",
        pb.ConfigurationUpdateParams,
        billing.update_portal_configuration,
    ),
    Endpoint("POST", "/v1/billing_portal/sessions", pb.SessionCreateParams, billing.open_portal),
    Endpoint("POST", "/v1/invoices/{id}/pay", p.InvoicePayParams, billing.pay_invoice),
    Endpoint("POST", "/v1/invoices/{id}", p.InvoiceUpdateParams, billing.update_invoice),
    Endpoint(
        "POST",
        "/v1/invoices/{id}/mark_uncollectible",
        p.InvoiceMarkUncollectibleParams,
        billing.write_off_invoice,
    ),
    Endpoint("POST", "/v1/invoices/{id}/void", p.InvoiceVoidInvoiceParams, billing.void_invoice),
    Endpoint("POST", "/v1/refunds", p.RefundCreateParams, acts.create_refund),
    Endpoint("POST", "/v1/refunds/{id}", p.RefundUpdateParams, _change_refund),
    Endpoint("POST", "/v1/disputes/{id}", p.DisputeUpdateParams, acts.update_dispute),
    Endpoint("POST", "/v1/disputes/{id}/close", p.DisputeCloseParams, acts.close_dispute),
    Endpoint("GET", "/v1/events", p.EventListParams, acts.list_events),
    Endpoint("GET", "/v1/events/{id}", p.EventRetrieveParams, acts.retrieve_event),
    Endpoint("POST", "/v1/webhook_endpoints", p.WebhookEndpointCreateParams, acts.create_endpoint),
    Endpoint(
        "POST", "/v1/webhook_endpoints/{id}", p.WebhookEndpointUpdateParams, acts.update_endpoint
    ),
    Endpoint(
        "DELETE", "/v1/webhook_endpoints/{id}", p.WebhookEndpointDeleteParams, acts.delete_endpoint
    ),
]
for _path, _kind, _one, _many, _filters in _READABLE:
    TABLE += [
        Endpoint("GET", f"/v1/{_path}/{{id}}", _one, acts.retrieve(_kind)),
        Endpoint("GET", f"/v1/{_path}", _many, acts.lister(_kind, f"/v1/{_path}", _filters)),
    ]
