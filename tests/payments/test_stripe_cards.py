"""A new card: the page for it, and how it comes to be charged."""

import pytest
import stripe

from app.payments.facts import DonationPaid, Fact, PaymentFailed, PledgeSeen, Reading, Standing
from app.payments.stripe_gateway import StripeGateway
from tests.payments.conftest import KEY, Sandbox
from tests.payments.orders import PAYS_ONCE, an_order, paid, seen

BACK = "http://127.0.0.1:9/pledge?card=updated"
GOOD = "5555555555554444"


@pytest.fixture
def gateway(stripe_gateway: StripeGateway) -> StripeGateway:
    """The real gateway, and not the fake that other rooms are tested with."""
    return stripe_gateway


def a_pledge(gateway: StripeGateway, sandbox: Sandbox, card: str) -> PledgeSeen:
    return seen(gateway, paid(gateway, sandbox, an_order(), card)["subscription"])


def puts_in(gateway: StripeGateway, sandbox: Sandbox, pledge: PledgeSeen, card: str) -> None:
    """Put a card in on Stripe's page, as a patron would."""
    url = gateway.card_page(pledge.customer_id, BACK, "en")
    session = url.rpartition("/")[2]
    sandbox.control("portal", session=session, card=card)


def kinds(facts: tuple[Fact, ...]) -> list[type]:
    return [type(fact) for fact in facts]


def charges(api: stripe.StripeClient, pledge: PledgeSeen) -> int:
    return len(api.v1.charges.list({"customer": pledge.customer_id, "limit": 100}).data)


def test_a_card_put_in_at_stripes_page_is_charged_from_then_on(
    gateway: StripeGateway, sandbox: Sandbox, api: stripe.StripeClient
) -> None:
    pledge = a_pledge(gateway, sandbox, PAYS_ONCE)
    puts_in(gateway, sandbox, pledge, GOOD)
    # Stripe's page alone changes nothing: the subscription has its own card.
    before = seen(gateway, pledge.subscription_id).card
    assert before is not None
    assert before.last4 == "0341"
    for _time in range(2):
        (after,) = gateway.read("customer.updated", pledge.customer_id).facts
        assert isinstance(after, PledgeSeen)
        assert after.card is not None
        assert (after.card.brand, after.card.last4) == ("mastercard", "4444")
    assert charges(api, pledge) == 1
    sandbox.control("advance", months=1)
    assert seen(gateway, pledge.subscription_id).standing is Standing.PAYING


def test_what_is_owed_is_paid_with_the_new_card_at_once_and_once(
    gateway: StripeGateway, sandbox: Sandbox, api: stripe.StripeClient
) -> None:
    pledge = a_pledge(gateway, sandbox, PAYS_ONCE)
    sandbox.control("advance", months=1)
    puts_in(gateway, sandbox, pledge, GOOD)
    reading = gateway.adopt_card(pledge.customer_id)
    assert kinds(reading.facts) == [PledgeSeen, PaymentFailed, DonationPaid]
    first, _failed, donation = reading.facts
    assert isinstance(first, PledgeSeen)
    assert isinstance(donation, DonationPaid)
    assert first.standing is Standing.PAYING
    assert (donation.card_last4, donation.pledge_id) == ("4444", pledge.pledge_id)
    made = charges(api, pledge)
    assert kinds(gateway.adopt_card(pledge.customer_id).facts) == [PledgeSeen]
    assert charges(api, pledge) == made


def test_a_new_card_that_is_refused_is_another_attempt_and_is_not_tried_twice(
    gateway: StripeGateway, sandbox: Sandbox, api: stripe.StripeClient
) -> None:
    pledge = a_pledge(gateway, sandbox, PAYS_ONCE)
    sandbox.control("advance", months=1)
    puts_in(gateway, sandbox, pledge, "4000990000000012")
    facts = gateway.adopt_card(pledge.customer_id).facts
    assert kinds(facts) == [PledgeSeen, PaymentFailed, PaymentFailed]
    assert [fact.attempt for fact in facts if isinstance(fact, PaymentFailed)] == [1, 2]
    made = charges(api, pledge)
    # A failed payment changes the customer too, and that event must not try the card again.
    assert kinds(gateway.read("customer.updated", pledge.customer_id).facts) == [PledgeSeen]
    assert charges(api, pledge) == made


def test_an_older_card_of_the_customer_does_not_displace_a_newer_one(
    gateway: StripeGateway, sandbox: Sandbox, api: stripe.StripeClient
) -> None:
    pledge = a_pledge(gateway, sandbox, "4242424242424242")
    puts_in(gateway, sandbox, pledge, PAYS_ONCE)
    sandbox.control("advance", days=1)
    sandbox.control("card", customer=pledge.customer_id, card=GOOD)
    (fact,) = gateway.adopt_card(pledge.customer_id).facts
    assert isinstance(fact, PledgeSeen)
    assert fact.card is not None
    assert fact.card.last4 == "4444"


def test_a_card_the_network_has_replaced_is_told_by_the_pledge_it_pays(
    gateway: StripeGateway, sandbox: Sandbox
) -> None:
    pledge = a_pledge(gateway, sandbox, GOOD)
    sandbox.control("card_update", customer=pledge.customer_id)
    method = sandbox.events("payment_method.automatically_updated")[-1]
    (fact,) = gateway.read("payment_method.automatically_updated", method).facts
    assert isinstance(fact, PledgeSeen)
    assert fact.pledge_id == pledge.pledge_id
    assert fact.card is not None
    assert fact.card != pledge.card


def test_a_customer_of_nobody_we_know_is_not_ours(
    gateway: StripeGateway, api: stripe.StripeClient
) -> None:
    stranger = api.v1.customers.create({"email": "stranger@example.org"})
    assert gateway.adopt_card(stranger.id) == Reading(ours=False)
    method = api.v1.payment_methods.attach("pm_card_visa", {"customer": stranger.id})
    assert gateway.read("payment_method.updated", method.id) == Reading(ours=False)


def test_the_page_is_found_again_by_a_process_that_did_not_make_it(
    gateway: StripeGateway, sandbox: Sandbox
) -> None:
    pledge = a_pledge(gateway, sandbox, GOOD)
    other = StripeGateway(KEY, [], sandbox.url)
    pages = {other.card_page(pledge.customer_id, BACK, locale) for locale in ("en", "uk")}
    # Each is good once.
    assert len(pages) == 2
