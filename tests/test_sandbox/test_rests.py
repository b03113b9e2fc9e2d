"""Subscriptions that rest without invoices, test clocks, and sessions nobody finished."""

from __future__ import annotations

from typing import Any, cast

import pytest
import stripe

from tests.sandbox.clock import DAY
from tests.test_sandbox.shop import Receiver, Shop, wait_for

UNPAID_FOR: Any = {"bill_for": {"unused_time_from": {"type": "none"}}}


def subscription(shop: Shop, made: dict[str, str]) -> Any:
    return shop.stripe.v1.subscriptions.retrieve(made["subscription"])


def test_a_paused_subscription_makes_no_invoices_until_it_is_resumed_and_billed(
    shop: Shop,
) -> None:
    made = shop.patron()
    api = shop.stripe.v1.subscriptions
    paused: Any = api.pause(made["subscription"], UNPAID_FOR)
    assert paused.status == "paused"
    assert paused.status_details.paused.subscription.type == "pause_requested"
    shop.control("advance", months=2)
    assert len(shop.stripe.v1.invoices.list().data) == 1
    [state] = shop.look("subscriptions")["subscriptions"]
    assert state["paused"]
    resumed: Any = api.resume(made["subscription"])
    assert (resumed.status, getattr(resumed, "status_details", None)) == ("active", None)
    assert [one.status for one in shop.stripe.v1.invoices.list().data] == ["paid", "paid"]
    assert abs(resumed.billing_cycle_anchor - shop.look("clock")["now"]) < 5
    for type_ in ("customer.subscription.paused", "customer.subscription.resumed"):
        assert shop.happened().count(type_) == 1
    shop.control("advance", months=1)
    assert len(shop.stripe.v1.invoices.list().data) == 3
    with pytest.raises(stripe.InvalidRequestError):
        api.resume(made["subscription"])


def test_a_subscription_resumed_on_its_old_days_is_billed_on_the_next_of_them(shop: Shop) -> None:
    made = shop.patron()
    api = shop.stripe.v1.subscriptions
    anchor = subscription(shop, made).billing_cycle_anchor
    api.pause(made["subscription"], UNPAID_FOR)
    shop.control("advance", days=45)
    asked: Any = {"billing_cycle_anchor": {"type": "unchanged"}, "proration_behavior": "none"}
    resumed: Any = api.resume(made["subscription"], asked)
    assert resumed.billing_cycle_anchor == anchor
    assert len(shop.stripe.v1.invoices.list().data) == 1
    end = resumed.items.data[0].current_period_end
    shop.control("advance", to=end + 2 * 3600)
    assert len(shop.stripe.v1.invoices.list().data) == 2


def test_a_paused_subscription_can_be_ended(shop: Shop) -> None:
    made = shop.patron()
    shop.stripe.v1.subscriptions.pause(made["subscription"], UNPAID_FOR)
    ended = shop.stripe.v1.subscriptions.cancel(made["subscription"])
    assert ended.status == "canceled"


def test_a_test_clock_advances_the_accounts_time(told: Shop, receiver: Receiver) -> None:
    clocks = told.stripe.v1.test_helpers.test_clocks
    now = told.look("clock")["now"]
    clock = clocks.create({"frozen_time": now, "name": "A month"})
    customer = told.stripe.v1.customers.create(
        {"email": "reader@example.org", "test_clock": clock.id}
    )
    session = told.open(customer=customer.id, customer_email=None)
    told.press(session.id)
    sold: Any = told.stripe.v1.checkout.sessions.retrieve(session.id, {"expand": ["subscription"]})
    assert sold.subscription.test_clock == clock.id
    advancing = clocks.advance(clock.id, {"frozen_time": now + 32 * DAY})
    assert advancing.status == "advancing"
    wait_for(lambda: clocks.retrieve(clock.id).status == "ready", "the clock")
    assert clocks.retrieve(clock.id).frozen_time == now + 32 * DAY
    assert [one.status for one in told.stripe.v1.invoices.list().data] == ["paid", "paid"]
    assert told.happened().count("test_helpers.test_clock.ready") == 1
    with pytest.raises(stripe.InvalidRequestError):
        clocks.advance(clock.id, {"frozen_time": now})
    assert [one.id for one in clocks.list().data] == [clock.id]
    assert clocks.delete(clock.id).deleted
    assert clocks.list().data == []
    wait_for(lambda: receiver.types.count("invoice.paid") == 2, "the renewal's event")


def test_open_sessions_are_listed_and_expired(shop: Shop) -> None:
    api = shop.stripe.v1.checkout.sessions
    soon = shop.look("clock")["wall"] + 1900
    left = shop.open(expires_at=soon)
    other = shop.open(custom_text={"submit": {"message": "You can stop at any time."}})
    assert "You can stop at any time." in shop.web.get(cast(str, other.url)).text
    shop.press(shop.open().id)
    assert [one.id for one in api.list({"status": "open"}).data] == [other.id, left.id]
    assert api.expire(other.id).status == "expired"
    with pytest.raises(stripe.InvalidRequestError):
        api.expire(other.id)
    shop.control("advance", seconds=2000)
    assert api.retrieve(left.id).status == "expired"
    assert api.list({"status": "open"}).data == []
    assert len(api.list({"created": {"gte": soon - 1960}}).data) == 3
    assert shop.happened().count("checkout.session.expired") == 2
