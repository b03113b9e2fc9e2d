"""What is red: it stands in the count of what wants a person until it is mended."""

from datetime import UTC, datetime, timedelta

from flask import Flask

from app.extensions import db
from app.giving.models import MovementCheck
from app.reports import checks
from tasks.giving import follow_payouts
from tests.builders import a_reader
from tests.fakes import FakeGateway
from tests.giving.test_payouts import entry, payout
from tests.reports.entries import a_donation

NOVEMBER = datetime(2026, 11, 20, 12, tzinfo=UTC)
DAY = timedelta(days=1)


def test_the_newest_proof_of_the_movements_is_what_needs_a_person(app: Flask) -> None:
    assert checks.look(NOVEMBER).movements == 0
    for ago, differing in ((2, 7), (1, 3)):
        db.session.add(MovementCheck(at=NOVEMBER - ago * DAY, pledges=9, differing=differing))
    db.session.commit()
    assert checks.look(NOVEMBER).movements == 3
    assert checks.look(NOVEMBER).wrong == 3
    db.session.add(MovementCheck(at=NOVEMBER, pledges=9, differing=0))
    db.session.commit()
    assert checks.look(NOVEMBER).wrong == 0


def test_a_payout_that_is_not_its_entries_needs_a_person(app: Flask, gateway: FakeGateway) -> None:
    a_donation(a_reader(), at=NOVEMBER - 9 * DAY)
    gateway.paid_out = [payout(minor=900, made_at=NOVEMBER - 2 * DAY)]
    gateway.held["po_1"] = [entry("gift", 800)]
    follow_payouts()
    assert (checks.look(NOVEMBER).payouts, checks.look(NOVEMBER).wrong) == (1, 1)
    gateway.held["po_1"].append(entry("late", 100))
    follow_payouts()
    assert checks.look(NOVEMBER).wrong == 0
