"""What campaigns bring, by the first touch and the last: by hand, and against a slow recount."""

import random
import uuid
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.extensions import db
from app.giving import settlement
from app.giving.arrivals.touches import Came, Touch, Turn, enter
from app.giving.models import Checkout, Donation, Pledge, PledgeMovement
from app.giving.models import Touch as Row
from app.money import Money
from app.reports import origins, recurring
from app.reports.figures import articles, campaigns
from app.reports.origins import Brought, Origin, Word
from app.reports.shape import Asked, Report, Share
from tests.builders import a_pledge, a_reader
from tests.giving.facts import paid, paid_once
from tests.reports.lives import NOW, asked, cells, live, opened, plain
from tests.reports.naive import out_of

MARCH = datetime(2026, 3, 10, 12, tzinfo=UTC)
DAY = timedelta(days=1)
NONE = Share(0, 0)
NAMES = (None, "winter", "a:b", "*", "=winter")


@pytest.fixture(autouse=True)
def request_(app: Flask) -> Iterator[None]:
    """Words are written in a request's language."""
    with app.test_request_context():
        yield


def checkout_of(pledge: Pledge | None, first: Touch | None, last: Touch | None) -> Checkout:
    """The checkout that began a pledge, or of a gift of five euro given once; and its touches."""
    checkout = Checkout(
        id=uuid.uuid4(),
        account_id=pledge.account_id if pledge else a_reader().id,
        pledge_id=pledge.id if pledge else None,
        interval=pledge.interval if pledge else "once",
        amount_minor=500,
        currency="EUR",
        locale="en",
    )
    db.session.add(checkout)
    enter(checkout, Came(first, last))
    db.session.commit()
    return checkout


def touch(campaign: str | None = None, **over: Any) -> Touch:
    """A touch in March."""
    return Touch(MARCH.date(), campaign=campaign, **over)


def began(first: Touch | None, last: Touch | None, at: datetime = MARCH) -> Pledge:
    """A pledge of five euro a month, from its touches on."""
    pledge = a_pledge(a_reader(), status="pending", started_at=None, paid_until=at)
    checkout_of(pledge, first, last)
    settlement.apply([paid(pledge, received_at=at, paid_until=at + 30 * DAY)], now=at)
    db.session.commit()
    return pledge


def given_once(first: Touch | None, last: Touch | None, at: datetime = MARCH) -> None:
    """Five euro given once."""
    settlement.apply([paid_once(checkout_of(None, first, last), received_at=at)], now=at)
    db.session.commit()


def test_the_first_touch_stands_beside_the_last() -> None:
    began(touch("winter"), touch("spring"))
    began(touch("winter"), touch("winter"))
    began(None, None)
    given_once(touch("once"), touch("winter"))
    answer = campaigns.build(asked("2026-03", "2026-08"))
    side = cells(answer)[0]

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


def chance_touches(seed: int) -> None:
    """Give every pledge a checkout and most of them touches; and gifts given once."""
    chance = random.Random(seed)

    def some() -> Touch:
        return touch(
            chance.choice(NAMES),
            article=chance.choice(NAMES),
            source=chance.choice([None, "telegram"]),
            referrer=chance.choice([None, "news.example"]),
        )

    def pair() -> tuple[Touch, Touch] | tuple[None, None]:
        # Who has a last touch has a first one.
        return (None, None) if chance.random() < 0.25 else (some(), some())

    for pledge in db.session.scalars(select(Pledge).order_by(Pledge.id)).all():
        first, last = pair()
        checkout_of(pledge, first, last)
        pledge.article = last.article if last else None
    for _gift in range(20):
        first, last = pair()
        given_once(first, last, MARCH + chance.randrange(-60, 120) * DAY)
    db.session.commit()


def told(word: Word, row: Row | None) -> str:
    """What a touch says by one word; empty for unknown."""
    if row is None:
        return ""
    return (row.source or row.referrer if word is Word.SOURCE else getattr(row, word)) or ""


def recount(of: Asked, by: Origin) -> dict[tuple[str, str], Counter[str]]:
    """Of each origin and currency the counts, sums and who was kept, from the raw rows."""
    found: dict[tuple[str, str], Counter[str]] = {}
    for row in db.session.scalars(select(PledgeMovement)).all():
        kind = {"new": "new", "returning": "returned"}.get(
            row.kind, "more" if row.cause == "another_pledge" else ""
        )
        if not kind or not of.since <= row.at < of.until:
            continue
        rows = select(Row).where(Row.pledge_id == row.pledge_id, Row.turn == by.turn)
        origin = told(by.word, db.session.scalars(rows).one_or_none())
        counted = found.setdefault((row.currency, origin), Counter())
        counted[kind] += 1
        counted[f"{kind} minor"] += row.yearly_minor
        pledge = db.session.get_one(Pledge, row.pledge_id)
        local = row.at.astimezone(of.zone)
        later = local.replace(month=local.month + 3, day=min(local.day, 28))
        if row.cause in ("first_gift", "another_pledge") and later <= NOW and local.day <= 28:
            counted["over"] += 1
            stood = pledge.started_at is not None and out_of(pledge)[0] > pledge.started_at
            counted["kept"] += stood and out_of(pledge)[0] >= later
        elif local.day > 28:
            counted["unsure"] += 1
    return found


def agrees(one: Brought, counted: Counter[str]) -> bool:
    """Whether what was brought is what was counted; days a shorter month lacks are left open."""
    kinds = ("new", "returned", "more")
    open_ = counted["unsure"]
    return (
        one.counts == tuple(counted[kind] for kind in kinds)
        and one.yearly == tuple(counted[f"{kind} minor"] for kind in kinds)
        and 0 <= one.over[0] - counted["over"] <= open_
        and 0 <= one.kept[0] - counted["kept"] <= open_
    )


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_what_was_brought_is_what_a_slow_recount_finds(seed: int) -> None:
    live(seed, people=12)
    chance_touches(seed)
    of = asked("2026-02", "2026-07")
    new = sum(one.yearly_minor for one in recurring.by_month(of) if one.kind == "new")
    for word in Word:
        for turn in Turn:
            by = Origin(word, turn)
            slow, brought = recount(of, by), origins.brought(of, by)
            assert {(one.currency, one.origin) for one in brought} == set(slow)
            for one in brought:
                assert agrees(one, slow[one.currency, one.origin]), (by, one)
            # However it is told apart, new patrons are those of the movements.
            assert sum(one.yearly[0] for one in brought) == new


@pytest.mark.parametrize("seed", [4, 5])
def test_gifts_given_once_add_up_whatever_they_are_told_apart_by(seed: int) -> None:
    chance_touches(seed)
    of = asked("2026-02", "2026-05", "EUR")
    gifts = [
        gift
        for gift in db.session.scalars(select(Donation)).all()
        if of.since <= gift.received_at < of.until
    ]
    assert gifts
    for turn in Turn:
        slow: Counter[str] = Counter()
        for gift in gifts:
            row = db.session.get(Row, (gift.checkout_id, turn))
            slow[told(Word.CAMPAIGN, row)] += gift.amount_minor
        found = origins.given_once(of, Origin(Word.CAMPAIGN, turn))
        assert {one.origin: one.minor for one in found} == dict(slow)
        assert sum(one.count for one in found) == len(gifts)


@pytest.mark.parametrize("report", [campaigns.REPORT, articles.REPORT], ids=lambda one: one.name)
@pytest.mark.parametrize("seed", [6, 7])
def test_every_list_has_as_many_rows_as_are_told(seed: int, report: Report) -> None:
    live(seed, people=10)
    chance_touches(seed)
    of = asked("2026-02", "2026-07")
    lists = list(opened(report, of, report.build(of)))
    assert len(lists) > 10
    for behind, rows in lists:
        value = behind.value
        if isinstance(value, Money):
            where = 3 if ":once:" in behind.key else 4
            assert sum(row[where].minor for row in rows) == value.minor, behind.key
        else:
            assert len(rows) == (value.part if isinstance(value, Share) else value), behind.key
