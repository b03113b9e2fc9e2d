"""Events carried to a shop: signed, again until taken, held back and let go."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

import pytest
import stripe

from tests.test_sandbox.shop import SECRET, Receiver, Shop, wait_for


def all_taken(shop: Shop) -> bool:
    return bool(shop.look("deliveries")["undelivered"] == 0)


def test_a_delivery_is_signed_so_that_the_library_accepts_it(
    told: Shop, receiver: Receiver
) -> None:
    told.patron()
    wait_for(lambda: "invoice.paid" in receiver.types, "invoice.paid")
    headers, body = receiver.got[receiver.types.index("invoice.paid")]
    event = told.stripe.construct_event(body, headers["Stripe-Signature"], SECRET)
    assert (event.type, event.api_version) == ("invoice.paid", "2026-10-28.endive")
    assert headers["User-Agent"].startswith("Stripe/1.0")
    assert headers["Content-Type"] == "application/json; charset=utf-8"
    with pytest.raises(stripe.SignatureVerificationError):
        told.stripe.construct_event(body, headers["Stripe-Signature"], "whsec_other")
    with pytest.raises(stripe.SignatureVerificationError):
        told.stripe.construct_event(body + b" ", headers["Stripe-Signature"], SECRET)


def test_only_what_was_asked_for_is_delivered(told: Shop, receiver: Receiver) -> None:
    told.patron()
    wait_for(lambda: all_taken(told), "all deliveries")
    assert "checkout.session.completed" in receiver.types
    assert not {"price.created", "invoice.created", "invoice.updated"} & set(receiver.types)


def test_a_refused_event_comes_again_with_the_same_body_and_a_signature_of_its_own(
    told: Shop, receiver: Receiver
) -> None:
    receiver.statuses = [500]
    told.stripe.v1.checkout.sessions.expire(told.open().id)
    wait_for(lambda: all_taken(told), "the second attempt")
    (first, body), (second, again) = receiver.got
    assert body == again
    assert first["Stripe-Signature"] != second["Stripe-Signature"]
    attempts = told.look("deliveries")["attempts"]
    assert [(one["number"], one["status"]) for one in attempts] == [(2, 200), (1, 500)]


def test_a_redirect_is_a_failure(told: Shop, receiver: Receiver) -> None:
    receiver.statuses = [302]
    told.stripe.v1.checkout.sessions.expire(told.open().id)
    wait_for(lambda: len(receiver.got) == 2, "the second attempt")


def test_a_shop_that_is_down_is_told_when_it_is_up_again(
    opened: Callable[..., Shop], receiver: Receiver
) -> None:
    shop = opened(webhook_url="http://127.0.0.1:9/down")
    shop.stripe.v1.checkout.sessions.expire(shop.open().id)
    wait_for(lambda: shop.look("deliveries")["attempts"], "a failed attempt")
    assert shop.look("deliveries")["attempts"][0]["status"] == 0
    undelivered: Any = {"delivery_success": False, "limit": 100}
    assert [one.type for one in shop.stripe.v1.events.list(undelivered).data] == [
        "checkout.session.expired"
    ]
    shop.stripe.v1.webhook_endpoints.update("we_configured", {"url": receiver.url})
    wait_for(lambda: all_taken(shop), "the delivery")
    assert receiver.types == ["checkout.session.expired"]
    assert shop.stripe.v1.events.list(undelivered).data == []


def test_held_events_are_delivered_in_the_order_and_number_asked_for(
    told: Shop, receiver: Receiver
) -> None:
    told.control("hold")
    told.patron()
    held = [event for event in told.look("events")["events"] if event["listened_for"]]
    assert receiver.got == []
    wanted = [event["id"] for event in reversed(held) for _ in range(3)]
    attempts = told.control("deliver", events=wanted)["attempts"]
    assert [one["status"] for one in attempts] == [200] * len(wanted)
    assert [json.loads(body)["id"] for _, body in receiver.got] == wanted


def test_held_events_follow_when_they_are_released(told: Shop, receiver: Receiver) -> None:
    told.control("hold")
    told.patron()
    owed = told.look("deliveries")["undelivered"]
    assert owed > 5
    told.control("release")
    wait_for(lambda: all_taken(told), "all deliveries")
    assert len(receiver.got) >= owed


def test_events_can_be_had_with_headers_for_a_delivery_of_ones_own(shop: Shop) -> None:
    shop.patron()
    [event] = shop.look("events", type="invoice.paid", signed="1")["events"]
    signature = event["headers"]["Stripe-Signature"]
    parsed = shop.stripe.construct_event(event["body"].encode(), signature, SECRET)
    assert parsed.id == event["id"]


def test_events_are_listed_by_type_and_time(shop: Shop) -> None:
    shop.patron()
    before = shop.look("clock")["now"]
    shop.control("advance", months=1)
    api: Any = shop.stripe.v1.events
    paid = {"types": ["invoice.paid", "charge.failed"], "limit": 100}
    assert [one.type for one in api.list(paid).data] == ["invoice.paid"] * 2
    [renewal] = api.list({**paid, "created": {"gt": before + 60}}).data
    assert api.retrieve(renewal.id).data.object.billing_reason == "subscription_cycle"
    shop.settled()
    every = [one.id for one in api.list({"limit": 4}).auto_paging_iter()]
    assert every == [event["id"] for event in shop.look("events")["events"]][::-1]


def test_an_endpoint_shows_its_secret_once_and_is_told_until_deleted(
    shop: Shop, receiver: Receiver
) -> None:
    made = shop.stripe.v1.webhook_endpoints.create(
        {"url": receiver.url, "enabled_events": ["checkout.session.expired"]}
    )
    shop.stripe.v1.checkout.sessions.expire(shop.open().id)
    wait_for(lambda: receiver.got, "the delivery")
    headers, body = receiver.got[0]
    assert made.secret is not None
    shop.stripe.construct_event(body, headers["Stripe-Signature"], made.secret)
    seen = shop.stripe.v1.webhook_endpoints.retrieve(made.id)
    assert not hasattr(seen, "secret")
    shop.stripe.v1.webhook_endpoints.delete(made.id)
    shop.stripe.v1.checkout.sessions.expire(shop.open().id)
    assert shop.look("deliveries")["undelivered"] == 0


def test_many_events_are_delivered_quickly(told: Shop, receiver: Receiver) -> None:
    for _ in range(20):
        told.patron()
    started = time.monotonic()
    wait_for(lambda: all_taken(told), "all deliveries")
    assert time.monotonic() - started < 5
    assert receiver.types.count("invoice.paid") == 20
