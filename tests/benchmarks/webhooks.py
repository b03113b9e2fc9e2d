"""Webhooks accepted durably each second, against a bare route on the same server."""

import json
import statistics
import time
import uuid
from collections.abc import Sequence

from config.local.postgres import Postgres
from tests.benchmarks import load
from tests.benchmarks.figures import Figure
from tests.benchmarks.house import SECRET, connection, probe, product
from tests.processes import Newsroom
from tests.sandbox.carriage import signature
from tests.sandbox.events import API_VERSION

FLOOR = 0.7
EVENTS = 3000
ROUNDS = 5
CONNECTIONS = 8
SIZE = 2048


def measure(postgres: Postgres) -> list[Figure]:
    """Pour signed events into the probe and the product by turns; compare the medians.

    No worker runs: what is measured is accepting. The nudge to the queue is part of it.
    """
    with (
        product(postgres, "web") as room,
        connection(room) as link,
        probe(room, "tests.benchmarks.bare:app") as bare,
    ):
        link.execute("CREATE TABLE bare_event (id bigint GENERATED ALWAYS AS IDENTITY, body bytea)")
        site = int(room.env["WEB_PORT"])
        for path, port in (("/bare", bare), ("/webhooks/stripe", site)):
            _round(port, path, EVENTS // 4)
        probes, products = [], []
        for _ in range(ROUNDS):
            probes.append(_round(bare, "/bare", EVENTS))
            products.append(_round(site, "/webhooks/stripe", EVENTS))
        _insist_on_every_event(room)
    bare_rate = statistics.median(run.rate for run in probes)
    rate = statistics.median(run.rate for run in products)
    return [
        Figure(
            "Webhooks accepted durably",
            f"{rate:,.0f} a second, slowest 1 % {_slow(products):.1f} ms",
            f"bare route: {bare_rate:,.0f} a second, slowest 1 % {_slow(probes):.1f} ms",
            rate / bare_rate,
            FLOOR,
        )
    ]


def _round(port: int, path: str, count: int) -> load.Poured:
    poured = load.pour(port, [_request(path) for _ in range(count)], connections=CONNECTIONS)
    assert poured.statuses == {204: count}, f"{path} answered {poured.statuses}"
    return poured


def _request(path: str) -> bytes:
    body = event()
    # The moment is the sender's; a run ends long before the tolerance of five minutes.
    headers = {
        "Content-Type": "application/json; charset=utf-8",
        "Stripe-Signature": signature(body, SECRET, int(time.time())),
    }
    return load.post(path, body, headers)


def event() -> bytes:
    """Return a new event of 2 kB, a paid invoice in its outline."""
    key = uuid.uuid4().hex
    described = {
        "id": f"evt_{key}",
        "object": "event",
        "api_version": API_VERSION,
        "created": 1785749400,
        "data": {"object": _invoice(key)},
        "livemode": False,
        "pending_webhooks": 1,
        "request": {"id": None, "idempotency_key": None},
        "type": "invoice.paid",
    }
    short = SIZE - len(json.dumps(described))
    described["data"]["object"]["description"] = "x" * short  # type: ignore[index]
    body = json.dumps(described).encode()
    assert len(body) == SIZE, "an event of exactly 2 kB"
    return body


def _invoice(key: str) -> dict[str, object]:
    """The outline of a renewal's invoice, about as nested as Stripe's."""
    period = {"start": 1785749400, "end": 1788427800}
    details = {
        "subscription": f"sub_{key[:14]}",
        "metadata": {"app": "hromada", "pledge_id": str(uuid.UUID(key))},
    }
    line = {
        "id": f"il_{key[:24]}",
        "object": "line_item",
        "amount": 500,
        "currency": "eur",
        "description": "1 x Monthly gift (at EUR 5.00 / month)",
        "period": period,
        "pricing": {"type": "price_details", "unit_amount_decimal": "500"},
        "quantity": 1,
    }
    return {
        "id": f"in_{key[:24]}",
        "object": "invoice",
        "amount_due": 500,
        "amount_paid": 500,
        "amount_remaining": 0,
        "attempted": True,
        "auto_advance": False,
        "billing_reason": "subscription_cycle",
        "collection_method": "charge_automatically",
        "currency": "eur",
        "customer": f"cus_{key[:14]}",
        "customer_email": "patron@example.org",
        "lines": {"object": "list", "data": [line], "has_more": False},
        "parent": {"type": "subscription_details", "subscription_details": details},
        "status": "paid",
        "status_transitions": {"finalized_at": 1785749400, "paid_at": 1785749400},
        "total": 500,
        "description": "",
    }


def _insist_on_every_event(room: Newsroom) -> None:
    """Fail unless every event that was answered stands in the inbox, and is owed."""
    ((kept,),) = room.query("SELECT count(*) FROM inbox_event WHERE due_at IS NOT NULL")
    sent = ROUNDS * EVENTS + EVENTS // 4
    assert kept == sent, f"{sent} events were accepted and {kept} kept"


def _slow(runs: Sequence[load.Poured]) -> float:
    """The milliseconds that only one answer in a hundred exceeds."""
    everything = sorted(latency for run in runs for latency in run.latencies)
    return 1000 * everything[int(len(everything) * 0.99)]
