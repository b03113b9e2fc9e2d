"""The pages for people, what the control API refuses, and what outlives a restart."""

from __future__ import annotations

import os
import signal
import smtplib
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
import stripe

from tests.test_sandbox.shop import Receiver, Shop, free_port, wait_for

ROOT = Path(__file__).parents[2]


def test_every_page_of_the_desk_is_there(told: Shop) -> None:
    made = told.patron()
    event = told.look("events")["events"][-1]["id"]
    kinds = ("customer", "invoice", "checkout.session", "charge", "price", "webhook_endpoint")
    paths = ["/", "/events", "/deliveries", "/mailbox", f"/events/{event}"]
    paths += [f"/list/{kind}" for kind in kinds]
    paths += [f"/objects/{made[kind]}" for kind in ("subscription", "invoice", "customer")]
    for path in paths:
        answer = told.web.get(told.url + path)
        assert answer.status_code == 200, path
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    for path in ("/list/nonsense", "/objects/sub_no", "/nowhere"):
        assert told.web.get(told.url + path).status_code == 404
    assert told.web.get(f"{told.url}/healthz").status_code == 200


def test_a_person_can_advance_the_clock_and_send_an_event_again(
    told: Shop, receiver: Receiver
) -> None:
    told.patron()
    told.web.post(f"{told.url}/advance", data={"months": "1"})
    assert len(told.stripe.v1.invoices.list().data) == 2
    told.settled()
    wait_for(lambda: told.look("deliveries")["undelivered"] == 0, "all deliveries")
    before = len(receiver.got)
    event = told.look("events", type="invoice.paid")["events"][0]["id"]
    told.web.post(f"{told.url}/events/{event}/resend")
    assert len(receiver.got) == before + 1


def test_a_session_can_be_completed_without_the_page(shop: Shop) -> None:
    done = shop.control("complete", session=shop.open().id, card="4000002500003155")
    assert (done["step"], done["session"]["status"]) == ("paid", "complete")
    failed = shop.control("complete", session=shop.open().id, card="4000000000000002")
    assert (failed["step"], failed["decline"]["decline_code"]) == ("declined", "generic_decline")


@pytest.mark.parametrize(
    ("path", "sent"),
    [
        ("complete", {"session": "cs_test_no"}),
        ("advance", {"seconds": -5}),
        ("deliver", {"events": ["evt_no"]}),
        ("faults", {"kinds": "drop"}),
        ("card", {"customer": "cus_no", "card": "4242424242424242"}),
    ],
)
def test_the_control_api_refuses_nonsense(shop: Shop, path: str, sent: dict[str, Any]) -> None:
    answer = shop.web.post(f"{shop.url}/_control/{path}", json=sent)
    assert answer.status_code in (400, 404)
    assert answer.json()["error"]["message"]


def test_a_reset_forgets_everything_but_never_gives_an_id_twice(told: Shop) -> None:
    before = told.patron()
    told.control("reset")
    assert told.stripe.v1.customers.list().data == []
    assert told.look("events")["events"] == []
    assert told.stripe.v1.webhook_endpoints.list().data[0].id == "we_configured"
    after = told.patron()
    assert after["customer"] > before["customer"]


def test_the_same_acts_give_the_same_ids(opened: Callable[..., Shop]) -> None:
    assert opened().patron() == opened().patron()
    assert opened(seed="other").patron() != opened().patron()


class Program:
    """The sandbox as a program of its own."""

    def __init__(self, directory: Path, webhook_url: str) -> None:
        self.port, self.smtp_port = free_port(), free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        given = {
            "SANDBOX_PORT": str(self.port),
            "SANDBOX_SMTP_PORT": str(self.smtp_port),
            "SANDBOX_STATE_DIR": str(directory),
            "SANDBOX_WEBHOOK_URL": webhook_url,
            "SANDBOX_SETTLE_DELAY": "0.05",
        }
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.sandbox"],
            cwd=ROOT,
            env={**os.environ, **given},
            stdout=subprocess.DEVNULL,
        )
        wait_for(self.ready, "the sandbox")
        self.http = stripe.RequestsClient(timeout=5)
        self.stripe = stripe.StripeClient(
            "sk_test_tests", base_addresses={"api": self.url}, http_client=self.http
        )

    def ready(self) -> bool:
        try:
            return requests.get(f"{self.url}/healthz", timeout=1).ok
        except requests.ConnectionError:
            return False

    def control(self, path: str, **sent: Any) -> Any:
        return requests.post(f"{self.url}/_control/{path}", json=sent).json()

    def end(self) -> int:
        self.http.close()  # type: ignore[no-untyped-call]
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(10)


@pytest.fixture
def started(directory: Path) -> Iterator[Callable[[str], Program]]:
    programs: list[Program] = []

    def start(webhook_url: str) -> Program:
        programs.append(Program(directory, webhook_url))
        return programs[-1]

    yield start
    for program in programs:
        if program.process.poll() is None:
            program.process.kill()
            program.process.wait()


def test_a_restart_keeps_account_clock_letters_keys_and_debts(
    started: Callable[[str], Program], receiver: Receiver
) -> None:
    first = started("http://127.0.0.1:9/down")
    first.stripe.v1.products.create({"id": "prod_support", "name": "Support"})
    key: Any = {"idempotency_key": "cus:1"}
    kept = first.stripe.v1.customers.create({"name": "A"}, key)
    data = {
        "currency": "eur",
        "product": "prod_support",
        "unit_amount": 500,
        "recurring": {"interval": "month"},
    }
    [made] = first.control("subscriptions", price_data=data, name="A")["made"]
    first.control("advance", days=20)
    with smtplib.SMTP("127.0.0.1", first.smtp_port) as server:
        server.sendmail("a@example.org", ["b@example.org"], "Subject: Kept\r\n\r\nHi")
    now = requests.get(f"{first.url}/_control/clock").json()["now"]
    assert first.end() == 0

    second = started(receiver.url)
    assert requests.get(f"{second.url}/_control/clock").json()["now"] >= now
    assert second.stripe.v1.subscriptions.retrieve(made["subscription"]).status == "active"
    assert second.stripe.v1.customers.create({"name": "A"}, key).id == kept.id
    assert requests.get(f"{second.url}/mailbox.json").json()["letters"][0]["subject"] == "Kept"
    wait_for(lambda: "checkout.session.completed" in receiver.types, "what was still owed")
    second.control("advance", months=1)
    invoices = second.stripe.v1.invoices.list({"subscription": made["subscription"]}).data
    assert [invoice.status for invoice in invoices] == ["paid", "paid"]
    assert second.end() == 0
