"""Lists as a nightly comparison reads them: by time, by state, page by page."""

from __future__ import annotations

from typing import Any, cast

import pytest
import stripe

from tests.test_sandbox.shop import Shop

FAILING = "4000000000000341"


def ids(found: Any) -> list[str]:
    return [one.id for one in found.data]


def paged(api: Any, params: dict[str, Any]) -> list[str]:
    return [one.id for one in api.list({**params, "limit": 2}).auto_paging_iter()]


def test_subscriptions_are_listed_by_state_and_time(shop: Shop) -> None:
    first, ended, late = (shop.patron() for _ in range(3))
    shop.stripe.v1.subscriptions.cancel(ended["subscription"])
    began = shop.look("clock")["now"]
    shop.control("advance", days=2)
    newest = shop.patron()["subscription"]
    api: Any = shop.stripe.v1.subscriptions
    every = [newest, late["subscription"], ended["subscription"], first["subscription"]]
    assert paged(api, {"status": "all"}) == every
    assert paged(api, {"status": "canceled"}) == [ended["subscription"]]
    assert paged(api, {}) == [one for one in every if one != ended["subscription"]]
    after = {"created": {"gt": began + 60}}
    assert paged(api, {"status": "all", **after}) == [newest]
    assert paged(api, {"status": "all", "created": {"lte": began}}) == every[1:]
    [shown] = api.list({"created": {"gt": began + 60}, "expand": ["data.latest_invoice"]}).data
    assert shown.latest_invoice.status == "paid"
    assert ids(api.list({"status": "all", "ending_before": every[2], "limit": 1})) == [every[1]]


def test_invoices_are_listed_by_state_subscription_and_time(shop: Shop) -> None:
    steady, failing = shop.patron(), shop.patron(card=FAILING)
    began = shop.look("clock")["now"]
    shop.control("advance", months=1)
    api: Any = shop.stripe.v1.invoices
    [opened] = api.list({"status": "open"}).data
    assert opened.customer == failing["customer"]
    assert len(paged(api, {"status": "paid"})) == 3
    assert len(paged(api, {"created": {"gt": began + 60}})) == 2
    [renewal] = api.list(
        {
            "subscription": steady["subscription"],
            "created": {"gt": began + 60},
            "status": "paid",
            "expand": ["data.payments", "data.customer"],
        }
    ).data
    assert renewal.customer.email == "reader@example.org"
    assert renewal.payments.data[0].status == "paid"


def test_payments_and_charges_are_listed_by_time(shop: Shop) -> None:
    made = shop.patron()
    began = shop.look("clock")["now"]
    shop.control("advance", months=2)
    for api in (shop.stripe.v1.payment_intents, shop.stripe.v1.charges):
        every = paged(api, {"customer": made["customer"]})
        assert len(every) == 3
        assert paged(api, {"created": {"gt": began + 60}}) == every[:2]
        assert paged(api, {"created": {"lt": began + 60}}) == every[2:]
    charges: Any = shop.stripe.v1.charges
    [charge] = charges.list({"limit": 1, "expand": ["data.payment_intent"]}).data
    assert ids(charges.list({"payment_intent": charge.payment_intent.id})) == [charge.id]


def test_sessions_are_listed_by_state_and_time(shop: Shop) -> None:
    paid, opened = shop.patron(), shop.open()
    api: Any = shop.stripe.v1.checkout.sessions
    assert ids(api.list({"status": "complete"})) == [paid["id"]]
    assert ids(api.list({"status": "open"})) == [opened.id]
    shop.stripe.v1.checkout.sessions.expire(opened.id)
    assert ids(api.list({"status": "expired", "created": {"gte": opened.created}})) == [opened.id]
    assert ids(api.list({"created": {"gt": opened.created + 60}})) == []


def test_products_and_customers_are_listed(shop: Shop) -> None:
    shop.product()
    other = shop.stripe.v1.products.create({"name": "Other", "active": False})
    api: Any = shop.stripe.v1.products
    assert ids(api.list()) == [other.id, "prod_support"]
    assert ids(api.list({"active": True})) == ["prod_support"]
    assert ids(api.list({"ids": [other.id]})) == [other.id]
    made = shop.patron(email="b@example.org")
    shop.stripe.v1.customers.update(made["customer"], {"email": "c@example.org"})
    customers: Any = shop.stripe.v1.customers
    assert ids(customers.list({"email": "b@example.org"})) == []
    assert ids(customers.list({"email": "c@example.org"})) == [made["customer"]]


def test_events_are_read_onwards_from_one(shop: Shop) -> None:
    shop.patron()
    shop.settled()
    every = [event["id"] for event in shop.look("events", bodies="0")["events"]]
    found = shop.look("events", after=every[2], limit=3)["events"]
    assert [event["id"] for event in found] == every[3:6]
    assert shop.look("events", after=every[-1])["events"] == []


@pytest.mark.parametrize(
    ("resource", "params", "param"),
    [
        ("subscriptions", {"current_period_end": {"gte": 1}}, "current_period_end"),
        ("invoices", {"due_date": 1}, "due_date"),
        ("events", {"types": [f"invoice.{n}" for n in range(21)]}, "types"),
        ("charges", {"limit": 101}, "limit"),
        ("charges", {"starting_after": "ch_none"}, "starting_after"),
    ],
)
def test_a_list_that_cannot_be_given_is_refused(
    shop: Shop, resource: str, params: dict[str, Any], param: str
) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refused:
        getattr(shop.stripe.v1, resource).list(cast(Any, params))
    assert refused.value.param == param
