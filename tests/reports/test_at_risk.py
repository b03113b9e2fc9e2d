"""At risk: what is in grace by its age, cards by the days they are still good for."""

from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any

import pytest
from flask import Flask

from app.current import zone
from app.extensions import db
from app.giving import settlement
from app.giving.models import Pledge
from app.giving.rules import Interval, PledgeStatus, yearly_minor
from app.money import Money
from app.payments.facts import Card as KnownCard
from app.payments.facts import Standing
from app.reports import queries
from app.reports.figures import at_risk
from app.reports.shape import Answer, Asked, Behind, Value
from tests.builders import a_pledge, a_reader
from tests.giving.facts import seen

#: Late in the evening of the last of January in Kyiv.
NOW = datetime(2026, 1, 31, 20, tzinfo=UTC)
DAY = timedelta(days=1)


def asked(**over: Any) -> Asked:
    """Now; the period plays no part."""
    return Asked(date(2026, 1, 1), date(2026, 1, 1), NOW, zone(), **over)


def plain(value: Value) -> Any:
    """The value itself."""
    return value.value if isinstance(value, Behind) else value


def a_card(pledge: Pledge, year: int, month: int, standing: Standing = Standing.PAYING) -> None:
    """Let Stripe tell of a pledge's card."""
    card = KnownCard("visa", "4242", year, month)
    settlement.apply([seen(pledge, standing, card=card, seen_at=NOW - DAY)], now=NOW)
    db.session.commit()


def late(pledge: Pledge, since: datetime) -> None:
    """Let a pledge that began a month before be past due since a moment."""
    pledge.started_at, pledge.paid_until = since - 31 * DAY, since
    pledge.status, pledge.past_due_since = PledgeStatus.PAST_DUE, since
    db.session.commit()


def groups(answer: Answer, table: int) -> dict[str, int]:
    """The pledges of each group of a table."""
    return {str(row[0]): plain(row[2]) for row in answer.tables[table].rows}


def test_a_card_is_good_to_the_end_of_its_month(app: Flask) -> None:
    # What ends in March is good for 60 days more: 28 in February and 31 in March, and today.
    for year, month in ((2025, 12), (2026, 1), (2026, 2), (2026, 3), (2026, 4)):
        a_card(a_pledge(a_reader()), year, month)
    a_pledge(a_reader())
    with app.test_request_context():
        assert groups(at_risk.build(asked()), 2) == {
            "has expired": 1,
            "expires within 30 days": 2,
            "expires in 31 to 60 days": 1,
            "good for longer": 1,
            "unknown": 1,
        }


def test_a_failure_is_at_risk_until_its_grace_is_over(app: Flask) -> None:
    for days in (1, 3, 4, 7, 8, 13, 14, 20):
        late(a_pledge(a_reader(), amount_minor=1000), NOW - days * DAY)
    late(a_pledge(a_reader(), amount_minor=6000, interval="year"), NOW - 2 * DAY)
    with app.test_request_context():
        answer = at_risk.build(asked())
    assert groups(answer, 1) == {
        "up to 3 days": 3,
        "4 to 7 days": 2,
        "8 to 14 days": 2,
        "grace is over, Stripe still tries": 2,
    }
    assert plain(answer.figures[0].values[0]) == 7
    assert list(answer.figures[1].values) == [Money(6500, "EUR")]
    (of_monday,) = queries.standing(NOW).recurring
    assert (of_monday.at_risk_minor + 6) // 12 == 6500


def test_who_leaves_or_rests_or_has_failed_is_asked_for_no_card(app: Flask) -> None:
    leaving, paused, failed = (a_pledge(a_reader()) for _ in range(3))
    leaving.ends_at = NOW + DAY
    a_card(paused, 2026, 1, Standing.PAUSED)
    a_card(failed, 2026, 1, Standing.PAST_DUE)
    db.session.commit()
    with app.test_request_context():
        assert groups(at_risk.build(asked()), 2) == {}


@pytest.mark.parametrize("seed", range(3))
def test_every_count_and_sum_is_that_of_its_pledges(app: Flask, seed: int) -> None:
    lot = Random(seed)
    for _ in range(50):
        pledge = a_pledge(
            a_reader(),
            amount_minor=lot.randrange(200, 9000),
            currency=lot.choice(("EUR", "UAH")),
            interval=lot.choice(("month", "year")),
        )
        if lot.random() < 0.5:
            late(pledge, NOW - timedelta(hours=lot.randrange(1, 24 * 25)))
        elif lot.random() < 0.8:
            a_card(pledge, 2026, lot.randrange(1, 7))
    with app.test_request_context():
        answer = at_risk.build(asked())
        every = db.session.query(Pledge).all()
        in_grace = [
            one
            for one in every
            if one.past_due_since is not None and one.past_due_since > NOW - 14 * DAY
        ]
        assert plain(answer.figures[0].values[0]) == len(in_grace)
        for currency, found in zip(("EUR", "UAH"), answer.figures[1].values, strict=True):
            yearly = sum(
                yearly_minor(one.amount_minor, Interval(one.interval))
                for one in in_grace
                if one.currency == currency
            )
            assert found == Money((yearly + 6) // 12, currency)
        going_on = [one for one in every if one.status == "active"]
        assert sum(groups_of(answer, 2)) == len(going_on)
        soon = [one for one in going_on if one.card_exp_month in (1, 2)]
        assert plain(answer.figures[2].values[0]) == len(soon)
        assert len(answer.tables[0].rows) == len(every) - len(going_on)
        for table in answer.tables:
            for row in table.rows:
                for value in row:
                    if isinstance(value, Behind):
                        assert at_risk.listed(asked(), value.key).rows.count() == value.value
        for place, count in ((0, len(in_grace)), (2, len(soon))):
            figure = answer.figures[place].values[0]
            assert isinstance(figure, Behind)
            assert at_risk.listed(asked(), figure.key).rows.count() == count


def groups_of(answer: Answer, table: int) -> list[int]:
    """The counts of a table of groups."""
    return [plain(row[2]) for row in answer.tables[table].rows]
