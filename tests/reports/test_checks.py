"""What is red: it stands in the count of what wants a person until it is mended."""

from datetime import UTC, datetime, timedelta

from flask import Flask

from app.extensions import db
from app.giving.models import MovementCheck
from app.reports import checks

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
