"""Subscriptions through their life: changed, renewed month by month, failing, ended."""

from __future__ import annotations

import calendar
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any, cast

import pytest
import stripe

from tests.sandbox.clock import add_months, next_anchor
from tests.test_sandbox.shop import Shop


def subscription(shop: Shop, made: dict[str, str]) -> Any:
    return shop.stripe.v1.subscriptions.retrieve(made["subscription"])


def at(year: int, month: int, day: int) -> int:
    return int(datetime(year, month, day, 10, tzinfo=UTC).timestamp())


@pytest.mark.parametrize(
    ("anchor", "interval", "days"),
    [
        (at(2027, 1, 31), "month", [(2, 28), (3, 31), (4, 30), (5, 31), (6, 30), (7, 31)]),
        (at(2027, 11, 30), "month", [(12, 30), (1, 30), (2, 29), (3, 30)]),
        (at(2028, 2, 29), "year", [(2, 28), (2, 28), (2, 28), (2, 29)]),
        (at(2027, 5, 15), "month", [(6, 15), (7, 15)]),
    ],
)
def test_a_boundary_keeps_the_day_of_the_anchor_where_the_month_has_it(
    anchor: int, interval: str, days: list[tuple[int, int]]
) -> None:
    moment = anchor
    for month, day in days:
        moment = next_anchor(anchor, moment, interval, 1)
        found = datetime.fromtimestamp(moment, UTC)
        assert (found.month, found.day, found.hour) == (month, day, 10)


def test_fourteen_months_bring_fourteen_renewals_on_the_right_days(shop: Shop) -> None:
    today = datetime.fromtimestamp(shop.look("clock")["now"], UTC)
    # Stand on the last day of a month with 31 days.
    start = next(
        stamp
        for stamp in (
            at(today.year + (today.month + n) // 12, (today.month + n) % 12 + 1, 1)
            for n in range(12)
        )
        if calendar.monthrange(*datetime.fromtimestamp(stamp, UTC).timetuple()[:2])[1] == 31
    )
    shop.control("advance", to=start + 30 * 24 * 3600)
    made = shop.patron()
    began = subscription(shop, made).billing_cycle_anchor
    assert datetime.fromtimestamp(began, UTC).day == 31
    for _ in range(14):
        shop.control("advance", months=1)
    invoices = list(
        shop.stripe.v1.invoices.list(
            {"subscription": made["subscription"], "limit": 100}
        ).auto_paging_iter()
    )[::-1]
    assert [invoice.status for invoice in invoices] == ["paid"] * 15
    assert [invoice.created for invoice in invoices[1:]] == [
        add_months(began, n) for n in range(1, 15)
    ]
    periods = [invoice.lines.data[0].period for invoice in invoices]
    for earlier, later in pairwise(periods):
        assert earlier.end == later.start
    numbers = [cast(str, invoice.number).split("-")[1] for invoice in invoices]
    assert numbers == [f"{n:04d}" for n in range(1, 16)]
    assert shop.look("ledger")["paid"]["eur"]["gross"] == 15 * 500


def test_a_renewal_is_a_draft_for_an_hour(shop: Shop) -> None:
    made = shop.patron()
    end = subscription(shop, made).items.data[0].current_period_end
    shop.control("advance", to=end)
    [draft, _] = shop.stripe.v1.invoices.list({"subscription": made["subscription"]}).data
    assert (draft.status, draft.billing_reason) == ("draft", "subscription_cycle")
    assert draft.automatically_finalizes_at == end + 3600
    assert (draft.period_start, draft.period_end) == (
        subscription(shop, made).start_date,
        end,
    )
    shop.control("advance", hours=1)
    paid = shop.stripe.v1.invoices.retrieve(draft.id)
    assert (paid.status, paid.status_transitions.paid_at) == ("paid", end + 3600)


def test_a_year_passes_before_a_yearly_patron_pays_again(shop: Shop) -> None:
    made = shop.patron(interval="year")
    owner: Any = {"subscription": made["subscription"]}
    shop.control("advance", months=11)
    assert len(shop.stripe.v1.invoices.list(owner).data) == 1
    shop.control("advance", months=1)
    assert len(shop.stripe.v1.invoices.list(owner).data) == 2


def test_a_new_amount_is_charged_from_the_next_renewal_on(shop: Shop) -> None:
    made = shop.patron()
    item = subscription(shop, made).items.data[0]
    change: Any = {
        "items": [
            {
                "id": item.id,
                "quantity": 1,
                "price_data": {
                    "currency": "eur",
                    "product": "prod_support",
                    "unit_amount": 900,
                    "recurring": {"interval": "month", "interval_count": 1},
                },
            }
        ],
        "proration_behavior": "none",
        "metadata": {"change": "3"},
    }
    changed: Any = shop.stripe.v1.subscriptions.update(made["subscription"], change)
    assert changed.items.data[0].price.unit_amount == 900
    assert changed.metadata.to_dict() == {"pledge": "1", "change": "3"}
    [told] = shop.look("events", type="customer.subscription.updated")["events"]
    assert '"previous_attributes"' in told["body"]
    assert len(shop.stripe.v1.invoices.list().data) == 1
    shop.control("advance", months=1)
    assert [one.amount_paid for one in shop.stripe.v1.invoices.list().data] == [900, 500]


@pytest.mark.parametrize(
    "spoil",
    [
        {"id": None},
        {"currency": "usd"},
        {"proration_behavior": "always_invoice"},
    ],
)
def test_a_change_the_sandbox_would_get_wrong_is_refused(shop: Shop, spoil: dict[str, Any]) -> None:
    made = shop.patron()
    data: dict[str, Any] = {
        "currency": spoil.get("currency", "eur"),
        "product": "prod_support",
        "unit_amount": 900,
        "recurring": {"interval": "month"},
    }
    item = {"id": subscription(shop, made).items.data[0].id, "price_data": data}
    if "id" in spoil:
        del item["id"]
    change: Any = {
        "items": [item],
        "proration_behavior": spoil.get("proration_behavior", "none"),
    }
    with pytest.raises(stripe.InvalidRequestError):
        shop.stripe.v1.subscriptions.update(made["subscription"], change)
    assert subscription(shop, made).items.data[0].price.unit_amount == 500


def test_a_subscription_ends_with_its_period_unless_the_patron_returns(shop: Shop) -> None:
    made = shop.patron()
    update = shop.stripe.v1.subscriptions.update
    leaving = update(
        made["subscription"],
        {
            "cancel_at_period_end": True,
            "cancellation_details": {"feedback": "too_expensive", "comment": "Sorry"},
        },
    )
    end = subscription(shop, made).items.data[0].current_period_end
    assert (leaving.cancel_at_period_end, leaving.cancel_at, leaving.status) == (
        True,
        end,
        "active",
    )
    assert cast(Any, leaving.cancellation_details).reason == "cancellation_requested"
    assert cast(Any, leaving.cancellation_details).feedback == "too_expensive"
    back = update(made["subscription"], {"cancel_at_period_end": False})
    assert (back.cancel_at, back.canceled_at) == (None, None)
    update(made["subscription"], {"cancel_at_period_end": True})
    shop.control("advance", months=1)
    ended = subscription(shop, made)
    assert (ended.status, ended.ended_at) == ("canceled", end)
    assert len(shop.stripe.v1.invoices.list().data) == 1
    assert shop.happened().count("customer.subscription.deleted") == 1


def test_a_subscription_is_ended_at_once_and_only_once(shop: Shop) -> None:
    made = shop.patron()
    cancel = shop.stripe.v1.subscriptions.cancel
    ended = cancel(made["subscription"], {"cancellation_details": {"comment": "Bye"}})
    assert ended.status == "canceled"
    with pytest.raises(stripe.InvalidRequestError) as refused:
        cancel(made["subscription"])
    assert refused.value.http_status == 404
    assert shop.stripe.v1.subscriptions.list().data == []
    assert len(shop.stripe.v1.subscriptions.list({"status": "all"}).data) == 1
    assert len(shop.stripe.v1.subscriptions.list({"status": "canceled"}).data) == 1
    shop.control("advance", months=2)
    assert len(shop.stripe.v1.invoices.list().data) == 1


def test_a_card_that_stops_paying_is_tried_again_and_then_the_subscription_ends(
    shop: Shop,
) -> None:
    made = shop.patron(card="4000000000000341")
    shop.control("advance", months=1)
    assert subscription(shop, made).status == "past_due"
    [failed, _] = shop.stripe.v1.invoices.list().data
    assert (failed.status, failed.attempt_count, failed.attempted) == ("open", 1, True)
    first = cast(int, failed.next_payment_attempt)
    for count in (2, 3):
        shop.control("advance", days=3 if count == 2 else 2)
        failed = shop.stripe.v1.invoices.retrieve(failed.id)
        assert failed.attempt_count == count
    assert cast(int, failed.next_payment_attempt) == first + 4 * 24 * 3600
    shop.control("advance", days=2)
    failed = shop.stripe.v1.invoices.retrieve(failed.id)
    assert (failed.attempt_count, failed.next_payment_attempt) == (4, None)
    ended = subscription(shop, made)
    assert (ended.status, ended.cancellation_details.reason) == ("canceled", "payment_failed")
    assert shop.happened().count("invoice.payment_failed") == 4
    assert shop.look("ledger")["paid"]["eur"]["count"] == 1


def test_a_new_card_brings_a_past_due_subscription_back(shop: Shop) -> None:
    made = shop.patron(card="4000000000000341")
    shop.control("advance", months=1)
    [open_one, _] = shop.stripe.v1.invoices.list().data
    with pytest.raises(stripe.CardError) as declined:
        shop.stripe.v1.invoices.pay(open_one.id)
    assert declined.value.error is not None
    assert declined.value.error.decline_code == "generic_decline"
    method = shop.stripe.v1.payment_methods.attach("pm_card_visa", {"customer": made["customer"]})
    shop.stripe.v1.subscriptions.update(made["subscription"], {"default_payment_method": method.id})
    paid = shop.stripe.v1.invoices.pay(open_one.id)
    assert (paid.status, subscription(shop, made).status) == ("paid", "active")
    links = shop.stripe.v1.invoice_payments.list({"invoice": open_one.id, "status": "paid"}).data
    assert [link.amount_paid for link in links] == [500]
    with pytest.raises(stripe.InvalidRequestError, match="already paid"):
        shop.stripe.v1.invoices.pay(open_one.id)


def test_the_next_try_takes_the_new_card_by_itself(shop: Shop) -> None:
    made = shop.patron(card="4000000000000341")
    shop.control("advance", months=1)
    shop.control("card", customer=made["customer"], card="5555555555554444")
    shop.control("advance", days=3)
    assert subscription(shop, made).status == "active"
    assert shop.stripe.v1.charges.list().data[0].paid


def test_a_card_that_needs_the_buyer_asks_for_action_at_renewal(shop: Shop) -> None:
    shop.patron(card="4000002760003184")
    shop.control("advance", months=1)
    assert "invoice.payment_action_required" in shop.happened()


def test_a_paused_collection_voids_what_falls_due(shop: Shop) -> None:
    made = shop.patron()
    pause: Any = {"pause_collection": {"behavior": "void"}}
    shop.stripe.v1.subscriptions.update(made["subscription"], pause)
    shop.control("advance", months=1)
    assert shop.stripe.v1.invoices.list().data[0].status == "void"
    resume: Any = {"pause_collection": ""}
    shop.stripe.v1.subscriptions.update(made["subscription"], resume)
    shop.control("advance", months=1)
    assert shop.stripe.v1.invoices.list().data[0].status == "paid"


def test_deleting_a_customer_ends_what_they_had(shop: Shop) -> None:
    made = shop.patron()
    shop.stripe.v1.customers.delete(made["customer"])
    assert subscription(shop, made).status == "canceled"


def test_an_open_invoice_can_be_voided(shop: Shop) -> None:
    shop.patron(card="4000000000000341")
    shop.control("advance", months=1)
    [open_one, paid] = shop.stripe.v1.invoices.list().data
    assert shop.stripe.v1.invoices.void_invoice(open_one.id).status == "void"
    with pytest.raises(stripe.InvalidRequestError):
        shop.stripe.v1.invoices.void_invoice(paid.id)
