"""What articles bring: by hand, against a slow recount, and against the movements' own sums."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.accounts.models import Account
from app.extensions import db
from app.giving import settlement
from app.giving.books import movements as ledger
from app.giving.models import Pledge, PledgeMovement
from app.giving.rules import MovementKind
from app.money import Money
from app.payments.facts import Ending, Standing
from app.reports import recurring
from app.reports.figures import articles
from app.reports.shape import Asked, Share
from tests.builders import a_pledge, a_reader
from tests.giving.facts import paid, seen
from tests.reports.lives import NOW, asked, cells, live, opened, plain
from tests.reports.naive import out_of

MARCH = datetime(2026, 3, 10, 12, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def request_(app: Flask) -> Iterator[None]:
    """Words are written in a request's language."""
    with app.test_request_context():
        yield


def began(at: datetime, article: str | None, reader: Account | None = None, **over: Any) -> Pledge:
    """A pledge whose first money came at a moment, from an article."""
    account = reader or a_reader()
    pledge = a_pledge(
        account, status="pending", started_at=None, paid_until=at, article=article, **over
    )
    settlement.apply([paid(pledge, received_at=at, paid_until=at + 30 * DAY)], now=at)
    db.session.commit()
    return pledge


def ended(pledge: Pledge, at: datetime) -> None:
    """Let a pledge end by the patron's wish."""
    end = seen(pledge, Standing.ENDED, ended_at=at, ending=Ending.BY_WISH, seen_at=at)
    settlement.apply([end], now=at)
    db.session.commit()


def test_an_article_is_told_what_it_brought_and_what_was_kept() -> None:
    reader = a_reader()
    began(MARCH, "winter")
    ended(began(MARCH, "winter"), MARCH + 80 * DAY)
    ended(began(MARCH, None, reader), MARCH + 20 * DAY)
    began(MARCH + 40 * DAY, "winter", reader, amount_minor=1000)
    began(MARCH + 41 * DAY, "a:b", reader, amount_minor=200)
    rows = cells(articles.build(asked("2026-03", "2026-08")))[0]

    def euro(minor: int) -> Money:
        return Money(minor, "EUR")

    # Three months after the 10th of March or the 19th of April are over; six months are not.
    none = [Share(0, 0), Share(0, 0)]
    assert rows == [
        ["winter", "EUR", 2, euro(12000), 1, euro(12000), 0, euro(0), euro(24000), Share(2, 3)]
        + none,
        ["a:b", "EUR", 0, euro(0), 0, euro(0), 1, euro(2400), euro(2400), Share(1, 1), *none],
        ["unknown", "EUR", 1, euro(6000), 0, euro(0), 0, euro(0), euro(6000), Share(0, 1), *none],
    ]


def test_a_payment_made_good_after_grace_returns_and_is_no_new_pledge() -> None:
    pledge = began(MARCH, "winter")
    due = MARCH + 30 * DAY
    settlement.apply([seen(pledge, Standing.PAST_DUE, seen_at=due, paid_until=due)], now=due)
    db.session.commit()
    ledger.grace_over(now=due + 200 * DAY)
    settlement.apply([seen(pledge, seen_at=due + 60 * DAY)], now=due + 60 * DAY)
    db.session.commit()
    (row,) = cells(articles.build(asked()))[0]
    assert (row[2], row[4], row[9]) == (1, 1, Share(1, 1))


@pytest.mark.parametrize(
    "key",
    [
        "",
        "article:last:new:EUR",
        "article:last:new:XXX:=winter",
        "article:last:old:EUR:=winter",
        "article:middle:new:EUR:=winter",
        "campaign:last:new:EUR:=winter",
    ],
)
def test_a_key_that_was_never_given_out_has_no_list(key: str) -> None:
    began(MARCH, "winter")
    with pytest.raises(KeyError):
        articles.listed(asked(), key)


def recount(of: Asked) -> dict[tuple[str, str], Counter[str]]:
    """Of each article and currency the counts and sums, from the raw rows."""
    found: dict[tuple[str, str], Counter[str]] = {}
    for row in db.session.scalars(select(PledgeMovement)).all():
        pledge = db.session.get_one(Pledge, row.pledge_id)
        kind = {"new": "new", "returning": "returned"}.get(
            row.kind, "more" if row.cause == "another_pledge" else ""
        )
        if not kind or not of.since <= row.at < of.until:
            continue
        counted = found.setdefault((pledge.article or "unknown", row.currency), Counter())
        counted[kind] += 1
        counted[f"{kind} minor"] += row.yearly_minor
        three = row.at.astimezone(of.zone)
        later = three.replace(month=three.month + 3, day=min(three.day, 28))
        if row.cause in ("first_gift", "another_pledge") and later <= NOW:
            counted["over"] += 1
            stood = pledge.started_at is not None and out_of(pledge)[0] > pledge.started_at
            counted["kept"] += stood and out_of(pledge)[0] >= later
    return found


@pytest.mark.parametrize("seed", [1, 2, 3, 4])
def test_every_figure_is_what_a_slow_recount_finds(seed: int) -> None:
    live(seed, people=12)
    for place, pledge in enumerate(db.session.scalars(select(Pledge).order_by(Pledge.id)).all()):
        pledge.article = [None, "winter", "aid:convoys"][place % 3]
    db.session.commit()
    of = asked()
    slow = recount(of)
    rows = cells(articles.build(of))[0]
    assert {(row[0], row[1]) for row in rows} == set(slow)
    for row in rows:
        counted = slow[row[0], row[1]]
        assert [row[2], row[4], row[6]] == [counted[kind] for kind in ("new", "returned", "more")]
        sums = [counted[f"{kind} minor"] for kind in ("new", "returned", "more")]
        assert [row[3].minor, row[5].minor, row[7].minor] == sums
        assert row[8].minor == sum(sums)
    # Days that a shorter month lacks are told apart in the hand-made case, not here.
    assert sum(row[9].whole for row in rows) == sum(one["over"] for one in slow.values())
    assert sum(row[9].part for row in rows) == sum(one["kept"] for one in slow.values())


@pytest.mark.parametrize("seed", [5, 6])
def test_the_sums_are_those_of_the_movements_and_lists_have_the_rows(seed: int) -> None:
    live(seed, people=12)
    of = asked("2026-02", "2026-07")
    answer = articles.build(of)
    moved = recurring.sums(recurring.by_month(of))
    for place, kind in ((1, MovementKind.NEW), (2, MovementKind.RETURNING)):
        values = [plain(one) for one in answer.figures[place].values]
        sums = {one.currency: one.minor for one in values}
        for currency, kinds in moved.items():
            assert sums.get(currency, 0) == kinds[kind]
    for behind, rows in opened(articles.REPORT, of, answer):
        value = behind.value
        if isinstance(value, Money):
            assert sum(row[4].minor for row in rows) == value.minor
        else:
            assert len(rows) == (value.part if isinstance(value, Share) else value), behind.key
