"""Test clocks. This account has one clock, and advancing any of them advances that one."""

from __future__ import annotations

import threading

from tests.sandbox import timeline
from tests.sandbox.clock import DAY
from tests.sandbox.errors import Refusal, invalid, not_imitated
from tests.sandbox.objects import blank
from tests.sandbox.shapes import Obj
from tests.sandbox.world import World

_KEPT_FOR = 30 * DAY
_FARTHEST = 731 * DAY


def create(world: World, params: Obj) -> Obj:
    """Make a clock; one that starts ahead of the account's time is advanced to at once."""
    if "customer" in params:
        raise not_imitated("a clock for a customer who is there already", param="customer")
    start, now = params["frozen_time"], world.clock.now()
    if start > now + _FARTHEST:
        raise invalid("The frozen time is too far in the future.", param="frozen_time")
    obj = blank(
        "TestHelpers.TestClock",
        "test_helpers.test_clock",
        world.store.new_id("clock"),
        created=now,
        deletes_after=now + _KEPT_FOR,
        frozen_time=start,
        name=params.get("name"),
        status="ready",
        status_details={},
    )
    world.make(obj, "test_helpers.test_clock.created")
    return _begin(world, obj, start) if start > now else obj


def advance(world: World, id_: str, params: Obj) -> Obj:
    """Begin to advance a clock; it is `ready` when all that falls due has happened."""
    obj = world.store.load(id_, "test_helpers.test_clock")
    if obj["status"] != "ready":
        raise invalid("The test clock is already advancing.", code="test_clock_not_ready")
    until = params["frozen_time"]
    if until <= obj["frozen_time"]:
        raise invalid("Test clocks can only go forward.", param="frozen_time")
    if until > obj["frozen_time"] + _FARTHEST:
        raise invalid("The frozen time is too far in the future.", param="frozen_time")
    return _begin(world, obj, until)


def delete(world: World, id_: str) -> Obj:
    """Delete a clock. Its customers stay, unlike Stripe's: the clock is everybody's."""
    obj = world.store.load(id_, "test_helpers.test_clock")
    world.make(obj, "test_helpers.test_clock.deleted")
    world.store.delete(id_)
    return {"id": id_, "object": "test_helpers.test_clock", "deleted": True}


def resume(world: World) -> None:
    """Let clocks that were advancing when the sandbox was stopped arrive."""
    for obj in world.store.each("test_helpers.test_clock"):
        if obj["status"] == "advancing":
            _begin(world, obj, obj["status_details"]["advancing"]["target_frozen_time"])


def _begin(world: World, obj: Obj, until: int) -> Obj:
    details = {"advancing": {"target_frozen_time": until}}
    obj = {**obj, "status": "advancing", "status_details": details}
    world.change(obj, "test_helpers.test_clock.advancing")
    # The act that asks for it holds the world's lock, which time needs to pass.
    threading.Thread(
        target=_pass, args=(world, obj["id"], until), name="test clock", daemon=True
    ).start()
    return obj


def _pass(world: World, id_: str, until: int) -> None:
    timeline.advance(world, until)
    with world.lock:
        try:
            obj = world.store.load(id_, "test_helpers.test_clock")
        except Refusal:
            return  # It was deleted meanwhile.
        obj |= {"status": "ready", "status_details": {}, "frozen_time": until}
        world.change(obj, "test_helpers.test_clock.ready")
