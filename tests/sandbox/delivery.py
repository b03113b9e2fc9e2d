"""Events carried to webhook endpoints: signed, several at a time, again until taken."""

from __future__ import annotations

import heapq
import http.client
import threading
import time
from collections import deque
from dataclasses import asdict, dataclass
from typing import Any

from tests.sandbox.carriage import Carriage
from tests.sandbox.errors import Refusal
from tests.sandbox.events import Event, EventLog
from tests.sandbox.journal import Journal
from tests.sandbox.modes import NORMAL, Mode
from tests.sandbox.shapes import Obj
from tests.sandbox.store import Store

#: Seconds until the next attempt; Stripe takes days over this, a newsroom on a laptop minutes.
RETRY_AFTER = (1, 2, 5, 10, 20, 30)
GIVE_UP_AFTER = 24
_LOST = b"lost"


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


class Courier:
    """Delivers each event to every enabled endpoint that listens for its type."""

    def __init__(self, journal: Journal, store: Store, events: EventLog, *, threads: int) -> None:
        self._journal, self._store, self._events = journal, store, events
        #: (when, in which order, event, endpoint, the how-manieth try; 0 for a duplicate).
        self._queue: list[tuple[float, int, str, str, int]] = []
        guard = threading.RLock()
        #: Told of each new job, and of each event taken: couriers must not wake for the latter.
        self._wake, self._arrived = threading.Condition(guard), threading.Condition(guard)
        self._sequence = 0
        self._closing = False
        self._carriage = Carriage()
        self.holding: bool = journal.fact("courier.holding", False)
        #: The newest attempts, for people to look at.
        self.log: deque[Attempt] = deque(maxlen=2000)
        self._waiting: set[tuple[str, str]] = set()
        #: Those of the waiting which are not delivered by themselves.
        self._lost: set[tuple[str, str]] = set()
        self._duplicates = 0
        #: How many attempts are being made; an event taken once may still be on its way again.
        self._in_hand = 0
        kept = journal.fact("courier.mode", None)
        self.mode = Mode(**{**kept, "delay": tuple(kept["delay"])}) if kept else NORMAL
        for id_, _, body in journal.rows("delivery"):
            event_id, _, endpoint_id = id_.partition(" ")
            self._waiting.add((event_id, endpoint_id))
            if body == _LOST:
                self._lost.add((event_id, endpoint_id))
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
                self._send_off(*key)

    def _send_off(self, event_id: str, endpoint_id: str) -> None:
        """Set an event on its way, or lose it, as the mode wants it."""
        journeys = self.mode.journeys(event_id, endpoint_id)
        if not journeys:
            self._lose(event_id, endpoint_id)
        for number, delay in enumerate(journeys):
            self._push(delay, event_id, endpoint_id, 1 if number == 0 else 0)

    def _lose(self, event_id: str, endpoint_id: str) -> None:
        self._lost.add((event_id, endpoint_id))
        serial = self._events.get(event_id).serial
        self._journal.put("delivery", f"{event_id} {endpoint_id}", serial, _LOST)

    def behave(self, mode: Mode) -> None:
        """Deliver in another mode from the next event on."""
        self.mode = mode
        self._journal.keep_fact("courier.mode", mode.shown())

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
            self._duplicates = 0

    def release(self) -> None:
        """Deliver by itself again, and first what was collected."""
        self.holding = False
        self._journal.keep_fact("courier.holding", False)
        for event_id, endpoint_id in sorted(self._waiting - self._lost):
            self._send_off(event_id, endpoint_id)

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
                    return self._carriage.hang_up()
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
        with self._arrived:
            return self._arrived.wait_for(lambda: self._events.get(event_id).pending == 0, seconds)

    def undelivered(self) -> int:
        """Count the deliveries still owed, duplicates included; not what is lost."""
        with self._wake:
            return len(self._waiting) - len(self._lost) + self._duplicates or self._in_hand

    def lost(self) -> int:
        """Count the deliveries that will not be made by themselves."""
        return len(self._lost)

    def clear(self) -> None:
        """Forget what is owed and what was tried, and deliver as usual."""
        self.behave(NORMAL)
        with self._wake:
            self._queue.clear()
            self._duplicates = 0
        self._waiting.clear()
        self._lost.clear()
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
            self._duplicates += number == 0
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
                    return self._carriage.hang_up()
                _, _, event_id, endpoint_id, number = heapq.heappop(self._queue)
                self._in_hand += 1
            self._carry(event_id, endpoint_id, number)
            with self._wake:
                self._in_hand -= 1
                self._duplicates = max(0, self._duplicates - (number == 0))

    def _carry(self, event_id: str, endpoint_id: str, number: int) -> None:
        """Try one delivery whose time has come; plan the next try if it fails."""
        if number > 0 and (event_id, endpoint_id) not in self._waiting:
            return
        try:
            event = self._events.get(event_id)
        except Refusal:
            return  # The account was reset in the meantime.
        endpoint = self._store.find(endpoint_id)
        if endpoint is not None and endpoint["status"] != "enabled":
            if number > 0:
                self._lose(event_id, endpoint_id)
            return
        attempt = self._attempt(event, endpoint_id, number=max(number, 1))
        taken = 200 <= attempt.status < 300
        if 0 < number < GIVE_UP_AFTER and not taken and not self.holding:
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
            status = self._carriage.post(str(endpoint["url"]), event.body, secret)
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
                self._lost.discard((event.id, endpoint_id))
                event.pending -= 1
                self._journal.drop("delivery", f"{event.id} {endpoint_id}")
                self._events.keep(event)
            self._arrived.notify_all()
