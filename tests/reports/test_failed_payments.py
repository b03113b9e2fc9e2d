"""Failed payments: each invoice once, by its first attempt, won back within 28 days or not."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random
from typing import Any

import pytest
from flask import Flask

from app.current import zone
from app.extensions import db
from app.giving import settlement
from app.giving.models import Pledge
from app.payments.facts import Fact, Remedy
from app.reports.figures import failed_payments
from app.reports.shape import Answer, Asked, Behind, Share, Value
from tests.builders import a_pledge, a_reader
from tests.giving.facts import AUGUST, MONTH, failed, paid

DAY = timedelta(days=1)
#: When the second month is first tried.
TRIED = AUGUST + MONTH
NOW = TRIED + 40 * DAY


def asked(now: datetime = NOW, **over: Any) -> Asked:
    """August to October."""
    return Asked(date(2026, 8, 1), date(2026, 10, 1), now, zone(), **over)


def plain(value: Value) -> Any:
    """The value itself."""
    return value.value if isinstance(value, Behind) else value


def enter(*facts: Fact, now: datetime = NOW) -> None:
    """Enter facts as their events do."""
    settlement.apply(facts, now=now)
    db.session.commit()


def begun(**over: Any) -> Pledge:
    """A pledge whose first gift has come."""
    pledge = a_pledge(a_reader(), status="pending", started_at=None, **over)
    enter(paid(pledge))
    return pledge


def built(now: datetime = NOW, **over: Any) -> Answer:
    """The report as it is built for a page."""
    return failed_payments.build(asked(now, **over))


def ways(answer: Answer) -> Counter[str]:
    """How many were recovered by what."""
    found: Counter[str] = Counter()
    for row in answer.tables[4].rows:
        found[str(row[0])] += plain(row[2])
    return found


def test_an_invoice_fails_once_however_often_it_was_tried(app: Flask) -> None:
    smooth, hard = begun(), begun()
    enter(paid(smooth, 2), failed(hard, 1), failed(hard, 2, remedy=Remedy.NEW_CARD))
    enter(paid(hard, 2, received_at=TRIED + 6 * DAY + timedelta(hours=1)))
    with app.test_request_context():
        answer = built()
    assert plain(answer.figures[0].values[0]) == Share(1, 2)
    assert plain(answer.figures[1].values[0]) == Share(1, 1)
    assert list(answer.figures[2].values) == [Share(500, 500, "EUR")]
    (remedy,) = answer.tables[2].rows
    assert remedy[0] == "Mostly passes by itself"
    assert ways(answer) == {"the same card, when it was tried again": 1}


def test_what_pays_tells_the_card_and_the_hour(app: Flask) -> None:
    other, by_hand, unknown = begun(), begun(), begun()
    hour = TRIED + timedelta(hours=30)
    enter(failed(other), failed(by_hand), failed(unknown))
    enter(
        paid(other, 2, received_at=hour, card_last4="1881"),
        paid(by_hand, 2, received_at=hour),
        paid(unknown, 2, received_at=hour, card_brand=None, card_last4=None),
    )
    with app.test_request_context():
        assert ways(built()) == {
            "the same card at another time: paid or approved by hand": 1,
            "another card": 1,
            "unknown, for no card is known": 1,
        }


@pytest.mark.parametrize(
    ("paid_after", "now_after", "share", "still_open"),
    [
        (None, 27, Share(0, 0), 1),
        (5, 27, Share(0, 0), 1),
        (None, 28, Share(0, 1), 0),
        (5, 28, Share(1, 1), 0),
        (28, 30, Share(1, 1), 0),
        (29, 30, Share(0, 1), 0),
    ],
)
def test_a_window_that_is_open_is_in_no_recovery_rate(
    app: Flask, paid_after: int | None, now_after: int, share: Share, still_open: int
) -> None:
    pledge = begun()
    fact = failed(pledge)
    enter(fact)
    if paid_after is not None:
        enter(paid(pledge, 2, received_at=fact.failed_at + paid_after * DAY))
    with app.test_request_context():
        answer = built(fact.failed_at + now_after * DAY)
    assert plain(answer.figures[0].values[0]) == Share(1, 1)
    assert plain(answer.figures[1].values[0]) == share
    assert plain(answer.figures[3].values[0]) == still_open


@dataclass
class Renewal:
    """One renewal as it was made up."""

    at: datetime
    currency: str
    minor: int
    failed_at: datetime | None
    paid_at: datetime | None
    code: str | None = None


def made_up(lot: Random) -> list[Renewal]:
    """Renewals of some pledges by lot, entered as their events are, in no order."""
    found: list[Renewal] = []
    facts: list[Fact] = []
    for _ in range(14):
        pledge = begun(amount_minor=lot.randrange(200, 5000), currency=lot.choice(("EUR", "UAH")))
        for number in range(2, 5):
            at = AUGUST + MONTH * (number - 1) + timedelta(hours=lot.randrange(0, 300))
            renewal = Renewal(at, pledge.currency, pledge.amount_minor, None, at)
            invoice = f"in_{pledge.id.hex[:8]}_{number}"
            if lot.random() < 0.5:
                renewal.failed_at, renewal.code = at, lot.choice((None, "expired_card", "generic"))
                for attempt in range(1, lot.randrange(2, 5)):
                    when = at + 3 * DAY * (attempt - 1)
                    code = renewal.code if attempt == 1 else "other"
                    over: dict[str, Any] = {
                        "invoice_id": invoice,
                        "failed_at": when,
                        "decline_code": code,
                    }
                    facts.append(failed(pledge, attempt, **over))
                later = lot.choice((None, 9, 20, 27, 28, 29, 45))
                renewal.paid_at = None if later is None else at + later * DAY
            if renewal.paid_at is not None:
                facts.append(paid(pledge, number, received_at=renewal.paid_at, invoice_id=invoice))
            found.append(renewal)
    lot.shuffle(facts)
    enter(*facts)
    return found


@pytest.mark.parametrize("seed", range(3))
def test_every_figure_is_what_a_count_by_hand_finds(app: Flask, seed: int) -> None:
    lot = Random(seed)
    renewals = made_up(lot)
    now = AUGUST + lot.randrange(60, 130) * DAY
    with app.test_request_context():
        answer = built(now)
        asked_for = asked(now)
        first = [
            one
            for one in renewals
            if one.failed_at and asked_for.since <= one.failed_at < asked_for.until
        ]
        smooth = [
            one
            for one in renewals
            if not one.failed_at
            and one.paid_at
            and asked_for.since <= one.paid_at < asked_for.until
        ]
        closed = [one for one in first if one.failed_at and one.failed_at + 28 * DAY <= now]
        won = [
            one
            for one in closed
            if one.paid_at and one.failed_at and one.paid_at <= one.failed_at + 28 * DAY
        ]
        assert plain(answer.figures[0].values[0]) == Share(len(first), len(first) + len(smooth))
        assert plain(answer.figures[1].values[0]) == Share(len(won), len(closed))
        assert list(answer.figures[2].values) == [
            Share(_sum(won, currency), _sum(closed, currency), currency)
            for currency in sorted({one.currency for one in closed})
        ]
        assert plain(answer.figures[3].values[0]) == len(first) - len(closed)
        codes = Counter((one.code or "unknown").replace("_", " ") for one in first)
        assert {row[0]: plain(row[1]) for row in answer.tables[3].rows} == codes
        assert sum(ways(answer).values()) == len(won)
        for month in answer.tables[0].rows:
            failed_, closed_, won_, late, lost, still_open = (plain(one) for one in month[2:])
            assert failed_.part == closed_ + still_open
            assert closed_ == won_.part + late + lost
            assert failed_.whole == month[1]
        _lists_have_as_many_rows(answer, asked_for)


def _sum(ones: list[Renewal], currency: str) -> int:
    return sum(one.minor for one in ones if one.currency == currency)


def _lists_have_as_many_rows(answer: Answer, asked_for: Asked) -> None:
    values = [value for figure in answer.figures for value in figure.values]
    values += [value for table in answer.tables for row in table.rows for value in row]
    for value in values:
        if isinstance(value, Behind):
            count = value.value.part if isinstance(value.value, Share) else value.value
            behind = list(failed_payments.listed(asked_for, value.key).rows.each())
            assert len(behind) == count, value.key


def test_a_currency_narrows_every_count(app: Flask) -> None:
    euro, dollar = begun(), begun(currency="USD")
    enter(failed(euro), paid(dollar, 2))
    with app.test_request_context():
        answer = built(currency="USD")
    assert plain(answer.figures[0].values[0]) == Share(0, 1)
    assert [plain(row[1]) for row in answer.tables[0].rows] == [0, 1, 0]
