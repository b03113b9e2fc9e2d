"""Cohorts, the first 90 days and who came back: by hand, and against a slow recount."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask

from app.current import zone
from app.extensions import db
from app.giving import settlement
from app.giving.models import Pledge
from app.giving.rules import Interval
from app.reports import months
from app.reports.figures import cohorts, first_90, win_back
from app.reports.shape import Asked, Report, Share
from tests.builders import a_pledge, a_reader
from tests.giving.facts import paid, seen
from tests.reports.lives import DAY, NOW, asked, cells, live, opened
from tests.reports.naive import NEVER, Human, Stay, humans

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


def _month(at: datetime) -> Any:
    return months.first_day(at, zone())


def _end(month: Any) -> datetime:
    return months.start_of(months.following(month), zone())


def _stood(stay: Stay, moment: datetime) -> bool:
    return stay.came < moment <= stay.out


def recount_cohorts(of: Asked) -> list[list[list[Any]]]:
    """The rows of the cohorts from the raw rows, without their first column."""
    tables = []
    running = _month(NOW)
    for first in (True, False):
        for plan in Interval.MONTH, Interval.YEAR:
            rows = []
            for month in of.months:
                group = [
                    one
                    for one in humans(of.currency)
                    if one.plan == plan and _month(one.stays[0].came) == month
                ]

                def share(stands: Callable[[Stay], bool], group: list[Human] = group) -> Share:
                    part = 0
                    for one in group:
                        part += any(stands(s) for s in (one.stays[:1] if first else one.stays[1:]))  # noqa: B023
                    return Share(part, len(group))

                row: list[Any] = [len(group)]
                after = month
                while after < running:
                    end = _end(after)
                    row.append(share(lambda stay, end=end: _stood(stay, end)))  # type: ignore[misc]
                    after = months.following(after)
                row.append(share(lambda stay: stay.out == NEVER))
                rows.append(row)
            tables.append(rows)
    return tables


def recount_first(of: Asked) -> dict[str, list[Any]]:
    """Of each article what the first 90 days were."""
    found: dict[str, list[Any]] = {}
    for one in humans(of.currency):
        stay = one.stays[0]
        if of.since <= stay.came < of.until:
            row = found.setdefault(one.article or "unknown", [0, 0, 0])
            over = stay.came + timedelta(days=90) <= NOW
            row[0] += 1
            row[1] += over
            row[2] += over and stay.out - stay.came >= timedelta(days=90)
    return found


def recount_back(of: Asked) -> dict[Any, list[int]]:
    """Of each month who left, whose 90 days are over and who of them came back."""
    found: dict[Any, list[int]] = {}
    for one in humans(of.currency):
        for place, stay in enumerate(one.stays):
            if stay.why in ("", "paused") or not of.since <= stay.out < of.until:
                continue
            row = found.setdefault(_month(stay.out), [0, 0, 0])
            over = stay.out + timedelta(days=90) <= NOW
            after = one.stays[place + 1 :]
            row[0] += 1
            row[1] += over
            row[2] += bool(over and after and after[0].came - stay.out <= timedelta(days=90))
    return found


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("currency", [None, "EUR"])
def test_every_figure_is_what_a_slow_recount_finds(seed: int, currency: str | None) -> None:
    live(seed, people=12)
    of = asked(currency=currency)
    counted = cells(cohorts.build(of))
    for table, slow in zip(counted, recount_cohorts(of), strict=True):
        for row, expected in zip(table, slow, strict=True):
            shares = [value for value in row[2:] if isinstance(value, Share)]
            assert [row[1], *shares] == expected
    articles = cells(first_90.build(of))[0]
    slow_first = recount_first(of)
    assert {row[0]: [row[1], row[2], row[3].part] for row in articles} == slow_first
    slow_back = recount_back(of)
    for month, row in zip(of.months, cells(win_back.build(of))[0], strict=True):
        assert [row[1], row[2].whole, row[2].part] == slow_back.get(month, [0, 0, 0])


@pytest.mark.parametrize("report", REPORTS)
@pytest.mark.parametrize("seed", [5, 6])
def test_every_list_has_as_many_rows_as_its_figure(report: Report, seed: int) -> None:
    live(seed, people=12)
    of = asked("2026-02", "2026-07")
    count = 0
    for behind, rows in opened(report, of, report.build(of)):
        value = behind.value.part if isinstance(behind.value, Share) else behind.value
        assert len(rows) == value, behind.key
        count += 1
    assert count
