"""Sums of everything that moved, to hold a product's own ledger against."""

from __future__ import annotations

from typing import Any

from tests.sandbox import money
from tests.sandbox.shapes import Obj
from tests.sandbox.world import World

_PAID = ("count", "gross", "settled", "fees", "net")
_MOVED = (
    "charged", "charges", "refunded", "refunds", "refund_failures", "refunds_failed",
    "withdrawn", "reinstated", "disputes",
)  # fmt: skip


#: What moves between the balance and the bank, and neither brings nor takes anything.
_TO_THE_BANK = ("payout", "payout_failure")


def totals(world: World) -> dict[str, Any]:
    """Sum up what was paid, given back and contested, and what came of it in the balance.

    `paid`, by the currency paid in: `count` and `gross` of paid charges in its minor
    units; `fees` and `net` of their balance transactions in euro cents, as far as there
    are any (`settled`). `moved`, by the same currency: amounts in its minor units, and how
    many there were; a refund that failed counts in `refunded` and in `refund_failures`,
    and what was withdrawn in disputes and won again in `withdrawn` and in `reinstated`.
    `balance`, by type of balance transaction (an adjustment apart by its reporting
    category): `count`, `amount`, `fee` and `net` in euro cents, and `total`, their sum.
    `payouts`: how many there were, what they came to, and what of it the bank sent back;
    the balance does not tell of them.
    """
    paid: dict[str, dict[str, int]] = {}
    moved: dict[str, dict[str, int]] = {}
    sums: dict[str, dict[str, int]] = {}
    total = dict.fromkeys(("count", "amount", "fee", "net"), 0)
    payouts = {"count": 0, "amount": 0, "failed": 0}
    with world.lock:
        for payout in world.store.each("payout"):
            payouts["count"] += 1
            payouts["amount"] += payout["amount"]
            payouts["failed"] += payout["amount"] if payout["status"] == "failed" else 0
        for entry in world.store.each("balance_transaction"):
            if entry["type"] in _TO_THE_BANK:
                continue
            kind = entry["type"] if entry["type"] != "adjustment" else entry["reporting_category"]
            for into in (sums.setdefault(kind, dict.fromkeys(total, 0)), total):
                into["count"] += 1
                for name in ("amount", "fee", "net"):
                    into[name] += entry[name]
        for charge in world.store.each("charge"):
            if charge["paid"]:
                _pay(world, charge, paid, moved)
        for refund in world.store.each("refund"):
            into = moved[refund["currency"]]
            failed = refund["status"] == "failed"
            into["refunds"] += 1
            into["refunded"] += refund["amount"]
            into["refunds_failed"] += failed
            into["refund_failures"] += refund["amount"] if failed else 0
        for dispute in world.store.each("dispute"):
            into = moved[dispute["currency"]]
            steps = len(dispute["balance_transactions"])
            into["disputes"] += 1
            into["withdrawn"] += dispute["amount"] if steps > 0 else 0
            into["reinstated"] += dispute["amount"] if steps > 1 else 0
    return {
        "paid": paid,
        "moved": moved,
        "balance": {**sums, "total": total},
        "payouts": payouts,
        "settlement_currency": money.SETTLEMENT,
    }


def _pay(
    world: World, charge: Obj, paid: dict[str, dict[str, int]], moved: dict[str, dict[str, int]]
) -> None:
    sums = paid.setdefault(charge["currency"], dict.fromkeys(_PAID, 0))
    into = moved.setdefault(charge["currency"], dict.fromkeys(_MOVED, 0))
    sums["count"] += 1
    into["charges"] += 1
    sums["gross"] += charge["amount"]
    into["charged"] += charge["amount"]
    if charge["balance_transaction"] is not None:
        entry = world.store.load(charge["balance_transaction"], "balance_transaction")
        sums["settled"] += 1
        sums["fees"] += entry["fee"]
        sums["net"] += entry["net"]
