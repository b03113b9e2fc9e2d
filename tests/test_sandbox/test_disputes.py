"""Payments contested at the bank, and early warnings of fraud."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
import stripe

from tests.test_sandbox.shop import Shop
from tests.test_sandbox.test_refunds import charge_of, refund


def contested(shop: Shop, card: str = "4000000000000259") -> Any:
    """Give the dispute that a card's charge meets with some minutes later."""
    charge_of(shop, shop.patron(card=card)["customer"])
    assert not shop.stripe.v1.disputes.list().data
    shop.control("advance", hours=1)
    [dispute] = shop.stripe.v1.disputes.list().data
    return dispute


def test_a_dispute_takes_the_money_and_a_fee(shop: Shop) -> None:
    dispute = contested(shop)
    assert (dispute.status, dispute.reason, dispute.amount) == ("needs_response", "fraudulent", 500)
    assert not dispute.is_charge_refundable
    [entry] = dispute.balance_transactions
    assert (entry.type, entry.reporting_category) == ("adjustment", "dispute")
    assert (entry.amount, entry.fee, entry.net) == (-500, 1500, -2000)
    assert shop.stripe.v1.charges.retrieve(dispute.charge).disputed
    told = [type_ for type_ in shop.happened() if "dispute" in type_]
    assert told == ["charge.dispute.created", "charge.dispute.funds_withdrawn"]


def test_what_was_won_comes_back_without_the_fee(shop: Shop) -> None:
    dispute = contested(shop, "4000000000002685")
    assert dispute.reason == "product_not_received"
    shop.control("dispute/close", dispute=dispute.id, won=True)
    after = shop.stripe.v1.disputes.retrieve(dispute.id)
    assert after.status == "won"
    assert [entry.net for entry in after.balance_transactions] == [-2000, 500]
    assert after.balance_transactions[1].reporting_category == "dispute_reversal"
    assert shop.happened()[-2:] == ["charge.dispute.closed", "charge.dispute.funds_reinstated"]
    sums = shop.look("ledger")
    moved = sums["moved"]["eur"]
    assert (moved["withdrawn"], moved["reinstated"], moved["disputes"]) == (500, 500, 1)
    assert sums["balance"]["dispute"] == {"count": 1, "amount": -500, "fee": 1500, "net": -2000}
    assert sums["balance"]["dispute_reversal"]["net"] == 500


def test_what_nobody_answers_is_lost_after_nine_days(shop: Shop) -> None:
    dispute = contested(shop)
    shop.control("advance", days=8)
    assert shop.stripe.v1.disputes.retrieve(dispute.id).status == "needs_response"
    shop.control("advance", days=1)
    after = shop.stripe.v1.disputes.retrieve(dispute.id)
    assert (after.status, after.evidence_details.past_due) == ("lost", True)
    assert shop.happened()[-1] == "charge.dispute.closed"
    assert (
        shop.web.post(
            f"{shop.url}/_control/dispute/close", json={"dispute": dispute.id, "won": True}
        ).status_code
        == 400
    )


@pytest.mark.parametrize(
    ("word", "status"), [("winning_evidence", "won"), ("losing_evidence", "lost")]
)
def test_the_bank_decides_by_the_word_in_the_evidence(shop: Shop, word: str, status: str) -> None:
    dispute = contested(shop)
    api: Any = shop.stripe.v1.disputes
    staged = api.update(dispute.id, {"evidence": {"product_description": "News"}, "submit": False})
    assert (staged.status, staged.evidence_details.has_evidence) == ("needs_response", True)
    answered = api.update(dispute.id, {"evidence": {"uncategorized_text": word}})
    assert answered.status == "under_review"
    assert answered.evidence_details.submission_count == 1
    with pytest.raises(stripe.InvalidRequestError):
        api.update(dispute.id, {"evidence": {"customer_name": "too late"}})
    shop.control("advance", hours=1)
    assert api.retrieve(dispute.id).status == status


def test_a_dispute_can_be_accepted(shop: Shop) -> None:
    dispute = contested(shop)
    assert shop.stripe.v1.disputes.close(dispute.id).status == "lost"
    with pytest.raises(stripe.InvalidRequestError, match="already closed"):
        shop.stripe.v1.disputes.close(dispute.id)


def test_an_inquiry_takes_nothing_and_ends_with_a_refund(shop: Shop) -> None:
    dispute = contested(shop, "4000000000001976")
    assert dispute.status == "warning_needs_response"
    assert dispute.is_charge_refundable
    assert dispute.balance_transactions == []
    assert refund(shop, charge=dispute.charge).status == "succeeded"
    assert shop.stripe.v1.disputes.retrieve(dispute.id).status == "warning_closed"


def test_an_inquiry_may_become_a_dispute(shop: Shop) -> None:
    dispute = contested(shop, "4000000000001976")
    shop.control("dispute/escalate", dispute=dispute.id)
    after: Any = shop.stripe.v1.disputes.retrieve(dispute.id)
    assert (after.status, after.balance_transactions[0].net) == ("needs_response", -2000)
    with pytest.raises(stripe.InvalidRequestError) as refused:
        refund(shop, charge=dispute.charge)
    assert refused.value.code == "charge_disputed"


def test_any_charge_can_be_disputed_and_only_what_was_not_refunded(shop: Shop) -> None:
    charge = charge_of(shop, shop.patron()["customer"])
    refund(shop, charge=charge.id, amount=200)
    made = shop.control("dispute", charge=charge.id, reason="duplicate")["dispute"]
    assert (made["amount"], made["reason"]) == (300, "duplicate")
    assert made["balance_transactions"][0]["amount"] == -300
    api: Any = shop.stripe.v1.disputes
    assert [one.id for one in api.list({"charge": charge.id}).data] == [made["id"]]
    by_intent = api.list({"payment_intent": charge.payment_intent, "expand": ["data.charge"]})
    assert by_intent.data[0].charge.amount_refunded == 200
    assert api.list({"created": {"lt": made["created"]}}).data == []


def test_a_disputed_subscription_goes_on_unless_the_account_is_set_otherwise(
    opened: Callable[..., Shop],
) -> None:
    for cancel, status in ((False, "active"), (True, "canceled")):
        shop = opened(cancel_disputed=cancel)
        made = shop.patron()
        charge = charge_of(shop, made["customer"])
        shop.control("dispute", charge=charge.id)
        after = shop.stripe.v1.subscriptions.retrieve(made["subscription"])
        assert after.status == status
        details = after.cancellation_details
        assert details is not None
        assert details.reason == ("payment_disputed" if cancel else None)


def test_a_fraud_warning_calls_for_action_until_the_money_is_back(shop: Shop) -> None:
    charge = charge_of(shop, shop.patron(card="4000000000005423")["customer"])
    shop.control("advance", hours=1)
    api: Any = shop.stripe.v1.radar.early_fraud_warnings
    [warning] = api.list({"charge": charge.id}).data
    assert (warning.actionable, warning.payment_intent) == (True, charge.payment_intent)
    refund(shop, charge=charge.id, reason="fraudulent")
    assert not api.retrieve(warning.id).actionable
    assert shop.happened()[-1] == "radar.early_fraud_warning.updated"


def test_any_charge_can_be_warned_of_once(shop: Shop) -> None:
    charge = charge_of(shop, shop.patron()["customer"])
    first, second = (shop.control("fraud_warning", charge=charge.id) for _ in range(2))
    assert first == second
    told = [type_ for type_ in shop.happened() if type_.startswith("radar.")]
    assert told == ["radar.early_fraud_warning.created"]


def test_disputes_go_on_after_a_restart(opened: Callable[..., Shop], directory: Any) -> None:
    shop = opened(state_dir=directory)
    shop.patron(card="4000000000000259")
    shop.close()
    again = opened(state_dir=directory)
    again.control("advance", hours=1)
    [dispute] = again.stripe.v1.disputes.list().data
    again.close()
    third = opened(state_dir=directory)
    third.control("advance", days=10)
    assert third.stripe.v1.disputes.retrieve(dispute.id).status == "lost"


def test_what_follows_a_refused_request_does_not_name_it_as_its_cause(shop: Shop) -> None:
    charge = charge_of(shop, shop.patron()["customer"])
    headers = {"Authorization": "Bearer sk_test_tests"}
    # The same connection, and with it the same thread, serves both.
    too_much = {"charge": charge.id, "amount": "501"}
    assert (
        shop.web.post(f"{shop.url}/v1/refunds", data=too_much, headers=headers).status_code == 400
    )
    shop.control("dispute", charge=charge.id)
    events = shop.look("events", type="charge.dispute.created")["events"]
    cause = json.loads(events[0]["body"])["request"]
    assert cause == {"id": None, "idempotency_key": None}
