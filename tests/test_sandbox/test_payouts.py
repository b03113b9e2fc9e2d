"""Money on its way from the balance to the bank, through Stripe's own library."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import stripe

from tests.sandbox import shapes
from tests.test_sandbox.shop import Shop
from tests.test_sandbox.test_ledger import every


def held(shop: Shop, payout: str) -> list[Any]:
    """The balance transactions of a payout, read two at a time, without its own."""
    listed = shop.stripe.v1.balance_transactions.list({"payout": payout, "limit": 2})
    return [one for one in listed.auto_paging_iter() if one.type != "payout"]


def gift(shop: Shop, amount: int = 500, currency: str = "eur") -> Any:
    """A paid charge whose fee is known."""
    price = {"currency": currency, "unit_amount": amount, "product": shop.product()}
    made = shop.patron(price_data={**price, "recurring": {"interval": "year"}})
    shop.control("settle")
    return shop.stripe.v1.charges.list({"customer": made["customer"]}).data[0]


def test_all_that_is_available_leaves_in_one_payout_a_day(shop: Shop) -> None:
    first, second = gift(shop), gift(shop, 900, "usd")
    shop.control("advance", days=6)
    assert shop.stripe.v1.payouts.list().data == []
    shop.control("advance", days=2)
    [payout] = shop.stripe.v1.payouts.list().data
    assert (payout.status, payout.automatic, payout.currency) == ("in_transit", True, "eur")
    assert payout.reconciliation_status == "in_progress" or held(shop, payout.id)
    shop.control("advance", hours=2)
    entries = held(shop, payout.id)
    assert {one.source for one in entries} == {first.id, second.id}
    assert payout.amount == sum(one.net for one in entries) > 0
    own = shop.stripe.v1.balance_transactions.retrieve(str(payout.balance_transaction))
    assert (own.type, own.net, own.source) == ("payout", -payout.amount, payout.id)
    assert shop.look("ledger")["payouts"] == {"count": 1, "amount": payout.amount, "failed": 0}


def test_a_payout_is_reconciled_then_paid_and_says_so(shop: Shop) -> None:
    gift(shop)
    shop.control("advance", days=12)
    [payout] = shop.stripe.v1.payouts.list({"status": "paid"}).data
    assert (payout.reconciliation_status, payout.arrival_date % 86400) == ("completed", 0)
    told = [one for one in shop.happened() if one.startswith("payout.")]
    assert told == [
        "payout.created",
        "payout.updated",
        "payout.reconciliation_completed",
        "payout.updated",
        "payout.paid",
    ]
    for event in shop.look("events")["events"]:
        assert shapes.problems(json.loads(event["body"])) == []


def test_what_went_back_lessens_the_next_payout_and_a_debt_waits_for_one(shop: Shop) -> None:
    charge = gift(shop)
    shop.control("advance", days=10)
    shop.stripe.v1.refunds.create({"charge": charge.id})
    shop.control("balance", type="stripe_fee", amount=-35)
    shop.control("advance", days=3)
    assert len(shop.stripe.v1.payouts.list().data) == 1
    gift(shop, 2000)
    shop.control("advance", days=10)
    newest, _first = shop.stripe.v1.payouts.list().data
    entries = held(shop, newest.id)
    assert sorted(one.type for one in entries) == ["charge", "refund", "stripe_fee"]
    assert newest.amount == sum(one.net for one in entries)


def test_a_payout_that_fails_comes_back_with_the_next(shop: Shop) -> None:
    gift(shop)
    shop.control("advance", days=12)
    [payout] = shop.stripe.v1.payouts.list().data
    failed = shop.control("payout_fails", payout=payout.id)["payout"]
    assert (failed["status"], failed["failure_code"]) == ("failed", "account_closed")
    assert shop.happened()[-2:] == ["payout.updated", "payout.failed"]
    shop.control("advance", days=2)
    again, _failed = shop.stripe.v1.payouts.list().data
    [entry] = held(shop, again.id)
    assert entry.id == failed["failure_balance_transaction"]
    assert (entry.type, entry.reporting_category) == ("payout_failure", "payout_reversal")
    assert again.amount == payout.amount
    assert shop.look("ledger")["payouts"]["failed"] == payout.amount


def test_payouts_on_their_way_arrive_after_a_restart(
    opened: Callable[..., Shop], directory: Path
) -> None:
    shop = opened(state_dir=directory)
    gift(shop)
    shop.control("advance", days=5)
    gift(shop, 700)
    shop.control("advance", days=3)
    shop.close()
    again = opened(state_dir=directory)
    again.control("advance", days=12)
    newest, first = again.stripe.v1.payouts.list().data
    assert (newest.status, first.status) == ("paid", "paid")
    assert [len(held(again, one.id)) for one in (newest, first)] == [1, 1]


def test_every_entry_is_in_one_payout_or_none(shop: Shop) -> None:
    for amount in (500, 800, 1300):
        gift(shop, amount)
        shop.control("advance", days=4)
    shop.control("advance", days=12)
    found = [one.id for payout in every(shop.stripe.v1.payouts) for one in held(shop, payout.id)]
    assert len(found) == len(set(found)) == 3


def test_a_payout_that_is_not_there_is_refused(shop: Shop) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refused:
        shop.stripe.v1.balance_transactions.list({"payout": "po_none"})
    assert refused.value.code == "resource_missing"
