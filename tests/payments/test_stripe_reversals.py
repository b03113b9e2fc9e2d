"""Money that goes back: refunds, disputes and warnings as Stripe keeps them."""

import uuid
from typing import Any

import pytest
import stripe

from app.money import Money
from app.payments.facts import (
    DisputeSeen,
    DisputeState,
    DonationPaid,
    FraudWarned,
    MovementKind,
    Reading,
    RefundSeen,
    RefundState,
)
from app.payments.gateway import GatewayError, GatewayUnavailable
from app.payments.orders import RefundOrder
from app.payments.stripe_gateway import StripeGateway
from tests.payments.conftest import Sandbox
from tests.payments.orders import an_order, paid, the

PENDING, FAILING = "4000000000007726", "4000000000005126"
HOUR = {"hours": 1}


@pytest.fixture
def gateway(stripe_gateway: StripeGateway) -> StripeGateway:
    """The real gateway, and not the fake that other rooms are tested with."""
    return stripe_gateway


def a_charge(
    gateway: StripeGateway, sandbox: Sandbox, interval: str = "once", **over: Any
) -> DonationPaid:
    """A payment whose money has come to the balance."""
    card = over.pop("card", "4242424242424242")
    session = paid(gateway, sandbox, an_order(interval, **over), card)
    sandbox.control("settle")
    donation: DonationPaid = the(DonationPaid, gateway.find_checkout(session["id"]))
    return donation


def an_order_to_refund(donation: DonationPaid, minor: int | None = None) -> RefundOrder:
    assert donation.charge_id is not None
    amount = Money(minor or donation.amount.minor, donation.amount.currency)
    return RefundOrder(uuid.uuid4(), donation.charge_id, amount, fraud=False)


def refunds(api: stripe.StripeClient, donation: DonationPaid) -> list[stripe.Refund]:
    return api.v1.refunds.list({"charge": str(donation.charge_id)}).data


@pytest.mark.parametrize("interval", ["once", "month"])
def test_a_refund_moves_the_balance_by_what_the_charge_came_to(
    gateway: StripeGateway, sandbox: Sandbox, api: stripe.StripeClient, interval: str
) -> None:
    donation = a_charge(gateway, sandbox, interval, amount=Money(1000, "USD"))
    order = an_order_to_refund(donation)
    refund: RefundSeen = the(RefundSeen, gateway.refund(order))
    assert (refund.refund_id, refund.charge_id) == (order.refund_id, donation.charge_id)
    assert (refund.state, refund.failure) == (RefundState.SUCCEEDED, None)
    (movement,) = refund.movements
    assert movement.kind is MovementKind.REFUND
    assert movement.amount == Money(-1000, "USD")
    # The sandbox settles in euro, at 0.92 for a dollar; the fee is not given back.
    assert movement.settled == movement.net == Money(-920, "EUR")
    assert movement.fee == Money(0, "EUR")
    (made,) = refunds(api, donation)
    assert made.reason == "requested_by_customer"
    for event in ("refund.created", "refund.updated", "charge.refund.updated"):
        read: RefundSeen = the(RefundSeen, gateway.read(event, made.id))
        assert (read.movements, read.state) == (refund.movements, refund.state)
    of_charge: RefundSeen = the(RefundSeen, gateway.read("charge.refunded", donation.charge_id))
    assert of_charge.stripe_refund_id == made.id


def test_the_same_order_refunds_once_and_two_parts_are_two(
    gateway: StripeGateway, sandbox: Sandbox, api: stripe.StripeClient
) -> None:
    donation = a_charge(gateway, sandbox)
    first, second = an_order_to_refund(donation, 200), an_order_to_refund(donation, 300)
    for order in (first, first, second, second, first):
        refund: RefundSeen = the(RefundSeen, gateway.refund(order))
        assert (refund.refund_id, refund.amount) == (order.refund_id, order.amount)
    assert sorted(made.amount for made in refunds(api, donation)) == [200, 300]
    with pytest.raises(GatewayError, match="charge_already_refunded") as refused:
        gateway.refund(an_order_to_refund(donation, 100))
    assert not isinstance(refused.value, GatewayUnavailable)


def test_a_refund_made_at_stripe_itself_is_of_nobody_here_and_ours(
    gateway: StripeGateway, sandbox: Sandbox, api: stripe.StripeClient
) -> None:
    for interval in ("once", "month"):
        donation = a_charge(gateway, sandbox, interval)
        made = api.v1.refunds.create({"charge": str(donation.charge_id), "amount": 100})
        refund: RefundSeen = the(RefundSeen, gateway.read("refund.created", made.id))
        assert refund.refund_id is None
        assert refund.amount == Money(100, "EUR")


def test_a_refund_may_take_its_time(gateway: StripeGateway, sandbox: Sandbox) -> None:
    donation = a_charge(gateway, sandbox, card=PENDING)
    refund: RefundSeen = the(RefundSeen, gateway.refund(an_order_to_refund(donation)))
    assert refund.state is RefundState.PENDING
    sandbox.control("advance", **HOUR)
    later: RefundSeen = the(RefundSeen, gateway.read("refund.updated", refund.stripe_refund_id))
    assert later.state is RefundState.SUCCEEDED
    assert later.movements == refund.movements


def test_a_refund_that_fails_brings_its_money_back(
    gateway: StripeGateway, sandbox: Sandbox
) -> None:
    donation = a_charge(gateway, sandbox, card=FAILING)
    refund: RefundSeen = the(RefundSeen, gateway.refund(an_order_to_refund(donation)))
    assert refund.state is RefundState.SUCCEEDED
    sandbox.control("advance", **HOUR)
    failed: RefundSeen = the(RefundSeen, gateway.read("refund.failed", refund.stripe_refund_id))
    assert (failed.state, failed.failure) == (RefundState.FAILED, "expired_or_canceled_card")
    sent, back = failed.movements
    assert (sent,) == refund.movements
    assert (back.kind, back.amount) == (MovementKind.REFUND_FAILED, donation.amount)
    assert sent.net.minor + back.net.minor == 0


def test_a_refund_for_fraud_tells_the_cards_bank(
    gateway: StripeGateway, sandbox: Sandbox, api: stripe.StripeClient
) -> None:
    donation = a_charge(gateway, sandbox)
    order = RefundOrder(uuid.uuid4(), str(donation.charge_id), donation.amount, fraud=True)
    gateway.refund(order)
    assert [made.reason for made in refunds(api, donation)] == ["fraudulent"]


@pytest.mark.parametrize(
    ("won", "state", "kinds"),
    [
        (True, DisputeState.WON, [MovementKind.DISPUTE, MovementKind.DISPUTE_RETURNED]),
        (False, DisputeState.LOST, [MovementKind.DISPUTE]),
    ],
)
def test_a_dispute_takes_the_money_and_its_fee_and_gives_back_what_is_won(
    gateway: StripeGateway,
    sandbox: Sandbox,
    won: bool,
    state: DisputeState,
    kinds: list[MovementKind],
) -> None:
    donation = a_charge(gateway, sandbox, "month", amount=Money(1000, "USD"))
    sandbox.control("dispute", charge=donation.charge_id, reason="fraudulent")
    id_ = sandbox.events("charge.dispute.created")[-1]
    opened: DisputeSeen = the(DisputeSeen, gateway.read("charge.dispute.created", id_))
    assert (opened.state, opened.reason) == (DisputeState.OPEN, "fraudulent")
    assert (opened.charge_id, opened.amount) == (donation.charge_id, Money(1000, "USD"))
    assert opened.evidence_due_at is not None
    (taken,) = opened.movements
    assert (taken.kind, taken.amount) == (MovementKind.DISPUTE, Money(-1000, "USD"))
    assert (taken.settled, taken.fee) == (Money(-920, "EUR"), Money(1500, "EUR"))
    assert taken.net == Money(-2420, "EUR")
    with pytest.raises(GatewayError, match="charge_disputed"):
        gateway.refund(an_order_to_refund(donation))
    sandbox.control("dispute/close", dispute=id_, won=won)
    closed: DisputeSeen = the(DisputeSeen, gateway.read("charge.dispute.closed", id_))
    assert closed.state is state
    assert [movement.kind for movement in closed.movements] == kinds
    if won:
        assert closed.movements[1].amount == Money(1000, "USD")
        assert closed.movements[1].net == Money(920, "EUR")


def test_an_inquiry_takes_nothing_until_it_becomes_a_dispute(
    gateway: StripeGateway, sandbox: Sandbox
) -> None:
    donation = a_charge(gateway, sandbox)
    sandbox.control("dispute", charge=donation.charge_id, inquiry=True)
    id_ = sandbox.events("charge.dispute.created")[-1]
    asked: DisputeSeen = the(DisputeSeen, gateway.read("charge.dispute.created", id_))
    assert (asked.state, asked.movements) == (DisputeState.INQUIRY, ())
    sandbox.control("dispute/escalate", dispute=id_)
    opened: DisputeSeen = the(DisputeSeen, gateway.read("charge.dispute.funds_withdrawn", id_))
    assert opened.state is DisputeState.OPEN
    assert [movement.amount for movement in opened.movements] == [Money(-500, "EUR")]


def test_a_warning_asks_for_something_until_the_gift_is_given_back(
    gateway: StripeGateway, sandbox: Sandbox
) -> None:
    donation = a_charge(gateway, sandbox, "month")
    sandbox.control("fraud_warning", charge=donation.charge_id)
    id_ = sandbox.events("radar.early_fraud_warning.created")[-1]
    warned: FraudWarned = the(FraudWarned, gateway.read("radar.early_fraud_warning.created", id_))
    assert (warned.charge_id, warned.actionable) == (donation.charge_id, True)
    gateway.refund(an_order_to_refund(donation))
    after: FraudWarned = the(FraudWarned, gateway.read("radar.early_fraud_warning.updated", id_))
    assert not after.actionable


def test_what_goes_back_of_another_applications_payments_is_not_ours(
    gateway: StripeGateway, sandbox: Sandbox, api: stripe.StripeClient
) -> None:
    price = {"currency": "eur", "product": "hromada_month", "unit_amount": 900}
    theirs = sandbox.control(
        "subscriptions",
        email="theirs@example.org",
        metadata={"app": "shop"},
        price_data={**price, "recurring": {"interval": "month"}},
    )["made"][0]
    (charge,) = api.v1.charges.list({"customer": theirs["customer"]}).data
    foreign = Reading(ours=False)
    made = api.v1.refunds.create({"charge": charge.id, "amount": 100})
    assert gateway.read("refund.created", made.id) == foreign
    assert gateway.read("charge.refunded", charge.id) == foreign
    sandbox.control("fraud_warning", charge=charge.id)
    warning = sandbox.events("radar.early_fraud_warning.created")[-1]
    assert gateway.read("radar.early_fraud_warning.created", warning) == foreign
    sandbox.control("dispute", charge=charge.id)
    dispute = sandbox.events("charge.dispute.created")[-1]
    assert gateway.read("charge.dispute.created", dispute) == foreign
    with pytest.raises(GatewayError, match="resource_missing"):
        gateway.read("refund.created", "re_none")
