"""A sandbox with Stripe's own library as its client, and someone to deliver to."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, cast

import requests
import stripe

from tests.sandbox.server import Sandbox
from tests.sandbox.world import Options

SECRET = "whsec_tests"
THANKS = "http://127.0.0.1:9/thanks?session={CHECKOUT_SESSION_ID}"


def free_port() -> int:
    """Find a port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(condition: Callable[[], Any], what: str, seconds: float = 10) -> Any:
    """Wait until a condition holds and give what it gave; fail naming what was waited for."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if result := condition():
            return result
        time.sleep(0.01)
    raise AssertionError(f"waited {seconds} s in vain for {what}")


class _Server(ThreadingHTTPServer):
    #: More callers at once than the sandbox has couriers; one turned away waits a second.
    request_queue_size = 64
    daemon_threads = True
    block_on_close = False


class Receiver:
    """A shop's webhook endpoint: keeps what it gets and answers as it is told."""

    def __init__(self) -> None:
        self.got: list[tuple[dict[str, str], bytes]] = []
        #: Statuses for the next requests; 200 when there are no more.
        self.statuses: list[int] = []
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.got.append((dict(self.headers), body))
                status = receiver.statuses.pop(0) if receiver.statuses else 200
                self.send_response(status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *args: Any) -> None:
                pass

        self._server = _Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/webhooks/stripe"
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    @property
    def types(self) -> list[str]:
        """The types of the events received, in the order they came."""
        return [json.loads(body)["type"] for _, body in self.got]

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


class Shop:
    """A sandbox with a client of Stripe's library and a few things to sell."""

    def __init__(self, options: Options) -> None:
        self.sandbox = Sandbox(options)
        self.url = options.url
        threading.Thread(target=self.sandbox.serve, daemon=True).start()
        self.web = requests.Session()
        self._http = stripe.RequestsClient(timeout=(3, 20))
        self.stripe = stripe.StripeClient(
            "sk_test_tests", base_addresses={"api": self.url}, http_client=self._http
        )

    def close(self) -> None:
        self.sandbox.close()
        self.web.close()
        self._http.close()  # type: ignore[no-untyped-call]

    def control(self, path: str, /, **sent: Any) -> Any:
        """POST to the control API."""
        answer = self.web.post(f"{self.url}/_control/{path}", json=sent)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def look(self, path: str, /, **query: Any) -> Any:
        """GET from the control API."""
        return self.web.get(f"{self.url}/_control/{path}", params=query).json()

    def product(self) -> str:
        """Make the product once and give its id."""
        try:
            return self.stripe.v1.products.retrieve("prod_support").id
        except stripe.InvalidRequestError:
            made = self.stripe.v1.products.create({"id": "prod_support", "name": "Support"})
            return made.id

    def wish(self, **changes: Any) -> dict[str, Any]:
        """Give the parameters of a monthly session of five euros, with changes."""
        wanted: dict[str, Any] = {
            "mode": "subscription",
            "customer_email": "reader@example.org",
            "client_reference_id": "pledge-1",
            "line_items": [
                {
                    "quantity": 1,
                    "price_data": {
                        "currency": "eur",
                        "product": self.product(),
                        "unit_amount": 500,
                        "recurring": {"interval": "month", "interval_count": 1},
                    },
                }
            ],
            "subscription_data": {
                "metadata": {"pledge": "1"},
                "billing_mode": {"type": "flexible"},
            },
            "metadata": {"pledge": "1"},
            "allowed_payment_method_types": ["card"],
            "adaptive_pricing": {"enabled": False},
            "submit_type": "subscribe",
            "success_url": THANKS,
            "cancel_url": "http://127.0.0.1:9/back",
        }
        return {key: value for key, value in {**wanted, **changes}.items() if value is not None}

    def gift(self, **changes: Any) -> dict[str, Any]:
        """Give the parameters of a session for a single gift of twenty dollars."""
        item = {
            "quantity": 1,
            "price_data": {"currency": "usd", "product": self.product(), "unit_amount": 2000},
        }
        data = {"metadata": {"pledge": "2"}, "description": "One-off gift"}
        return self.wish(
            mode="payment",
            line_items=[item],
            subscription_data=None,
            submit_type="donate",
            payment_intent_data=data,
            **changes,
        )

    def open(self, **changes: Any) -> stripe.checkout.Session:
        """Open a monthly session."""
        return self.stripe.v1.checkout.sessions.create(cast(Any, self.wish(**changes)))

    def patron(self, **changes: Any) -> dict[str, str]:
        """Make a paid monthly subscription at once; gives the ids."""
        data = {
            "currency": "eur",
            "product": self.product(),
            "unit_amount": 500,
            "recurring": {"interval": changes.pop("interval", "month")},
        }
        wish = {
            "email": "reader@example.org",
            "name": "A Reader",
            "metadata": {"pledge": "1"},
            "price_data": data,
            **changes,
        }
        made: dict[str, str] = self.control("subscriptions", **wish)["made"][0]
        return made

    def press(self, session: str, number: str = "4242424242424242", **typed: str) -> Any:
        """Fill in the card form and press the button."""
        form = {"number": number, "exp": "12 / 40", "cvc": "123", "name": "A Reader", **typed}
        return self.web.post(f"{self.url}/c/pay/{session}", data=form, allow_redirects=False)

    def settled(self) -> None:
        """Wait until every charge has its balance transaction and all was told of it."""
        world = self.sandbox.world

        def all_settled() -> bool:
            with world.lock:
                charges = [one for one in world.store.each("charge") if one["paid"]]
            return all(one["balance_transaction"] for one in charges)

        wait_for(all_settled, "the balance transactions")

    def happened(self) -> list[str]:
        """List the types of all events so far, oldest first."""
        return [event["type"] for event in self.look("events")["events"]]
