"""The sandbox's sums after stormy months agree with everything that is listed one by one."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.test_sandbox.shop import Receiver, Shop, wait_for

CARDS = [
    "4242424242424242", "378282246310005", "4000000000000259", "4000000000005126",
    "4000000000007726", "4000000000001976", "4000000000000341", "4000000000005423",
]  # fmt: skip
CURRENCIES = ["eur", "usd", "jpy", "uah"]
ROAD = {"shuffle": 0.2, "duplicate": 0.2, "delay": [0, 0.2], "drop": 0.1}


def wishes(shop: Shop, number: int, draws: random.Random) -> list[dict[str, Any]]:
    def price(at: int) -> dict[str, Any]:
        return {
            "currency": CURRENCIES[at % 4],
            "product": shop.product(),
            "unit_amount": draws.randint(2000, 9999),
            "recurring": {"interval": "month"},
        }

    return [
        {"email": f"{at}@example.org", "card": CARDS[at % 8], "price_data": price(at)}
        for at in range(number)
    ]


def every(api: Any, **params: Any) -> list[Any]:
    return list(api.list({"limit": 100, **params}).auto_paging_iter())


def storm(shop: Shop, draws: random.Random) -> None:
    """Let a month pass; refund here and there, decide some disputes."""
    shop.control("advance", months=1)
    shop.control("settle")
    for charge in draws.sample(every(shop.stripe.v1.charges), 12):
        if charge.paid and not charge.refunded and not charge.disputed:
            left = charge.amount - charge.amount_refunded
            amount = draws.choice((left, draws.randint(1, left)))
            shop.stripe.v1.refunds.create({"charge": charge.id, "amount": amount})
    for dispute in every(shop.stripe.v1.disputes):
        if dispute.status == "needs_response" and draws.random() < 0.5:
            shop.control("dispute/close", dispute=dispute.id, won=draws.random() < 0.5)


def test_stormy_months_leave_sums_that_agree_with_the_lists_and_outlive_a_restart(
    opened: Callable[..., Shop], receiver: Receiver, directory: Path
) -> None:
    shop = opened(webhook_url=receiver.url, state_dir=directory)
    draws = random.Random(5)
    shop.control("deliveries", mode=ROAD, seed=9)
    shop.control("subscriptions", wishes=wishes(shop, 24, draws))
    for _ in range(4):
        storm(shop, draws)

    sums = shop.look("ledger")
    entries = [one for one in every(shop.stripe.v1.balance_transactions) if one.type != "payout"]
    assert sums["payouts"]["amount"] == sum(one.amount for one in every(shop.stripe.v1.payouts)) > 0
    total = sums["balance"]["total"]
    assert (total["count"], total["net"]) == (len(entries), sum(one.net for one in entries))
    assert {"charge", "refund", "refund_failure", "dispute"} <= set(sums["balance"])
    charges = every(shop.stripe.v1.charges)
    for currency, moved in sums["moved"].items():
        here = [one for one in charges if one.currency == currency and one.paid]
        assert moved["charged"] == sums["paid"][currency]["gross"] == sum(c.amount for c in here)
        kept = moved["refunded"] - moved["refund_failures"]
        assert kept == sum(one.amount_refunded for one in here)

    wait_for(lambda: shop.look("deliveries")["undelivered"] == 0, "all deliveries", 30)
    came = {json.loads(body)["id"] for _, body in receiver.got}
    missed = {one.id for one in every(shop.stripe.v1.events, delivery_success=False)}
    events = shop.look("events", bodies="0")["events"]
    meant = {event["id"] for event in events if event["listened_for"]}
    assert missed
    assert came | missed == meant
    assert not came & missed
    shop.close()
    again = opened(webhook_url=receiver.url, state_dir=directory)
    assert again.look("ledger") == sums
    assert again.look("deliveries")["lost"] == len(missed)
