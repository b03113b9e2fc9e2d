"""What happens by itself as time passes: renewals, retries, scheduled ends."""

from __future__ import annotations

import threading
from collections.abc import Callable

from tests.sandbox import disputes, fraud, payouts, refunds, renewals
from tests.sandbox.world import World

_TICK = 0.5


def advance(world: World, until: int) -> int:
    """Let time pass up to a moment, everything due on the way happening in order.

    Returns how many things happened. The lock is let go between them, so that the API
    answers meanwhile, with the time reached so far. One caller at a time.
    """
    happened = 0
    with _advancing:
        try:
            while True:
                with world.lock:
                    item = world.agenda.pop_due(until)
                    if item is None:
                        world.clock.reach(until)
                        return happened
                    moment, what, id_ = item
                    world.clock.reach(moment)
                    world.events.caused_by(None, None)
                    happened += _ACTS[what](world, moment, id_)
        finally:
            with world.lock:
                world.clock.run()


_advancing = threading.Lock()


def watch(world: World, stop: threading.Event) -> None:
    """Do what falls due as real time passes, until told to stop."""
    while not stop.wait(_TICK):
        advance(world, world.clock.now())


def resume(world: World) -> None:
    """Enter into the agenda what was in it when the sandbox was stopped."""
    refunds.resume(world)
    disputes.resume(world)
    renewals.resume(world)
    payouts.resume(world)


_ACTS: dict[str, Callable[[World, int, str], bool]] = {
    **renewals.ACTS,
    **payouts.ACTS,
    "dispute": disputes.charge_due,
    "inquiry": disputes.inquiry_due,
    "dispute_due": disputes.answer_due,
    "dispute_decided": disputes.bank_decides,
    "fraud_warning": fraud.fall_due,
    "refund": refunds.fall_due,
}
