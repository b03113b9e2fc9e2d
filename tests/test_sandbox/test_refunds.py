"""Money given back through Stripe's own library, and what becomes of it."""

from __future__ import annotations

from typing import Any

import pytest
import stripe

from tests.test_sandbox.shop import Shop

PENDING = "4000000000007726"
FAILING = "4000000000005126"


def charge_of(shop: Shop, customer: str) -> Any:
    """Give the newest charge of a customer, with its balance transaction."""
    shop.control("settle")
    found: Any = shop.stripe.v1.charges.list(
        {"customer": customer, "expand": ["data.balance_transaction"], "limit": 1}
    )
    return found.data[0]


def refund(shop: Shop, **params: Any) -> Any:
    asked: Any = {"expand": ["balance_transaction"], **params}
    return shop.stripe.v1.refunds.create(asked)


def test_a_refund_takes_the_whole_charge_out_of_the_balance(shop: Shop) -> None:
    charge = charge_of(shop, shop.patron()["customer"])
    made = refund(
        shop,
        payment_intent=charge.payment_intent,
        reason="requested_by_customer",
        metadata={"refund": "7"},
    )
    assert (made.amount, made.currency, made.status) == (500, "eur", "succeeded")
    entry = made.balance_transaction
    assert (entry.type, entry.amount, entry.fee, entry.net) == ("refund", -500, 0, -500)
    assert entry.source == made.id
    after: Any = shop.stripe.v1.charges.retrieve(charge.id, {"expand": ["refunds"]})
    assert (after.refunded, after.amount_refunded) == (True, 500)
    assert [one.id for one in after.refunds.data] == [made.id]
    assert shop.happened()[-2:] == ["refund.created", "charge.refunded"]


def test_parts_of_a_converted_charge_add_up_to_what_it_came_to(shop: Shop) -> None:
    price = {"currency": "usd", "unit_amount": 999, "product": shop.product()}
    rhythm = {"recurring": {"interval": "month"}}
    charge = charge_of(shop, shop.patron(price_data={**price, **rhythm})["customer"])
    parts = [refund(shop, charge=charge.id, amount=333) for _ in range(3)]
    taken = sum(part.balance_transaction.amount for part in parts)
    assert taken == -charge.balance_transaction.amount
    assert {part.balance_transaction.exchange_rate for part in parts} == {0.92}
    sums = shop.look("ledger")
    assert sums["moved"]["usd"]["refunded"] == 999
    assert sums["balance"]["refund"] == {"count": 3, "amount": taken, "fee": 0, "net": taken}
    fee = charge.balance_transaction.fee
    assert sums["balance"]["total"]["net"] == -fee


def test_the_same_key_refunds_once(shop: Shop) -> None:
    charge = charge_of(shop, shop.patron()["customer"])
    params: Any = {"charge": charge.id, "amount": 200}
    made = [
        shop.stripe.v1.refunds.create(params, {"idempotency_key": "refund:1"}).id for _ in range(2)
    ]
    assert made[0] == made[1]
    assert shop.stripe.v1.charges.retrieve(charge.id).amount_refunded == 200


@pytest.mark.parametrize(
    ("params", "code", "param"),
    [
        ({"amount": 501}, None, "amount"),
        ({"amount": 0}, "parameter_invalid_integer", "amount"),
        ({"charge": "ch_none"}, "resource_missing", "charge"),
        ({"reason": "regret"}, None, "reason"),
        ({"currency": "eur"}, "sandbox_not_imitated", "currency"),
        ({"charge": None}, "parameter_missing", None),
    ],
)
def test_a_wrong_refund_is_refused(
    shop: Shop, params: dict[str, Any], code: str | None, param: str | None
) -> None:
    charge = charge_of(shop, shop.patron()["customer"])
    asked = {"charge": charge.id, **params}
    with pytest.raises(stripe.InvalidRequestError) as refused:
        refund(shop, **{name: value for name, value in asked.items() if value is not None})
    assert (refused.value.http_status, refused.value.code) == (400, code)
    assert refused.value.param == param
    assert not shop.stripe.v1.refunds.list().data


def test_nothing_is_refunded_twice_or_unpaid_or_contested(shop: Shop) -> None:
    charge = charge_of(shop, shop.patron()["customer"])
    refund(shop, charge=charge.id)
    with pytest.raises(stripe.InvalidRequestError) as refused:
        refund(shop, payment_intent=charge.payment_intent)
    assert refused.value.code == "charge_already_refunded"
    contested = charge_of(shop, shop.patron()["customer"])
    shop.control("dispute", charge=contested.id)
    with pytest.raises(stripe.InvalidRequestError) as refused:
        refund(shop, charge=contested.id)
    assert refused.value.code == "charge_disputed"
    shop.press(shop.open().id, "4000000000000002")
    [failed] = [one for one in shop.stripe.v1.charges.list().data if not one.paid]
    with pytest.raises(stripe.InvalidRequestError, match="successful charge"):
        refund(shop, payment_intent=failed.payment_intent)


def test_a_refund_may_take_some_minutes(shop: Shop) -> None:
    charge = charge_of(shop, shop.patron(card=PENDING)["customer"])
    made = refund(shop, charge=charge.id)
    assert made.status == "pending"
    assert shop.stripe.v1.charges.retrieve(charge.id).refunded
    shop.control("advance", hours=1)
    assert shop.stripe.v1.refunds.retrieve(made.id).status == "succeeded"
    assert shop.happened()[-1] == "refund.updated"


def test_a_refund_may_fail_later_and_its_money_comes_back(shop: Shop) -> None:
    charge = charge_of(shop, shop.patron(card=FAILING)["customer"])
    made = refund(shop, charge=charge.id, amount=300)
    assert made.status == "succeeded"
    shop.control("advance", hours=1)
    failed: Any = shop.stripe.v1.refunds.retrieve(
        made.id, {"expand": ["failure_balance_transaction"]}
    )
    assert (failed.status, failed.failure_reason) == ("failed", "expired_or_canceled_card")
    entry = failed.failure_balance_transaction
    assert (entry.type, entry.amount, entry.net) == ("refund_failure", 300, 300)
    after = shop.stripe.v1.charges.retrieve(charge.id)
    assert (after.amount_refunded, after.refunded) == (0, False)
    assert shop.happened()[-3:] == ["refund.updated", "refund.failed", "charge.updated"]
    moved = shop.look("ledger")["moved"]["eur"]
    assert (moved["refunded"], moved["refund_failures"]) == (300, 300)
    shop.control("advance", days=1)
    assert shop.stripe.v1.refunds.retrieve(made.id).status == "failed"


def test_any_refund_can_be_made_to_fail(shop: Shop) -> None:
    charge = charge_of(shop, shop.patron()["customer"])
    made = refund(shop, charge=charge.id)
    shop.control("refund_fails", refund=made.id)
    assert shop.stripe.v1.refunds.retrieve(made.id).status == "failed"
    assert refund(shop, charge=charge.id).status == "succeeded"


def test_refunds_are_listed_by_charge_payment_and_time(shop: Shop) -> None:
    first, second = (charge_of(shop, shop.patron()["customer"]) for _ in range(2))
    early = refund(shop, charge=first.id, amount=100)
    shop.control("advance", days=1)
    late = refund(shop, charge=second.id)
    api: Any = shop.stripe.v1.refunds
    assert [one.id for one in api.list({"charge": first.id}).data] == [early.id]
    by_intent = api.list({"payment_intent": second.payment_intent}).data
    assert [one.id for one in by_intent] == [late.id]
    assert [one.id for one in api.list({"created": {"gt": early.created}}).data] == [late.id]
    assert [one.id for one in api.list({"limit": 1}).auto_paging_iter()] == [late.id, early.id]
    listed = api.list({"expand": ["data.balance_transaction", "data.charge"]}).data
    assert [(one.charge.id, one.balance_transaction.type) for one in listed] == [
        (second.id, "refund"),
        (first.id, "refund"),
    ]


def test_metadata_of_a_refund_can_be_changed(shop: Shop) -> None:
    made = refund(shop, charge=charge_of(shop, shop.patron()["customer"]).id)
    changed: Any = shop.stripe.v1.refunds.update(made.id, {"metadata": {"seen": "1"}})
    assert changed.metadata["seen"] == "1"
    assert shop.happened()[-1] == "refund.updated"


def test_the_balance_is_listed_by_kind_source_and_time(shop: Shop) -> None:
    charge = charge_of(shop, shop.patron()["customer"])
    made = refund(shop, charge=charge.id, amount=100)
    api: Any = shop.stripe.v1.balance_transactions
    [of_refund] = api.list({"type": "refund", "expand": ["data.source"]}).data
    assert (of_refund.source.id, of_refund.source.charge) == (made.id, charge.id)
    [of_charge] = api.list({"source": charge.id}).data
    assert (of_charge.id, of_charge.net) == (charge.balance_transaction.id, 467)
    assert len(api.list({"created": {"gte": charge.created}}).data) == 2
    assert api.list({"created": {"gt": made.created + 1}}).data == []
