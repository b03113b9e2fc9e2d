"""Every call site, and a Stripe that hangs, fails, is busy, or is cut off before or after."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import stripe

from app.payments.gateway import GatewayUnavailable
from app.payments.orders import SurveyKind
from app.payments.stripe_gateway import StripeGateway
from tests.payments.acts import ACTS, Asked, Scene, press_until_done
from tests.payments.conftest import KEY, WEBHOOK, Sandbox
from tests.payments.orders import an_order, paid

#: Met twice: by the first request, and by the one that Stripe's library makes again by itself.
TROUBLES: dict[str, dict[str, Any]] = {
    "hangs": {"kind": "hang", "seconds": 1.2},
    "fails": {"kind": "status", "status": 500},
    "is busy": {"kind": "status", "status": 429},
    "is in use": {"kind": "status", "status": 409},
    "is cut off before": {"kind": "before"},
    "is cut off after": {"kind": "drop"},
}


@pytest.fixture(autouse=True)
def no_trouble_left(sandbox: Sandbox) -> Iterator[None]:
    """Trouble asked for by one test is not met by the next."""
    yield
    sandbox.control("faults/clear")


@pytest.fixture
def scene(stripe_gateway: StripeGateway, sandbox: Sandbox, api: stripe.StripeClient) -> Scene:
    """A patient gateway to prepare with; what is looked for is asked of a hasty one."""
    return Scene(stripe_gateway, sandbox, api)


@pytest.fixture(scope="module")
def hasty(sandbox: Sandbox) -> StripeGateway:
    """A gateway that does not wait for a Stripe that hangs."""
    return StripeGateway(KEY, [], sandbox.url, timeout=(1, 1))


@pytest.mark.parametrize("trouble", TROUBLES.values(), ids=TROUBLES)
@pytest.mark.parametrize("act", ACTS, ids=lambda act: act.__name__)
def test_what_is_asked_of_a_stripe_in_trouble_is_done_once(
    scene: Scene, hasty: StripeGateway, act: Callable[[Scene], Asked], trouble: dict[str, Any]
) -> None:
    asked = act(scene)
    scene.sandbox.control("faults", method=asked.method, path=asked.path, times=2, **trouble)
    press_until_done(asked, hasty)
    assert scene.sandbox.met(), "the trouble was never seen"
    assert asked.done() == 1
    # And once more, as by a second press or a job that did not know.
    asked.call(hasty)
    assert asked.done() == (2 if act.__name__ == "card_page" else 1)


LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


def _survey(kind: SurveyKind) -> Callable[[StripeGateway, dict[str, Any]], Any]:
    return lambda gateway, _found: list(gateway.survey(kind, LONG_AGO, datetime.now(UTC)))


LOOKS: dict[str, Callable[[StripeGateway, dict[str, Any]], Any]] = {
    "find_checkout": lambda gateway, found: gateway.find_checkout(found["id"]),
    "find_fee": lambda gateway, found: gateway.find_fee(found["charge"]),
    "subscription": lambda gateway, found: gateway.read(
        "customer.subscription.updated", found["subscription"]
    ),
    "paid": lambda gateway, found: gateway.read("invoice.paid", found["invoice"]),
    "failed": lambda gateway, found: gateway.read("invoice.payment_failed", found["invoice"]),
    "voided": lambda gateway, found: gateway.read("invoice.voided", found["invoice"]),
    "charge": lambda gateway, found: gateway.read("charge.updated", found["charge"]),
    "refunded": lambda gateway, found: gateway.read("charge.refunded", found["charge"]),
    "refund": lambda gateway, _found: gateway.read("refund.updated", "re_1"),
    "dispute": lambda gateway, _found: gateway.read("charge.dispute.created", "du_1"),
    "warning": lambda gateway, _found: gateway.read("radar.early_fraud_warning.created", "issfr_1"),
    "method": lambda gateway, _found: gateway.read("payment_method.updated", "pm_1"),
    "customer": lambda gateway, found: gateway.read("customer.updated", found["customer"]),
    "events": lambda gateway, _found: list(
        gateway.events(datetime.now(UTC) - timedelta(minutes=1))
    ),
    **{kind.name.lower(): _survey(kind) for kind in SurveyKind},
}


@pytest.fixture(scope="module")
def found(
    stripe_gateway: StripeGateway, sandbox: Sandbox, api: stripe.StripeClient
) -> dict[str, Any]:
    """The ids of a paid pledge."""
    session = paid(stripe_gateway, sandbox, an_order())
    (charge,) = api.v1.charges.list({"customer": session["customer"]}).data
    return {**session, "charge": charge.id}


@pytest.mark.parametrize("look", LOOKS.values(), ids=LOOKS)
def test_whoever_looks_at_a_stripe_in_trouble_is_told_to_come_again(
    sandbox: Sandbox,
    stripe_gateway: StripeGateway,
    found: dict[str, Any],
    look: Callable[[StripeGateway, dict[str, Any]], Any],
) -> None:
    sandbox.control("faults", kind="status", method="GET", times=None, status=500)
    with pytest.raises(GatewayUnavailable):
        look(stripe_gateway, found)


def test_whoever_inspects_a_stripe_in_trouble_is_told_what_it_is(
    sandbox: Sandbox, stripe_gateway: StripeGateway
) -> None:
    sandbox.control("faults", kind="status", method="GET", times=None, status=500)
    inspected = stripe_gateway.inspect(WEBHOOK)
    assert (inspected.reachable, inspected.error) == (False, "APIError")
