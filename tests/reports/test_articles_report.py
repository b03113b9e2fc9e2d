"""What articles bring, by hand."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask

from app.accounts.models import Account
from app.extensions import db
from app.giving import settlement
from app.giving.books import movements as ledger
from app.giving.models import Pledge
from app.money import Money
from app.payments.facts import Ending, Standing
from app.reports.figures import articles
from app.reports.shape import Share
from tests.builders import a_pledge, a_reader
from tests.giving.facts import paid, seen
from tests.reports.lives import asked, cells

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
