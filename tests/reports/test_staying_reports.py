"""Cohorts, the first 90 days and who came back, by hand."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask

from app.extensions import db
from app.giving import settlement
from app.giving.models import Pledge
from app.reports.figures import cohorts, first_90, win_back
from app.reports.shape import Report, Share
from tests.builders import a_pledge, a_reader
from tests.giving.facts import paid, seen
from tests.reports.lives import DAY, NOW, asked, cells

MARCH = datetime(2026, 3, 10, 12, tzinfo=UTC)
REPORTS = [cohorts.REPORT, first_90.REPORT, win_back.REPORT]


@pytest.fixture(autouse=True)
def request_(app: Flask) -> Iterator[None]:
    """Words are written in a request's language."""
    with app.test_request_context():
        yield


def gave(since: datetime, until: datetime | None = None, reader: Any = None, **over: Any) -> Pledge:
    """A pledge that began, and ended by the patron's wish where `until` is given."""
    pledge = a_pledge(reader or a_reader(), started_at=since, **over)
    if until is not None:
        pledge.status, pledge.ended_at, pledge.end_reason = "ended", until, "left"
        db.session.commit()
    return pledge


def test_a_cohort_is_followed_and_who_came_back_is_counted_apart() -> None:
    gave(MARCH)
    gave(MARCH + DAY, MARCH + 40 * DAY)
    reader = a_reader()
    gave(MARCH + 2 * DAY, MARCH + 10 * DAY, reader)
    gave(MARCH + 70 * DAY, reader=reader)
    monthly, yearly, again, _none = cells(cohorts.build(asked("2026-03", "2026-03")))
    # In March three came and one left, in April another; the one of March is back since May.
    shares = [Share(2, 3), Share(1, 3), Share(1, 3), Share(1, 3), Share(1, 3)]
    assert monthly == [["March 2026", 3, *shares, Share(1, 3)]]
    back = [Share(0, 3), Share(0, 3), Share(1, 3), Share(1, 3), Share(1, 3)]
    assert again == [["March 2026", 3, *back, Share(1, 3)]]
    assert yearly[0][1] == 0


def test_a_month_that_runs_is_no_part_of_a_cohort_and_few_people_are_grey() -> None:
    gave(MARCH + 120 * DAY)
    answer = cohorts.build(asked("2026-07", "2026-08"))
    july, august = cells(answer)[0]
    assert july == ["July 2026", 1, Share(1, 1), Share(1, 1)]
    assert august == ["August 2026", 0, "not over yet", Share(0, 0)]
    assert answer.tables[0].muted == {0, 1}


def test_who_changes_the_plan_stays_with_those_they_came_with() -> None:
    pledge = a_pledge(a_reader(), status="pending", started_at=None)
    settlement.apply([paid(pledge, received_at=MARCH)], now=MARCH)
    settlement.apply([seen(pledge, interval="year", seen_at=MARCH + DAY)], now=MARCH + DAY)
    db.session.commit()
    monthly, yearly, *_again = cells(cohorts.build(asked("2026-03", "2026-03")))
    assert (monthly[0][1], yearly[0][1]) == (1, 0)


def test_ninety_days_are_asked_of_those_who_had_them() -> None:
    for until in (None, MARCH + 90 * DAY, MARCH + 89 * DAY):
        gave(MARCH, until, article="winter" if until else None)
    gave(NOW - 89 * DAY)
    answer = first_90.build(asked())
    articles, plans = cells(answer)
    assert articles == [
        ["winter", 2, 2, Share(1, 2), 1],
        ["unknown", 2, 1, Share(1, 1), 0],
    ]
    assert plans[0] == ["Monthly", 4, 3, Share(2, 3), 1]
    assert answer.figures[2].values[0].value == 1  # type: ignore[union-attr]


def test_who_came_back_is_asked_of_those_who_had_the_time() -> None:
    reader, other = a_reader(), a_reader()
    gave(MARCH, MARCH + 20 * DAY, reader)
    gave(MARCH + 110 * DAY, reader=reader)
    gave(MARCH, MARCH + 20 * DAY, other)
    gave(MARCH + 111 * DAY, reader=other)
    gave(MARCH, NOW - 89 * DAY)
    by_month, by_reason = cells(win_back.build(asked("2026-03", "2026-05")))
    assert by_month == [
        ["March 2026", 2, Share(1, 2), Share(0, 0)],
        ["April 2026", 0, Share(0, 0), Share(0, 0)],
        ["May 2026", 1, Share(0, 0), Share(0, 0)],
    ]
    assert by_reason[0] == ["Left by own wish", 3, Share(1, 2), Share(0, 0)]


@pytest.mark.parametrize("report", REPORTS)
@pytest.mark.parametrize(
    "key",
    [
        "",
        "a:b",
        "a:b:c",
        "2026-05-01:month:stayed:99",
        "all:month:stayed:1",
        "kept:week:",
        "back90:2031-01-01:all",
        "2026-05-01:month:stayed:x",
    ],
)
def test_a_key_that_was_never_given_out_has_no_list(report: Report, key: str) -> None:
    assert report.listed is not None
    with pytest.raises(KeyError):
        report.listed(asked(), key)
