"""The way to a gift: against a slow recount, with lists that have as many rows as are told."""

import random
import uuid
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.extensions import db
from app.giving.arrivals.steps import OTHERS
from app.giving.arrivals.touches import Came, Touch, enter
from app.giving.models import Checkout, FunnelDay
from app.giving.models import Touch as Row
from app.reports import funnels
from app.reports.figures import funnel
from app.reports.shape import Behind, Share
from tests.builders import a_reader
from tests.reports.lives import asked, cells, opened

MARCH = datetime(2026, 3, 10, 12, tzinfo=UTC)
STEPS = ("seen", "sent", "opened", "paid")


@pytest.fixture(autouse=True)
def request_(app: Flask) -> Iterator[None]:
    """Words are written in a request's language."""
    with app.test_request_context():
        yield


def visits(day: date, step: str, count: int, **over: str) -> None:
    """Visits that reached a step."""
    kept = {"language": "uk", "device": "phone", "campaign": "", "article": ""} | over
    db.session.add(FunnelDay(day=day, step=step, count=count, **kept))
    db.session.commit()


def gift(at: datetime, touch: Touch | None = None, **over: Any) -> Checkout:
    """A checkout that was paid at a moment."""
    kept = {"interval": "once", "amount_minor": 500, "currency": "EUR", "locale": "uk"}
    kept |= {"device": "phone"} | over
    checkout = Checkout(
        id=uuid.uuid4(), account_id=a_reader().id, status="paid", closed_at=at, **kept
    )
    device = checkout.device
    db.session.add(checkout)
    enter(checkout, Came(touch, touch, device))
    db.session.commit()
    return checkout


def test_each_step_is_told_beside_the_one_before_and_the_first() -> None:
    for step, count in (("seen", 200), ("sent", 20), ("opened", 16)):
        visits(MARCH.date(), step, count)
    for _gift in range(10):
        gift(MARCH)
    # Begun by the button of a letter.
    gift(MARCH, device=None)
    answer = funnel.build(asked("2026-03", "2026-03"))
    assert [row[1:] for row in cells(answer)[0]] == [
        [200, None, None],
        [20, Share(20, 200), Share(20, 200)],
        [16, Share(16, 20), Share(16, 200)],
        [10, Share(10, 16), Share(10, 200)],
    ]
    assert [list(figure.values) for figure in answer.figures] == [
        [Share(10, 200)],
        [Share(20, 200)],
        [Share(16, 20)],
        [Share(10, 16)],
        [Share(10, 20)],
    ]
    assert answer.chart is not None
    assert [bar[2] for bar in answer.chart.bars] == [200, 20, 16, 10]


def test_what_was_paid_before_anything_was_counted_is_in_no_share() -> None:
    gift(MARCH - timedelta(days=2))
    gift(datetime(2026, 3, 9, 23, tzinfo=UTC))
    visits(MARCH.date(), "seen", 5)
    # The newsroom's 10th of March begins at ten in the evening of the 9th.
    assert funnels.counted(asked("2026-03", "2026-03")).whole == (5, 0, 0, 1)


def test_without_a_single_visit_counted_nothing_is_told() -> None:
    gift(MARCH)
    answer = funnel.build(asked())
    assert [row[1] for row in cells(answer)[0]] == [0, 0, 0, 0]
    assert answer.chart is None
    assert answer.tables[0].note == "Nothing has been counted yet."


def test_more_gifts_than_forms_are_shown_as_they_are() -> None:
    visits(MARCH.date(), "sent", 1)
    for _gift in range(3):
        gift(MARCH)
    answer = funnel.build(asked("2026-03", "2026-03"))
    assert answer.figures[4].values[0] == Share(-2, 1)


def test_beyond_a_hundred_campaigns_the_rest_is_one_row() -> None:
    for number in range(funnel.MOST + 3):
        visits(MARCH.date(), "seen", 500 - number, campaign=f"c{number:03}")
    visits(MARCH.date(), "seen", 7, campaign=OTHERS, article=OTHERS)
    rows = cells(funnel.build(asked("2026-03", "2026-03")))[3]
    assert len(rows) == funnel.MOST + 1
    assert rows[0][:2] == ["c000", 500]
    assert rows[-1][:2] == ["4 more together", 400 + 399 + 398 + 7]


@pytest.mark.parametrize("key", ["", "paid", "paid:no-such:x", "seen:", "sent:language:uk"])
def test_a_key_that_says_nothing_has_no_list(key: str) -> None:
    visits(MARCH.date(), "seen", 1)
    with pytest.raises(KeyError):
        funnel.listed(asked(), key)


def chance_visits(seed: int) -> None:
    """Visits and gifts of half a year by all sorts of ways."""
    chance = random.Random(seed)
    for _row in range(150):
        day = date(2026, 1, 1) + timedelta(days=chance.randrange(200))
        row = FunnelDay(
            day=day,
            step=chance.choice(STEPS[:3]),
            language=chance.choice(["en", "uk"]),
            device=chance.choice(["phone", "desktop"]),
            campaign=chance.choice(["", "winter", "a:b"]),
            article=chance.choice(["", "night", OTHERS]),
            appeal=chance.choice(["", "3-1-a"]),
            count=chance.randrange(1, 40),
        )
        db.session.merge(row)
    for _gift in range(60):
        at = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=chance.randrange(280_000))
        touch = Touch(
            at.date(),
            campaign=chance.choice([None, "winter", "a:b"]),
            article=chance.choice([None, "night"]),
        )
        gift(
            at,
            chance.choice([None, touch]),
            locale=chance.choice(["en", "uk"]),
            device=chance.choice(["phone", "desktop", None]),
        )
    db.session.commit()


def recount(side: str | None) -> dict[str, Counter[str]]:
    """Visits of February to May by a side, from the raw rows."""
    of = asked("2026-02", "2026-05")
    found: dict[str, Counter[str]] = {}
    rows = db.session.scalars(select(FunnelDay)).all()
    for row in rows:
        if date(2026, 2, 1) <= row.day <= date(2026, 5, 31):
            name = getattr(row, side) if side else ""
            found.setdefault(name, Counter())[row.step] += row.count
    first = min(row.day for row in rows)
    for checkout in db.session.scalars(select(Checkout)).all():
        assert checkout.closed_at is not None
        touch = db.session.get(Row, (checkout.id, "last"))
        if not of.since <= checkout.closed_at < of.until or checkout.device is None:
            continue
        if checkout.closed_at.astimezone(of.zone).date() < first:
            continue
        told = {
            "language": checkout.locale,
            "device": checkout.device,
            "campaign": touch.campaign if touch else None,
            "article": touch.article if touch else None,
            None: "",
        }
        found.setdefault(told[side] or "", Counter())["paid"] += 1
    return found


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_every_count_is_what_a_slow_recount_finds_and_opens_its_list(seed: int) -> None:
    chance_visits(seed)
    of = asked("2026-02", "2026-05")
    found = funnels.counted(of)
    assert found.whole == tuple(recount(None)[""][step] for step in STEPS)
    for side, reached in found.sides.items():
        slow = recount(side)
        assert {one.name: one.counts for one in reached} == {
            name: tuple(counts[step] for step in STEPS) for name, counts in slow.items()
        }
        assert tuple(map(sum, zip(*(one.counts for one in reached), strict=True))) == found.whole
    answer = funnel.build(of)
    lists = list(opened(funnel.REPORT, of, answer))
    assert len(lists) > 5
    for behind, rows in lists:
        assert isinstance(behind, Behind)
        assert len(rows) == behind.value, behind.key
