"""Early fraud warnings: a bank's word that a payment was probably not the card holder's."""

from __future__ import annotations

from tests.sandbox.errors import invalid
from tests.sandbox.shapes import Obj
from tests.sandbox.world import World

KIND = "radar.early_fraud_warning"


def warn(world: World, charge_id: str) -> Obj:
    """Make a warning about a charge, once; it calls for action until refunded or disputed."""
    of = world.store.load(charge_id, "charge", param="charge")
    if not of["paid"]:
        raise invalid("Only a paid charge can be warned of.", param="charge")
    for known in world.store.each(KIND, "charge", charge_id):
        return known
    warning: Obj = {
        "id": world.store.new_id("issfr"),
        "object": KIND,
        "actionable": not (of["refunded"] or of["disputed"]),
        "charge": charge_id,
        "created": world.clock.now(),
        "fraud_type": "made_with_stolen_card",
        "livemode": False,
        "payment_intent": of["payment_intent"],
    }
    return world.make(warning, "radar.early_fraud_warning.created")


def fall_due(world: World, moment: int, charge_id: str) -> bool:
    """Warn of a charge made by a card that is known for it."""
    if world.store.ids(KIND, "charge", charge_id) or not world.store.has(charge_id, "charge"):
        return False
    warn(world, charge_id)
    return True


def nothing_left_to_do(world: World, charge_id: str) -> None:
    """Take the call for action back: the charge was refunded in full, or disputed."""
    for warning in world.store.each(KIND, "charge", charge_id):
        world.change({**warning, "actionable": False}, "radar.early_fraud_warning.updated")
