"""What is kept of campaigns, of gifts given once and of visits is what the raw rows say."""

import random
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, update

from app.extensions import db
from app.reports import campaign_gifts, catalogue, funnels, origins
from app.reports.origins import Brought
from app.reports.rollups import campaign_days, checking, following, mode, once_days, reached_days
from app.reports.rollups.campaign_days import CampaignDay
from app.reports.rollups.kept import Rollup
from app.reports.rollups.origin_rows import CAME, ORIGINS, Origin
from app.reports.rollups.reached_days import ReachedMonth
from app.reports.shape import Asked
from tests.reports.keeping import anew, follow, rows
from tests.reports.lives import DAY, NOW, asked
from tests.reports.stories import FEW, FIRST, Act, Begun, Story, stories
from tests.reports.ways import HAPPENS, much, something, stated, touched, visited

KEPT: list[Rollup] = [campaign_days.ROLLUP, reached_days.ROLLUP]
TABLES = [table for one in KEPT for table in one.tables]
REPORTS = ("campaign-results", "campaigns", "funnel", "articles")
#: Six people who pledge in spring, two of them on the first day of a month.
STORY = Story(
    tuple(
        Act(FIRST + 75 * DAY + 8 * person * DAY, person, 0, Begun(500, "EUR", "month", "night"))
        for person in range(6)
    )
)


@pytest.fixture(autouse=True)
def request_(app: Flask) -> Iterator[None]:
    """Words are written in a request's language."""
    with app.test_request_context():
        yield


def _anew(story: Story) -> None:
    """Let a story happen where nothing else has, with two campaigns in its time."""
    anew(story)
    for name, first in (("winter", date(2026, 1, 1)), ("spring", date(2026, 3, 1))):
        stated(name, first)


def _told(of: Asked) -> list[Any]:
    """Every figure that is read of what is kept."""
    given = origins.given_once_by(of, once_days.BY)
    return [
        campaign_gifts.results(of),
        {by: sorted(map(str, given[by])) for by in given},
        _sides(of),
    ]


def _sides(of: Asked) -> Any:
    found = funnels.counted(of)
    return found.whole, {side: sorted(map(str, each)) for side, each in found.sides.items()}


@FEW
@given(story=stories(), chance=st.randoms(use_true_random=False))
def test_each_report_tells_the_same_from_the_raw_rows(story: Story, chance: random.Random) -> None:
    _anew(story)
    for _turn in range(20):
        something(chance)
        if chance.random() < 0.4:
            follow(KEPT)
    for first, last, currency in (
        ("2026-01", "2026-08", None),
        ("2026-03", "2026-05", "EUR"),
        ("2025-03", "2026-10", None),
    ):
        of = asked(first, last, currency)
        kept = [_told(of), *(catalogue.named(name).build(of) for name in REPORTS)]
        with mode.raw():
            assert kept[0] == _told(of)
            for name, answer in zip(REPORTS, kept[1:], strict=True):
                assert answer == catalogue.named(name).build(of), name


@FEW
@given(story=stories(), chance=st.randoms(use_true_random=False))
def test_followed_step_by_step_or_begun_anew_every_sum_is_the_same(
    story: Story, chance: random.Random
) -> None:
    _anew(story)
    much(chance)
    for _turn in range(15):
        something(chance)
        follow(KEPT)
    before = {table: rows(table) for table in TABLES}
    assert all(before.values())

    following.begin_anew(KEPT)
    follow(KEPT)

    assert {table: rows(table) for table in TABLES} == before


@pytest.mark.parametrize("happens", HAPPENS)
def test_whatever_changes_is_in_the_figures_of_whoever_looks_next(
    happens: Callable[[random.Random], None],
) -> None:
    _anew(STORY)
    much(random.Random(4))
    of = asked("2025-01", "2026-08")
    before, changed = _told(of), False
    for seed in range(12):
        happens(random.Random(seed))
        db.session.commit()
        kept = _told(of)
        with mode.raw():
            assert kept == _told(of)
        changed = changed or kept != before
    assert changed


@FEW
@given(story=stories(most_people=16), chance=st.randoms(use_true_random=False))
def test_what_each_origin_brought_is_its_list_on_whatever_day_it_is_looked_at(
    story: Story, chance: random.Random
) -> None:
    _anew(story)
    for _turn in range(6):
        touched(chance)
        db.session.commit()
    for day in (1, 2, 14, 15, 16, 17, 28, 30, 31):
        now = datetime(2026, 7, day, chance.randrange(24), tzinfo=UTC)
        # Months of three, six and twelve months before, and all that comes after the moment.
        for first, last in (("2026-01", "2026-07"), ("2025-07", "2026-04"), ("2026-04", "2026-09")):
            of = replace(asked(first, last), now=now)
            by = chance.choice(ORIGINS)
            listed = _listed(of, by)
            assert _summed(origins.brought(of, by)) == listed, of
            together: dict[tuple[str, str], Counter[str]] = {}
            for (code, origin), counted in listed.items():
                key = code, origins.KNOWN if origin else ""
                together[key] = together.get(key, Counter()) + counted
            assert _summed(origins.in_all(of, by)) == together, of


def _summed(brought: list[Brought]) -> dict[tuple[str, str], Counter[str]]:
    found = {}
    for one in brought:
        parts = (one.counts, one.yearly, one.over, one.kept)
        values = [value for part in parts for value in part]
        names = [*CAME, *(f"{came} minor" for came in CAME), *origins.OVER, *origins.STOOD]
        found[one.currency, one.origin] = +Counter(dict(zip(names, values, strict=True)))
    return found


def _listed(of: Asked, by: Origin) -> dict[tuple[str, str], Counter[str]]:
    found: dict[tuple[str, str], Counter[str]] = {}
    for row in db.session.execute(select(origins.moved(of, by))).mappings():
        counted = found.setdefault((row["currency"], row["origin"]), Counter())
        counted[row["came"]] += 1
        counted[f"{row['came']} minor"] += row["yearly_minor"]
        for name in (*origins.OVER, *origins.STOOD):
            counted[name] += row[name]
    return {key: +counted for key, counted in found.items()}


def test_the_check_finds_a_sum_of_days_and_a_sum_of_months_that_are_wrong() -> None:
    # So few days that the check looks at each.
    _anew(Story((Act(NOW - 3 * DAY, 0, 0, Begun(500, "EUR", "month", None)),)))
    chance = random.Random(1)
    visited(chance)
    while not rows(CampaignDay):
        touched(chance)
        db.session.commit()
        follow(KEPT)
    assert rows(CampaignDay)
    assert rows(ReachedMonth)
    assert checking.check(KEPT, now=NOW) == 0
    for table, column in ((CampaignDay, "raised_minor"), (ReachedMonth, "count")):
        db.session.execute(update(table).values({column: table.__table__.c[column] + 1}))
        db.session.commit()
        assert checking.check(KEPT, now=NOW) >= 1
        following.begin_anew(KEPT)
        follow(KEPT)
        assert checking.check(KEPT, now=NOW) == 0


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Pacific/Auckland", "Etc/GMT+12", "UTC"])
def test_visits_of_a_day_are_counted_in_whatever_zone_the_newsroom_is(
    app: Flask, zone: str
) -> None:
    before = app.extensions["settings"]
    there = before.newsroom.model_copy(update={"timezone": zone})
    app.extensions["settings"] = before.model_copy(update={"newsroom": there})
    try:
        follow(KEPT)
        for seed in range(6):
            visited(random.Random(seed))
        db.session.commit()
        kept = _sides(asked())
        assert kept[0] != (0, 0, 0, 0)
        with mode.raw():
            assert kept == _sides(asked())
    finally:
        app.extensions["settings"] = before
