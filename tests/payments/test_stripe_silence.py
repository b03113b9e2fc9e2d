"""Other applications' objects, refusals and silence: what the gateway makes of them."""

import uuid
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
import stripe

from app.money import Money
from app.payments.facts import Reading
from app.payments.gateway import GatewayError, GatewayUnavailable, UnknownObject
from app.payments.stripe_gateway import StripeGateway
from config.local import ports
from tests.payments.conftest import KEY, WANTED, Sandbox
from tests.payments.orders import an_order, sessions_of


@pytest.fixture
def gateway(stripe_gateway: StripeGateway) -> StripeGateway:
    """The real gateway, and not the fake that other rooms are tested with."""
    return stripe_gateway


@pytest.fixture(autouse=True)
def no_trouble_left(sandbox: Sandbox) -> Iterator[None]:
    """Trouble asked for by one test is not met by the next."""
    yield
    sandbox.control("faults/clear")


def test_objects_of_another_application_on_the_same_account_are_not_ours(
    gateway: StripeGateway, sandbox: Sandbox, api: stripe.StripeClient
) -> None:
    price = {"currency": "eur", "product": "hromada_month", "unit_amount": 900}
    theirs = sandbox.control(
        "subscriptions",
        email="theirs@example.org",
        metadata={"app": "shop", "pledge_id": str(uuid.uuid4())},
        price_data={**price, "recurring": {"interval": "month"}},
    )["made"][0]
    foreign = Reading(ours=False)
    assert gateway.find_checkout(theirs["id"]) == foreign
    assert gateway.read("checkout.session.completed", theirs["id"]) == foreign
    assert gateway.read("customer.subscription.created", theirs["subscription"]) == foreign
    assert gateway.read("invoice.paid", theirs["invoice"]) == foreign
    (payment,) = api.v1.invoice_payments.list({"invoice": theirs["invoice"]}).data
    assert gateway.read("payment_intent.succeeded", str(payment.payment.payment_intent)) == foreign


def test_an_object_stripe_does_not_have_is_told_from_one_it_does_not_show(
    gateway: StripeGateway, sandbox: Sandbox
) -> None:
    stranger = StripeGateway("nonsense", [], sandbox.url)
    for type_ in ("invoice.paid", "customer.subscription.updated", "refund.updated"):
        with pytest.raises(UnknownObject):
            gateway.read(type_, "nobody_1")
        with pytest.raises(GatewayError) as refused:
            stranger.read(type_, "nobody_1")
        assert not isinstance(refused.value, UnknownObject)


@pytest.mark.parametrize("key", ["sk_live_of_somebody_else", "nonsense"])
def test_a_key_that_stripe_refuses_is_an_error_and_not_a_silence(
    sandbox: Sandbox, key: str
) -> None:
    refused = StripeGateway(key, [], sandbox.url)
    for call in (
        lambda: refused.open_checkout(an_order()),
        lambda: refused.find_checkout("cs_1"),
        lambda: refused.find_fee("ch_1"),
        lambda: refused.prepare(WANTED),
    ):
        with pytest.raises(GatewayError) as error:
            call()
        assert not isinstance(error.value, GatewayUnavailable)
        assert key not in str(error.value)


def test_an_order_that_stripe_refuses_is_an_error_and_not_a_silence(gateway: StripeGateway) -> None:
    with pytest.raises(GatewayError, match="amount_too_small") as refused:
        gateway.open_checkout(an_order(amount=Money(10, "EUR")))
    assert not isinstance(refused.value, GatewayUnavailable)


def test_nobody_there_is_unavailable() -> None:
    nowhere = StripeGateway(KEY, [], f"http://127.0.0.1:{ports.free()}", timeout=(0.5, 0.5))
    for call in (
        lambda: nowhere.open_checkout(an_order()),
        lambda: nowhere.find_checkout("cs_1"),
        lambda: nowhere.read("invoice.paid", "in_1"),
        lambda: nowhere.find_fee("ch_1"),
        lambda: nowhere.end_at("sub_1", datetime(2026, 8, 1, tzinfo=UTC), "change"),
        lambda: nowhere.end_now("sub_1"),
    ):
        with pytest.raises(GatewayUnavailable):
            call()


def test_an_answer_that_takes_too_long_is_unavailable_and_the_page_is_found_when_asked_again(
    sandbox: Sandbox, api: stripe.StripeClient
) -> None:
    hasty = StripeGateway(KEY, [], sandbox.url, timeout=(1, 0.2))
    order = an_order()
    sandbox.control("faults", kind="hang", path="/v1/checkout", seconds=1)
    with pytest.raises(GatewayUnavailable):
        hasty.open_checkout(order)
    patient = StripeGateway(KEY, [], sandbox.url)
    # Stripe finishes what it began; until then it answers that the key is in use.
    page = None
    while page is None:
        try:
            page = patient.open_checkout(order)
        except GatewayUnavailable:
            continue
    assert sessions_of(api, order) == [page.session_id]


@pytest.mark.parametrize("status", [500, 503, 429])
def test_a_stripe_in_trouble_is_unavailable_and_opens_one_page_once_it_is_well(
    gateway: StripeGateway, sandbox: Sandbox, api: stripe.StripeClient, status: int
) -> None:
    order = an_order()
    sandbox.control("faults", kind="status", path="/v1/checkout", status=status, times=5)
    presses = 0
    while not (pages := sessions_of(api, order)):
        presses += 1
        assert presses < 8, "Stripe is well again, and still the page does not open"
        try:
            page = gateway.open_checkout(order)
        except GatewayUnavailable:
            continue
    assert presses > 1, "the trouble was never seen"
    assert pages == [page.session_id]
    assert gateway.open_checkout(order) == page


def test_an_answer_lost_after_the_page_was_opened_is_given_again(
    gateway: StripeGateway, sandbox: Sandbox, api: stripe.StripeClient
) -> None:
    order = an_order()
    sandbox.control("faults", kind="drop", path="/v1/checkout", times=2)
    with pytest.raises(GatewayUnavailable):
        gateway.open_checkout(order)
    page = gateway.open_checkout(order)
    assert sessions_of(api, order) == [page.session_id]
