"""What recurs, recounted movement by movement."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise
from statistics import median_low
from typing import Any

from sqlalchemy import select

from app.current import zone
from app.extensions import db
from app.giving.models import Pledge, PledgeMovement
from app.giving.rules import MovementKind
from app.money import Money
from app.reports import months
from app.reports.figures import changes, concentration, gifts_size, recurring, revenue_churn
from app.reports.shape import Asked, Behind, Report, Share
from tests.giving.test_movements import GRACE
from tests.reports.lives import NOW, cells, opened, plain

KINDS = ("up", "resumed", "down", "paused", "left", "lapsed", "ended")


def ledger() -> list[PledgeMovement]:
    """Every movement in its order."""
    rows = db.session.scalars(select(PledgeMovement)).all()
    return sorted(rows, key=lambda row: (row.at, row.id))


def given(rows: Sequence[PledgeMovement], moment: datetime) -> dict[tuple[int, str], int]:
    """What each person gave a year in each currency just before a moment, where it was anything."""
    sums: dict[tuple[int, str], int] = defaultdict(int)
    for row in rows:
        if row.at < moment:
            sums[row.account_id, row.currency] += row.yearly_minor
    return {key: minor for key, minor in sums.items() if minor}


def spans(of: Asked) -> list[tuple[datetime, datetime]]:
    return [
        (months.start_of(month, zone()), min(months.start_of(months.following(month), zone()), NOW))
        for month in of.months
    ]


def names(rows: Sequence[PledgeMovement], of: Asked) -> list[str]:
    return sorted({row.currency for row in rows} if of.currency is None else {of.currency})


def by_month(minor: int, people: int = 1) -> int:
    """A twelfth for each, to the nearest minor unit, halves up."""
    twice = 2 * minor + 12 * people
    return twice // (24 * people)


def of_stood(
    rows: Sequence[PledgeMovement], since: datetime, until: datetime, currency: str
) -> list[PledgeMovement]:
    """The movements of a month of who gave as it began, up to where somebody was lost and back."""
    start = given(rows, since)
    back: set[int] = set()
    found = []
    for row in rows:
        if row.currency == currency and since <= row.at < until:
            if row.kind == "returning":
                back.add(row.account_id)
            if start.get((row.account_id, currency), 0) > 0 and row.account_id not in back:
                found.append(row)
    return found


def check_lists(report: Report, of: Asked) -> None:
    """A count has as many rows in its list; a sum of movements is the sum of its list's."""
    for value, rows in opened(report, of, report.build(of)):
        if isinstance(plain(value), int):
            assert len(rows) == plain(value), value
        elif "grace" not in value.key and "ending" not in value.key:
            assert sum(row[2].minor for row in rows) == plain(value).minor, value
        else:
            assert by_month(sum(row[2].minor for row in rows)) == plain(value).minor, value


def recurs(of: Asked) -> None:
    """What recurs is the sum of the movements, and of the pledges now."""
    rows = ledger()
    table = cells(recurring.build(of))[0]
    expected: list[tuple[Any, ...]] = []
    for _since, until in spans(of):
        people = given(rows, until)
        for code in names(rows, of):
            mine = [minor for (_who, in_), minor in people.items() if in_ == code]
            total = sum(mine)
            expected.append((Money(by_month(total), code), Money(total, code), len(mine)))
    assert [(row[2], row[6], row[7]) for row in table] == expected
    for row in table[-len(names(rows, of)) :]:
        counted = [
            pledge
            for pledge in db.session.scalars(select(Pledge))
            if pledge.currency == row[1] and _counts(pledge)
        ]
        yearly = {
            one.id: one.amount_minor * (12 if one.interval == "month" else 1) for one in counted
        }
        grace = sum(yearly[one.id] for one in counted if one.status == "past_due")
        assert sum(yearly.values()) == row[6].minor
        assert row[3:6] == [Money(by_month(grace), row[1]), Money(0, row[1]), row[2]]
    check_lists(recurring.REPORT, of)


def _counts(pledge: Pledge) -> bool:
    if pledge.status == "past_due" and pledge.past_due_since is not None:
        return pledge.past_due_since + GRACE > NOW
    return pledge.status == "active"


def lost_and_kept(of: Asked) -> None:
    """What is lost and kept is that of who gave as the month began."""
    rows = ledger()
    (table,) = cells(revenue_churn.build(of))
    expected = []
    for since, until in spans(of):
        for code in names(rows, of):
            start = [minor for (_who, in_), minor in given(rows, since).items() if in_ == code]
            mine = of_stood(rows, since, until, code)
            sums = {kind: [row.yearly_minor for row in mine if row.kind == kind] for kind in KINDS}
            lost = -sum(sum(sums[kind]) for kind in KINDS[2:])
            kept = sum(start) + sum(sums["up"]) + sum(sums["resumed"]) - lost
            expected.append(
                [
                    code,
                    len(start),
                    Money(sum(start), code),
                    *(Money(sum(each), code) if each else None for each in sums.values()),
                    Money(kept, code),
                    Share(lost, sum(start), code),
                    Share(kept, sum(start), code),
                ]
            )
    assert [row[1:] for row in table] == expected
    check_lists(revenue_churn.REPORT, of)


def raised_and_lowered(of: Asked) -> None:
    """Who raised and lowered is what a recount finds."""
    rows = ledger()
    table, reasons = cells(changes.build(of))
    expected = []
    for since, until in spans(of):
        for code in names(rows, of):
            n = sum(in_ == code for _who, in_ in given(rows, since))
            ways: list[list[int]] = []
            for kind, causes in (
                ("up", ("terms", "another_pledge", "first_gift")),
                ("down", ("terms", "left")),
            ):
                each: dict[int, int] = defaultdict(int)
                for row in of_stood(rows, since, until, code):
                    if row.kind == kind and row.cause in causes:
                        each[row.account_id] += abs(row.yearly_minor)
                ways.append(list(each.values()))
            cells_: list[Any] = []
            for way in ways:
                middle = Money(by_month(median_low(way)), code) if way else None
                cells_ += [len(way), Share(len(way), n), middle]
            expected.append([code, n, *cells_])
    assert [row[1:] for row in table] == expected
    first, last = spans(of)[0][0], spans(of)[-1][1]
    for kind, word in ((MovementKind.UP, "More"), (MovementKind.DOWN, "Less")):
        for code in names(rows, of):
            all_ = [
                row
                for row in rows
                if (row.kind, row.currency) == (kind, code) and first <= row.at < last
            ]
            told = [row for row in reasons if row[1:3] == [word, code]]
            assert sum(row[3] for row in told) == len(all_)
            assert sum(row[4].minor for row in told) == sum(row.yearly_minor for row in all_)
    check_lists(changes.REPORT, of)


def sizes(of: Asked) -> None:
    """Sizes and the largest are those of each person's sum."""
    rows = ledger()
    until = spans(of)[-1][1]
    people = given(rows, until)
    plans: dict[tuple[int, str], set[str]] = defaultdict(set)
    for pledge in db.session.scalars(select(Pledge)):
        if sum(row.yearly_minor for row in rows if row.pledge_id == pledge.id and row.at < until):
            plans[pledge.account_id, pledge.currency].add(pledge.interval)
    answer = gifts_size.build(of)
    bands, by_plan = cells(answer)
    tops, _shares = cells(concentration.build(of))
    found = [code for code in names(rows, of) if any(in_ == code for _who, in_ in people)]
    for place, code in enumerate(found):
        mine = sorted((minor for (_who, in_), minor in people.items() if in_ == code), reverse=True)
        total = sum(mine)
        average, middle, *counts = answer.figures
        assert [average.values[place], middle.values[place], plain(counts[place].values[0])] == [
            Money(by_month(total, len(mine)), code),
            Money(by_month(median_low(mine)), code),
            len(mine),
        ]
        bounds = [0, *(12 * bound for bound in gifts_size.bands(code)), 10**12]
        in_bands = [
            [minor for minor in mine if low <= minor < high] for low, high in pairwise(bounds)
        ]
        assert [row[2:] for row in bands if row[1] == code] == [
            [
                len(band),
                Share(len(band), len(mine)),
                Money(by_month(sum(band)), code),
                Share(sum(band), total, code),
            ]
            for band in in_bands
        ]
        few = [mine[:10], mine[: -(-len(mine) // 100)]]
        assert [row[2:] for row in tops if row[1] == code] == [
            [len(one), len(mine), Money(by_month(sum(one)), code), Share(sum(one), total, code)]
            for one in few
        ]
        for word, plan in (
            ("Monthly", {"month"}),
            ("Yearly", {"year"}),
            ("Monthly and yearly", {"month", "year"}),
        ):
            theirs = [
                minor for key, minor in people.items() if key[1] == code and plans[key] == plan
            ]
            told = [row[2:] for row in by_plan if row[:2] == [word, code]]
            assert told == (
                []
                if not theirs
                else [
                    [
                        len(theirs),
                        Money(by_month(sum(theirs), len(theirs)), code),
                        Money(by_month(median_low(theirs)), code),
                        Share(sum(theirs), total, code),
                    ]
                ]
            )
    check_lists(gifts_size.REPORT, of)
    check_lists(concentration.REPORT, of)


def identity(of: Asked) -> None:
    """What recurred as a month began and its movements are what recurred as it ended."""
    rows = ledger()
    table = cells(recurring.build(of))[0]
    ends = {(row[0], row[1]): row[6].minor for row in table}
    for place, (since, until) in enumerate(spans(of)):
        for code in names(rows, of):
            moved = sum(
                row.yearly_minor for row in rows if row.currency == code and since <= row.at < until
            )
            before = sum(
                row.yearly_minor for row in rows if row.currency == code and row.at < since
            )
            name = table[place * len(names(rows, of))][0]
            assert ends[name, code] == before + moved
    assert all(
        isinstance(cell, Behind) for row in recurring.build(of).tables[0].rows for cell in row[-1:]
    )
