"""How Stripe is asked: one client, limits on time, keys of our own, lists page by page."""

from collections.abc import Callable, Iterator
from copy import copy
from datetime import datetime
from typing import Any, Self, TypeVar

import stripe

from app.clock import utcnow
from app.payments.stripe_gateway.errors import is_repeated, translated

T = TypeVar("T")

#: Seconds to connect and to wait for an answer, and how often the SDK tries again by itself.
TIMEOUT = (3.05, 12)
RETRIES = 1
#: The same for what a person waits for and nothing depends on.
HURRIED = (2, 4)
#: How many keys an act may use up: one for each answer of Stripe's that is lost for good.
MOST_KEYS = 12


class Calls:
    """What every part of the gateway calls Stripe with."""

    def __init__(self, api_key: str, api_base: str | None, timeout: tuple[float, float]) -> None:
        # Telemetry would write to the home directory and send what we did not decide to send.
        stripe.enable_telemetry = False
        self._key, self._base = api_key, api_base
        self._client = self._make_client(timeout, RETRIES)

    def _make_client(self, timeout: tuple[float, float], retries: int) -> stripe.StripeClient:
        return stripe.StripeClient(
            self._key,
            base_addresses={"api": self._base} if self._base else None,
            max_network_retries=retries,
            http_client=stripe.RequestsClient(timeout=timeout),
        )

    def hurried(self) -> Self:
        """Return another such gateway that asks once and does not wait long."""
        other = copy(self)
        other._client = self._make_client(HURRIED, retries=0)
        return other


def keyed(
    key: str, ask: Callable[[stripe.RequestOptions], T], found: Callable[[], T | None] | None = None
) -> T:
    """Ask under a key of ours, so that asking again acts once.

    Stripe keeps the answer "500" too under a key and repeats it for a day: only then the next key
    is used. Where acting twice would be worse than a repeated setting, `found` looks first whether
    it was done after all.
    """
    retries = RETRIES
    for number in range(MOST_KEYS):
        try:
            return ask({"idempotency_key": f"{key}:{number}", "max_network_retries": retries})
        except stripe.APIError as error:
            if number + 1 == MOST_KEYS or not is_repeated(error):
                raise
            if found is not None and (done := found()) is not None:
                return done
            # Whoever still fails under a fresh key is left alone until the next press.
            retries = 0
    raise AssertionError("the last key's answer is given or raised")


def is_replayed(answer: Any) -> bool:
    """Whether an answer is the one kept under the key, and so tells of the past."""
    headers = answer.last_response.headers if answer.last_response else {}
    return bool(headers.get("Idempotent-Replayed") == "true")


def pages(ask: Callable[[], stripe.ListObject[Any]]) -> Iterator[tuple[datetime, list[Any]]]:
    """Yield a list page by page, each with the moment before it was asked for."""
    asked_at = utcnow()
    with translated():
        page = ask()
    while page.data:
        yield asked_at, page.data
        if not page.has_more:
            return
        asked_at = utcnow()
        with translated():
            page = page.next_page()
