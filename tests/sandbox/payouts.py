"""Payouts: what is on the balance goes to the newsroom's bank by itself, once a day."""

from __future__ import annotations

from collections.abc import Callable

from tests.sandbox import balance, listing
from tests.sandbox.clock import DAY, HOUR
from tests.sandbox.errors import Refusal, invalid, not_imitated
from tests.sandbox.objects import blank
from tests.sandbox.shapes import Obj
from tests.sandbox.world import World

#: A payout is at the bank so long after it was made.
_ARRIVES_AFTER = 2 * DAY
#: So long it takes until it can be asked what a payout holds.
_RECONCILED_AFTER = HOUR
_URL = "/v1/balance_transactions"
_FILTERS = {name: name for name in ("source", "type", "currency")}


def fall_due(world: World, moment: int, _id: str) -> bool:
    """Pay out all that has become available; nothing where that is not above zero.

    What is owed stays on the balance and lessens a later payout.
    """
    held = [
        world.store.load(id_, "balance_transaction")
        for id_, available_on in list(world.unpaid.items())
        if available_on <= moment
    ]
    amount = sum(entry["net"] for entry in held)
    if amount <= 0:
        return False
    payout = _payout(world, amount, held[0]["currency"])
    for entry in held:
        world.store.save({**entry, "status": "available"})
        world.store.note(entry["id"], payout=payout["id"])
        del world.unpaid[entry["id"]]
    taken = balance.enter(
        world, "payout", -amount, payout, available_on=payout["arrival_date"], paid_out=True
    )
    payout["balance_transaction"] = taken["id"]
    world.make(payout, "payout.created")
    world.store.note(payout["id"], holds=[*(entry["id"] for entry in held), taken["id"]])
    _plan(world, payout)
    return True


def _payout(world: World, amount: int, currency: str) -> Obj:
    now = world.clock.now()
    return blank(
        "Payout",
        "payout",
        world.store.new_id("po"),
        amount=amount,
        arrival_date=now - now % DAY + _ARRIVES_AFTER,
        automatic=True,
        created=now,
        currency=currency,
        description="STRIPE PAYOUT",
        destination="ba_sandbox",
        metadata={},
        method="standard",
        reconciliation_status="in_progress",
        source_type="card",
        status="in_transit",
        trace_id={"status": "pending", "value": None},
        type="bank_account",
    )


def _plan(world: World, payout: Obj) -> None:
    world.agenda.add(payout["created"] + _RECONCILED_AFTER, "payout_reconciled", payout["id"])
    world.agenda.add(payout["arrival_date"], "payout_arrives", payout["id"])


def reconciled(world: World, moment: int, id_: str) -> bool:
    """From now on the balance transactions of a payout can be listed."""
    payout = _found(world, id_)
    if payout is None or payout["reconciliation_status"] != "in_progress":
        return False
    payout["reconciliation_status"] = "completed"
    world.change(payout, "payout.updated", "payout.reconciliation_completed")
    return True


def arrives(world: World, moment: int, id_: str) -> bool:
    """Let the bank take a payout in, unless it has failed."""
    payout = _found(world, id_)
    if payout is None or payout["status"] != "in_transit":
        return False
    payout |= {"status": "paid", "trace_id": {"status": "unsupported", "value": None}}
    world.change(payout, "payout.updated", "payout.paid")
    return True


def fail(world: World, id_: str) -> Obj:
    """Let the bank send a payout back, before or after it was paid: the money is ours again."""
    payout = world.store.load(id_, "payout", param="payout")
    if payout["status"] not in ("in_transit", "paid"):
        raise invalid(f"The payout is {payout['status']} already.", param="payout")
    back = balance.enter(
        world, "payout_failure", payout["amount"], payout, category="payout_reversal"
    )
    payout |= {
        "failure_balance_transaction": back["id"],
        "failure_code": "account_closed",
        "failure_message": "The bank account has been closed.",
        "status": "failed",
    }
    world.change(payout, "payout.updated", "payout.failed")
    return payout


def charge(world: World, type_: str, amount: int) -> Obj:
    """Move the balance for a reason of Stripe's own, such as its fee for billing."""
    source = {"id": None, "currency": "eur", "description": "Billing - Usage Fee"}
    return balance.enter(world, type_, amount, source, category=_CATEGORIES.get(type_, type_))


_CATEGORIES = {"stripe_fee": "fee", "adjustment": "other_adjustment"}


def transactions(world: World, params: Obj) -> Obj | str:
    """List balance transactions; with `payout` those that it holds, its own among them."""
    if "payout" not in params:
        return listing.page(world, "balance_transaction", _FILTERS, params, _URL)
    if params.keys() - {"payout", "limit", "starting_after", "ending_before", "expand"}:
        raise not_imitated("another filter beside `payout`", param="payout")
    payout = world.store.load(params["payout"], "payout", param="payout")
    ready = payout["reconciliation_status"] == "completed"
    ids = world.store.extra(payout["id"])["holds"] if ready else []
    asked = {name: value for name, value in params.items() if name != "payout"}
    return listing.page(world, "balance_transaction", _FILTERS, asked, _URL, among=ids)


def resume(world: World) -> None:
    """Enter into the agenda what was on its way to the bank when the sandbox was stopped."""
    for entry in world.store.each("balance_transaction"):
        if entry["type"] != "payout" and "payout" not in world.store.extra(entry["id"]):
            balance.await_payout(world, entry)
    for payout in world.store.each("payout"):
        _plan(world, payout)


def _found(world: World, id_: str) -> Obj | None:
    try:
        return world.store.load(id_, "payout")
    except Refusal:
        return None  # The account was reset in the meantime.


ACTS: dict[str, Callable[[World, int, str], bool]] = {
    "payout": fall_due,
    "payout_reconciled": reconciled,
    "payout_arrives": arrives,
}
