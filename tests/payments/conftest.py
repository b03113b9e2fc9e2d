"""The sandbox alone, as a process, for what the gateway says to it."""

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests
import stripe

from app.payments.orders import Preparation
from app.payments.stripe_gateway import StripeGateway
from config.local import ports
from config.local.demo import ROOT
from config.local.run import answers
from config.local.waiting import until

KEY = "sk_test_gateway"
PRODUCTS = {"once": "A gift", "month": "A monthly gift", "year": "A yearly gift"}
#: Nobody listens there; the sandbox's events are looked at, not delivered.
WEBHOOK = "http://127.0.0.1:9/webhooks/stripe"
WANTED = Preparation(PRODUCTS, WEBHOOK, "http://127.0.0.1:9")


@dataclass(frozen=True)
class Sandbox:
    """A running sandbox's address, and its desk."""

    url: str

    def control(self, path: str, /, **sent: Any) -> Any:
        """POST to the control interface."""
        answer = requests.post(f"{self.url}/_control/{path}", json=sent, timeout=30)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def events(self, type_: str) -> list[str]:
        """List the ids of the objects that events of a type were about, oldest first."""
        answer = requests.get(
            f"{self.url}/_control/events", params={"type": type_}, timeout=30
        ).json()
        return [event["object"] for event in answer["events"]]

    def met(self) -> bool:
        """Whether a request has met the trouble asked for."""
        faults = requests.get(f"{self.url}/_control/faults", timeout=30).json()["faults"]
        return any(fault["met"] for fault in faults)


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    """The sandbox alone; its charges get their balance transactions only when told to.

    Its clock stands on the tenth of next month: the same day exists in every month.
    """
    port = ports.free()
    arguments = {
        "--port": str(port),
        "--smtp-port": "0",
        "--state-dir": "",
        "--settle-delay": "3600",
        "--seed": "gateway",
    }
    process = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "tests.sandbox",
            *(part for pair in arguments.items() for part in pair),
        ],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"]},
        stdout=subprocess.DEVNULL,
    )
    try:
        running = Sandbox(f"http://{ports.LOOPBACK}:{port}")
        until(lambda: answers(f"{running.url}/healthz"), "the sandbox", timeout=20)
        today = datetime.now(UTC)
        tenth = (today.replace(day=28) + timedelta(days=7)).replace(day=10)
        running.control("advance", to=int(tenth.timestamp()))
        yield running
    finally:
        process.terminate()
        process.wait(10)


@pytest.fixture(scope="module")
def stripe_gateway(sandbox: Sandbox) -> StripeGateway:
    """The product's own gateway before a sandbox where everything is prepared."""
    made = StripeGateway(KEY, ["whsec_unused"], sandbox.url, timeout=(1, 2))
    made.prepare(WANTED)
    return made


@pytest.fixture(scope="module")
def api(sandbox: Sandbox) -> stripe.StripeClient:
    """Stripe's own library, for what only another application or the dashboard would do."""
    return stripe.StripeClient(KEY, base_addresses={"api": sandbox.url})
