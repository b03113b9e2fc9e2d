"""A customer deleted at Stripe: what ends with it, and what late events of it come to."""

import pytest
import stripe

from app.payments.facts import Standing
from app.payments.gateway import UnknownObject
from app.payments.stripe_gateway import StripeGateway
from tests.payments.conftest import Sandbox
from tests.payments.orders import a_pledge, an_order, paid, told


@pytest.fixture
def gateway(stripe_gateway: StripeGateway) -> StripeGateway:
    """The real gateway, and not the fake that other rooms are tested with."""
    return stripe_gateway


def test_a_deleted_customer_takes_cards_and_subscriptions_along(
    gateway: StripeGateway, sandbox: Sandbox, api: stripe.StripeClient
) -> None:
    pledge = a_pledge(gateway, sandbox)
    gateway.delete_customer(pledge.customer_id)
    with pytest.raises(stripe.InvalidRequestError):
        api.v1.customers.retrieve(pledge.customer_id)
    assert api.v1.subscriptions.retrieve(pledge.subscription_id).status == "canceled"
    left = told(gateway.read("customer.subscription.deleted", pledge.subscription_id))
    assert left.standing is Standing.ENDED


def test_deleting_a_customer_twice_is_no_error(gateway: StripeGateway, sandbox: Sandbox) -> None:
    pledge = a_pledge(gateway, sandbox)
    gateway.delete_customer(pledge.customer_id)
    gateway.delete_customer(pledge.customer_id)


def test_a_late_event_about_a_deleted_customer_brings_nothing(
    gateway: StripeGateway, sandbox: Sandbox
) -> None:
    pledge = a_pledge(gateway, sandbox)
    gateway.delete_customer(pledge.customer_id)
    assert gateway.read("customer.updated", pledge.customer_id).facts == ()


def test_who_paid_a_gift_given_once_is_found_by_its_payment(
    gateway: StripeGateway, sandbox: Sandbox, api: stripe.StripeClient
) -> None:
    order = an_order("once")
    payer = gateway.payer_of(paid(gateway, sandbox, order)["payment_intent"])
    assert payer is not None
    assert api.v1.customers.retrieve(payer).email == order.email
    gateway.delete_customer(payer)


def test_nobody_paid_what_stripe_does_not_know(gateway: StripeGateway) -> None:
    assert gateway.payer_of("pi_unknown") is None
    with pytest.raises(UnknownObject):
        gateway.find_checkout("cs_unknown")
