"""What the gateway makes of Stripe's answers, asked of the sandbox as a running process."""

import uuid
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
import stripe

from app.money import Money
from app.payments.gateway import (
    CheckoutOrder,
    CheckoutSeen,
    DonationPaid,
    Ending,
    FeeKnown,
    GatewayError,
    GatewayUnavailable,
    PledgeSeen,
    Reading,
    Standing,
)
from app.payments.stripe_gateway import StripeGateway
from config.local import ports
from tests.payments.conftest import Sandbox

KEY = "sk_test_gateway"
PRODUCTS = {"once": "A gift", "month": "A monthly gift", "year": "A yearly gift"}
PAYS_ONCE = "4000000000000341"


@pytest.fixture(scope="module")
def gateway(sandbox: Sandbox) -> StripeGateway:
    """The product's own gateway before a sandbox where everything is prepared."""
    made = StripeGateway(KEY, ["whsec_unused"], sandbox.url, timeout=(1, 2))
    made.prepare(PRODUCTS)
    return made


@pytest.fixture(scope="module")
def api(sandbox: Sandbox) -> stripe.StripeClient:
    """Stripe's own library, for what only another application or the dashboard would do."""
    return stripe.StripeClient(KEY, base_addresses={"api": sandbox.url})


@pytest.fixture(autouse=True)
def no_trouble_left(sandbox: Sandbox) -> Iterator[None]:
    """Trouble asked for by one test is not met by the next."""
    yield
    sandbox.control("faults/clear")


def an_order(interval: str = "month", **over: Any) -> CheckoutOrder:
    """An order of five euros."""
    order = CheckoutOrder(
        checkout_id=uuid.uuid4(),
        pledge_id=None if interval == "once" else uuid.uuid4(),
        account_id=1,
        amount=Money(500, "EUR"),
        interval=interval,
        email="olena@example.org",
        locale="uk",
        description="A gift",
        return_url="http://127.0.0.1/thanks?session_id={CHECKOUT_SESSION_ID}",
        cancel_url="http://127.0.0.1/give",
    )
    return replace(order, **over)


def paid(
    gateway: StripeGateway, sandbox: Sandbox, order: CheckoutOrder, card: str = "4242424242424242"
) -> dict[str, Any]:
    """Open an order's page and pay on it; return the session as Stripe then has it."""
    page = gateway.open_checkout(order)
    answer = sandbox.control("complete", session=page.session_id, card=card)
    session: dict[str, Any] = answer["session"]
    return session


def sessions_of(api: stripe.StripeClient, order: CheckoutOrder) -> list[str]:
    """List the pages Stripe has opened for an order."""
    every = api.v1.checkout.sessions.list({"limit": 100}).auto_paging_iter()
    return [one.id for one in every if one.client_reference_id == str(order.checkout_id)]


def the(kind: type[Any], reading: Reading) -> Any:
    """Return the one fact of a kind."""
    (fact,) = [fact for fact in reading.facts if isinstance(fact, kind)]
    return fact


# -- the page to pay on -------------------------------------------------------------------------


def test_what_checkouts_need_is_made_once_however_often_it_is_prepared(
    gateway: StripeGateway, api: stripe.StripeClient
) -> None:
    gateway.prepare(PRODUCTS)
    gateway.prepare(PRODUCTS)
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


# -- events -------------------------------------------------------------------------------------


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
    assert gateway.read("charge.dispute.created", "dp_1") == Reading(known=False)
    assert gateway.read("charge.succeeded", "ch_1") == Reading()
    # There is nothing to ask for, so nothing is asked.
    assert gateway.read("invoice.paid", None) == Reading(known=False)


def test_an_object_that_does_not_exist_is_refused_and_not_asked_for_again(
    gateway: StripeGateway,
) -> None:
    with pytest.raises(GatewayError, match="resource_missing") as refused:
        gateway.read("customer.subscription.updated", "sub_none")
    assert not isinstance(refused.value, GatewayUnavailable)


# -- a patron's wishes --------------------------------------------------------------------------


def test_a_wish_to_leave_ends_with_the_paid_time_and_can_be_taken_back(
    gateway: StripeGateway, sandbox: Sandbox
) -> None:
    session = paid(gateway, sandbox, an_order())
    leaving = the(PledgeSeen, gateway.end_at_period_end(session["subscription"], "change-1"))
    assert leaving.standing is Standing.PAYING
    assert leaving.ends_at == leaving.paid_until
    staying = the(PledgeSeen, gateway.keep(session["subscription"], "change-2"))
    assert (staying.standing, staying.ends_at) == (Standing.PAYING, None)


def test_a_pledge_that_ended_by_wish_says_so(gateway: StripeGateway, sandbox: Sandbox) -> None:
    session = paid(gateway, sandbox, an_order())
    leaving = the(PledgeSeen, gateway.end_at_period_end(session["subscription"], "change-3"))
    sandbox.control("advance", months=1)
    ended = the(PledgeSeen, gateway.read("customer.subscription.deleted", session["subscription"]))
    assert (ended.standing, ended.ending) == (Standing.ENDED, Ending.BY_WISH)
    assert ended.ended_at == leaving.ends_at
    with pytest.raises(GatewayError):
        gateway.keep(session["subscription"], "change-4")


# -- other applications, refusals, silence -------------------------------------------------------


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


@pytest.mark.parametrize("key", ["sk_live_of_somebody_else", "nonsense"])
def test_a_key_that_stripe_refuses_is_an_error_and_not_a_silence(
    sandbox: Sandbox, key: str
) -> None:
    refused = StripeGateway(key, [], sandbox.url)
    for call in (
        lambda: refused.open_checkout(an_order()),
        lambda: refused.find_checkout("cs_1"),
        lambda: refused.find_fee("ch_1"),
        lambda: refused.prepare(PRODUCTS),
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
        lambda: nowhere.end_at_period_end("sub_1", "change"),
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


def test_a_moment_seen_is_ours_and_aware(gateway: StripeGateway, sandbox: Sandbox) -> None:
    session = paid(gateway, sandbox, an_order())
    before = datetime.now(UTC)
    seen = the(PledgeSeen, gateway.read("customer.subscription.updated", session["subscription"]))
    assert before <= seen.seen_at <= datetime.now(UTC)
