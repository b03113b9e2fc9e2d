"""Events carried to webhook endpoints: signed, several at a time, again until taken."""

from __future__ import annotations

import hashlib
import heapq
import hmac
import http.client
import threading
import time
from collections import deque
from dataclasses import asdict, dataclass
from typing import Any
from urllib.parse import urlsplit

from tests.sandbox.errors import Refusal
from tests.sandbox.events import Event, EventLog
from tests.sandbox.journal import Journal
from tests.sandbox.shapes import Obj
from tests.sandbox.store import Store

#: Seconds until the next attempt; Stripe takes days over this, a newsroom on a laptop minutes.
RETRY_AFTER = (1, 2, 5, 10, 20, 30)
GIVE_UP_AFTER = 24
_TIMEOUT = 10.0


@dataclass(slots=True)
class Attempt:
    """One try at handing an event over."""

    event: str
    type: str
    endpoint: str
    number: int
    at: float
    #: The HTTP status, or 0 when there was no answer.
    status: int
    milliseconds: int
    error: str


def signature(body: bytes, secret: str, at: int) -> str:
    """Sign a body the way Stripe's webhooks are signed."""
    digest = hmac.new(secret.encode(), b"%d." % at + body, hashlib.sha256).hexdigest()
    return f"t={at},v1={digest}"


class Courier:
    """Delivers each event to every enabled endpoint that listens for its type."""

    def __init__(self, journal: Journal, store: Store, events: EventLog, *, threads: int) -> None:
        self._journal, self._store, self._events = journal, store, events
        self._queue: list[tuple[float, int, str, str, int]] = []
        self._wake = threading.Condition()
        self._sequence = 0
        self._closing = False
        self._local = threading.local()
        self.holding: bool = journal.fact("courier.holding", False)
        #: The newest attempts, for people to look at.
        self.log: deque[Attempt] = deque(maxlen=2000)
        self._waiting: set[tuple[str, str]] = set()
        for id_, _, _ in journal.rows("delivery"):
            event_id, _, endpoint_id = id_.partition(" ")
            self._waiting.add((event_id, endpoint_id))
        events.listener = self._on_event
        if not self.holding:
            self.release()
        for number in range(threads):
            threading.Thread(target=self._work, name=f"courier-{number}", daemon=True).start()

    def _on_event(self, event: Event) -> None:
        for endpoint in self.endpoints(event.type):
            event.pending += 1
            key = (event.id, endpoint["id"])
            self._waiting.add(key)
            self._journal.put("delivery", " ".join(key), event.serial, b"")
            if not self.holding:
                self._push(0, *key, 1)

    def endpoints(self, type_: str) -> list[Obj]:
        """Give the endpoints that listen for a type of event."""
        return [
            endpoint
            for endpoint in self._store.each("webhook_endpoint")
            if endpoint["status"] == "enabled"
            and ("*" in endpoint["enabled_events"] or type_ in endpoint["enabled_events"])
        ]

    def hold(self) -> None:
        """Deliver nothing by itself from now on; what happens is collected."""
        self.holding = True
        self._journal.keep_fact("courier.holding", True)
        with self._wake:
            self._queue.clear()

    def release(self) -> None:
        """Deliver by itself again, and first what was collected."""
        self.holding = False
        self._journal.keep_fact("courier.holding", False)
        for event_id, endpoint_id in sorted(self._waiting):
            self._push(0, event_id, endpoint_id, 1)

    def deliver(self, event_ids: list[str], *, parallel: int = 1) -> list[Attempt]:
        """Hand over these events now, in this order, as often as each is named.

        With `parallel` above one, so many at a time and in no certain order.
        """
        jobs = [
            (event, endpoint["id"])
            for event in map(self._events.get, event_ids)
            for endpoint in self.endpoints(event.type)
        ]
        attempts: list[Attempt] = []
        turn = threading.Lock()
        upcoming = iter(jobs)

        def work() -> None:
            while True:
                with turn:
                    job = next(upcoming, None)
                if job is None:
                    return self._hang_up()
                attempts.append(self._attempt(*job, number=1))

        helpers = [threading.Thread(target=work) for _ in range(max(1, parallel))]
        for helper in helpers:
            helper.start()
        for helper in helpers:
            helper.join()
        return attempts

    def wait(self, event_id: str, seconds: float) -> bool:
        """Wait until every endpoint has taken an event; tell whether that came to be."""
        if self.holding:
            return False
        with self._wake:
            return self._wake.wait_for(lambda: self._events.get(event_id).pending == 0, seconds)

    def undelivered(self) -> int:
        """Count the deliveries still owed."""
        return len(self._waiting)

    def clear(self) -> None:
        """Forget what is owed and what was tried."""
        with self._wake:
            self._queue.clear()
        self._waiting.clear()
        self.log.clear()

    def close(self) -> None:
        """Stop delivering."""
        with self._wake:
            self._closing = True
            self._wake.notify_all()

    def attempts(self, limit: int) -> list[dict[str, Any]]:
        """Give the newest attempts, newest first."""
        return [asdict(attempt) for attempt in list(self.log)[-limit:][::-1]]

    def _push(self, delay: float, event_id: str, endpoint_id: str, number: int) -> None:
        with self._wake:
            self._sequence += 1
            job = (time.monotonic() + delay, self._sequence, event_id, endpoint_id, number)
            heapq.heappush(self._queue, job)
            self._wake.notify()

    def _work(self) -> None:
        while True:
            with self._wake:
                while not self._closing:
                    due = self._queue[0][0] - time.monotonic() if self._queue else None
                    if due is not None and due <= 0:
                        break
                    self._wake.wait(due)
                if self._closing:
                    return self._hang_up()
                _, _, event_id, endpoint_id, number = heapq.heappop(self._queue)
            if (event_id, endpoint_id) not in self._waiting:
                continue
            try:
                event = self._events.get(event_id)
            except Refusal:
                continue  # The account was reset in the meantime.
            attempt = self._attempt(event, endpoint_id, number=number)
            taken = 200 <= attempt.status < 300
            if not taken and number < GIVE_UP_AFTER and not self.holding:
                delay = RETRY_AFTER[min(number, len(RETRY_AFTER)) - 1]
                self._push(delay, event_id, endpoint_id, number + 1)

    def _attempt(self, event: Event, endpoint_id: str, *, number: int) -> Attempt:
        endpoint = self._store.find(endpoint_id)
        started, status, error = time.time(), 0, ""
        if endpoint is None:
            self._taken(event, endpoint_id)
            return Attempt(event.id, event.type, endpoint_id, number, started, 0, 0, "deleted")
        secret = self._store.extra(endpoint_id)["secret"]
        try:
            status = self._send(str(endpoint["url"]), event.body, secret)
        except (OSError, http.client.HTTPException) as failure:
            error = f"{type(failure).__name__}: {failure}"
        took = int((time.time() - started) * 1000)
        attempt = Attempt(event.id, event.type, endpoint_id, number, started, status, took, error)
        self.log.append(attempt)
        if 200 <= status < 300:
            self._taken(event, endpoint_id)
        return attempt

    def _taken(self, event: Event, endpoint_id: str) -> None:
        with self._wake:
            if (event.id, endpoint_id) in self._waiting:
                self._waiting.discard((event.id, endpoint_id))
                event.pending -= 1
                self._journal.drop("delivery", f"{event.id} {endpoint_id}")
                self._events.keep(event)
            self._wake.notify_all()

    def _hang_up(self) -> None:
        for connection in self._local.__dict__.pop("kept", {}).values():
            connection.close()

    def headers(self, body: bytes, secret: str) -> dict[str, str]:
        """Give the headers a body would be delivered with at this moment."""
        return {
            "Content-Type": "application/json; charset=utf-8",
            "User-Agent": "Stripe/1.0 (+https://stripe.com/docs/webhooks)",
            "Stripe-Signature": signature(body, secret, int(time.time())),
        }

    def _send(self, url: str, body: bytes, secret: str) -> int:
        """POST over this thread's kept connection; once more if the other side had closed it."""
        address = urlsplit(url)
        kept: dict[str, http.client.HTTPConnection] = self._local.__dict__.setdefault("kept", {})
        path = address.path + (f"?{address.query}" if address.query else "")
        connection = kept.pop(address.netloc, None)
        while True:
            known = connection is not None
            connection = connection or _connection(address.scheme, address.netloc)
            try:
                connection.request("POST", path, body, self.headers(body, secret))
                response = connection.getresponse()
                response.read()
            except (OSError, http.client.HTTPException) as failure:
                connection.close()
                if not known or isinstance(failure, TimeoutError):
                    raise
                connection = None  # It was closed while it lay idle.
                continue
            if response.will_close:
                connection.close()
            else:
                kept[address.netloc] = connection
            return response.status


def _connection(scheme: str, netloc: str) -> http.client.HTTPConnection:
    kind = http.client.HTTPSConnection if scheme == "https" else http.client.HTTPConnection
    return kind(netloc, timeout=_TIMEOUT)
