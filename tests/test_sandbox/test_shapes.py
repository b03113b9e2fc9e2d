"""What the sandbox says looks like what Stripe says."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, cast

import pytest

from tests.sandbox import shapes
from tests.test_sandbox.shop import Shop, wait_for

FIXTURES: dict[str, Any] = json.loads(
    Path(__file__).with_name("official_fixtures.json").read_text()
)

#: Stripe's fixtures are of August 2026; what this API version added since, by kind.
ADDED_SINCE = {
    "charge": {"payment_method_details.card.electronic_commerce_indicator"},
    "checkout.session": {"allowed_payment_method_types"},
    "dispute": {"intended_submission_method", "evidence_details.submission_method"},
    "payment_intent": {"allowed_payment_method_types", "payment_record"},
    "product": {"tax_details"},
    "subscription": {
        "cancellation_details.feedback_option",
        "trial_settings.end_behavior.billing_cycle_anchor",
    },
    "subscription_item": {"current_trial"},
}
#: A key of the fixture which the typed library says does not exist.
STRAY = {"invoice": {"subscription"}}
#: Present only sometimes, or only when asked for.
SOMETIMES = {
    "charge": {"refunds"},
    "invoice": {"payments"},
    "payment_intent": {"transfer_data", "amount_details", "presentment_details"},
    "product": {"default_price", "statement_descriptor", "tax_code", "unit_label"},
    "customer": {"customer_account"},
    "dispute": {"network_reason_code"},
    "event": {"previous_attributes"},
    "radar.early_fraud_warning": {"payment_intent"},
}
KINDS = sorted(set(FIXTURES) - {"deleted_customer", "deleted_webhook_endpoint"})


def one_of_each(shop: Shop) -> dict[str, Any]:
    """Make one object of each kind and give them by kind."""
    made = shop.patron()
    endpoint: Any = {"url": "http://127.0.0.1:9/", "enabled_events": ["invoice.voided"]}
    shop.stripe.v1.webhook_endpoints.create(endpoint)
    store = shop.sandbox.world.store
    wait_for(lambda: store.ids("balance_transaction"), "the balance transaction")
    [charge] = store.each("charge")
    shop.control("fraud_warning", charge=charge["id"])
    part: Any = {"charge": charge["id"], "amount": 100}
    shop.stripe.v1.refunds.create(part)
    # Enough comes in that something is left to be paid out after the dispute.
    shop.control("balance", type="topup", amount=5000)
    shop.control("dispute", charge=charge["id"])
    shop.control("advance", days=1)
    found = {
        kind: next(iter(store.each(kind)))
        for kind in KINDS
        if kind not in ("item", "line_item", "plan", "subscription_item", "event")
    }
    found["item"] = store.extra(made["id"])["lines"][0]
    found["line_item"] = found["invoice"]["lines"]["data"][0]
    found["subscription_item"] = found["subscription"]["items"]["data"][0]
    found["plan"] = found["subscription_item"]["plan"]
    found["event"] = json.loads(shop.look("events", type="invoice.paid")["events"][0]["body"])
    return found


@pytest.mark.parametrize("kind", KINDS)
def test_the_keys_are_those_of_stripes_own_fixtures(shop: Shop, kind: str) -> None:
    ours, theirs = set(one_of_each(shop)[kind]), set(FIXTURES[kind])
    added = {key for key in ADDED_SINCE.get(kind, set()) if "." not in key}
    sometimes = SOMETIMES.get(kind, set())
    assert theirs - ours - STRAY.get(kind, set()) - sometimes == set()
    assert ours - theirs - added - sometimes == set()


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "event"])
def test_stripes_own_fixtures_differ_from_the_shapes_only_by_what_was_added(kind: str) -> None:
    fixture = dict(FIXTURES[kind])
    found = shapes.problems(fixture)
    named = {line.split(":")[0].lstrip(".").replace("items.data[0].", "") for line in found}
    expected = ADDED_SINCE.get(kind, set()) | STRAY.get(kind, set())
    if kind == "subscription":
        expected = expected | {"current_trial", "pending_update.cancel_at_period_end"}
    assert named == expected


def test_everything_a_year_brings_is_of_this_versions_shape(shop: Shop) -> None:
    shop.patron()
    shop.patron(card="4000000000000341", interval="month")
    shop.press(shop.stripe.v1.checkout.sessions.create(cast(Any, shop.gift())).id)
    shop.press(shop.open().id, "4000000000000002")
    for number in ("4000000000000259", "4000000000001976", "4000000000005423"):
        shop.patron(card=number)
    for number in ("4000000000007726", "4000000000005126"):
        [charge] = shop.stripe.v1.charges.list({"customer": shop.patron(card=number)["customer"]})
        shop.stripe.v1.refunds.create({"charge": charge.id})
    shop.control("advance", months=3)
    shop.control("settle")
    store = shop.sandbox.world.store
    for kind in set(KINDS) & {"invoice", "charge", "payment_intent", "subscription", "customer"}:
        for obj in store.each(kind):
            assert shapes.problems(obj) == []
    events = shop.look("events")["events"]
    assert len(events) > 60
    for event in events:
        body = json.loads(event["body"])
        assert shapes.problems(body) == [], body["type"]
        changed = "previous_attributes" in body["data"]
        assert changed == body["type"].endswith(".updated"), body["type"]


@pytest.mark.parametrize(
    ("spoil", "complaint"),
    [
        ({"payment_intent": "pi_1"}, "payment_intent: unknown key"),
        ({"total": None}, "total: None is not a number"),
        ({"status": "payed"}, "status"),
        ({"amount_paid": "500"}, "amount_paid"),
        ({"lines": []}, "lines: not a list object"),
        ({"parent": {"type": "subscription_details"}}, "parent.subscription_details: missing"),
    ],
)
def test_a_misshapen_object_is_not_kept(shop: Shop, spoil: dict[str, Any], complaint: str) -> None:
    shop.patron()
    store = shop.sandbox.world.store
    invoice = next(iter(store.each("invoice")))
    with pytest.raises(shapes.ShapeError, match=complaint.replace("[", r"\[")):
        store.save({**invoice, **spoil})
    assert next(iter(store.each("invoice"))) == invoice


def test_a_missing_key_is_found(shop: Shop) -> None:
    shop.patron()
    charge = next(iter(shop.sandbox.world.store.each("charge")))
    del charge["outcome"]
    assert shapes.problems(charge) == [".outcome: missing (Charge)"]
