"""What the endpoints of subscriptions, invoices, the portal and test clocks do."""

from __future__ import annotations

from tests.sandbox import changes, dunning, invoices, portal, rests, subscriptions, testclocks
from tests.sandbox.acts import answer
from tests.sandbox.errors import not_imitated
from tests.sandbox.shapes import Obj
from tests.sandbox.world import World


def pay_invoice(world: World, params: Obj, id_: str) -> Obj:
    """Pay an invoice by hand."""
    for name in params.keys() - {"payment_method", "off_session", "expand"}:
        raise not_imitated(f"`{name}` when paying an invoice", param=name)
    return answer(world, dunning.pay(world, id_, params.get("payment_method")), params)


def update_subscription(world: World, params: Obj, id_: str) -> Obj:
    """Change a subscription."""
    return answer(world, changes.update(world, id_, params), params)


def cancel_subscription(world: World, params: Obj, id_: str) -> Obj:
    """End a subscription at once."""
    return answer(world, subscriptions.cancel(world, id_, params), params)


def void_invoice(world: World, params: Obj, id_: str) -> Obj:
    """Void an open invoice."""
    return answer(world, invoices.void(world, world.store.load(id_, "invoice")), params)


def update_invoice(world: World, params: Obj, id_: str) -> Obj:
    """Change an invoice."""
    return answer(world, dunning.update(world, id_, params), params)


def write_off_invoice(world: World, params: Obj, id_: str) -> Obj:
    """Mark an open invoice uncollectible."""
    return answer(world, dunning.write_off(world, id_), params)


def create_portal_configuration(world: World, params: Obj) -> Obj:
    """Make a configuration of the billing portal."""
    return answer(world, portal.create_configuration(world, params), params)


def update_portal_configuration(world: World, params: Obj, id_: str) -> Obj:
    """Change a configuration of the billing portal."""
    return answer(world, portal.update_configuration(world, id_, params), params)


def open_portal(world: World, params: Obj) -> Obj:
    """Open a session of the billing portal."""
    return answer(world, portal.open_session(world, params), params)


def pause_subscription(world: World, params: Obj, id_: str) -> Obj:
    """Pause a subscription."""
    return answer(world, rests.pause(world, id_, params), params)


def resume_subscription(world: World, params: Obj, id_: str) -> Obj:
    """Resume a paused subscription."""
    return answer(world, rests.resume(world, id_, params), params)


def create_clock(world: World, params: Obj) -> Obj:
    """Make a test clock."""
    return answer(world, testclocks.create(world, params), params)


def advance_clock(world: World, params: Obj, id_: str) -> Obj:
    """Begin to advance a test clock."""
    return answer(world, testclocks.advance(world, id_, params), params)


def delete_clock(world: World, params: Obj, id_: str) -> Obj:
    """Delete a test clock."""
    return testclocks.delete(world, id_)
