"""What campaigns bring by the first touch and the last, by hand."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from flask import Flask

from app.extensions import db
from app.giving import settlement
from app.giving.arrivals.touches import Touch
from app.giving.models import Pledge
from app.money import Money
from app.reports.figures import articles, campaigns
from app.reports.shape import Share
from tests.builders import a_pledge, a_reader
from tests.giving.facts import paid
from tests.reports.lives import asked, cells, plain
from tests.reports.touches import MARCH, checkout_of, given_once, touch

DAY = timedelta(days=1)
NONE = Share(0, 0)


@pytest.fixture(autouse=True)
def request_(app: Flask) -> Iterator[None]:
    """Words are written in a request's language."""
    with app.test_request_context():
        yield


def began(first: Touch | None, last: Touch | None, at: datetime = MARCH) -> Pledge:
    """A pledge of five euro a month, from its touches on."""
    pledge = a_pledge(a_reader(), status="pending", started_at=None, paid_until=at)
    checkout_of(pledge, first, last)
    settlement.apply([paid(pledge, received_at=at, paid_until=at + 30 * DAY)], now=at)
    db.session.commit()
    return pledge


def test_the_first_touch_stands_beside_the_last() -> None:
    began(touch("winter"), touch("spring"))
    began(touch("winter"), touch("winter"))
    began(None, None)
    given_once(touch("once"), touch("winter"))
    answer = campaigns.build(asked("2026-03", "2026-08"))
    side = cells(answer)[1]

    def euro(minor: int) -> Money:
        return Money(minor, "EUR")

    none, five, year = euro(0), euro(500), euro(6000)
    # Of each pair the last touch comes first: new, by the year, gifts once, their sum, kept.
    assert side == [
        ["spring", "EUR", 1, 0, year, none, 0, 0, none, none, NONE, NONE],
        ["winter", "EUR", 1, 2, year, euro(12000), 1, 0, five, none, NONE, NONE],
        ["unknown", "EUR", 1, 1, year, year, 0, 0, none, none, NONE, NONE],
        ["once", "EUR", 0, 0, none, none, 0, 1, none, five, NONE, NONE],
    ]
    assert [[plain(one) for one in figure.values] for figure in answer.figures] == [
        [Share(2, 3)],
        [euro(18000)],
        [none],
        [none],
        [1],
        [five],
    ]


def test_a_sender_is_named_by_the_link_or_else_by_the_site_that_led_here() -> None:
    began(touch("spring"), touch(source="telegram", referrer="t.example"))
    began(touch("spring"), touch(referrer="news.example"))
    began(touch("spring"), touch("winter"))
    senders = cells(campaigns.build(asked("2026-03", "2026-08")))[3]
    assert {row[0]: row[2] for row in senders} == {"telegram": 1, "news.example": 1, "unknown": 1}


def test_the_first_article_of_a_pledge_from_before_touches_is_its_own() -> None:
    pledge = began(None, None)
    pledge.article = "of-old"
    db.session.commit()
    other = began(touch(article="first"), touch("winter"))
    assert other.article is None
    side = cells(articles.build(asked("2026-03", "2026-08")))[1]
    assert {row[0]: row[2:4] for row in side} == {
        "of-old": [1, 1],
        "unknown": [1, 0],
        "first": [0, 1],
    }
