"""What each event we act on comes to, its truth fetched from the sandbox."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
import stripe

from app.money import Money
from app.payments.facts import (
    CheckoutSeen,
    DonationPaid,
    Ending,
    FeeKnown,
    PledgeSeen,
    Reading,
    Standing,
)
from app.payments.gateway import GatewayError, GatewayUnavailable
from app.payments.stripe_gateway import StripeGateway
from tests.payments.conftest import Sandbox
from tests.payments.orders import PAYS_ONCE, an_order, paid, the


@pytest.fixture
def gateway(stripe_gateway: StripeGateway) -> StripeGateway:
    """The real gateway, and not the fake that other rooms are tested with."""
    return stripe_gateway


def test_each_event_of_a_new_pledge_reads_as_the_facts_it_is_about(
    gateway: StripeGateway, sandbox: Sandbox
) -> None:
    order = an_order()
    session = paid(gateway, sandbox, order)
    page = gateway.read("checkout.session.completed", session["id"])
    donation = the(DonationPaid, gateway.read("invoice.paid", session["invoice"]))
    pledge = the(PledgeSeen, gateway.read("customer.subscription.created", session["subscription"]))
    assert [type(fact) for fact in page.facts] == [CheckoutSeen, PledgeSeen, DonationPaid]
    assert the(DonationPaid, page) == donation
    # Asked for at another moment, and otherwise the same.
    assert replace(the(PledgeSeen, page), seen_at=pledge.seen_at) == pledge
    assert donation.charge_id is not None
    # A renewal's intent says nothing of its own: its invoice brings that money.
    assert gateway.read("payment_intent.succeeded", donation.payment_intent_id).facts == ()


def test_the_intent_of_a_gift_given_once_brings_its_money(
    gateway: StripeGateway, sandbox: Sandbox
) -> None:
    session = paid(gateway, sandbox, an_order("once"))
    told = gateway.read("payment_intent.succeeded", session["payment_intent"])
    assert told.facts == gateway.find_checkout(session["id"]).facts[1:]


def test_a_fee_is_unknown_at_first_and_then_told_to_the_cent(
    gateway: StripeGateway, sandbox: Sandbox
) -> None:
    session = paid(gateway, sandbox, an_order(amount=Money(1000, "USD")))
    charge_id = the(DonationPaid, gateway.find_checkout(session["id"])).charge_id
    assert gateway.find_fee(charge_id) is None
    assert gateway.read("charge.updated", charge_id) == Reading()
    sandbox.control("settle")
    fee = gateway.find_fee(charge_id)
    assert fee is not None
    # The sandbox settles in euro, at 0.92 for a dollar, and keeps 3.5 % and 25 cents of it.
    assert (fee.net, fee.fee) == (Money(863, "EUR"), Money(57, "EUR"))
    assert gateway.read("charge.updated", charge_id).facts == (FeeKnown(charge_id, fee),)


def test_a_renewal_is_paid_to_the_end_of_its_own_period(
    gateway: StripeGateway, sandbox: Sandbox
) -> None:
    order = an_order()
    session = paid(gateway, sandbox, order)
    known = set(sandbox.events("invoice.paid"))
    first = the(DonationPaid, gateway.find_checkout(session["id"]))
    sandbox.control("advance", months=1)
    readings = [
        gateway.read("invoice.paid", invoice)
        for invoice in sandbox.events("invoice.paid")
        if invoice not in known
    ]
    (renewal,) = [
        fact
        for reading in readings
        for fact in reading.facts
        if isinstance(fact, DonationPaid) and fact.pledge_id == order.pledge_id
    ]
    pledge = the(PledgeSeen, gateway.read("customer.subscription.updated", session["subscription"]))
    assert renewal.invoice_id != first.invoice_id
    assert renewal.paid_until == pledge.paid_until
    assert first.paid_until is not None
    assert renewal.paid_until is not None
    assert renewal.paid_until > first.paid_until
    assert first.paid_until <= renewal.received_at < renewal.paid_until


def test_a_declined_renewal_is_past_due_and_after_the_last_try_ended_as_unpaid(
    gateway: StripeGateway, sandbox: Sandbox
) -> None:
    order = an_order()
    session = paid(gateway, sandbox, order, PAYS_ONCE)
    before = set(sandbox.events("invoice.payment_failed"))
    sandbox.control("advance", months=1)
    (failed,) = set(sandbox.events("invoice.payment_failed")) - before
    due = the(PledgeSeen, gateway.read("invoice.payment_failed", failed))
    assert (due.pledge_id, due.standing) == (order.pledge_id, Standing.PAST_DUE)
    # An invoice that is not paid brings no money, whatever an event of it was called.
    assert gateway.read("invoice.paid", failed) == Reading()
    sandbox.control("advance", days=30)
    ended = the(PledgeSeen, gateway.read("customer.subscription.deleted", session["subscription"]))
    assert (ended.standing, ended.ending) == (Standing.ENDED, Ending.UNPAID)
    assert ended.ended_at is not None


def test_a_pledge_whose_collection_is_paused_is_paused(
    gateway: StripeGateway, sandbox: Sandbox, api: stripe.StripeClient
) -> None:
    subscription = paid(gateway, sandbox, an_order())["subscription"]
    api.v1.subscriptions.update(subscription, {"pause_collection": {"behavior": "void"}})
    paused = the(PledgeSeen, gateway.read("customer.subscription.updated", subscription))
    assert paused.standing is Standing.PAUSED
    api.v1.subscriptions.update(subscription, {"pause_collection": ""})
    resumed = the(PledgeSeen, gateway.read("customer.subscription.resumed", subscription))
    assert resumed.standing is Standing.PAYING


def test_a_type_we_do_not_act_on_is_unknown_and_one_told_by_another_is_not(
    gateway: StripeGateway,
) -> None:
    assert gateway.read("mandate.updated", "po_1") == Reading(known=False)
    assert gateway.read("charge.succeeded", "ch_1") == Reading()
    # There is nothing to ask for, so nothing is asked.
    assert gateway.read("invoice.paid", None) == Reading(known=False)


def test_an_object_that_does_not_exist_is_refused_and_not_asked_for_again(
    gateway: StripeGateway,
) -> None:
    with pytest.raises(GatewayError, match="resource_missing") as refused:
        gateway.read("customer.subscription.updated", "sub_none")
    assert not isinstance(refused.value, GatewayUnavailable)


def test_a_moment_seen_is_ours_and_aware(gateway: StripeGateway, sandbox: Sandbox) -> None:
    session = paid(gateway, sandbox, an_order())
    before = datetime.now(UTC)
    seen = the(PledgeSeen, gateway.read("customer.subscription.updated", session["subscription"]))
    assert before <= seen.seen_at <= datetime.now(UTC)
