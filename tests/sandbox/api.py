"""The API's front desk: who asks, in which version, whether it was asked before."""

from __future__ import annotations

import hashlib
import json
import logging
import socket
from typing import Any

from flask import Blueprint, Response, request

from tests.sandbox import endpoints
from tests.sandbox.errors import Refusal, invalid
from tests.sandbox.events import API_VERSION
from tests.sandbox.faults import Fault, linger
from tests.sandbox.here import here
from tests.sandbox.params import decode_form, validate
from tests.sandbox.replies import Reply
from tests.sandbox.shapes import Obj, ShapeError
from tests.sandbox.world import World

bp = Blueprint("api", __name__)

log = logging.getLogger(__name__)


@bp.route("/v1/<path:path>", methods=["GET", "POST", "DELETE"])
def answer(path: str) -> Response:
    world = here()
    request_id = f"req_1{world.store.next_serial():08d}"
    headers = {"Request-Id": request_id, "Stripe-Version": API_VERSION}
    key = request.headers.get("Idempotency-Key") if request.method == "POST" else None
    if key:
        headers["Idempotency-Key"] = key
    try:
        _admit()
        fault = world.faults.take(request.method, request.path)
        if fault is not None and fault.kind == "before":
            _hang_up()
            return _json("", 500, headers)
        if fault is not None and fault.retry is not None:
            headers["Stripe-Should-Retry"] = str(fault.retry).lower()
        reply, replayed = _carry_out(world, request_id, key, fault)
    except Refusal as refusal:
        body = {"error": {**refusal.error, "request_log_url": f"{world.options.url}/"}}
        return _json(json.dumps(body), refusal.status, headers)
    if replayed:
        headers["Idempotent-Replayed"] = "true"
    if fault is not None and fault.kind == "drop":
        _hang_up()
    return _json(reply.body, reply.status, headers)


def _carry_out(
    world: World, request_id: str, key: str | None, fault: Fault | None
) -> tuple[Reply, bool]:
    """Answer from what is kept under the key, or act; tells whether it was kept."""
    query = request.query_string.decode()
    sent = query if request.method != "POST" else request.get_data(as_text=True)
    if key is None:
        return _act(world, request_id, None, sent, "", fault), False
    fingerprint = hashlib.sha256(f"{request.path}\n{sent}".encode()).hexdigest()
    kept = world.replies.begin(key, fingerprint)
    if kept is not None:
        return kept, True
    reply = None
    try:
        reply = _act(world, request_id, key, sent, fingerprint, fault)
    finally:
        world.replies.end(key, reply)
    return reply, False


def _act(
    world: World, request_id: str, key: str | None, sent: str, fingerprint: str, fault: Fault | None
) -> Reply:
    if fault is not None and fault.kind == "hang":
        linger(fault)
    if fault is not None and fault.kind == "status":
        kind = "rate_limit_error" if fault.status == 429 else "api_error"
        told = Refusal(fault.status, kind, "The sandbox was told to fail.", code=fault.code)
        if fault.status < 500:
            raise told
        return Reply(fingerprint, fault.status, json.dumps({"error": told.error}))
    found = endpoints.find(request.method, request.path)
    if found is None:
        log.warning("no endpoint for %s %s", request.method, request.path)
        raise Refusal(
            404,
            "invalid_request_error",
            f"Unrecognized request URL ({request.method}: {request.path}). The sandbox knows a "
            "part of Stripe's API; see docs/stripe-sandbox.md.",
        )
    endpoint, ids = found
    params = validate(endpoint.shape, decode_form(sent))
    try:
        with world.lock:
            world.events.caused_by(request_id, key)
            try:
                made = endpoint.act(world, params, *ids)
            finally:
                # A kept connection's thread may next be told something by the control API.
                world.events.caused_by(None, None)
    except Refusal as refusal:
        if refusal.status != 402:
            raise
        return Reply(fingerprint, 402, json.dumps({"error": refusal.error}))
    except ShapeError as wrong:
        log.error("misshapen answer to %s %s: %s", request.method, request.path, wrong)
        message = f"The sandbox made a misshapen object: {wrong}"
        raise Refusal(500, "api_error", message, code="sandbox_misshapen") from wrong
    body = made if isinstance(made, str) else json.dumps(made, ensure_ascii=False)
    return Reply(fingerprint, 200, body)


def _admit() -> None:
    """Refuse requests without a test key or made for another API version."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme == "Basic" and request.authorization is not None:
        token = request.authorization.username or ""
    if not token.startswith(("sk_test_", "rk_test_")):
        raise Refusal(
            401,
            "invalid_request_error",
            "Invalid API Key provided. The sandbox takes keys that begin with sk_test_.",
        )
    version = request.headers.get("Stripe-Version", API_VERSION)
    if version != API_VERSION:
        raise invalid(f"The sandbox speaks API version {API_VERSION} and not {version}.")


def _json(body: str, status: int, headers: dict[str, str]) -> Response:
    return Response(body, status, headers, content_type="application/json")


def _hang_up() -> None:
    """Break the connection: the caller cannot know whether the act was done."""
    connection: Any = request.environ.get("werkzeug.socket")
    if isinstance(connection, socket.socket):
        connection.shutdown(socket.SHUT_RDWR)
        connection.close()


def readable(obj: Obj) -> str:
    """Write an object for people."""
    return json.dumps(obj, indent=2, ensure_ascii=False)
