"""The API as Stripe's own library meets it: objects, refusals, lists, keys."""

from __future__ import annotations

import threading
from typing import Any, cast

import pytest
import requests
import stripe

from tests.test_sandbox.shop import Shop

HEADERS = {"Authorization": "Bearer sk_test_tests"}


def post(shop: Shop, path: str, data: dict[str, str], **headers: str) -> requests.Response:
    return requests.post(f"{shop.url}{path}", data=data, headers={**HEADERS, **headers})


def test_a_product_may_choose_its_id_and_only_once(shop: Shop) -> None:
    made = shop.stripe.v1.products.create({"id": "prod_month", "name": "Monthly"})
    assert (made.id, made.active, made.type) == ("prod_month", True, "service")
    with pytest.raises(stripe.InvalidRequestError) as refused:
        shop.stripe.v1.products.create({"id": "prod_month", "name": "Again"})
    assert refused.value.code == "resource_already_exists"
    changed = shop.stripe.v1.products.update("prod_month", {"name": "Each month"})
    assert changed.name == "Each month"
    assert [one.id for one in shop.stripe.v1.products.list().data] == ["prod_month"]


def test_a_price_belongs_to_a_product_that_exists(shop: Shop) -> None:
    price = shop.stripe.v1.prices.create(
        {
            "currency": "eur",
            "product": shop.product(),
            "unit_amount": 700,
            "recurring": {"interval": "year"},
        }
    )
    assert price.recurring is not None
    assert (price.recurring.interval, price.unit_amount) == ("year", 700)
    assert shop.stripe.v1.prices.retrieve(price.id).id == price.id
    assert not shop.stripe.v1.prices.update(price.id, {"active": False}).active
    with pytest.raises(stripe.InvalidRequestError, match="No such product"):
        shop.stripe.v1.prices.create({"currency": "eur", "product": "prod_no", "unit_amount": 1})


def test_a_customer_is_made_changed_and_deleted(shop: Shop) -> None:
    made = shop.stripe.v1.customers.create(
        {"email": "a@example.org", "name": "A", "metadata": {"account": "7", "odd": "1"}}
    )
    changed = shop.stripe.v1.customers.update(made.id, {"name": "B", "metadata": {"odd": ""}})
    assert (changed.name, cast(Any, changed.metadata).to_dict()) == ("B", {"account": "7"})
    assert shop.stripe.v1.customers.list({"email": "a@example.org"}).data[0].id == made.id
    assert shop.stripe.v1.customers.delete(made.id).deleted
    with pytest.raises(stripe.InvalidRequestError) as refused:
        shop.stripe.v1.customers.retrieve(made.id)
    assert (refused.value.http_status, refused.value.code) == (404, "resource_missing")


@pytest.mark.parametrize(
    ("sent", "code", "param"),
    [
        ({"emial": "a@example.org"}, "parameter_unknown", "emial"),
        ({"address[contry]": "DE"}, "parameter_unknown", "address[contry]"),
        ({"balance": "many"}, "parameter_invalid_integer", "balance"),
    ],
)
def test_a_customer_with_a_wrong_parameter_is_refused(
    shop: Shop, sent: dict[str, str], code: str, param: str
) -> None:
    answer = post(shop, "/v1/customers", sent)
    error = answer.json()["error"]
    assert (answer.status_code, error["type"]) == (400, "invalid_request_error")
    assert (error["code"], error["param"]) == (code, param)
    assert error["doc_url"].endswith(code)


@pytest.mark.parametrize(
    ("changes", "code", "param"),
    [
        (
            {"payment_method_types": ["card"]},
            "payment_method_types_no_longer_supported",
            "payment_method_types",
        ),
        ({"sucess_url": "x"}, "parameter_unknown", "sucess_url"),
        ({"mode": "subscribe"}, None, "mode"),
        ({"expires_at": "soon"}, "parameter_invalid_integer", "expires_at"),
        ({"expires_at": 1}, None, "expires_at"),
        ({"success_url": None}, "parameter_missing", "success_url"),
        ({"customer_creation": "always"}, None, "customer_creation"),
        ({"customer": "cus_1", "customer_email": None}, "resource_missing", "customer"),
        ({"customer_update": {"name": "auto"}}, None, "customer_update"),
        ({"locale": "uk"}, None, "locale"),
        ({"line_items": [{"quantity": 1}]}, None, "line_items[0]"),
    ],
)
def test_a_session_with_a_wrong_parameter_is_refused(
    shop: Shop, changes: dict[str, Any], code: str | None, param: str
) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refused:
        shop.open(**changes)
    assert (refused.value.http_status, refused.value.param) == (400, param)
    if code:
        assert refused.value.code == code


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"unit_amount": 49}, "amount_too_small"),
        ({"unit_amount": 100_000_000}, "amount_too_large"),
        ({"unit_amount": 7.5}, "parameter_invalid_integer"),
        ({"product": "prod_none"}, "resource_missing"),
        ({"intervall": "month"}, "parameter_unknown"),
        ({"currency": None}, "parameter_missing"),
    ],
)
def test_a_session_with_a_wrong_price_is_refused(
    shop: Shop, change: dict[str, Any], code: str
) -> None:
    wish = shop.wish()
    data = {**wish["line_items"][0]["price_data"], **change}
    data = {key: value for key, value in data.items() if value is not None}
    with pytest.raises(stripe.InvalidRequestError) as refused:
        shop.open(line_items=[{"quantity": 1, "price_data": data}])
    assert refused.value.code == code


def test_what_is_not_imitated_says_so(shop: Shop) -> None:
    with pytest.raises(stripe.InvalidRequestError, match="does not imitate") as refused:
        shop.open(adaptive_pricing={"enabled": True})
    assert refused.value.code == "sandbox_not_imitated"
    with pytest.raises(stripe.InvalidRequestError, match="Unrecognized request URL"):
        shop.stripe.v1.coupons.list()


def test_only_test_keys_and_the_pinned_version_are_let_in(shop: Shop) -> None:
    live = stripe.StripeClient("sk_live_1", base_addresses={"api": shop.url})
    with pytest.raises(stripe.AuthenticationError):
        live.v1.customers.list()
    answer = requests.get(
        f"{shop.url}/v1/customers", headers={**HEADERS, "Stripe-Version": "2024-06-20"}
    )
    assert answer.status_code == 400
    assert "2026-10-28.endive" in answer.json()["error"]["message"]


def test_lists_are_newest_first_and_can_be_paged_both_ways(shop: Shop) -> None:
    made = [shop.stripe.v1.customers.create({"name": str(n)}).id for n in range(7)]
    every = shop.stripe.v1.customers.list({"limit": 3})
    assert [one.id for one in every.data] == made[:3:-1]
    assert every.has_more
    assert [one.id for one in every.auto_paging_iter()] == made[::-1]
    newer = shop.stripe.v1.customers.list({"ending_before": made[2], "limit": 2})
    assert [one.id for one in newer.data] == [made[4], made[3]]
    assert newer.has_more
    with pytest.raises(stripe.InvalidRequestError, match="between 1 and 100"):
        shop.stripe.v1.customers.list({"limit": 101})
    with pytest.raises(stripe.InvalidRequestError, match="No such customer"):
        shop.stripe.v1.customers.list({"starting_after": "cus_no"})


def test_the_same_key_gives_the_same_answer_and_other_parameters_are_refused(shop: Shop) -> None:
    options: Any = {"idempotency_key": "cus:7"}
    first = shop.stripe.v1.customers.create({"name": "A"}, options)
    again = shop.stripe.v1.customers.create({"name": "A"}, options)
    assert again.id == first.id
    assert cast(Any, again).last_response.headers["Idempotent-Replayed"] == "true"
    with pytest.raises(stripe.IdempotencyError):
        shop.stripe.v1.customers.create({"name": "B"}, options)
    assert len(shop.stripe.v1.customers.list().data) == 1


def test_a_key_whose_first_request_was_wrong_may_be_used_again(shop: Shop) -> None:
    wrong = post(shop, "/v1/customers", {"nam": "A"}, **{"Idempotency-Key": "k"})
    right = post(shop, "/v1/customers", {"name": "A"}, **{"Idempotency-Key": "k"})
    assert (wrong.status_code, right.status_code) == (400, 200)


def test_a_key_in_use_is_refused_with_a_conflict(shop: Shop) -> None:
    shop.control("faults", kind="hang", path="/v1/customers", seconds=1.0)
    answers: list[int] = []

    def ask() -> None:
        answer = post(shop, "/v1/customers", {"name": "A"}, **{"Idempotency-Key": "k"})
        answers.append(answer.status_code)

    askers = [threading.Thread(target=ask) for _ in range(2)]
    for asker in askers:
        asker.start()
    for asker in askers:
        asker.join()
    assert sorted(answers) == [200, 409]


def test_an_answer_lost_on_the_way_is_found_again_by_its_key(shop: Shop) -> None:
    shop.control("faults", kind="drop", path="/v1/customers")
    patient = stripe.StripeClient(
        "sk_test_tests", base_addresses={"api": shop.url}, max_network_retries=2
    )
    made = patient.v1.customers.create({"name": "A"}, {"idempotency_key": "k"})
    assert [one.id for one in shop.stripe.v1.customers.list().data] == [made.id]


def test_failures_on_demand_are_what_the_library_expects(shop: Shop) -> None:
    shop.control("faults", kind="status", status=429, path="/v1/customers")
    with pytest.raises(stripe.RateLimitError):
        shop.stripe.v1.customers.create({})
    shop.control("faults", kind="status", status=500, method="GET", path="/v1/customers")
    with pytest.raises(stripe.APIError):
        shop.stripe.v1.customers.list()
    assert shop.stripe.v1.customers.list().data == []


def test_ids_are_expanded_up_to_four_levels(shop: Shop) -> None:
    made = shop.patron()
    links = shop.stripe.v1.invoice_payments.list(
        {
            "invoice": made["invoice"],
            "expand": ["data.invoice", "data.payment.payment_intent.latest_charge"],
        }
    )
    link = cast(Any, links.data[0])
    assert link.invoice.id == made["invoice"]
    assert link.invoice.parent.subscription_details.metadata.pledge == "1"
    assert link.payment.payment_intent.latest_charge.payment_method_details.card.last4 == "4242"
    invoice = shop.stripe.v1.invoices.retrieve(
        made["invoice"], {"expand": ["payments.data.payment.payment_intent"]}
    )
    assert cast(Any, invoice).payments.data[0].payment.payment_intent.status == "succeeded"
    for path in ("data.payment.payment_intent.latest_charge.balance_transaction", "data.nonsense"):
        with pytest.raises(stripe.InvalidRequestError, match="expand"):
            shop.stripe.v1.invoice_payments.list({"invoice": made["invoice"], "expand": [path]})


def test_what_must_be_asked_for_is_absent_otherwise(shop: Shop) -> None:
    session = shop.open()
    with pytest.raises(AttributeError):
        _ = session.line_items
    asked = shop.stripe.v1.checkout.sessions.retrieve(session.id, {"expand": ["line_items"]})
    assert asked.line_items is not None
    assert asked.line_items.data[0].amount_total == 500
    lines = shop.stripe.v1.checkout.sessions.line_items.list(session.id)
    assert [line.amount_total for line in lines.data] == [500]


def test_every_kind_is_found_by_its_owner(shop: Shop) -> None:
    mine, other = shop.patron(), shop.patron(card="5555555555554444")
    api: Any = shop.stripe.v1
    owner = {"customer": mine["customer"]}
    assert [one.id for one in api.subscriptions.list(owner).data] == [mine["subscription"]]
    assert [one.id for one in api.invoices.list(owner).data] == [mine["invoice"]]
    assert [one.id for one in api.checkout.sessions.list(owner).data] == [mine["id"]]
    assert len(api.charges.list(owner).data) == len(api.payment_intents.list(owner).data) == 1
    [card] = api.customers.payment_methods.list(other["customer"]).data
    assert (card.card.brand, card.card.last4) == ("mastercard", "4444")
    [same] = api.payment_methods.list({"customer": other["customer"], "type": "card"}).data
    assert same.id == card.id
    by_subscription = api.invoices.list({"subscription": other["subscription"], "status": "paid"})
    assert [one.id for one in by_subscription.data] == [other["invoice"]]
