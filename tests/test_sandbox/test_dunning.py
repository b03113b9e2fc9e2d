"""Renewals that fail: each attempt counted and told of, tried again, mended or given up."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, cast

import pytest
import stripe

from tests.sandbox.clock import DAY
from tests.test_sandbox.shop import Shop

FORM = {"number": "4242424242424242", "exp": "12 / 40", "cvc": "123", "name": "A Reader"}


def subscription(shop: Shop, made: dict[str, str]) -> Any:
    return shop.stripe.v1.subscriptions.retrieve(made["subscription"])


def newest(shop: Shop, made: dict[str, str]) -> Any:
    asked: Any = {"subscription": made["subscription"], "limit": 1}
    return shop.stripe.v1.invoices.list(asked).data[0]


def charges(shop: Shop, invoice: Any) -> list[Any]:
    """List the charges of an invoice's one payment intent, oldest first."""
    [link] = shop.stripe.v1.invoice_payments.list({"invoice": invoice.id}).data
    asked: Any = {"payment_intent": link.payment.payment_intent}
    return shop.stripe.v1.charges.list(asked).data[::-1]


def lapsed(shop: Shop, card: str) -> dict[str, str]:
    """Make a patron whose first renewal has just failed."""
    made = shop.patron(card=card)
    shop.control("advance", months=1)
    assert subscription(shop, made).status == "past_due"
    return made


def test_every_attempt_leaves_a_charge_on_the_one_payment_intent(shop: Shop) -> None:
    made = lapsed(shop, "4000990000000012")
    first = newest(shop, made)
    shop.control("advance", days=8)
    tried = charges(shop, first)
    began = tried[0].created
    assert [one.created - began for one in tried] == [0, 3 * DAY, 5 * DAY, 7 * DAY]
    assert {one.failure_code for one in tried} == {"card_declined"}
    assert {one.outcome.reason for one in tried} == {"insufficient_funds"}
    assert tried[0].payment_method_details.card.last4 == "0012"
    told = [
        json.loads(event["body"])["data"]["object"]
        for event in shop.look("events", type="invoice.payment_failed")["events"]
    ]
    assert [(one["attempt_count"], one["next_payment_attempt"]) for one in told] == [
        (1, began + 3 * DAY),
        (2, began + 5 * DAY),
        (3, began + 7 * DAY),
        (4, None),
    ]
    assert subscription(shop, made).cancellation_details.reason == "payment_failed"


def test_the_days_of_the_retries_are_an_option(opened: Callable[..., Shop]) -> None:
    shop = opened(retries=(1, 2))
    made = lapsed(shop, "4000000000000341")
    shop.control("advance", days=1)
    assert newest(shop, made).attempt_count == 2
    shop.control("advance", days=1)
    assert (newest(shop, made).attempt_count, subscription(shop, made).status) == (3, "canceled")


@pytest.mark.parametrize(
    ("card", "code", "decline_code", "executed"),
    [
        ("4000990000000012", "card_declined", "insufficient_funds", 4),
        ("4000990000000020", "expired_card", None, 4),
        ("4000990000000038", "card_declined", "do_not_honor", 4),
        ("4000990000000046", "card_declined", "lost_card", 1),
        ("4000990000000053", "card_declined", "stolen_card", 1),
        ("4000990000000061", "card_declined", "card_velocity_exceeded", 4),
        ("4000990000000079", "processing_error", None, 4),
        ("4000002760003184", "authentication_required", "authentication_required", 1),
        ("4000008260003178", "card_declined", "insufficient_funds", 4),
    ],
)
def test_each_way_to_fail_a_renewal_has_its_code(
    shop: Shop, card: str, code: str, decline_code: str | None, executed: int
) -> None:
    made = lapsed(shop, card)
    invoice = newest(shop, made)
    [link] = shop.stripe.v1.invoice_payments.list({"invoice": invoice.id}).data
    intent = shop.stripe.v1.payment_intents.retrieve(cast(Any, link.payment.payment_intent))
    error: Any = intent.last_payment_error
    assert (error.code, getattr(error, "decline_code", None)) == (code, decline_code)
    shop.control("advance", days=8)
    # After a hard decline the attempts go on counting and none is made.
    assert newest(shop, made).attempt_count == 4
    assert len(charges(shop, invoice)) == executed
    assert shop.happened().count("invoice.payment_failed") == executed
    assert subscription(shop, made).status == "canceled"


def test_after_a_hard_decline_the_next_attempt_takes_a_new_card(shop: Shop) -> None:
    made = lapsed(shop, "4000990000000046")
    shop.control("advance", days=3)
    assert len(charges(shop, newest(shop, made))) == 1
    shop.control("card", customer=made["customer"], card="4242424242424242")
    shop.control("advance", days=2)
    assert (newest(shop, made).status, subscription(shop, made).status) == ("paid", "active")


def test_an_attempt_by_hand_does_not_move_the_schedule(shop: Shop) -> None:
    made = lapsed(shop, "4000000000000341")
    before = newest(shop, made)
    key: Any = {"idempotency_key": "pay:1"}
    for _ in range(2):
        with pytest.raises(stripe.CardError) as declined:
            shop.stripe.v1.invoices.pay(before.id, {"off_session": True}, key)
        assert declined.value.http_status == 402
        error = cast(Any, declined.value.error)
        assert error.payment_intent.last_payment_error.charge == error.charge
    after = newest(shop, made)
    assert (after.attempt_count, after.next_payment_attempt) == (1, before.next_payment_attempt)
    assert len(charges(shop, after)) == 2


def test_a_card_stops_paying_after_its_last_month(shop: Shop) -> None:
    now = datetime.fromtimestamp(shop.look("clock")["now"], UTC)
    session = shop.open()
    shop.press(session.id, exp=f"{now.month:02d} / {now.year + 1}")
    for _ in range(12):
        shop.control("advance", months=1)
    assert shop.stripe.v1.invoices.list().data[0].status == "paid"
    shop.control("advance", months=1)
    [failed] = [one for one in shop.stripe.v1.charges.list().data if not one.paid]
    assert failed.failure_code == "expired_card"
    method = shop.stripe.v1.payment_methods.retrieve(cast(str, failed.payment_method))
    card = cast(Any, method.card)
    assert (card.exp_month, card.exp_year) == (now.month, now.year + 1)
    updated = shop.control("card_update", customer=failed.customer)["updated"]
    assert updated == [method.id]
    renewed = cast(Any, shop.stripe.v1.payment_methods.retrieve(method.id).card)
    assert (renewed.exp_year, renewed.last4 != card.last4) == (card.exp_year + 4, True)
    assert "payment_method.automatically_updated" in shop.happened()
    shop.control("advance", days=3)
    assert shop.stripe.v1.invoices.list().data[0].status == "paid"


def test_an_open_invoice_is_paid_on_its_page(shop: Shop) -> None:
    made = lapsed(shop, "4000000000000341")
    invoice = newest(shop, made)
    page = shop.web.get(invoice.hosted_invoice_url, headers={"Accept-Language": "en"}).text
    assert "€5.00" in page
    assert "to be paid" in page
    url = invoice.hosted_invoice_url
    assert shop.web.post(url, data={**FORM, "number": "4000000000000002"}).status_code == 402
    assert newest(shop, made).attempt_count == 1
    assert "This invoice is paid" in shop.web.post(url, data=FORM).text
    assert (newest(shop, made).status, subscription(shop, made).status) == ("paid", "active")
    with pytest.raises(stripe.InvalidRequestError) as refused:
        shop.stripe.v1.invoices.pay(invoice.id)
    assert (refused.value.http_status, refused.value.code) == (400, "invoice_already_paid")


def test_a_payment_the_bank_wants_approved_is_approved_on_the_invoices_page(shop: Shop) -> None:
    made = lapsed(shop, "4000002760003184")
    invoice = newest(shop, made)
    assert shop.happened().count("invoice.payment_action_required") == 1
    assert "Approve the payment" in shop.web.get(invoice.hosted_invoice_url).text
    bank = f"{invoice.hosted_invoice_url}/authenticate"
    assert "Your bank asks" in shop.web.get(bank).text
    assert shop.web.post(bank, data={"answer": "fail"}).status_code == 402
    assert newest(shop, made).status == "open"
    shop.web.post(bank, data={"answer": "complete"})
    assert (newest(shop, made).status, subscription(shop, made).status) == ("paid", "active")
    paid = charges(shop, invoice)[-1]
    assert paid.payment_method_details.card.three_d_secure.result == "authenticated"


def test_a_test_pays_an_invoice_and_reads_the_states_without_a_browser(shop: Shop) -> None:
    made = lapsed(shop, "4000002760003184")
    [state] = shop.look("subscriptions")["subscriptions"]
    assert (state["status"], state["paused"], state["amount"]) == ("past_due", False, 500)
    assert state["open_invoice"]["attempt_count"] == 1
    assert state["metadata"] == {"pledge": "1"}
    invoice = state["open_invoice"]["id"]
    assert shop.control("invoice", invoice=invoice, authenticate=False)["step"] == "declined"
    assert shop.control("invoice", invoice=invoice)["step"] == "paid"
    assert shop.control("invoice", invoice=invoice, card="4242424242424242")["step"] == "complete"
    [state] = shop.look("subscriptions", customer=made["customer"])["subscriptions"]
    assert (state["status"], state["open_invoice"]) == ("active", None)


def test_a_patron_made_without_a_page_may_have_a_card_that_expires(shop: Shop) -> None:
    now = datetime.fromtimestamp(shop.look("clock")["now"], UTC)
    made = shop.patron(exp=f"{now.month:02d}/{now.year % 100}")
    shop.control("advance", months=2)
    assert subscription(shop, made).status == "canceled"
    assert charges(shop, newest(shop, made))[-1].failure_code == "expired_card"


def test_a_subscription_whose_card_was_taken_away_fails_without_a_charge(shop: Shop) -> None:
    made = shop.patron()
    card = subscription(shop, made).default_payment_method
    shop.stripe.v1.payment_methods.detach(card)
    assert subscription(shop, made).default_payment_method is None
    shop.control("advance", months=1)
    failed = newest(shop, made)
    assert (failed.attempt_count, subscription(shop, made).status) == (1, "past_due")
    assert shop.happened().count("invoice.payment_failed") == 1
    assert len(shop.stripe.v1.charges.list().data) == 1
    with pytest.raises(stripe.InvalidRequestError):
        shop.stripe.v1.invoices.pay(failed.id)


def test_an_invoice_can_be_let_rest_set_going_again_and_written_off(shop: Shop) -> None:
    made = lapsed(shop, "4000000000000341")
    api, id_ = shop.stripe.v1.invoices, newest(shop, made).id
    resting = api.update(id_, {"auto_advance": False})
    assert (resting.auto_advance, resting.next_payment_attempt) == (False, None)
    shop.control("advance", days=4)
    assert newest(shop, made).attempt_count == 1
    api.update(id_, {"auto_advance": True})
    shop.control("advance", hours=2)
    assert newest(shop, made).attempt_count == 2
    assert newest(shop, made).next_payment_attempt > shop.look("clock")["now"]
    gone = api.mark_uncollectible(id_)
    assert (gone.status, gone.next_payment_attempt) == ("uncollectible", None)
    assert "invoice.marked_uncollectible" in shop.happened()
    with pytest.raises(stripe.InvalidRequestError):
        api.update(id_, {"auto_advance": True})
