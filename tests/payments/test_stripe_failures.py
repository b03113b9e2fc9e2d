"""Failed renewals: each attempt told once and for ever, with what would help."""

import pytest
import stripe

from app.payments.facts import DonationPaid, Fact, PaymentFailed, PledgeSeen, Remedy, Standing
from app.payments.stripe_gateway import StripeGateway
from app.payments.stripe_gateway.declines import remedy
from tests.payments.conftest import Sandbox
from tests.payments.orders import PAYS_ONCE, an_order, paid, seen

NEEDS_THE_BUYER = "4000002760003184"


@pytest.fixture
def gateway(stripe_gateway: StripeGateway) -> StripeGateway:
    """The real gateway, and not the fake that other rooms are tested with."""
    return stripe_gateway


def fails(gateway: StripeGateway, sandbox: Sandbox, card: str) -> tuple[str, str]:
    """Let the first renewal of a new pledge fail; return its subscription and invoice."""
    session = paid(gateway, sandbox, an_order(), card)
    sandbox.control("advance", months=1)
    return session["subscription"], sandbox.events("invoice.payment_failed")[-1]


def attempts(facts: tuple[Fact, ...]) -> list[PaymentFailed]:
    return [fact for fact in facts if isinstance(fact, PaymentFailed)]


def test_a_failed_renewal_tells_the_pledge_first_and_then_each_attempt(
    gateway: StripeGateway, sandbox: Sandbox
) -> None:
    subscription, invoice = fails(gateway, sandbox, PAYS_ONCE)
    pledge, first = gateway.read("invoice.payment_failed", invoice).facts
    assert isinstance(pledge, PledgeSeen)
    assert isinstance(first, PaymentFailed)
    assert pledge.standing is Standing.PAST_DUE
    assert pledge.subscription_id == subscription
    assert (first.invoice_id, first.attempt, first.pledge_id) == (invoice, 1, pledge.pledge_id)
    assert (first.remedy, first.decline_code) == (Remedy.ASK_BANK, "generic_decline")
    assert (first.amount, first.pay_url) == (pledge.amount, None)
    assert first.next_attempt_at is not None
    sandbox.control("advance", days=3)
    then = attempts(gateway.read("invoice.payment_failed", invoice).facts)
    assert [failed.attempt for failed in then] == [1, 2]
    # The first is told as before, but for the next attempt, which the second now tells.
    assert (then[0].failed_at, then[0].remedy) == (first.failed_at, first.remedy)
    assert then[0].next_attempt_at is None
    assert then[1].next_attempt_at is not None
    sandbox.control("advance", days=10)
    last = attempts(gateway.read("invoice.payment_failed", invoice).facts)
    assert [failed.attempt for failed in last] == [1, 2, 3, 4]
    assert last[-1].next_attempt_at is None
    assert seen(gateway, subscription).standing is Standing.ENDED


@pytest.mark.parametrize(
    ("card", "code", "helps"),
    [
        ("4000990000000012", "insufficient_funds", Remedy.WAIT),
        ("4000990000000079", "processing_error", Remedy.WAIT),
        ("4000990000000020", "expired_card", Remedy.NEW_CARD),
        ("4000990000000046", "lost_card", Remedy.NEW_CARD),
        ("4000990000000053", "stolen_card", Remedy.NEW_CARD),
        ("4000990000000038", "do_not_honor", Remedy.ASK_BANK),
        ("4000990000000061", "card_velocity_exceeded", Remedy.ASK_BANK),
        (NEEDS_THE_BUYER, "authentication_required", Remedy.APPROVE),
    ],
)
def test_what_would_help_follows_from_the_banks_word(
    gateway: StripeGateway, sandbox: Sandbox, card: str, code: str, helps: Remedy
) -> None:
    _subscription, invoice = fails(gateway, sandbox, card)
    (failed,) = attempts(gateway.read("invoice.payment_failed", invoice).facts)
    assert (failed.decline_code, failed.remedy) == (code, helps)
    if helps is Remedy.APPROVE:
        assert failed.pay_url is not None
        assert failed.pay_url.endswith(invoice)
    else:
        assert failed.pay_url is None


def test_a_payment_to_approve_is_the_same_attempt_by_whichever_event_it_is_told(
    gateway: StripeGateway, sandbox: Sandbox
) -> None:
    _subscription, invoice = fails(gateway, sandbox, NEEDS_THE_BUYER)
    asked = gateway.read("invoice.payment_action_required", invoice).facts
    failed = gateway.read("invoice.payment_failed", invoice).facts
    assert attempts(asked) == attempts(failed)


def test_a_renewal_paid_at_last_tells_the_attempts_before_it(
    gateway: StripeGateway, sandbox: Sandbox, api: stripe.StripeClient
) -> None:
    subscription, invoice = fails(gateway, sandbox, PAYS_ONCE)
    sandbox.control("advance", days=3)
    customer = seen(gateway, subscription).customer_id
    sandbox.control("card", customer=customer, card="4242424242424242")
    sandbox.control("advance", days=4)
    first, second, donation = gateway.read("invoice.paid", invoice).facts
    assert [failed.attempt for failed in attempts((first, second))] == [1, 2]
    assert isinstance(donation, DonationPaid)
    assert donation.invoice_id == invoice
    late = gateway.read("invoice.payment_failed", invoice).facts
    # However late the event of the failure comes, nobody is told to approve or wait any more.
    assert [failed.next_attempt_at for failed in attempts(late)] == [None, None]
    assert attempts(late) == [first, second]


def test_without_a_card_another_is_asked_for_and_a_word_nobody_knows_is_the_banks() -> None:
    assert remedy(None) is Remedy.NEW_CARD
    assert remedy("a_code_of_next_year") is Remedy.ASK_BANK


@pytest.mark.parametrize(
    "event", ["invoice.voided", "invoice.marked_uncollectible", "invoice.finalization_failed"]
)
def test_what_becomes_of_an_invoice_otherwise_is_told_by_its_pledge(
    gateway: StripeGateway, sandbox: Sandbox, event: str
) -> None:
    session = paid(gateway, sandbox, an_order())
    (fact,) = gateway.read(event, session["invoice"]).facts
    assert isinstance(fact, PledgeSeen)
    assert fact.subscription_id == session["subscription"]
