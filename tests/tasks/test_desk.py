"""The desk's jobs: what staff asked to be repaired and compared is done by a worker."""

from dataclasses import replace
from datetime import timedelta

from flask import Flask

from app.clock import utcnow
from app.desk import comparisons, differences, pulse
from app.extensions import db
from app.payments.orders import SurveyKind
from tasks.desk import compare, show_pulse
from tests.desk.stories import a_paid_pledge, knows
from tests.fakes import FakeGateway


def test_what_was_asked_for_is_compared_and_then_repaired(gateway: FakeGateway) -> None:
    _pledge, standing, money = a_paid_pledge()
    changed = replace(standing, interval="year", seen_at=utcnow())
    knows(gateway, changed, money)
    now = utcnow()
    comparison = comparisons.ask(None, now - timedelta(days=400), now=now)
    assert compare() == 1
    db.session.expire_all()
    assert comparisons.latest(1)[0].id == comparison.id
    assert comparisons.latest(1)[0].found == 1
    assert differences.want_all(SurveyKind.SUBSCRIPTIONS, now=utcnow()) == 1
    assert compare() == 1
    assert differences.count() == 0


def test_a_repair_that_stripe_does_not_answer_is_tried_again(gateway: FakeGateway) -> None:
    _pledge, standing, money = a_paid_pledge()
    knows(gateway, replace(standing, interval="year", seen_at=utcnow()), money)
    now = utcnow()
    comparisons.ask(None, now - timedelta(days=400), now=now)
    compare()
    differences.want_all(SurveyKind.SUBSCRIPTIONS, now=utcnow())
    gateway.down = True
    compare()
    (row,) = differences.standing()
    assert row.due_at is not None
    assert row.error is not None
    assert row.error.startswith("GatewayUnavailable")


def test_a_worker_shows_its_pulse(app: Flask) -> None:
    show_pulse()
    last = pulse.feel(app.extensions["redis"]).last
    assert last is not None
    assert abs(last - utcnow()) < timedelta(seconds=5)
