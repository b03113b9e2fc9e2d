"""What Stripe has in a window, and the events it keeps, against what each event reads."""

import json
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import stripe

from app.money import Money
from app.payments.facts import DisputeSeen, Fact, PledgeSeen, Reading, RefundSeen
from app.payments.orders import RefundOrder, SurveyKind
from app.payments.stripe_gateway import StripeGateway
from app.payments.stripe_gateway.kinds import ENABLED
from tests.payments.conftest import Sandbox
from tests.payments.orders import PAYS_ONCE, an_order, paid

LONG_AGO, LATER = datetime(2020, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)


@pytest.fixture
def gateway(stripe_gateway: StripeGateway) -> StripeGateway:
    """The real gateway, and not the fake that other rooms are tested with."""
    return stripe_gateway


@pytest.fixture(autouse=True, scope="module")
def a_busy_month(sandbox: Sandbox, stripe_gateway: StripeGateway, api: stripe.StripeClient) -> None:
    """Renewals that failed, were paid late or outside; gifts, refunds, disputes; and strangers."""
    gateway = stripe_gateway
    lasting = paid(gateway, sandbox, an_order(), "5555555555554444")
    failing = paid(gateway, sandbox, an_order(cover_minor=20), PAYS_ONCE)
    paid(gateway, sandbox, an_order("year", amount=Money(9000, "USD")))
    for number in range(3):
        session = paid(gateway, sandbox, an_order("once", amount=Money(700 + number, "EUR")))
        (charge,) = api.v1.charges.list({"payment_intent": session["payment_intent"]}).data
        if number == 0:
            gateway.refund(
                RefundOrder(
                    refund_id=an_order().checkout_id,
                    charge_id=charge.id,
                    amount=Money(100, "EUR"),
                    fraud=False,
                )
            )
        if number == 1:
            sandbox.control("dispute", charge=charge.id)
    gateway.open_checkout(an_order("once"))
    price = {"currency": "eur", "product": "hromada_month", "unit_amount": 900}
    sandbox.control(
        "subscriptions",
        email="theirs@example.org",
        metadata={"app": "shop"},
        price_data={**price, "recurring": {"interval": "month"}},
    )
    sandbox.control("settle")
    sandbox.control("advance", months=1)
    sandbox.control("advance", days=3)
    sandbox.control("card", customer=failing["customer"], card="4242424242424242")
    sandbox.control("advance", days=10)
    subscription = lasting["subscription"]
    api.v1.subscriptions.update(subscription, {"pause_collection": {"behavior": "void"}})


def at_one_moment(reading: Reading) -> Reading:
    """The same reading, whenever it was asked for."""

    def still(fact: Fact) -> Fact:
        if isinstance(fact, PledgeSeen | RefundSeen | DisputeSeen):
            return replace(fact, seen_at=LATER)
        return fact

    return replace(reading, facts=tuple(still(fact) for fact in reading.facts))


@pytest.mark.parametrize(
    ("kind", "count"),
    [
        (SurveyKind.SUBSCRIPTIONS, 3),
        (SurveyKind.INVOICES, 5),
        (SurveyKind.GIFTS, 3),
        (SurveyKind.REFUNDS, 1),
        (SurveyKind.DISPUTES, 1),
    ],
)
def test_a_survey_finds_each_object_of_ours_with_what_its_event_would_bring(
    gateway: StripeGateway, kind: SurveyKind, count: int
) -> None:
    found = dict(gateway.survey(kind, LONG_AGO, LATER))
    assert len(found) == count
    for object_id, reading in found.items():
        assert at_one_moment(reading) == at_one_moment(gateway.read(kind.value, object_id))


@pytest.mark.parametrize(
    "kind", [kind for kind in SurveyKind if kind is not SurveyKind.SUBSCRIPTIONS]
)
def test_a_survey_leaves_out_what_was_not_made_in_its_window(
    gateway: StripeGateway, kind: SurveyKind
) -> None:
    assert dict(gateway.survey(kind, LONG_AGO, LONG_AGO + timedelta(days=1))) == {}


def test_more_than_a_page_is_found_whole(gateway: StripeGateway, sandbox: Sandbox) -> None:
    price = {"currency": "eur", "product": "hromada_month", "unit_amount": 900}
    before = set(dict(gateway.survey(SurveyKind.INVOICES, LONG_AGO, LATER)))
    wishes = [
        {
            "email": f"reader-{number}@example.org",
            "metadata": {"app": "hromada", "pledge_id": str(an_order().pledge_id)},
            "price_data": {**price, "recurring": {"interval": "month"}},
        }
        for number in range(230)
    ]
    made = sandbox.control("subscriptions", wishes=wishes)["made"]
    invoices = set(dict(gateway.survey(SurveyKind.INVOICES, LONG_AGO, LATER)))
    assert invoices - before == {one["invoice"] for one in made}
    subscriptions = set(dict(gateway.survey(SurveyKind.SUBSCRIPTIONS, LONG_AGO, LATER)))
    assert subscriptions >= {one["subscription"] for one in made}


def test_events_are_told_oldest_first_each_once_and_as_they_would_be_delivered(
    gateway: StripeGateway, api: stripe.StripeClient
) -> None:
    told = list(gateway.events(datetime.now(UTC) - timedelta(days=1)))
    every = list(api.v1.events.list({"limit": 100}).auto_paging_iter())
    wanted = Counter(event.id for event in every if event.type in ENABLED)
    assert Counter(envelope.event_id for envelope in told) == wanted
    moments = [json.loads(envelope.body)["created"] for envelope in told]
    assert moments == sorted(moments)
    order = [event.id for event in reversed(every) if event.type in ENABLED]
    assert [told[0].event_id, told[-1].event_id] == [order[0], order[-1]]
    first = told[0]
    assert (first.livemode, first.foreign_account) == (False, False)
    assert first.object_id is not None


def test_events_since_a_moment_leave_out_those_before_it(
    gateway: StripeGateway, api: stripe.StripeClient
) -> None:
    newest = api.v1.events.list({"limit": 1}).data[0]
    since = datetime.fromtimestamp(newest.created, UTC)
    assert all(
        json.loads(envelope.body)["created"] >= newest.created for envelope in gateway.events(since)
    )
    assert list(gateway.events(since + timedelta(hours=1))) == []
