"""What Stripe sent to the bank, read as our payouts and their movements."""

from datetime import UTC, datetime, timedelta

import pytest
import stripe

from app.payments.gateway import UnknownObject
from app.payments.payout_facts import EntryKind, PayoutSeen, PayoutState
from app.payments.stripe_gateway import StripeGateway
from tests.payments.conftest import Sandbox
from tests.payments.orders import an_order, paid

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


@pytest.fixture
def gateway(stripe_gateway: StripeGateway) -> StripeGateway:
    """The real gateway, and not the fake that other rooms are tested with."""
    return stripe_gateway


@pytest.fixture(autouse=True, scope="module")
def three_weeks(sandbox: Sandbox, stripe_gateway: StripeGateway, api: stripe.StripeClient) -> None:
    """Gifts that are paid out, a refund, a dispute, Stripe's own charges, a payout that fails."""
    charges = []
    for _number in range(4):
        session = paid(stripe_gateway, sandbox, an_order("once"))
        (charge,) = api.v1.charges.list({"payment_intent": session["payment_intent"]}).data
        charges.append(charge)
    sandbox.control("settle")
    sandbox.control("advance", days=12)
    (first,) = api.v1.payouts.list().data
    sandbox.control("payout_fails", payout=first.id)
    api.v1.refunds.create({"charge": charges[0].id})
    sandbox.control("dispute", charge=charges[1].id)
    sandbox.control("balance", type="stripe_fee", amount=-35)
    sandbox.control("balance", type="reserve_hold", amount=-100)
    sandbox.control("balance", type="topup", amount=9000)
    sandbox.control("advance", days=5)


def test_payouts_come_newest_first_with_how_they_stand(gateway: StripeGateway) -> None:
    newest, first = gateway.payouts(LONG_AGO)
    assert (first.state, newest.state) == (PayoutState.FAILED, PayoutState.PAID)
    assert (first.failure, newest.failure) == ("account_closed", None)
    assert first.amount.currency == "EUR"
    assert first.automatic
    assert first.listable
    assert first.arrives_on == (first.made_at + timedelta(days=2)).date()
    assert [one.stripe_payout_id for one in gateway.payouts(newest.made_at)] == [
        newest.stripe_payout_id
    ]


def test_an_event_brings_the_payout_as_the_list_does(gateway: StripeGateway) -> None:
    newest, _first = gateway.payouts(LONG_AGO)
    (fact,) = gateway.read("payout.paid", newest.stripe_payout_id).facts
    assert isinstance(fact, PayoutSeen)
    assert (fact.stripe_payout_id, fact.amount, fact.state) == (
        newest.stripe_payout_id,
        newest.amount,
        newest.state,
    )


def test_what_a_payout_holds_adds_up_to_it_whatever_it_is(gateway: StripeGateway) -> None:
    newest, first = gateway.payouts(LONG_AGO)
    held = list(gateway.payout_entries(newest.stripe_payout_id))
    assert sum(one.net.minor for one in held) == newest.amount.minor
    assert all(one.amount.minor == one.net.minor + one.fee.minor for one in held)
    by_kind = {one.kind: one for one in held}
    assert set(by_kind) == {
        EntryKind.REFUND,
        EntryKind.DISPUTE,
        EntryKind.STRIPE_FEE,
        EntryKind.PAYOUT_RETURNED,
        EntryKind.OTHER,
    }
    assert by_kind[EntryKind.PAYOUT_RETURNED].balance_transaction_id == first.returned_by
    assert by_kind[EntryKind.STRIPE_FEE].source_id is None
    assert {one.type for one in held if one.kind is EntryKind.OTHER} == {"reserve_hold", "topup"}


def test_the_first_payout_held_every_gift(gateway: StripeGateway) -> None:
    _newest, first = gateway.payouts(LONG_AGO)
    held = list(gateway.payout_entries(first.stripe_payout_id))
    assert [one.kind for one in held] == [EntryKind.GIFT] * 4
    assert sum(one.net.minor for one in held) == first.amount.minor


def test_a_payout_that_is_not_there_is_unknown(gateway: StripeGateway) -> None:
    with pytest.raises(UnknownObject):
        list(gateway.payout_entries("po_none"))
