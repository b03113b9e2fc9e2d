"""How a pledge ends at Stripe: when, why, at once, and how its end is called off."""

from datetime import timedelta

import pytest
import stripe

from app.payments.facts import Ending, Standing
from app.payments.stripe_gateway import StripeGateway
from tests.payments.conftest import Sandbox
from tests.payments.orders import PAYS_ONCE, a_pledge, an_order, months_after, paid, the_same, told


@pytest.fixture
def gateway(stripe_gateway: StripeGateway) -> StripeGateway:
    """The real gateway, and not the fake that other rooms are tested with."""
    return stripe_gateway


@pytest.mark.parametrize(
    ("why", "feedback"),
    [
        ("too_expensive", "too_expensive"),
        ("for_a_while", "unused"),
        ("technical", "customer_service"),
        ("content", "low_quality"),
        ("meant_once", "other"),
        ("other", "other"),
        (None, None),
    ],
)
def test_why_a_patron_leaves_is_told_in_the_words_of_stripes_own_figures(
    gateway: StripeGateway,
    sandbox: Sandbox,
    api: stripe.StripeClient,
    why: str | None,
    feedback: str | None,
) -> None:
    pledge = a_pledge(gateway, sandbox)
    assert pledge.paid_until is not None
    gateway.end_at(pledge.subscription_id, pledge.paid_until, f"leave-{why}", why)
    details = api.v1.subscriptions.retrieve(pledge.subscription_id).cancellation_details
    assert details is not None
    assert details.feedback == feedback


def test_a_pledge_may_end_on_another_day_than_its_period(
    gateway: StripeGateway, sandbox: Sandbox
) -> None:
    pledge = a_pledge(gateway, sandbox)
    assert pledge.paid_until is not None
    end = months_after(pledge.paid_until, 1) + timedelta(days=5)
    leaving = told(gateway.end_at(pledge.subscription_id, end, "other-day"))
    assert leaving.ends_at == end
    assert leaving.next_payment_at == pledge.paid_until
    assert the_same(told(gateway.end_at(pledge.subscription_id, end, "other-day")), leaving)
    kept = told(gateway.keep(pledge.subscription_id, "stay"))
    assert (kept.ends_at, kept.next_payment_at) == (None, pledge.paid_until)
    assert the_same(told(gateway.keep(pledge.subscription_id, "stay")), kept)


def test_a_pledge_ended_at_once_says_why_and_collects_nothing_more(
    gateway: StripeGateway, sandbox: Sandbox, api: stripe.StripeClient
) -> None:
    subscription = paid(gateway, sandbox, an_order(), PAYS_ONCE)["subscription"]
    sandbox.control("advance", months=1)
    ended = told(gateway.end_now(subscription, "too_expensive"))
    assert (ended.standing, ended.ending) == (Standing.ENDED, Ending.BY_WISH)
    assert ended.next_payment_at is None
    found = api.v1.subscriptions.retrieve(subscription)
    assert found.cancellation_details is not None
    assert found.cancellation_details.feedback == "too_expensive"
    invoices = api.v1.invoices.list({"subscription": subscription}).data
    assert {invoice.status for invoice in invoices} == {"paid", "open"}
    assert not any(invoice.auto_advance for invoice in invoices)
    (left,) = [invoice.id for invoice in invoices if invoice.status == "open"]
    # Somebody set it going again; who ends the pledge once more means it.
    api.v1.invoices.update(left, {"auto_advance": True})
    gateway.end_now(subscription)
    assert not api.v1.invoices.retrieve(left).auto_advance
