"""Events on bad roads: shuffled, doubled, late, lost; and endpoints of the product's own making."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import stripe

from tests.sandbox.modes import NORMAL, mode
from tests.test_sandbox.shop import Receiver, Shop, wait_for

SENT = [f"evt_{number}" for number in range(1000)]


def came(receiver: Receiver) -> list[str]:
    return [json.loads(body)["id"] for _, body in receiver.got]


def delivered(shop: Shop) -> bool:
    return bool(shop.look("deliveries")["undelivered"] == 0)


def owed(shop: Shop) -> list[str]:
    """The ids of the events that were meant to be delivered, as they happened."""
    events = shop.look("events", bodies="0")["events"]
    return [event["id"] for event in events if event["listened_for"]]


def test_the_same_seed_gives_the_same_journeys_and_another_gives_others() -> None:
    bad = {"shuffle": True, "duplicate": 0.2, "delay": [0, 30], "drop": 0.1}
    first, again, other = (
        [mode(bad, seed).journeys(event, "we_1") for event in SENT] for seed in (1, 1, 2)
    )
    assert first == again != other
    lost = sum(not journeys for journeys in first)
    twice = sum(len(journeys) == 2 for journeys in first)
    assert 70 < lost < 130
    assert 140 < twice < 220
    latest = max(delay for journeys in first for delay in journeys)
    assert 25 < latest < 31


def test_in_the_usual_mode_each_event_comes_once_and_at_once() -> None:
    assert {tuple(NORMAL.journeys(event, "we_1")) for event in SENT} == {(0.0,)}


def test_shuffled_events_come_in_another_order_and_all_of_them(
    told: Shop, receiver: Receiver
) -> None:
    told.control("deliveries", mode={"shuffle": 0.3})
    for _ in range(3):
        told.patron()
    told.settled()
    wait_for(lambda: delivered(told), "all deliveries")
    assert came(receiver) != owed(told)
    assert sorted(came(receiver)) == owed(told)


def test_doubled_events_come_twice_with_the_same_id(told: Shop, receiver: Receiver) -> None:
    told.control("deliveries", mode={"duplicate": 1})
    told.patron()
    told.settled()
    wait_for(lambda: delivered(told), "all deliveries")
    assert Counter(came(receiver)) == dict.fromkeys(owed(told), 2)


def test_a_lost_event_is_found_in_the_list_and_delivered_when_asked_for(
    told: Shop, receiver: Receiver
) -> None:
    told.control("deliveries", mode={"drop": 1}, seed=3)
    told.patron()
    told.settled()
    told.control("deliveries", mode={})
    told.open()
    told.stripe.v1.checkout.sessions.expire(told.open().id)
    wait_for(lambda: receiver.got, "the event after them")
    assert receiver.types == ["checkout.session.expired"]
    seen = told.look("deliveries")
    assert (seen["undelivered"], seen["lost"]) == (0, len(owed(told)) - 1)
    api: Any = told.stripe.v1.events
    missed = api.list({"delivery_success": False, "limit": 3})
    found = [event.id for event in missed.auto_paging_iter()]
    assert found == owed(told)[-2::-1]
    told.control("deliver", events=found[:1])
    assert came(receiver)[-1] == found[0]
    assert told.look("deliveries")["lost"] == len(found) - 1


def test_a_mode_lasts_over_a_restart_and_what_was_lost_stays_lost(
    opened: Callable[..., Shop], receiver: Receiver, directory: Path
) -> None:
    shop = opened(webhook_url=receiver.url, state_dir=directory)
    shop.control("deliveries", mode={"drop": 1})
    shop.patron()
    shop.settled()
    lost = shop.look("deliveries")["lost"]
    shop.close()
    again = opened(webhook_url=receiver.url, state_dir=directory)
    assert again.look("deliveries")["mode"]["drop"] == 1
    again.control("deliveries")
    again.stripe.v1.checkout.sessions.expire(again.open().id)
    wait_for(lambda: receiver.got, "the delivery")
    assert (len(receiver.got), again.look("deliveries")["lost"]) == (1, lost)


@pytest.mark.parametrize(
    "asked",
    [{"mode": {"drop": 2}}, {"mode": {"delay": [3, 1]}}, {"mode": {"lose": 1}}, {"moods": {}}],
)
def test_an_impossible_mode_is_refused(shop: Shop, asked: dict[str, Any]) -> None:
    assert shop.web.post(f"{shop.url}/_control/deliveries", json=asked).status_code == 400


def test_an_endpoint_of_the_products_making_is_told_what_it_asked_for(
    opened: Callable[..., Shop], receiver: Receiver
) -> None:
    shop = opened()
    other = Receiver()
    api: Any = shop.stripe.v1.webhook_endpoints
    paid = api.create({"url": receiver.url, "enabled_events": ["invoice.paid"]})
    every = api.create({"url": other.url, "enabled_events": ["*"], "metadata": {"a": "1"}})
    shop.patron()
    wait_for(lambda: delivered(shop), "all deliveries")
    assert receiver.types == ["invoice.paid"]
    assert len(other.types) > 10
    for made, seen in ((paid, receiver), (every, other)):
        headers, body = seen.got[0]
        event = shop.stripe.construct_event(body, headers["Stripe-Signature"], made.secret)
        assert event.api_version == made.api_version == "2026-10-28.endive"
    assert {one.id for one in api.list().data} == {paid.id, every.id}
    other.close()


def test_a_disabled_endpoint_is_told_nothing_until_it_is_enabled(
    opened: Callable[..., Shop], receiver: Receiver
) -> None:
    shop = opened()
    api: Any = shop.stripe.v1.webhook_endpoints
    made = api.create({"url": receiver.url, "enabled_events": ["checkout.session.expired"]})
    assert api.update(made.id, {"disabled": True}).status == "disabled"
    shop.stripe.v1.checkout.sessions.expire(shop.open().id)
    assert api.update(made.id, {"disabled": False}).status == "enabled"
    changed = api.update(made.id, {"enabled_events": ["product.updated"]})
    assert list(changed.enabled_events) == ["product.updated"]
    shop.stripe.v1.checkout.sessions.expire(shop.open().id)
    shop.stripe.v1.products.update("prod_support", {"name": "Help"})
    wait_for(lambda: receiver.got, "the delivery")
    assert receiver.types == ["product.updated"]


@pytest.mark.parametrize("wrong", [{"api_version": "2025-03-31.basil"}, {"connect": True}])
def test_an_endpoint_that_is_not_imitated_is_refused(shop: Shop, wrong: dict[str, Any]) -> None:
    asked: Any = {"url": "http://127.0.0.1:9/", "enabled_events": ["invoice.paid"], **wrong}
    with pytest.raises(stripe.InvalidRequestError) as refused:
        shop.stripe.v1.webhook_endpoints.create(asked)
    assert refused.value.code == "sandbox_not_imitated"
