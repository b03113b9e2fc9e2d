"""The account's balance: what each charge, refund and dispute put in or took out, in euros."""

from __future__ import annotations

from tests.sandbox import money
from tests.sandbox.clock import DAY
from tests.sandbox.objects import blank
from tests.sandbox.shapes import Obj
from tests.sandbox.world import World

#: Where the type of an entry is not what it is reported as.
_CATEGORIES = {"adjustment": "dispute"}


def enter(
    world: World,
    type_: str,
    amount: int,
    source: Obj,
    *,
    fee: int = 0,
    created: int | None = None,
    available_on: int | None = None,
    category: str | None = None,
    paid_out: bool = False,
) -> Obj:
    """Make and keep a balance transaction of an object; tells of nothing.

    `amount` and `fee` are in euro cents, an amount taken out being negative. What is not
    said to become available later is available at once; `paid_out` waits for no payout.
    """
    moment = created if created is not None else world.clock.now()
    described = "Stripe processing fees" if type_ == "charge" else "Dispute fee"
    charged = {
        "amount": fee,
        "application": None,
        "currency": money.SETTLEMENT,
        "description": described,
        "type": "stripe_fee",
    }
    entered = blank(
        "BalanceTransaction",
        "balance_transaction",
        world.store.new_id("txn"),
        amount=amount,
        available_on=available_on or moment,
        balance_type="payments",
        created=moment,
        currency=money.SETTLEMENT,
        description=source.get("description"),
        exchange_rate=money.shown_rate(source["currency"]),
        fee=fee,
        fee_details=[charged] if fee else [],
        net=amount - fee,
        reporting_category=category or _CATEGORIES.get(type_, type_),
        source=source["id"],
        status="pending" if available_on else "available",
        type=type_,
    )
    del entered["livemode"]
    world.store.save(entered)
    if not paid_out:
        await_payout(world, entered)
    return entered


def await_payout(world: World, entry: Obj) -> None:
    """Let the first payout after an entry has become available take it along."""
    available_on = entry["available_on"]
    world.unpaid[entry["id"]] = available_on
    world.agenda.add(available_on - available_on % DAY + DAY, "payout", entry["id"])


def share(charge: Obj, before: int, after: int) -> int:
    """Give in euro cents what lies between two partial amounts of a charge.

    Shares of one charge add up to what the whole of it came to, to the cent.
    """
    currency = charge["currency"]
    return money.converted(after, currency) - money.converted(before, currency)
