"""What the gateway makes of Stripe's pages and a patron's wishes, asked of the sandbox."""

import pytest
import stripe

from app.money import Money
from app.payments.facts import CheckoutSeen, DonationPaid, Ending, PledgeSeen, Reading, Standing
from app.payments.gateway import GatewayError
from app.payments.stripe_gateway import StripeGateway
from tests.payments.conftest import PRODUCTS, WANTED, Sandbox
from tests.payments.orders import an_order, paid, the


@pytest.fixture
def gateway(stripe_gateway: StripeGateway) -> StripeGateway:
    """The real gateway, and not the fake that other rooms are tested with."""
    return stripe_gateway


def leave(gateway: StripeGateway, subscription_id: str, change_id: str) -> Reading:
    """Let a pledge end with its paid time."""
    seen = the(PledgeSeen, gateway.read("customer.subscription.updated", subscription_id))
    assert seen.paid_until is not None
    return gateway.end_at(subscription_id, seen.paid_until, change_id)


def test_what_checkouts_need_is_made_once_however_often_it_is_prepared(
    gateway: StripeGateway, api: stripe.StripeClient
) -> None:
    gateway.prepare(WANTED)
    gateway.prepare(WANTED)
    names = {product.id: product.name for product in api.v1.products.list({"limit": 100}).data}
    assert names == {f"hromada_{interval}": name for interval, name in PRODUCTS.items()}


def test_the_same_order_gives_the_same_page_and_another_another(gateway: StripeGateway) -> None:
    order = an_order()
    page = gateway.open_checkout(order)
    assert gateway.open_checkout(order) == page
    assert gateway.open_checkout(an_order()).session_id != page.session_id
    assert page.url.endswith(page.session_id)


@pytest.mark.parametrize("interval", ["once", "month", "year"])
def test_a_page_asks_for_the_amount_and_the_period_that_our_button_said(
    gateway: StripeGateway, api: stripe.StripeClient, interval: str
) -> None:
    order = an_order(interval, amount=Money(20000, "UAH"))
    session = api.v1.checkout.sessions.retrieve(gateway.open_checkout(order).session_id)
    assert (session.amount_total, session.currency) == (20000, "uah")
    assert session.mode == ("payment" if interval == "once" else "subscription")
    assert session.customer_email == "olena@example.org"
    assert session.client_reference_id == str(order.checkout_id)


@pytest.mark.parametrize("interval", ["once", "month"])
def test_a_page_nobody_has_paid_on_is_open_and_brings_no_money(
    gateway: StripeGateway, interval: str
) -> None:
    order = an_order(interval)
    page = gateway.open_checkout(order)
    reading = gateway.find_checkout(page.session_id)
    assert reading == Reading((CheckoutSeen(order.checkout_id, page.session_id, "open"),))


def test_a_paid_page_tells_of_itself_first_then_of_the_pledge_and_its_money(
    gateway: StripeGateway, sandbox: Sandbox
) -> None:
    order = an_order()
    session = paid(gateway, sandbox, order, "5555555555554444")
    first, pledge, donation = gateway.find_checkout(session["id"]).facts
    assert first == CheckoutSeen(order.checkout_id, session["id"], "paid")
    assert isinstance(pledge, PledgeSeen)
    assert isinstance(donation, DonationPaid)
    assert (pledge.pledge_id, donation.pledge_id) == (order.pledge_id, order.pledge_id)
    assert (pledge.standing, pledge.interval) == (Standing.PAYING, "month")
    assert (pledge.amount, donation.amount) == (order.amount, order.amount)
    assert donation.paid_until == pledge.paid_until
    assert pledge.paid_until is not None
    assert 27 <= (pledge.paid_until - donation.received_at).days <= 31
    assert (donation.card_brand, donation.card_last4) == ("mastercard", "4444")
    assert donation.checkout_id is None
    assert donation.subscription_id == pledge.subscription_id == session["subscription"]
    assert donation.customer_id == pledge.customer_id == session["customer"]
    assert donation.invoice_id == session["invoice"]


def test_a_gift_given_once_is_money_without_a_pledge(
    gateway: StripeGateway, sandbox: Sandbox
) -> None:
    order = an_order("once")
    session = paid(gateway, sandbox, order)
    first, donation = gateway.find_checkout(session["id"]).facts
    assert first == CheckoutSeen(order.checkout_id, session["id"], "paid")
    assert isinstance(donation, DonationPaid)
    assert (donation.checkout_id, donation.pledge_id) == (order.checkout_id, None)
    assert (donation.invoice_id, donation.paid_until) == (None, None)
    assert donation.payment_intent_id == session["payment_intent"]
    assert donation.amount == order.amount


def test_a_page_that_ran_out_says_so(gateway: StripeGateway, api: stripe.StripeClient) -> None:
    order = an_order()
    page = gateway.open_checkout(order)
    api.v1.checkout.sessions.expire(page.session_id)
    expected = Reading((CheckoutSeen(order.checkout_id, page.session_id, "expired"),))
    assert gateway.find_checkout(page.session_id) == expected
    assert gateway.read("checkout.session.expired", page.session_id) == expected


def test_a_wish_to_leave_ends_with_the_paid_time_and_can_be_taken_back(
    gateway: StripeGateway, sandbox: Sandbox
) -> None:
    session = paid(gateway, sandbox, an_order())
    leaving = the(PledgeSeen, leave(gateway, session["subscription"], "change-1"))
    assert leaving.standing is Standing.PAYING
    assert leaving.ends_at == leaving.paid_until
    staying = the(PledgeSeen, gateway.keep(session["subscription"], "change-2"))
    assert (staying.standing, staying.ends_at) == (Standing.PAYING, None)


def test_a_pledge_is_ended_at_once_however_often_it_is_asked(
    gateway: StripeGateway, sandbox: Sandbox
) -> None:
    session = paid(gateway, sandbox, an_order())
    for _attempt in range(2):
        ended = the(PledgeSeen, gateway.end_now(session["subscription"]))
        assert (ended.standing, ended.ending) == (Standing.ENDED, Ending.BY_WISH)
    with pytest.raises(GatewayError):
        gateway.end_now("sub_nobody")


def test_a_pledge_that_ended_by_wish_says_so(gateway: StripeGateway, sandbox: Sandbox) -> None:
    session = paid(gateway, sandbox, an_order())
    leaving = the(PledgeSeen, leave(gateway, session["subscription"], "change-3"))
    sandbox.control("advance", months=1)
    ended = the(PledgeSeen, gateway.read("customer.subscription.deleted", session["subscription"]))
    assert (ended.standing, ended.ending) == (Standing.ENDED, Ending.BY_WISH)
    assert ended.ended_at == leaving.ends_at
    with pytest.raises(GatewayError):
        gateway.keep(session["subscription"], "change-4")
