"""How events reach the product: late, twice, in any order, or not at all until fetched."""

import random
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from flask.testing import FlaskClient

from app.clock import utcnow
from app.desk import backfill
from app.payments.gateway import PaymentGateway
from tests.sandbox.carriage import headers
from tests.simulation.stripes import SECRET, Stripes

#: The latest, in days.
LATEST = 4
#: Between two looks at the provider's list for what was lost.
CATCH_UP = timedelta(days=6)


@dataclass
class Road:
    """Takes events from the sandbox and hands them to the webhook in an order of its own."""

    stripes: Stripes
    client: FlaskClient
    gateway: PaymentGateway
    chance: random.Random
    #: How many events in a hundred get lost, come twice, and come days later.
    lost: int = 8
    twice: int = 20
    late: int = 25
    #: What became of the events, by fate.
    counts: Counter[str] = field(default_factory=Counter)
    _newest: str | None = None
    _under_way: list[tuple[datetime, bytes]] = field(default_factory=list)
    _caught_up_at: datetime | None = None

    def mend(self) -> None:
        """From now on every event arrives once and at once, though in any order."""
        self.lost = self.twice = self.late = 0

    def travel(self) -> None:
        """Take up what has happened and hand over, in any order, what arrives by now."""
        now = utcnow()
        for event in self._happened():
            self._under_way += self._fates(event["body"].encode(), now)
        arrived = [body for when, body in self._under_way if when <= now]
        self._under_way = [pair for pair in self._under_way if pair[0] > now]
        self.chance.shuffle(arrived)
        for body in arrived:
            self.hand_over(body)

    def hand_over(self, body: bytes) -> None:
        """Deliver one event, signed, to the page that Stripe calls."""
        answer = self.client.post("/webhooks/stripe", data=body, headers=headers(body, SECRET))
        assert answer.status_code == 204, answer.text
        self.counts["deliveries"] += 1

    def catch_up(self, *, at_once: bool = False) -> None:
        """Fetch what was lost from the provider's list, some days after the last time."""
        now = utcnow()
        since = self._caught_up_at or now - timedelta(days=30)
        if not at_once and now - since < CATCH_UP:
            return
        # What came a moment before the last look may have been told of after it.
        since -= timedelta(hours=1)
        found = backfill.run(self.gateway, since, livemode=False, clock=utcnow)
        self.counts["caught up"] += found.new
        self._caught_up_at = now

    def _happened(self) -> list[dict[str, Any]]:
        after = {"after": self._newest} if self._newest else {}
        events: list[dict[str, Any]] = self.stripes.look("events", **after)["events"]
        if events:
            self._newest = events[-1]["id"]
        return [event for event in events if event["listened_for"]]

    def _fates(self, body: bytes, now: datetime) -> list[tuple[datetime, bytes]]:
        self.counts["events"] += 1
        if self.chance.randrange(100) < self.lost:
            self.counts["lost"] += 1
            return []
        copies = 1
        if self.chance.randrange(100) < self.twice:
            self.counts["twice"] += 1
            copies = 2
        return [(now + self._delay(), body) for _ in range(copies)]

    def _delay(self) -> timedelta:
        if self.chance.randrange(100) >= self.late:
            return timedelta()
        self.counts["late"] += 1
        return timedelta(days=self.chance.uniform(0, LATEST))
