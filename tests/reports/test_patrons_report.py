"""Patrons and churn, by hand for small cases."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from flask import Flask

from app.extensions import db
from app.giving.models import Pledge
from app.reports.figures import churn, patrons
from app.reports.shape import Share
from tests.builders import a_pledge, a_reader
from tests.reports.lives import DAY, asked, cells

MAY = datetime(2026, 5, 10, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def request_(app: Flask) -> Iterator[None]:
    """Words are written in a request's language."""
    with app.test_request_context():
        yield


def ended(pledge: Pledge, at: datetime, reason: str = "left") -> None:
    pledge.status, pledge.ended_at, pledge.end_reason = "ended", at, reason
    db.session.commit()


def test_a_patron_is_counted_once_however_many_pledges_stand() -> None:
    reader = a_reader()
    first = a_pledge(reader, started_at=MAY)
    a_pledge(reader, started_at=MAY + DAY)
    ended(first, MAY + 2 * DAY)
    (table,) = cells(patrons.build(asked("2026-05", "2026-06")))
    # Start, new, returned, four ways out, end: the second pledge goes on, so nobody has left.
    assert table == [["May 2026", 0, 1, 0, 0, 0, 0, 0, 1], ["June 2026", 1, 0, 0, 0, 0, 0, 0, 1]]


def test_who_leaves_and_comes_back_in_one_month_is_lost_and_returned() -> None:
    reader = a_reader()
    ended(a_pledge(reader, started_at=datetime(2026, 4, 2, tzinfo=UTC)), MAY)
    a_pledge(reader, started_at=MAY + 5 * DAY)
    (table,) = cells(patrons.build(asked("2026-05", "2026-05")))
    assert table == [["May 2026", 1, 0, 1, 1, 0, 0, 0, 1]]
    monthly, yearly = cells(churn.build(asked("2026-05", "2026-05")))
    assert monthly == [
        ["May 2026", 1, 1, 0, 0, 0, 1, Share(1, 1), Share(1, 1), Share(0, 1)],
    ]
    assert yearly == [["May 2026", 0, 0, 0, 0, 0, 0, Share(0, 0), Share(0, 0), Share(0, 0)]]


def test_a_pledge_that_begins_as_another_ends_is_the_same_stay() -> None:
    reader = a_reader()
    ended(a_pledge(reader, started_at=datetime(2026, 4, 2, tzinfo=UTC)), MAY)
    a_pledge(reader, started_at=MAY)
    (table,) = cells(patrons.build(asked("2026-05", "2026-05")))
    assert table == [["May 2026", 1, 0, 0, 0, 0, 0, 0, 1]]


def test_who_joins_and_goes_in_one_month_moves_no_churn() -> None:
    ended(a_pledge(a_reader(), started_at=MAY), MAY + DAY, "unpaid")
    (table,) = cells(patrons.build(asked("2026-05", "2026-05")))
    assert table == [["May 2026", 0, 1, 0, 0, 1, 0, 0, 0]]
    monthly, _yearly = cells(churn.build(asked("2026-05", "2026-05")))
    assert monthly[0][1:7] == [0, 0, 0, 0, 0, 0]


def test_the_churn_of_a_period_leaves_out_the_month_that_runs() -> None:
    for day in (1, 2, 3):
        pledge = a_pledge(a_reader(), started_at=datetime(2026, 6, day, tzinfo=UTC))
        if day < 3:
            ended(pledge, datetime(2026, 6 + day, 9, tzinfo=UTC), "left" if day > 1 else "disputed")
    answer = churn.build(asked("2026-07", "2026-08"))
    # Three stood when July began and one was lost; August is not over.
    assert answer.figures[0].values == [Share(1, 3)]
    assert answer.tables[0].muted == {0, 1}


@pytest.mark.parametrize("report", [patrons.REPORT, churn.REPORT])
@pytest.mark.parametrize("key", ["", "2026-05-01", "2031-01-01:new", "2026-05-01:month:nobody"])
def test_a_key_that_was_never_given_out_has_no_list(report: object, key: str) -> None:
    with pytest.raises(KeyError):
        report.listed(asked(), key)  # type: ignore[attr-defined]
