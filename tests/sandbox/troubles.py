"""Troubles on demand, below /_control: contested and failing money, failing requests; sums."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify

from tests.sandbox import disputes, fraud, ledger, payouts, refunds
from tests.sandbox.control import refused, sent
from tests.sandbox.errors import Refusal, invalid
from tests.sandbox.faults import fault
from tests.sandbox.here import here
from tests.sandbox.modes import NORMAL, mode
from tests.sandbox.shapes import Obj

bp = Blueprint("troubles", __name__, url_prefix="/_control")
bp.register_error_handler(Refusal, refused)


@bp.post("/refund_fails")
def refund_fails() -> Response:
    """Let a refund fail that was pending or had succeeded."""
    world = here()
    with world.lock:
        refund = world.store.load(_wanted("refund"), "refund", param="refund")
        return jsonify(refund=refunds.fail(world, refund))


@bp.post("/dispute")
def dispute() -> Response:
    """Contest a `charge` for a `reason`; with `inquiry` the bank only asks."""
    world = here()
    asked = sent()
    with world.lock:
        made = disputes.begin(
            world,
            _wanted("charge"),
            reason=asked.get("reason", "fraudulent"),
            inquiry=bool(asked.get("inquiry", False)),
        )
    return jsonify(dispute=made)


@bp.post("/dispute/escalate")
def escalate() -> Response:
    """Make a dispute of an inquiry."""
    world = here()
    with world.lock:
        return jsonify(dispute=disputes.escalate(world, _dispute()))


@bp.post("/dispute/close")
def close() -> Response:
    """Decide a dispute: `won` or not. An inquiry just ends."""
    world = here()
    with world.lock:
        closed = disputes.decide(world, _dispute(), won=bool(sent().get("won", False)))
    return jsonify(dispute=closed)


@bp.post("/fraud_warning")
def fraud_warning() -> Response:
    """Warn early of fraud about a `charge`."""
    world = here()
    with world.lock:
        return jsonify(warning=fraud.warn(world, _wanted("charge")))


@bp.post("/payout_fails")
def payout_fails() -> Response:
    """Let the bank send a `payout` back."""
    world = here()
    with world.lock:
        return jsonify(payout=payouts.fail(world, _wanted("payout")))


@bp.post("/balance")
def move_balance() -> Response:
    """Move the balance by an `amount` for a reason of Stripe's own, such as `type` `stripe_fee`."""
    world = here()
    with world.lock:
        return jsonify(entry=payouts.charge(world, _wanted("type"), int(_wanted("amount"))))


@bp.get("/ledger")
def sums() -> Response:
    return jsonify(ledger.totals(here()))


@bp.post("/deliveries")
def misbehave() -> Response:
    """Deliver in a `mode` from now on; `{}` is the usual way."""
    world = here()
    asked = sent()
    if unknown := asked.keys() - {"mode", "seed"}:
        raise invalid(f"Unknown: {sorted(unknown)}; known: mode, seed")
    chosen = mode(asked["mode"], int(asked.get("seed", 0))) if asked.get("mode") else NORMAL
    world.courier.behave(chosen)
    return jsonify(mode=chosen.shown())


@bp.get("/faults")
def list_faults() -> Response:
    return jsonify(faults=here().faults.shown())


@bp.post("/faults")
def add_fault() -> Response:
    here().faults.add(fault(sent()))
    return jsonify(ok=True)


@bp.post("/faults/clear")
def clear_faults() -> Response:
    world = here()
    world.faults.clear()
    return jsonify(ok=True)


def _wanted(name: str) -> str:
    asked = sent()
    if name not in asked:
        raise invalid(f"Missing required param: {name}.", param=name, code="parameter_missing")
    return str(asked[name])


def _dispute() -> Obj:
    return here().store.load(_wanted("dispute"), "dispute", param="dispute")
