"""Deferred income: yearly gifts by the days that have passed, where the newsroom wants it so."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.accounts.models import Role
from app.current import zone
from app.extensions import db
from app.giving.models import Adjustment, Donation, Pledge, PledgeChange
from app.money import Money
from app.reports.figures import deferred
from app.reports.rollups import mode
from app.reports.shape import Answer, Asked, Behind, Value
from config.settings import Settings
from tests.builders import a_pledge, a_reader, a_staff_member, signed_in
from tests.reports.entries import a_donation

#: Noon of 10 April in UTC; the newsroom's months begin two or three hours before those of UTC.
NOW = datetime(2026, 4, 10, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def switched_on(application: Flask, settings: Settings) -> Iterator[None]:
    """A newsroom that spreads yearly gifts."""
    on = settings.model_copy(update={"deferred_income": "on"})
    application.extensions["settings"] = on
    yield
    application.extensions["settings"] = settings


def asked(first: date = date(2026, 2, 1), last: date = date(2026, 4, 1), **over: Any) -> Asked:
    """February to the 10th of April."""
    return Asked(first, last, NOW, zone(), **over)


def plain(value: Value) -> Any:
    """The value itself."""
    return value.value if isinstance(value, Behind) else value


def sums(answer: Answer) -> list[list[int]]:
    """The minor units of each row, and how many gifts are not wholly earned."""
    return [
        [*(plain(cell).minor for cell in row[2:7]), plain(row[7])] for row in answer.tables[0].rows
    ]


def yearly(minor: int, at: datetime, currency: str = "EUR") -> Donation:
    """A gift on a yearly pledge."""
    pledge = a_pledge(a_reader(), amount_minor=minor, currency=currency, interval="year")
    return a_donation(
        a_reader(),
        at=at,
        minor=minor,
        currency=currency,
        pledge=pledge,
    )


def refunded(gift: Donation, minor: int, at: datetime) -> None:
    """Part of a gift went back."""
    db.session.add(
        Adjustment(
            donation_id=gift.id,
            kind="refund",
            amount_minor=-minor,
            currency=gift.currency,
            settled_minor=-minor,
            fee_minor=0,
            net_minor=-minor,
            settled_currency=gift.currency,
            stripe_balance_transaction_id=f"txn_back_{gift.id}",
            happened_at=at,
            entered_at=at,
        )
    )
    db.session.commit()


def test_each_day_earns_its_part_and_the_rest_is_owed(app: Flask) -> None:
    yearly(36500, datetime(2026, 2, 1, 10, tzinfo=UTC))
    with app.test_request_context():
        assert sums(deferred.build(asked())) == [
            [0, 36500, 0, -2800, 33700, 1],
            [33700, 0, 0, -3100, 30600, 1],
            [30600, 0, 0, -900, 29700, 1],
        ]


def test_a_refund_takes_what_was_earned_back_with_it(app: Flask) -> None:
    gift = yearly(36500, datetime(2026, 2, 1, 10, tzinfo=UTC))
    refunded(gift, 36500, datetime(2026, 3, 5, 10, tzinfo=UTC))
    with app.test_request_context():
        assert sums(deferred.build(asked()))[1:] == [
            [33700, 0, -36500, 2800, 0, 0],
            [0, 0, 0, 0, 0, 0],
        ]


def test_a_monthly_gift_is_no_yearly_one_whatever_its_pledge_became(app: Flask) -> None:
    at = datetime(2026, 2, 10, 10, tzinfo=UTC)
    reader = a_reader()
    a_donation(reader, at=at, pledge=a_pledge(reader), minor=500)
    became = a_pledge(reader, amount_minor=6000, interval="year")
    a_donation(reader, at=at, pledge=became, minor=500)
    a_donation(reader, at=at + timedelta(days=28), pledge=became, minor=6000)
    changed(became, "interval", at + timedelta(days=5), before="month")
    with app.test_request_context():
        answer = deferred.build(asked())
    assert [row[1] for row in sums(answer)] == [0, 6000, 0]


def changed(pledge: Pledge, kind: str, at: datetime, *, before: str) -> None:
    """A change of a pledge that Stripe made."""
    db.session.add(
        PledgeChange(
            pledge_id=pledge.id,
            kind=kind,
            asked_at=at,
            applied_at=at,
            amount_before=500,
            interval_before=before,
        )
    )
    db.session.commit()


def test_switched_off_it_says_so_and_how_to_switch_it_on(
    client: FlaskClient, app: Flask, settings: Settings
) -> None:
    app.extensions["settings"] = settings
    yearly(5000, NOW - timedelta(days=3))
    signed_in(client, a_staff_member(Role.FINANCE))
    page = client.get("/staff/reports/deferred")
    assert "DEFERRED_INCOME=on" in page.text
    assert "€50" not in page.text


def rest_by_hand(gift: Donation, moment: datetime, moved: dict[int, list[Adjustment]]) -> int:
    """What of a gift is not earned at a moment, day by day."""
    if gift.received_at >= moment:
        return 0
    total = gift.amount_minor
    total += sum(one.amount_minor for one in moved[gift.id] if one.happened_at < moment)
    began = gift.received_at.astimezone(zone()).date()
    leap = (began.month, began.day) == (2, 29)
    ends = began.replace(year=began.year + 1, day=28 if leap else began.day)
    length = (ends - began).days
    passed = min((moment.astimezone(zone()).date() - began).days, length)
    return total - (2 * total * passed + length) // (2 * length)


@pytest.mark.parametrize("seed", range(3))
def test_every_row_is_what_its_gifts_come_to_one_by_one(app: Flask, seed: int) -> None:
    lot = Random(seed)
    for _ in range(40):
        at = NOW - timedelta(hours=lot.randrange(1, 24 * 900))
        gift = yearly(lot.randrange(1000, 50000), at, lot.choice(("EUR", "UAH")))
        if lot.random() < 0.4:
            part = lot.choice((gift.amount_minor, gift.amount_minor // 3))
            refunded(gift, part, at + timedelta(days=lot.randrange(0, 500)))
    yearly(7300, datetime(2024, 2, 29, 9, tzinfo=UTC))
    moved = defaultdict(list)
    for one in db.session.query(Adjustment).all():
        moved[one.donation_id].append(one)
    gifts = db.session.query(Donation).all()
    for first in (date(2024, 2, 1), date(2026, 1, 1)):
        request = asked(first, date(2026, 4, 1) if first.year == 2026 else date(2025, 3, 1))
        with app.test_request_context():
            answer = deferred.build(request)
            with mode.raw():
                assert deferred.build(request) == answer
            found = {
                (month, row[1]): [plain(cell) for cell in row[2:]]
                for month, row in zip(
                    [month for month, *_span in request.spans() for _each in range(2)],
                    answer.tables[0].rows,
                    strict=True,
                )
            }
            for month, since, until in request.spans():
                for currency in ("EUR", "UAH"):
                    same = [gift for gift in gifts if gift.currency == currency]
                    start, end = (
                        [rest_by_hand(gift, moment, moved) for gift in same]
                        for moment in (since, until)
                    )
                    came = [gift.amount_minor for gift in same if since <= gift.received_at < until]
                    row = found[month, currency]
                    assert row[0] == Money(sum(start), currency)
                    assert row[1] == Money(sum(came), currency)
                    assert row[4] == Money(sum(end), currency)
                    assert row[5] == sum(1 for rest in end if rest)
                    assert sum(cell.minor for cell in row[:4]) == row[4].minor
            for line in answer.tables[0].rows:
                _same_as_lists(request, line)


def _same_as_lists(request: Asked, line: Any) -> None:
    for value in line:
        if isinstance(value, Behind):
            behind = list(deferred.listed(request, value.key).rows.each())
            if isinstance(value.value, Money):
                assert sum(plain(row[2]).minor for row in behind) == value.value.minor
            else:
                assert len(behind) == value.value
    rest = list(deferred.listed(request, line[7].key).rows.each())
    assert sum(plain(row[6]).minor for row in rest) == line[6].minor
