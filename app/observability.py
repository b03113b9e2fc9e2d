"""What can be seen of the running product: request ids, one log line a request, metrics."""

import os
import re
import time
from functools import cache
from random import getrandbits

import structlog
from flask import Flask, Response, g, request
from prometheus_client import (
    CollectorRegistry,
    Counter,
    Histogram,
    generate_latest,
    multiprocess,
)
from prometheus_client.registry import REGISTRY

log = structlog.get_logger()

REQUESTS = Counter("hromada_requests_total", "Requests answered.", ["endpoint", "status"])
SECONDS = Histogram(
    "hromada_request_seconds",
    "Time to answer, by endpoint.",
    ["endpoint"],
    buckets=(0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10),
)
#: A request id from a proxy is taken over when it looks like one.
REQUEST_ID = re.compile(r"^[A-Za-z0-9._-]{8,64}$")
#: Addresses asked every few seconds by machines; a log line for each would hide the rest. An
#: event that Stripe delivered has its row; so has a ballot, and nothing is to tell its moment, nor
#: that of the page it leads to. What goes wrong is logged there too.
QUIET = frozenset(
    {
        "pages.healthz",
        "pages.readyz",
        "pages.metrics",
        "payments.stripe_webhook",
        "embed.script",
        "embed.module",
        "embed.appeal",
        "embed.round_",
        "embed.goal",
        "embed.seen",
        "static",
        "voting.cast",
        "voting_receipt.letter",
        "voting_receipt.thanks",
    }
)


def init_app(app: Flask) -> None:
    """Give every request an id, a log line and its metrics."""
    app.before_request(begin)
    app.after_request(end)


def exposition() -> bytes:
    """Return the metrics of all web processes in Prometheus' text format."""
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        return generate_latest(REGISTRY)
    registry = CollectorRegistry()
    multiprocess.MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return generate_latest(registry)


def begin() -> None:
    """Give the request its id, and note when it began."""
    g.began = time.perf_counter()
    asked = request.headers.get("X-Request-Id", "")
    g.request_id = asked if REQUEST_ID.match(asked) else f"{getrandbits(128):032x}"
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(request_id=g.request_id)


def end(response: Response) -> Response:
    """Count the request and log it."""
    endpoint = request.endpoint or "none"
    seconds = time.perf_counter() - g.began
    counter, histogram = _meters(endpoint, response.status_code)
    counter.inc()
    histogram.observe(seconds)
    response.headers["X-Request-Id"] = g.request_id
    if endpoint not in QUIET or response.status_code >= 400:
        # The endpoint and not the path: a path may carry a token.
        log.info(
            "request",
            method=request.method,
            endpoint=endpoint,
            status=response.status_code,
            milliseconds=round(seconds * 1000, 1),
        )
    return response


@cache
def _meters(endpoint: str, status: int) -> tuple[Counter, Histogram]:
    return REQUESTS.labels(endpoint, status), SECONDS.labels(endpoint)
