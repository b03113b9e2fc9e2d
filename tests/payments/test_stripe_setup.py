"""What must stand at Stripe before the first gift: made once, found again, mended."""

import re
from dataclasses import replace
from typing import Any

import pytest
import stripe
from stripe.params import WebhookEndpointCreateParams

from app.payments.gateway import GatewayError
from app.payments.stripe_gateway import StripeGateway
from app.payments.stripe_gateway.kinds import COVERED, ENABLED
from config.local import ports
from tests.payments.conftest import KEY, PRODUCTS, WANTED, WEBHOOK, Sandbox
from tests.payments.orders import an_order, paid


@pytest.fixture
def gateway(sandbox: Sandbox) -> StripeGateway:
    """A gateway of its own: what is not prepared yet is looked at too."""
    return StripeGateway(KEY, [], sandbox.url)


@pytest.fixture(autouse=True)
def nothing_there(sandbox: Sandbox) -> None:
    """An account nobody has set up."""
    sandbox.control("reset")


def test_a_new_account_lacks_everything_and_says_what(gateway: StripeGateway) -> None:
    found = gateway.inspect(WEBHOOK)
    assert (found.reachable, found.error) == (True, None)
    assert found.products_missing == ("once", "month", "year")
    assert (found.card_page, found.webhook_found, found.webhook_enabled) == (False, False, False)
    assert found.events_missing == ENABLED
    with pytest.raises(GatewayError, match="payments setup"):
        gateway.card_page("cus_1", "http://127.0.0.1:9/pledge", "en")


def test_everything_is_made_once_however_often_it_is_prepared(
    gateway: StripeGateway, api: stripe.StripeClient
) -> None:
    first = gateway.prepare(WANTED)
    second = gateway.prepare(WANTED)
    assert first.webhook_secret is not None
    assert second == replace(first, webhook_secret=None)
    names = {product.id: product.name for product in api.v1.products.list({"limit": 100}).data}
    assert names == {f"hromada_{interval}": name for interval, name in PRODUCTS.items()}
    (endpoint,) = api.v1.webhook_endpoints.list().data
    assert (endpoint.url, endpoint.api_version) == (WEBHOOK, "2026-10-28.endive")
    assert set(endpoint.enabled_events) == set(ENABLED)
    (page,) = api.v1.billing_portal.configurations.list().data
    assert page.id == first.card_page
    assert page.features.payment_method_update.enabled
    assert not page.features.subscription_cancel.enabled
    found = gateway.inspect(WEBHOOK)
    assert found.products_missing == found.events_missing == ()
    assert found.card_page
    assert (found.webhook_found, found.webhook_enabled) == (True, True)
    assert found.webhook_version == found.wanted_version == "2026-10-28.endive"


def test_what_was_switched_off_or_put_away_is_mended(
    gateway: StripeGateway, api: stripe.StripeClient
) -> None:
    made = gateway.prepare(WANTED)
    api.v1.products.update("hromada_month", {"active": False})
    api.v1.webhook_endpoints.update(
        made.webhook, {"enabled_events": ["invoice.paid", "payout.created"], "disabled": True}
    )
    found = gateway.inspect(WEBHOOK)
    assert found.products_missing == ("month",)
    assert (found.webhook_found, found.webhook_enabled) == (True, False)
    assert set(found.events_missing) == set(ENABLED) - {"invoice.paid"}
    assert gateway.prepare(WANTED) == replace(made, webhook_secret=None)
    mended = gateway.inspect(WEBHOOK)
    assert mended.products_missing == mended.events_missing == ()
    assert mended.webhook_enabled
    endpoint = api.v1.webhook_endpoints.retrieve(made.webhook)
    # What somebody else wanted delivered here still is.
    assert "payout.paid" in endpoint.enabled_events


def test_nobody_there_and_a_key_that_is_refused_are_told_and_not_raised(sandbox: Sandbox) -> None:
    nowhere = StripeGateway(KEY, [], f"http://127.0.0.1:{ports.free()}", timeout=(0.5, 0.5))
    refused = StripeGateway("sk_live_of_somebody_else", [], sandbox.url)
    for gateway, error in ((nowhere, "APIConnectionError"), (refused, "AuthenticationError")):
        found = gateway.inspect(WEBHOOK)
        assert not found.reachable
        assert found.error is not None
        assert found.error.startswith(error)


def test_every_type_that_is_delivered_is_one_of_stripes_and_one_we_read(
    gateway: StripeGateway,
) -> None:
    wanted: Any = WebhookEndpointCreateParams.__annotations__["enabled_events"]
    known = re.findall(r"'([a-z_.]+)'", getattr(wanted, "__forward_arg__", str(wanted)))
    assert set(ENABLED) <= set(known)
    assert set(gateway._readers) - {"charge.refund.updated"} == set(ENABLED)
    assert not COVERED & set(ENABLED)


def test_a_closed_page_can_no_longer_be_paid_on_and_a_paid_one_stays_paid(
    gateway: StripeGateway, sandbox: Sandbox
) -> None:
    gateway.prepare(WANTED)
    page = gateway.open_checkout(an_order())
    for _time in range(2):
        gateway.close_checkout(page.session_id)
    session = paid(gateway, sandbox, an_order())
    gateway.close_checkout(session["id"])
    assert len(gateway.find_checkout(session["id"]).facts) == 3
    with pytest.raises(GatewayError, match="resource_missing"):
        gateway.close_checkout("cs_none")


def test_the_page_repeats_what_the_button_said(
    gateway: StripeGateway, api: stripe.StripeClient
) -> None:
    gateway.prepare(WANTED)
    words = "You give 5.33 euros each month until you stop."
    page = gateway.open_checkout(an_order(confirmation=words, cover_minor=33))
    session = api.v1.checkout.sessions.retrieve(page.session_id)
    assert session.custom_text.submit is not None
    assert session.custom_text.submit.message == words
    assert session.metadata is not None
    assert session.metadata["cover_minor"] == "33"
