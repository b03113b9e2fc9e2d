"""The sandbox as a process of its own, its desk, and the clock that the product is to follow."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any, Self

import requests
import stripe

from app import clock
from config.local import ports
from config.local.demo import ROOT
from config.local.run import answers
from config.local.waiting import until

KEY = "sk_test_simulation"
SECRET = "whsec_simulation"


class Stripes:
    """A running sandbox whose events are fetched and not delivered, and Stripe's own library."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.web = requests.Session()
        self._http = stripe.RequestsClient(timeout=(3, 60))
        self.api = stripe.StripeClient(KEY, base_addresses={"api": url}, http_client=self._http)

    def control(self, path: str, /, **sent: Any) -> Any:
        """POST to the control interface."""
        answer = self.web.post(f"{self.url}/_control/{path}", json=sent, timeout=120)
        assert answer.status_code == 200, f"{path} {sent}: {answer.text}"
        return answer.json()

    def look(self, path: str, **query: Any) -> Any:
        """GET from the control interface."""
        answer = self.web.get(f"{self.url}/_control/{path}", params=query, timeout=120)
        assert answer.status_code == 200, f"{path} {query}: {answer.text}"
        return answer.json()

    def close(self) -> None:
        """Let go of every connection."""
        self._http.close()  # type: ignore[no-untyped-call]
        self.web.close()


@contextmanager
def running(seed: str) -> Iterator[Stripes]:
    """Start a sandbox that keeps nothing and owes its balance transactions until told."""
    port = ports.free()
    arguments = {
        "--port": str(port),
        "--smtp-port": "0",
        "--state-dir": "",
        # So late that only the desk makes them.
        "--settle-delay": "1000000000",
        "--webhook-secret": SECRET,
        "--seed": seed,
    }
    command = [sys.executable, "-m", "tests.sandbox"]
    process = subprocess.Popen(
        [*command, *(part for pair in arguments.items() for part in pair)],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"]},
        stdout=subprocess.DEVNULL,
    )
    try:
        made = Stripes(f"http://{ports.LOOPBACK}:{port}")
        until(lambda: answers(f"{made.url}/healthz"), "the sandbox", timeout=30)
        made.control("hold")
        yield made
        made.close()
    finally:
        process.terminate()
        process.wait(10)


class MovedTime(datetime):
    """What `app.clock` reads in a simulation: the wall's time and what the sandbox is ahead."""

    ahead = timedelta()

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> Self:
        """Return this moment as the sandbox has it, as a common `datetime`."""
        return datetime.now(tz) + cls.ahead  # type: ignore[return-value]


@contextmanager
def time_of_the_sandbox() -> Iterator[type[MovedTime]]:
    """Let the product's one clock tell the sandbox's time, as the real Stripe has ours."""
    real, MovedTime.ahead = vars(clock)["datetime"], timedelta()
    vars(clock)["datetime"] = MovedTime
    try:
        yield MovedTime
    finally:
        vars(clock)["datetime"] = real


def at(seconds: int) -> datetime:
    """Return the moment of Unix seconds."""
    return datetime.fromtimestamp(seconds, UTC)
