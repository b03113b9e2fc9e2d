"""Everything that happened, as the events Stripe would tell of it."""

from __future__ import annotations

import bisect
import json
import threading
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from tests.sandbox.clock import Clock
from tests.sandbox.errors import missing
from tests.sandbox.journal import Journal
from tests.sandbox.shapes import Obj
from tests.sandbox.store import Store

API_VERSION = "2026-10-28.endive"


@dataclass(slots=True)
class Event:
    """One event: what lists need in plain sight, its body packed."""

    id: str
    serial: int
    type: str
    created: int
    object_id: str
    packed: bytes
    #: How many endpoints have not yet taken it.
    pending: int = 0

    @property
    def body(self) -> bytes:
        """The bytes that are signed and sent, the same at every attempt."""
        return zlib.decompress(self.packed)


class EventLog:
    """Events in the order they happened."""

    def __init__(self, journal: Journal, store: Store, clock: Clock) -> None:
        self._journal, self._store, self._clock = journal, store, clock
        self._events: dict[str, Event] = {}
        self._order: list[Event] = []
        self._cause = threading.local()
        #: Called with each new event, inside the act that made it; set by the courier.
        self.listener: Callable[[Event], None] = lambda event: None
        for id_, serial, body in journal.rows("event"):
            head, _, packed = body.partition(b"\n")
            type_, created, object_id, pending = json.loads(head)
            self._enter(Event(id_, serial, type_, created, object_id, packed, pending))

    def _enter(self, event: Event) -> None:
        self._events[event.id] = event
        self._order.append(event)

    def clear(self) -> None:
        """Forget every event."""
        self._events, self._order = {}, []

    def caused_by(self, request_id: str | None, key: str | None) -> None:
        """Remember which API request this thread is answering; events name it."""
        self._cause.request = (request_id, key)

    def emit(self, type_: str, text: str, previous: Obj | None = None) -> Event:
        """Tell of something: the object's JSON as it now is, and what it was before."""
        serial = self._store.next_serial()
        id_ = self._store.new_id("evt")
        request_id, key = getattr(self._cause, "request", (None, None))
        object_id = json.loads(text).get("id") or ""
        created = self._clock.now()
        data = f'{{"object":{text}}}'
        if previous is not None:
            data = f'{data[:-1]},"previous_attributes":{json.dumps(previous)}}}'
        request = json.dumps({"id": request_id, "idempotency_key": key})
        body = (
            f'{{"id":"{id_}","object":"event","api_version":"{API_VERSION}",'
            f'"created":{created},"data":{data},"livemode":false,"pending_webhooks":1,'
            f'"request":{request},"type":"{type_}"}}'
        )
        packed = zlib.compress(body.encode(), 1)
        event = Event(id_, serial, type_, created, object_id, packed)
        self._enter(event)
        self.listener(event)
        self.keep(event)
        return event

    def keep(self, event: Event) -> None:
        """Write down an event and how many endpoints still wait for it."""
        head = json.dumps([event.type, event.created, event.object_id, event.pending])
        self._journal.put("event", event.id, event.serial, head.encode() + b"\n" + event.packed)

    def get(self, id_: str) -> Event:
        """Give an event; raise a 404 refusal if there is none."""
        if id_ not in self._events:
            raise missing("event", id_)
        return self._events[id_]

    def shown(self, event: Event) -> Obj:
        """Give an event as the API answers it, with the present count of waiting endpoints."""
        body: Obj = json.loads(event.body)
        body["pending_webhooks"] = event.pending
        return body

    def newest(self) -> Iterator[Event]:
        """Yield events, newest first."""
        return reversed(self._order)

    def page(self, *, after: str | None = None, before: str | None = None) -> Iterator[Event]:
        """Yield events older than one (newest first), or newer than one (oldest first)."""
        if before is not None:
            start = bisect.bisect_right(self._order, self.get(before).serial, key=_serial)
            return iter(self._order[start:])
        if after is None:
            return self.newest()
        end = bisect.bisect_left(self._order, self.get(after).serial, key=_serial)
        return (self._order[at] for at in range(end - 1, -1, -1))

    def __len__(self) -> int:
        return len(self._order)


def _serial(event: Event) -> int:
    return event.serial


def previous_attributes(old: Obj, new: Obj) -> Obj:
    """Give the old values of what changed, nested where both are objects."""
    changed: dict[str, Any] = {}
    for key in old.keys() | new.keys():
        before, after = old.get(key), new.get(key)
        if before == after:
            continue
        nested = isinstance(before, dict) and isinstance(after, dict)
        changed[key] = previous_attributes(before, after) if nested else before  # type: ignore[arg-type]
    return changed
