"""Repairs of what is mended already, and comparisons that no worker comes to an end of."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from app.clock import utcnow
from app.desk import comparisons, differences
from app.desk.comparing import What
from app.desk.comparisons import MOST_ATTEMPTS, UNENDED
from app.desk.models import Comparison, Difference
from app.extensions import db
from app.giving.models import Donation
from app.owed import claim
from app.payments.facts import Reading
from app.payments.orders import SurveyKind
from tasks import desk
from tests.builders import a_pledge, a_reader
from tests.desk.stories import LATER, SINCE
from tests.fakes import FakeGateway
from tests.giving.facts import AUGUST, paid, seen


class Broken(FakeGateway):
    """A provider whose list our own program cannot read."""

    def survey(self, *asked: Any) -> Any:
        raise KeyError("currency")


def a_difference(kind: SurveyKind, object_id: str, field: str) -> Difference:
    """One that staff want repaired."""
    what = What.DIFFERS if field else What.MISSING_HERE
    row = Difference(
        kind=kind,
        object_id=object_id,
        what=what,
        field=field,
        ours="",
        theirs="x",
        found_at=AUGUST,
        due_at=AUGUST,
    )
    db.session.add(row)
    db.session.commit()
    return row


def test_the_first_repair_of_an_object_mends_everything_about_it_and_the_rest_is_no_failure(
    app: Flask, gateway: FakeGateway
) -> None:
    pledge = a_pledge(a_reader(), status="pending", started_at=None)
    standing, money = seen(pledge), paid(pledge)
    assert money.invoice_id is not None
    gateway.readings = {
        standing.subscription_id: Reading((standing,)),
        money.invoice_id: Reading((money,)),
    }
    rows = [
        a_difference(SurveyKind.SUBSCRIPTIONS, standing.subscription_id, "status"),
        a_difference(SurveyKind.SUBSCRIPTIONS, standing.subscription_id, "card"),
        a_difference(SurveyKind.INVOICES, money.invoice_id, ""),
    ]
    # Tonight's comparison is over: from three to six in Kyiv it would be carried out as well.
    db.session.add(Comparison(asked_at=utcnow(), since=SINCE, finished_at=utcnow()))
    db.session.commit()
    assert desk.compare() == len(rows)
    db.session.expire_all()
    assert [(row.gone_at is not None, row.due_at, row.error) for row in rows] == (
        [(True, None, None)] * len(rows)
    )
    assert differences.count() == 0
    assert db.session.query(Donation).count() == 1


def test_a_comparison_our_own_program_fails_on_is_given_up_and_the_next_may_begin(
    app: Flask,
) -> None:
    comparison = comparisons.ask(None, SINCE, now=LATER)
    for turn in range(MOST_ATTEMPTS):
        at = LATER + timedelta(days=turn)
        (key,) = claim(Comparison, now=at, lease=timedelta(minutes=1), limit=1)
        with pytest.raises(KeyError):
            comparisons.run(key, Broken(), clock=utcnow)
    db.session.refresh(comparison)
    assert comparison.finished_at is not None
    assert comparison.error == "KeyError: 'currency'"
    assert comparisons.ask(None, SINCE, now=utcnow()).id != comparison.id


def test_a_comparison_whose_workers_die_each_time_is_given_up_as_well(
    app: Flask, gateway: FakeGateway
) -> None:
    comparison = comparisons.ask(None, SINCE, now=LATER)
    for turn in range(MOST_ATTEMPTS + 1):
        at = LATER + timedelta(days=turn)
        (key,) = claim(Comparison, now=at, lease=timedelta(minutes=1), limit=1)
    comparisons.run(key, gateway, clock=utcnow)
    db.session.refresh(comparison)
    assert comparison.finished_at is not None
    assert comparison.error == UNENDED
    assert gateway.acts == [], "nothing was asked any more"
