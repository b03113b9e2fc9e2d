"""A day on which nothing was delivered: what Stripe kept is fetched, and everything is equal."""

import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import click
import pytest
import requests
import stripe as library
from flask import Flask

from app.clock import utcnow
from app.desk import backfill, comparisons, differences
from app.desk.cli import read_since
from app.desk.models import Comparison
from app.extensions import db
from app.giving import settlement
from app.giving.books import totals
from app.giving.models import Donation, Pledge
from app.owed import MAX_ATTEMPTS, claim
from app.payments import inbox
from app.payments.facts import Envelope
from app.payments.models import InboxEvent
from app.payments.stripe_gateway import StripeGateway
from tests.builders import a_reader
from tests.fakes import FakeGateway
from tests.payments.conftest import KEY, WANTED, Sandbox, sandbox  # noqa: F401

LONG_AGO, LATER = datetime(2020, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
PATRONS = 6


@pytest.fixture
def stripe(app: Flask, sandbox: Sandbox) -> Iterator[StripeGateway]:  # noqa: F811
    """The real gateway before the sandbox, in the place of the fake."""
    made = StripeGateway(KEY, [], sandbox.url)
    made.prepare(WANTED)
    app.extensions["gateway"] = made
    yield made
    app.extensions["gateway"] = FakeGateway()


def patrons(sandbox: Sandbox) -> list[dict[str, Any]]:  # noqa: F811
    """Pledges begun here and paid at Stripe, of which nobody has told us yet; one will fail."""
    price = {"currency": "eur", "product": "hromada_month", "unit_amount": 700}
    wishes = []
    for number in range(PATRONS):
        pledge = Pledge(
            id=uuid.uuid4(),
            account_id=a_reader().id,
            status="pending",
            interval="month",
            amount_minor=700,
            currency="EUR",
        )
        db.session.add(pledge)
        db.session.commit()
        wishes.append(
            {
                "email": f"patron{number}@example.org",
                "metadata": {
                    "app": "hromada",
                    "checkout_id": str(uuid.uuid4()),
                    "pledge_id": str(pledge.id),
                },
                "card": "4000000000000341" if number == 0 else "4242424242424242",
                "price_data": {**price, "recurring": {"interval": "month"}},
            }
        )
    made: list[dict[str, Any]] = sandbox.control("subscriptions", wishes=wishes)["made"]
    return made


def test_after_a_day_without_deliveries_everything_is_as_stripe_has_it(
    app: Flask,
    stripe: StripeGateway,
    sandbox: Sandbox,  # noqa: F811
) -> None:
    made = patrons(sandbox)
    sandbox.control("advance", months=1)
    sandbox.control("settle")
    charge = _charge_of(sandbox, made[1]["customer"])
    sandbox.control("dispute", charge=charge)
    first = backfill.run(stripe, LONG_AGO, livemode=False, clock=utcnow)
    assert first.new == first.told == db.session.query(InboxEvent).count()
    # What came before what it needs is settled when it is tried again, as by the workers.
    _settle_the_rest(stripe)
    again = backfill.run(stripe, LONG_AGO, livemode=False, clock=utcnow)
    assert (again.told, again.new, again.settled) == (first.told, 0, 0)
    _equal(sandbox)
    comparisons.ask(None, LONG_AGO, now=utcnow())
    (key,) = claim(Comparison, now=utcnow(), lease=timedelta(minutes=5), limit=1)
    comparisons.run(key, stripe, clock=lambda: LATER)
    assert [(row.object_id, row.field, row.ours, row.theirs) for row in differences.standing()] == (
        []
    )
    assert db.session.get_one(Comparison, key).looked_at > 2 * PATRONS


def _charge_of(sandbox: Sandbox, customer: str) -> str:  # noqa: F811
    api = library.StripeClient(KEY, base_addresses={"api": sandbox.url})
    return api.v1.charges.list({"customer": customer}).data[0].id


def _settle_the_rest(stripe: StripeGateway) -> None:
    for _turn in range(3):
        for key in claim(InboxEvent, now=LATER, lease=timedelta(0), limit=100):
            settlement.settle(key, stripe, now=utcnow())


def _equal(sandbox: Sandbox) -> None:  # noqa: F811
    """The ledger's sums are the sandbox's own, to the cent."""
    theirs = requests.get(f"{sandbox.url}/_control/ledger", timeout=30).json()
    ours = totals.between(LONG_AGO, LATER)
    (given,) = ours.given
    (settled,) = ours.settled
    assert (given.gifts, given.gross_minor) == (2 * PATRONS - 1, 700 * (2 * PATRONS - 1))
    assert db.session.query(Donation).count() == given.gifts
    assert given.disputes_minor == -700
    assert settled.net_minor == theirs["balance"]["total"]["net"], theirs


@pytest.mark.parametrize(
    ("hours_ago", "expected"),
    [
        ((), 30 * 24),
        # It is still dark: since the last event.
        ((48, 49, 50), 48 + 1),
        # We were away for a day, and what Stripe delivers again comes since five hours ago.
        ((0.1, 1, 2, 5, 30, 31, 33), 30 + 1),
        # Away for five days; nights are quieter than days.
        ((0, 8, 16, 60, 180, 181, 190, 204), 180 + 1),
        # A silence that ended more than three days ago is the nightly comparison's matter.
        ((0, 2, 90, 300), 90 + 1),
        ((29 * 24 + 23.5,), 30 * 24),
    ],
)
def test_it_begins_before_the_time_in_which_nothing_came(
    app: Flask, gateway: FakeGateway, hours_ago: tuple[float, ...], expected: float
) -> None:
    now = datetime(2026, 8, 20, tzinfo=UTC)
    for number, hours in enumerate(hours_ago):
        assert inbox.keep(_envelope(f"evt_{number}"), now=now - timedelta(hours=hours))
    assert backfill.since_last(now=now) == now - timedelta(hours=expected)


def test_events_of_the_other_mode_and_of_other_accounts_are_left(
    app: Flask, gateway: FakeGateway
) -> None:
    gateway.told = [
        _envelope("evt_1", livemode=True),
        _envelope("evt_2", foreign_account=True),
        _envelope("evt_3"),
    ]
    count = backfill.run(gateway, LONG_AGO, livemode=False, clock=utcnow)
    assert (count.told, count.new, count.settled) == (3, 1, 1)


def _envelope(event_id: str, **over: Any) -> Envelope:
    known = {"livemode": False, "foreign_account": False} | over
    return Envelope(event_id=event_id, type="x", object_id=None, body="{}", **known)


KYIV = ZoneInfo("Europe/Kyiv")
NOW = datetime(2026, 8, 20, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("24h", NOW - timedelta(days=1)),
        ("3d", NOW - timedelta(days=3)),
        ("2026-08-14", datetime(2026, 8, 13, 21, tzinfo=UTC)),
        ("2026-08-14T10:00", datetime(2026, 8, 14, 7, tzinfo=UTC)),
        ("2026-08-14T10:00+00:00", datetime(2026, 8, 14, 10, tzinfo=UTC)),
    ],
)
def test_a_moment_is_typed_as_a_span_or_as_a_day_there(typed: str, expected: datetime) -> None:
    assert read_since(typed, NOW, KYIV) == expected


def test_what_is_no_moment_is_refused_with_an_example() -> None:
    with pytest.raises(click.BadParameter, match="2026-11-20"):
        read_since("yesterday", NOW, KYIV)


def test_an_event_given_up_before_is_due_again_for_what_it_waited_for_may_have_come(
    app: Flask,
) -> None:
    before, now = utcnow() - timedelta(days=3), utcnow()
    for number, received_at in enumerate((before, before - timedelta(days=30))):
        db.session.add(
            InboxEvent(
                id=f"evt_{number}",
                type="refund.created",
                body={},
                received_at=received_at,
                attempts=MAX_ATTEMPTS,
                due_at=now - timedelta(days=1),
                error="LookupError: its gift is not entered",
            )
        )
    db.session.commit()
    backfill.run(FakeGateway(), before, livemode=False, clock=lambda: now)
    db.session.expire_all()
    again, older = db.session.get_one(InboxEvent, "evt_0"), db.session.get_one(InboxEvent, "evt_1")
    assert (again.attempts, again.due_at) == (0, now)
    assert older.attempts == MAX_ATTEMPTS
