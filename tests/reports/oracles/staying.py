"""Cohorts, first 90 days and returns, recounted person by person."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from app.current import zone
from app.giving.rules import Interval
from app.reports import months
from app.reports.figures import cohorts, first_90, win_back
from app.reports.shape import Asked, Report, Share
from tests.reports.lives import NOW, cells, opened
from tests.reports.oracles.stays import NEVER, Human, Stay, humans

REPORTS = [cohorts.REPORT, first_90.REPORT, win_back.REPORT]


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


def cohorts_and_returns(of: Asked) -> None:
    """Cohorts, first 90 days and who came back are what a recount finds."""
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


def lists_of_stays(of: Asked) -> None:
    """Every list has as many rows as its figure."""
    for report in REPORTS:
        _lists(report, of)


def _lists(report: Report, of: Asked) -> None:
    for behind, rows in opened(report, of, report.build(of)):
        value = behind.value.part if isinstance(behind.value, Share) else behind.value
        assert len(rows) == value, behind.key
