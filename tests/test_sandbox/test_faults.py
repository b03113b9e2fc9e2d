"""Trouble on demand: which requests it meets, how often, and what Stripe's library makes of it."""

from __future__ import annotations

from typing import Any

import pytest
import stripe

from tests.test_sandbox.shop import Shop


def stubborn(shop: Shop) -> stripe.StripeClient:
    """A client that tries twice more, as a product's does."""
    return stripe.StripeClient(
        "sk_test_tests",
        base_addresses={"api": shop.url},
        max_network_retries=2,
        http_client=stripe.RequestsClient(timeout=(3, 20)),
    )


def emails(shop: Shop) -> list[Any]:
    return [one.email for one in shop.stripe.v1.customers.list().data]


@pytest.mark.parametrize(
    ("path", "met"),
    [
        ("/v1/customers", True),
        ("/v1/customers/*", False),
        ("/v1/*ustomers", True),
        ("^/v1/customers$", True),
        ("^/v1/customers/.+", False),
        ("/v1/refunds", False),
    ],
)
def test_a_fault_meets_the_paths_it_was_asked_for(shop: Shop, path: str, met: bool) -> None:
    shop.control("faults", kind="status", status=503, path=path)
    if met:
        with pytest.raises(stripe.APIError):
            shop.stripe.v1.customers.create({})
    else:
        shop.stripe.v1.customers.create({})
    [fault] = shop.look("faults")["faults"]
    assert (fault["path"], fault["met"]) == (path, int(met))


@pytest.mark.parametrize(
    ("status", "retry", "passes"),
    [
        (500, None, False),  # Kept under its key: each further try is told the same.
        (409, None, True),
        (409, False, False),
        (429, None, False),
        (429, True, True),
    ],
)
def test_the_library_tries_again_what_it_is_told_to(
    shop: Shop, status: int, retry: bool | None, passes: bool
) -> None:
    shop.control("faults", kind="status", status=status, retry=retry, path="/v1/customers")
    client = stubborn(shop)
    if passes:
        client.v1.customers.create({"email": "a@example.org"})
    else:
        with pytest.raises(stripe.StripeError) as failed:
            client.v1.customers.create({"email": "a@example.org"})
        assert failed.value.http_status == status
    assert len(emails(shop)) == int(passes)


def test_a_lock_time_out_names_its_code(shop: Shop) -> None:
    shop.control("faults", kind="status", status=429, code="lock_timeout")
    with pytest.raises(stripe.RateLimitError) as failed:
        shop.stripe.v1.customers.create({})
    assert failed.value.error is not None
    assert failed.value.error.code == "lock_timeout"


@pytest.mark.parametrize(("kind", "kept"), [("before", 0), ("drop", 1)])
def test_a_cut_connection_leaves_done_or_undone_what_was_asked(
    shop: Shop, kind: str, kept: int
) -> None:
    shop.control("faults", kind=kind, path="/v1/customers")
    with pytest.raises(stripe.APIConnectionError):
        shop.stripe.v1.customers.create({"email": "a@example.org"}, {"idempotency_key": "cus:1"})
    assert len(emails(shop)) == kept
    shop.stripe.v1.customers.create({"email": "a@example.org"}, {"idempotency_key": "cus:1"})
    assert emails(shop) == ["a@example.org"]


def test_trouble_can_be_likely_and_is_the_same_for_the_same_seed(shop: Shop) -> None:
    def met(seed: int) -> list[bool]:
        shop.control("faults/clear")
        shop.control(
            "faults", kind="status", method="*", times=None, probability=0.4, seed=seed, path="/v1/"
        )
        outcomes = []
        for _ in range(40):
            try:
                shop.stripe.v1.customers.list()
                outcomes.append(False)
            except stripe.APIError:
                outcomes.append(True)
        shop.control("faults/clear")
        return outcomes

    first = met(1)
    assert 5 < sum(first) < 30
    assert met(1) == first
    assert met(2) != first
    assert shop.look("faults")["faults"] == []


@pytest.mark.parametrize("asked", [{"kind": "flood"}, {}, {"kind": "drop", "often": 3}])
def test_unknown_trouble_is_refused(shop: Shop, asked: dict[str, Any]) -> None:
    assert shop.web.post(f"{shop.url}/_control/faults", json=asked).status_code == 400
