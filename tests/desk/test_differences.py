"""Comparing with Stripe: what is found, kept, repaired, and what cannot be."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.accounts import audit
from app.accounts.models import Role
from app.clock import utcnow
from app.desk import comparisons, differences
from app.desk.comparisons import CALLED_OFF, MOST_ATTEMPTS
from app.desk.models import Comparison, Difference
from app.extensions import db
from app.giving import settlement
from app.giving.models import Donation, Pledge
from app.money import Money
from app.owed import claim
from app.payments.facts import Card, Ending, Standing
from app.payments.gateway import GatewayUnavailable
from app.payments.orders import SurveyKind
from tests.builders import a_pledge, a_reader, a_staff_member, signed_in
from tests.desk.stories import LATER, SINCE, a_paid_pledge, knows
from tests.fakes import FakeGateway
from tests.giving.facts import AUGUST, paid, seen
from tests.pages import send

KYIV = ZoneInfo("Europe/Kyiv")


def compared(gateway: FakeGateway) -> Comparison:
    """Carry out a comparison as a worker does."""
    comparison = comparisons.ask(None, SINCE, now=LATER)
    (key,) = claim(Comparison, now=LATER, lease=timedelta(minutes=1), limit=1)
    comparisons.run(key, gateway, clock=lambda: LATER)
    db.session.refresh(comparison)
    return comparison


def found() -> list[tuple[str, str, str, str]]:
    """What differs now: what, field, ours, theirs."""
    db.session.expire_all()
    return [(row.what, row.field, row.ours, row.theirs) for row in differences.standing()]


def test_what_is_the_same_here_and_there_differs_in_nothing(gateway: FakeGateway) -> None:
    _pledge, standing, money = a_paid_pledge()
    knows(gateway, standing, money)
    comparison = compared(gateway)
    assert found() == []
    assert (comparison.finished_at, comparison.error, comparison.found) == (LATER, None, 0)
    assert comparison.looked_at == 2
    assert comparison.compared == [kind.value for kind in SurveyKind]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"amount": Money(900, "EUR")}, ("amount", "5.00 EUR", "9.00 EUR")),
        ({"interval": "year"}, ("interval", "month", "year")),
        ({"standing": Standing.PAST_DUE}, ("status", "active", "past_due")),
        ({"cover_minor": 30}, ("cover", "0", "30")),
        ({"ends_at": AUGUST + timedelta(days=9)}, ("ends_at", "", "2026-08-23 10:30 UTC")),
        ({"next_payment_at": AUGUST}, ("next_payment_at", "", "2026-08-14 10:30 UTC")),
        ({"resumes_at": AUGUST}, ("resumes_at", "", "2026-08-14 10:30 UTC")),
        ({"card": Card("visa", "4242", 2030, 4)}, ("card", "", "visa 4242 04/2030")),
        (
            {"standing": Standing.ENDED, "ending": Ending.UNPAID, "ended_at": AUGUST},
            ("status", "active", "lapsed"),
        ),
    ],
)
def test_a_pledge_that_changed_at_stripe_unheard_is_found_and_repaired(
    gateway: FakeGateway, change: dict[str, Any], expected: tuple[str, str, str]
) -> None:
    _pledge, standing, money = a_paid_pledge()
    changed = replace(standing, seen_at=LATER, **change)
    knows(gateway, changed, money)
    compared(gateway)
    assert found()[0] == ("differs", *expected)
    row = differences.standing()[0]
    assert differences.repair(row.id, gateway, now=LATER)
    assert found() == []
    with pytest.raises(differences.UnknownDifference):
        differences.repair(row.id, gateway, now=LATER)


def test_what_we_know_from_later_is_no_difference(gateway: FakeGateway) -> None:
    _pledge, standing, money = a_paid_pledge()
    before = replace(standing, amount=Money(100, "EUR"), seen_at=AUGUST - timedelta(hours=1))
    knows(gateway, before, money)
    compared(gateway)
    assert found() == []


def test_money_nobody_told_us_of_is_entered_once_when_repaired(gateway: FakeGateway) -> None:
    pledge, standing, money = a_paid_pledge()
    unheard = paid(pledge, 2, received_at=AUGUST + timedelta(days=1))
    knows(gateway, standing, money, unheard)
    compared(gateway)
    assert found() == [("missing_here", "", "", "5.00 EUR, 2026-08-15")]
    (row,) = differences.standing()
    assert differences.repair(row.id, gateway, now=LATER)
    assert db.session.query(Donation).count() == 2
    assert compared(gateway).found == 0


def test_money_that_stripe_does_not_know_is_found_and_stays(gateway: FakeGateway) -> None:
    _pledge, standing, money = a_paid_pledge()
    knows(gateway, standing)
    compared(gateway)
    assert found() == [("missing_there", "", "5.00 EUR", "")]
    (row,) = differences.standing()
    assert not differences.repair(row.id, gateway, now=LATER)
    db.session.refresh(row)
    assert row.error is not None
    assert row.due_at is None
    # Once Stripe has it, the next night finds nothing, and when it went is kept.
    knows(gateway, standing, money)
    compared(gateway)
    db.session.refresh(row)
    assert row.gone_at == LATER


def test_what_the_demo_made_up_is_not_looked_for_at_stripe(gateway: FakeGateway) -> None:
    pledge = a_pledge(a_reader())
    made_up = paid(pledge, invoice_id="in_demo_000001", subscription_id="sub_demo_5b0c")
    settlement.apply((seen(pledge, subscription_id="sub_demo_5b0c"), made_up), now=AUGUST)
    db.session.commit()
    knows(gateway)
    assert compared(gateway).found == 0


def test_a_pledge_stripe_has_and_we_have_not_cannot_be_repaired_and_says_why(
    gateway: FakeGateway,
) -> None:
    lost = a_pledge(a_reader(), started_at=None, status="pending")
    fact = seen(lost)
    db.session.delete(lost)
    db.session.commit()
    knows(gateway, fact)
    compared(gateway)
    (row,) = differences.standing()
    assert row.what == "missing_here"
    assert not differences.repair(row.id, gateway, now=LATER)
    db.session.refresh(row)
    assert row.error is not None
    assert row.error.startswith("UnknownPledge")


def test_a_pledge_ended_here_that_lives_at_stripe_is_found(gateway: FakeGateway) -> None:
    pledge, standing, money = a_paid_pledge()
    db.session.get_one(Pledge, pledge.id).status = "ended"
    db.session.commit()
    knows(gateway, replace(standing, seen_at=LATER), money)
    compared(gateway)
    assert ("differs", "status", "ended", "active") in found()
    (row, *_more) = differences.standing()
    assert not differences.repair(row.id, gateway, now=LATER)


def test_two_nights_find_the_same_difference_once(gateway: FakeGateway) -> None:
    _pledge, standing, money = a_paid_pledge()
    knows(gateway, replace(standing, interval="year", seen_at=LATER), money)
    assert [compared(gateway).found, compared(gateway).found] == [1, 1]
    assert db.session.query(Difference).count() == 1


def test_all_of_a_kind_are_repaired_by_a_worker(gateway: FakeGateway) -> None:
    stories = [a_paid_pledge() for _number in range(3)]
    knows(
        gateway,
        *(replace(standing, interval="year", seen_at=LATER) for _p, standing, _m in stories),
        *(money for _p, _s, money in stories),
    )
    compared(gateway)
    assert differences.want_all(SurveyKind.SUBSCRIPTIONS, now=LATER) == 3
    assert differences.want_all(SurveyKind.SUBSCRIPTIONS, now=LATER) == 0
    for key in claim(Difference, now=LATER, lease=timedelta(minutes=1), limit=10):
        differences.repair(key, gateway, now=LATER)
    assert found() == []
    assert {row.due_at for row in db.session.query(Difference)} == {None}


def test_two_comparisons_never_run_at_once(gateway: FakeGateway) -> None:
    first = comparisons.ask(None, SINCE, now=LATER)
    assert comparisons.ask(None, SINCE, now=LATER + timedelta(hours=1)).id == first.id
    (key,) = claim(Comparison, now=LATER, lease=timedelta(minutes=1), limit=5)
    assert claim(Comparison, now=LATER, lease=timedelta(minutes=1), limit=5) == []
    comparisons.run(key, gateway, clock=lambda: LATER)
    assert comparisons.ask(None, SINCE, now=LATER).id != first.id


class Interrupted(FakeGateway):
    """A gateway at which something happens while it is asked."""

    def __init__(self, meanwhile: Callable[[], object]) -> None:
        super().__init__()
        self.meanwhile = meanwhile

    def survey(self, kind: SurveyKind, since: datetime, until: datetime) -> Any:
        # Nobody holds a transaction while Stripe answers.
        assert not db.session().in_transaction()
        self.meanwhile()
        yield from super().survey(kind, since, until)


def test_a_comparison_that_is_called_off_stops_and_says_so(app: Flask) -> None:
    comparison = comparisons.ask(None, SINCE, now=LATER)
    (key,) = claim(Comparison, now=LATER, lease=timedelta(minutes=1), limit=1)
    gateway = Interrupted(lambda: comparisons.call_off(comparison.id, now=LATER))
    comparisons.run(key, gateway, clock=lambda: LATER)
    db.session.refresh(comparison)
    assert (comparison.error, comparison.finished_at) == (CALLED_OFF, LATER)
    assert comparison.compared == []
    assert not comparisons.call_off(comparison.id, now=LATER)


def test_a_comparison_stripe_does_not_answer_goes_on_where_it_was_and_is_given_up(
    app: Flask,
) -> None:
    comparison = comparisons.ask(None, SINCE, now=LATER)
    turns: list[int] = []

    def breaks_off() -> None:
        turns.append(1)
        if len(turns) != 1:
            raise GatewayUnavailable("down")

    gateway, now = Interrupted(breaks_off), LATER
    for attempt in range(1, MOST_ATTEMPTS + 1):
        (key,) = claim(Comparison, now=now, lease=timedelta(minutes=1), limit=1)
        comparisons.run(key, gateway, clock=lambda moment=now: moment)  # type: ignore[misc]
        db.session.refresh(comparison)
        assert comparison.compared == [SurveyKind.SUBSCRIPTIONS.value]
        assert (comparison.finished_at is not None) == (attempt == MOST_ATTEMPTS)
        now += timedelta(hours=1)
    assert comparison.error is not None
    assert comparison.error.startswith("GatewayUnavailable")


@pytest.mark.parametrize(
    ("hour", "owed"), [(2, False), (3, True), (5, True), (6, False), (15, False)]
)
def test_the_nightly_comparison_comes_once_in_its_hours(
    gateway: FakeGateway, hour: int, owed: bool
) -> None:
    night = datetime(2026, 8, 14, hour, 20, tzinfo=KYIV).astimezone(UTC)
    assert comparisons.owe_nightly(now=night, zone=KYIV) is owed
    assert not comparisons.owe_nightly(now=night + timedelta(minutes=5), zone=KYIV)
    assert len(comparisons.latest(5)) == int(owed)


def test_staff_compare_look_and_repair(client: FlaskClient, gateway: FakeGateway) -> None:
    pledge, standing, money = a_paid_pledge()
    changed = replace(standing, interval="year", seen_at=utcnow())
    knows(gateway, changed, money)
    staff = a_staff_member(Role.FINANCE)
    signed_in(client, staff)
    assert "Not compared yet" in client.get("/staff/differences").text
    answer = send(client, "/staff/differences/run", page="/staff/differences", days="400")
    assert answer.status_code == 303
    waiting = client.get("/staff/differences").text
    assert "A comparison is running" in waiting
    assert 'http-equiv="refresh"' in waiting
    (key,) = claim(Comparison, now=utcnow(), lease=timedelta(minutes=1), limit=1)
    comparisons.run(key, gateway, clock=utcnow)
    listed = client.get("/staff/differences").text
    assert changed.subscription_id in listed
    assert 'http-equiv="refresh"' not in listed
    (row,) = differences.standing()
    act = f"/staff/differences/{row.id}/repair"
    gateway.down = True
    assert send(client, act, page="/staff/differences", action=act).status_code == 303
    assert "Stripe does not answer" in client.get("/staff/differences").text
    gateway.down = False
    assert send(client, act, page="/staff/differences", action=act).status_code == 303
    assert "Repaired" in client.get("/staff/differences").text
    assert db.session.get_one(Pledge, pledge.id).interval == "year"
    assert {entry.act for entry in audit.latest()} == {"difference_repaired"}
