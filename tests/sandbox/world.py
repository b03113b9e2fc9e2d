"""The sandbox as one whole: its objects, time, events, deliveries and letters."""

from __future__ import annotations

import heapq
import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.sandbox.clock import Clock
from tests.sandbox.delivery import Courier
from tests.sandbox.events import Event, EventLog, previous_attributes
from tests.sandbox.faults import Faults
from tests.sandbox.journal import Journal
from tests.sandbox.letters import Mailbox
from tests.sandbox.replies import Replies
from tests.sandbox.shapes import Obj
from tests.sandbox.store import Store


@dataclass(frozen=True, kw_only=True)
class Options:
    """How a sandbox is set up; the command line's options of the same names."""

    port: int = 8100
    #: Where letters are taken in; None for no mail server.
    smtp_port: int | None = None
    webhook_url: str | None = None
    webhook_secret: str = "whsec_sandbox"
    #: Where to remember things between runs; None for nowhere.
    state_dir: Path | None = None
    #: Seconds from a charge to its balance transaction.
    settle_delay: float = 1.5
    #: The longest a paid checkout waits for its event to be taken.
    redirect_wait: float = 10.0
    threads: int = 8
    seed: str = "sandbox"
    keep_letters: int = 5000
    #: Whether a dispute ends the subscription it is about.
    cancel_disputed: bool = False
    #: Days from the first failure to each further try; after the last the subscription ends.
    retries: tuple[int, ...] = (3, 5, 7)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


class World:
    """What every act needs, passed as the first argument."""

    def __init__(self, options: Options) -> None:
        self.options = options
        self.journal = Journal(options.state_dir)
        self.clock = Clock(self.journal)
        self.store = Store(self.journal, options.seed)
        self.events = EventLog(self.journal, self.store, self.clock)
        self.courier = Courier(self.journal, self.store, self.events, threads=options.threads)
        self.mailbox = Mailbox(self.journal, keep=options.keep_letters)
        self.replies = Replies(self.journal)
        self.faults = Faults()
        self.agenda = Agenda()
        self.later = Later()
        #: Balance transactions that no payout has taken along yet: when each is available.
        self.unpaid: dict[str, int] = {}

    @property
    def lock(self) -> threading.RLock:
        return self.store.lock

    def make(self, obj: Obj, *types: str) -> Obj:
        """Keep a new object and tell of it."""
        text = self.store.save(obj)
        for type_ in types:
            self.events.emit(type_, text)
        return obj

    def change(self, obj: Obj, *types: str) -> Event | None:
        """Keep a changed object and tell of it; `*.updated` says what it was before.

        Returns the last event. Nothing is told of when nothing changed and only
        `*.updated` was asked for.
        """
        before = json.loads(self.store.text(str(obj["id"]), str(obj["object"])))
        text = self.store.save(obj)
        event = None
        for type_ in types:
            if not type_.endswith(".updated"):
                event = self.events.emit(type_, text)
            elif previous := previous_attributes(before, obj):
                event = self.events.emit(type_, text, previous)
        return event

    def reset(self) -> None:
        """Begin anew: no objects, events or letters. Clock and ids go on."""
        with self.lock:
            self.courier.clear()
            self.store.clear()
            self.events.clear()
            self.mailbox.clear()
            self.replies.clear()
            self.faults.clear()
            self.agenda.clear()
            self.later.clear()
            self.unpaid.clear()
            self.journal.clear()

    def close(self) -> None:
        """Stop the threads and write down what is left."""
        self.courier.close()
        self.later.close()
        self.journal.close()


class Agenda:
    """What falls due in the sandbox's time: (moment, what, id), earliest first."""

    def __init__(self) -> None:
        self._items: list[tuple[int, int, str, str]] = []
        self._sequence = 0

    def add(self, moment: int, what: str, id_: str) -> None:
        """Enter something. Nothing is ever struck out: who acts on an item looks again."""
        self._sequence += 1
        heapq.heappush(self._items, (moment, self._sequence, what, id_))

    def pop_due(self, until: int) -> tuple[int, str, str] | None:
        """Take out the earliest item due by a moment, if there is one."""
        if not self._items or self._items[0][0] > until:
            return None
        moment, _, what, id_ = heapq.heappop(self._items)
        return moment, what, id_

    def clear(self) -> None:
        """Strike out everything."""
        self._items.clear()


class Later:
    """Small acts to be done after some real seconds, by one thread."""

    def __init__(self) -> None:
        self._jobs: list[tuple[float, int, Callable[[], None]]] = []
        self._wake = threading.Condition()
        self._sequence = 0
        self._closing = False
        threading.Thread(target=self._run, name="later", daemon=True).start()

    def after(self, seconds: float, act: Callable[[], None]) -> None:
        """Do an act after so many seconds."""
        with self._wake:
            self._sequence += 1
            heapq.heappush(self._jobs, (time.monotonic() + seconds, self._sequence, act))
            self._wake.notify()

    def hurry(self) -> int:
        """Do everything that waits, now; return how much that was."""
        with self._wake:
            jobs, self._jobs = sorted(self._jobs, key=lambda job: job[:2]), []
        for _, _, act in jobs:
            act()
        return len(jobs)

    def clear(self) -> None:
        """Forget what waits."""
        with self._wake:
            self._jobs.clear()

    def close(self) -> None:
        """Stop."""
        with self._wake:
            self._closing = True
            self._wake.notify()

    def _run(self) -> None:
        while True:
            with self._wake:
                while not self._closing:
                    due = self._jobs[0][0] - time.monotonic() if self._jobs else None
                    if due is not None and due <= 0:
                        break
                    self._wake.wait(due)
                if self._closing:
                    return
                _, _, act = heapq.heappop(self._jobs)
            act()
