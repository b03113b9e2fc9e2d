"""Subscriptions that change their rhythm, rest for a while, and end on a day."""

from __future__ import annotations

import json
from typing import Any, cast

import pytest
import stripe

from tests.sandbox import shapes
from tests.sandbox.clock import DAY, HOUR, add_months
from tests.test_sandbox.shop import Shop


def subscription(shop: Shop, made: dict[str, str]) -> Any:
    return shop.stripe.v1.subscriptions.retrieve(made["subscription"])


def change(shop: Shop, made: dict[str, str], **params: Any) -> Any:
    return shop.stripe.v1.subscriptions.update(made["subscription"], cast(Any, params))


def new_price(shop: Shop, made: dict[str, str], amount: int, interval: str) -> dict[str, Any]:
    """Give the parameters that put another price on the one item."""
    data = {
        "currency": "eur",
        "product": "prod_support",
        "unit_amount": amount,
        "recurring": {"interval": interval, "interval_count": 1},
    }
    item = {"id": subscription(shop, made).items.data[0].id, "quantity": 1, "price_data": data}
    return {"items": [item], "proration_behavior": "none"}


def invoices(shop: Shop, made: dict[str, str]) -> list[Any]:
    """List the invoices of a subscription, newest first."""
    asked: Any = {"subscription": made["subscription"], "limit": 100}
    return list(shop.stripe.v1.invoices.list(asked).data)


def bodies(shop: Shop, type_: str) -> list[Any]:
    """Give what the events of a type told of, oldest first."""
    return [json.loads(e["body"])["data"] for e in shop.look("events", type=type_)["events"]]


def test_a_monthly_patron_pays_by_the_year_from_the_end_of_the_paid_month(shop: Shop) -> None:
    made = shop.patron()
    end = subscription(shop, made).items.data[0].current_period_end
    changed = change(shop, made, **new_price(shop, made, 5000, "year"), trial_end=end)
    item = changed.items.data[0]
    assert (changed.status, changed.trial_end, changed.billing_cycle_anchor) == (
        "trialing",
        end,
        end,
    )
    assert (item.current_period_end, item.price.unit_amount) == (end, 5000)
    [free, _] = invoices(shop, made)
    assert (free.status, free.amount_paid, free.billing_reason) == (
        "paid",
        0,
        "subscription_update",
    )
    assert shop.stripe.v1.invoice_payments.list({"invoice": free.id}).data == []
    shop.control("advance", to=end)
    running = subscription(shop, made)
    assert running.status == "active"
    assert running.items.data[0].current_period_end == add_months(end, 12)
    assert invoices(shop, made)[0].status == "draft"
    shop.control("advance", hours=1)
    [yearly, *_] = invoices(shop, made)
    assert (yearly.status, yearly.amount_paid, yearly.billing_reason) == (
        "paid",
        5000,
        "subscription_cycle",
    )
    shop.control("advance", months=11)
    assert len(invoices(shop, made)) == 3
    assert len(bodies(shop, "customer.subscription.trial_will_end")) == 1


def test_a_yearly_patron_pays_by_the_month_from_the_end_of_the_paid_year(shop: Shop) -> None:
    made = shop.patron(interval="year")
    end = subscription(shop, made).items.data[0].current_period_end
    change(shop, made, **new_price(shop, made, 500, "month"), trial_end=end)
    shop.control("advance", months=11)
    assert len(invoices(shop, made)) == 2
    for _ in range(3):
        shop.control("advance", months=1)
    assert [one.amount_paid for one in invoices(shop, made)] == [500, 500, 500, 0, 500]


def test_a_trial_ended_early_is_charged_at_once(shop: Shop) -> None:
    made = shop.patron()
    end = subscription(shop, made).items.data[0].current_period_end
    change(shop, made, **new_price(shop, made, 5000, "year"), trial_end=end)
    running = change(shop, made, trial_end="now", proration_behavior="none")
    assert running.status == "active"
    [charged, *_] = invoices(shop, made)
    assert (charged.status, charged.amount_paid) == ("paid", 5000)
    assert running.latest_invoice == charged.id
    ahead = running.items.data[0].current_period_end
    assert ahead == add_months(running.billing_cycle_anchor, 12)


def test_another_rhythm_without_a_trial_is_billed_at_once_as_stripe_does(shop: Shop) -> None:
    made = shop.patron()
    changed = change(shop, made, **new_price(shop, made, 5000, "year"))
    assert [one.amount_paid for one in invoices(shop, made)] == [5000, 500]
    assert changed.items.data[0].plan.interval == "year"


def test_a_trial_ends_neither_in_the_past_nor_after_two_years(shop: Shop) -> None:
    made = shop.patron()
    now = shop.look("clock")["now"]
    for moment in (now - DAY, now + 800 * DAY):
        with pytest.raises(stripe.InvalidRequestError) as refused:
            change(shop, made, trial_end=moment, proration_behavior="none")
        assert refused.value.param == "trial_end"


def test_a_pause_ends_by_itself_on_its_day(shop: Shop) -> None:
    made = shop.patron()
    back = subscription(shop, made).items.data[0].current_period_end + 20 * DAY
    change(shop, made, pause_collection={"behavior": "void", "resumes_at": back})
    shop.control("advance", months=1)
    assert [one.status for one in invoices(shop, made)] == ["void", "paid"]
    assert subscription(shop, made).status == "active"
    shop.control("advance", to=back - 1)
    assert subscription(shop, made).pause_collection.resumes_at == back
    shop.control("advance", seconds=1)
    assert subscription(shop, made).pause_collection is None
    told = bodies(shop, "customer.subscription.updated")[-1]
    assert told["previous_attributes"]["pause_collection"]["resumes_at"] == back
    shop.control("advance", months=1)
    assert [one.status for one in invoices(shop, made)] == ["paid", "void", "paid"]


def test_a_pause_that_ends_with_the_period_does_not_void_the_renewal(shop: Shop) -> None:
    made = shop.patron()
    end = subscription(shop, made).items.data[0].current_period_end
    change(shop, made, pause_collection={"behavior": "void", "resumes_at": end})
    shop.control("advance", to=end + HOUR)
    assert [one.status for one in invoices(shop, made)] == ["paid", "paid"]
    with pytest.raises(stripe.InvalidRequestError):
        change(shop, made, pause_collection={"behavior": "void", "resumes_at": end})


def test_an_end_on_the_last_day_of_the_period_brings_no_further_invoice(shop: Shop) -> None:
    made = shop.patron()
    end = subscription(shop, made).items.data[0].current_period_end
    leaving = change(shop, made, cancel_at=end, cancellation_details={"feedback": "unused"})
    assert (leaving.cancel_at, leaving.cancel_at_period_end) == (end, False)
    assert leaving.cancellation_details.reason == "cancellation_requested"
    back = change(shop, made, cancel_at="")
    assert (back.cancel_at, back.canceled_at) == (None, None)
    change(shop, made, cancel_at=end)
    shop.control("advance", months=1)
    ended = subscription(shop, made)
    assert (ended.status, ended.ended_at) == ("canceled", end)
    assert len(invoices(shop, made)) == 1
    assert change(shop, made, metadata={"a": "b"}).metadata.a == "b"
    with pytest.raises(stripe.InvalidRequestError):
        change(shop, made, cancel_at="")


def test_a_yearly_renewal_is_announced_a_week_before_by_an_invoice_without_an_id(
    shop: Shop,
) -> None:
    made, paused = shop.patron(interval="year"), shop.patron(interval="year")
    shop.patron()
    change(shop, paused, pause_collection={"behavior": "void"})
    end = subscription(shop, made).items.data[0].current_period_end
    shop.control("advance", to=end - 7 * DAY - 1)
    assert bodies(shop, "invoice.upcoming") == []
    shop.control("advance", days=2)
    [told] = bodies(shop, "invoice.upcoming")
    upcoming = told["object"]
    assert "id" not in upcoming
    [event] = shop.look("events", type="invoice.upcoming")["events"]
    assert shapes.problems(json.loads(event["body"])) == []
    assert (upcoming["amount_due"], upcoming["period_end"]) == (500, end)
    details = upcoming["parent"]["subscription_details"]
    assert details["subscription"] == made["subscription"]
    assert upcoming["lines"]["data"][0]["period"]["start"] == end


def test_cancelling_a_past_due_subscription_stops_its_retries(shop: Shop) -> None:
    made = shop.patron(card="4000000000000341")
    shop.control("advance", months=1)
    said: Any = {"cancellation_details": {"feedback": "other", "comment": ""}}
    ended: Any = shop.stripe.v1.subscriptions.cancel(made["subscription"], said)
    assert (ended.cancellation_details.feedback, ended.cancellation_details.comment) == (
        "other",
        None,
    )
    [left, _] = invoices(shop, made)
    assert (left.status, left.auto_advance, left.next_payment_attempt) == ("open", False, None)
    shop.control("advance", days=30)
    assert shop.happened().count("invoice.payment_failed") == 1
