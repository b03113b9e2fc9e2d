"""Fees: their share of the gross, and what givers add against what Stripe then keeps."""

from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from random import Random
from typing import Any

import pytest
from flask import Flask

from app.current import zone
from app.extensions import db
from app.giving.models import Donation, DonationFee
from app.money import Money
from app.reports import cashbook
from app.reports.figures import cash, fees
from app.reports.shape import Asked, Behind, Share, Value
from tests.builders import a_reader
from tests.reports.entries import a_donation

NOW = datetime(2026, 4, 20, 9, tzinfo=UTC)
DAY = timedelta(days=1)


def asked(**over: Any) -> Asked:
    """Three months of which the last runs."""
    return Asked(date(2026, 2, 1), date(2026, 4, 1), NOW, zone(), **over)


def plain(value: Value) -> Any:
    """The value itself."""
    return value.value if isinstance(value, Behind) else value


def test_the_rate_is_of_gifts_whose_fee_is_known_and_a_cover_is_held_against_its_fee(
    app: Flask,
) -> None:
    reader = a_reader()
    # 10.50 with 0.50 for the fee of 0.42, and one without a cover.
    a_donation(reader, at=NOW - DAY, minor=1050, cover_minor=50, net_minor=1008, fee_minor=42)
    a_donation(reader, at=NOW - 2 * DAY, minor=1000, net_minor=960, fee_minor=40)
    # 20.00 dollars with 0.90 for a fee of 0.50 of 10.00 euros, which is 1.00 dollar.
    a_donation(
        reader,
        at=NOW - 3 * DAY,
        minor=2000,
        currency="USD",
        cover_minor=90,
        net_minor=950,
        fee_minor=50,
    )
    # A cover whose fee nobody knows yet.
    a_donation(reader, at=NOW - 4 * DAY, minor=500, cover_minor=20)
    with app.test_request_context():
        answer = fees.build(asked())
    rate, uptake, over = answer.figures
    assert [plain(one) for one in rate.values] == [Share(132, 3050, "EUR")]
    assert [plain(one) for one in uptake.values] == [Share(3, 4)]
    assert list(over.values) == [Money(8, "EUR"), Money(-10, "USD")]
    euros, dollars = answer.tables[1].rows
    assert [plain(one) for one in euros[2:]] == [
        Share(2, 3),
        Money(70, "EUR"),
        1,
        Money(50, "EUR"),
        Money(42, "EUR"),
        Money(8, "EUR"),
    ]
    assert plain(dollars[6]) == Money(100, "USD")


@pytest.mark.parametrize("seed", range(3))
def test_every_figure_is_what_its_gifts_add_up_to(app: Flask, seed: int) -> None:
    lot = Random(seed)
    readers = [a_reader() for _ in range(4)]
    for _ in range(70):
        minor, currency = lot.randrange(300, 9000), lot.choice(("EUR", "UAH"))
        gross = minor if currency == "EUR" else max(minor // 48, 60)
        fee, known = lot.randrange(10, 50), lot.random() < 0.85
        a_donation(
            lot.choice(readers),
            at=NOW - timedelta(hours=lot.randrange(1, 24 * 90)),
            minor=minor,
            currency=currency,
            cover_minor=lot.choice((0, 0, lot.randrange(1, 90))),
            card_brand=lot.choice((None, "visa", "amex")),
            net_minor=gross - fee if known else None,
            fee_minor=fee,
        )
    with app.test_request_context():
        answer = fees.build(asked())
        in_time = [
            gift
            for gift in db.session.query(Donation).all()
            if asked().since <= gift.received_at < asked().until
        ]
        known_fees = [gift.fee for gift in in_time if gift.fee is not None]
        (rate,) = answer.figures[0].values
        assert rate == Share(
            sum(fee.fee_minor for fee in known_fees),
            sum(fee.fee_minor + fee.net_minor for fee in known_fees),
            "EUR",
        )
        with_cover = [gift for gift in in_time if gift.cover_minor]
        assert plain(answer.figures[1].values[0]) == Share(len(with_cover), len(in_time))
        assert list(answer.figures[2].values) == _oracle(with_cover)
        for table in answer.tables:
            for row in table.rows:
                _same_as_lists(row)
        # The same fees as the report on cash has.
        of_cash = sum(one.fee_minor for one in cashbook.by_month(asked()))
        assert sum(plain(row[4]).minor for row in answer.tables[0].rows) == of_cash
        assert plain(cash.build(asked()).figures[2].values[0]) == Money(-of_cash, "EUR")


def _oracle(with_cover: list[Donation]) -> list[Money]:
    sums: defaultdict[str, int] = defaultdict(int)
    for gift in with_cover:
        fee: DonationFee | None = gift.fee
        if fee is not None:
            gross = fee.fee_minor + fee.net_minor
            exact = Decimal(fee.fee_minor * gift.amount_minor) / Decimal(gross)
            sums[gift.currency] += gift.cover_minor - int(exact.quantize(Decimal(1), ROUND_HALF_UP))
    return [Money(minor, currency) for currency, minor in sorted(sums.items())]


def _same_as_lists(row: Any) -> None:
    for value in row:
        if isinstance(value, Behind):
            behind = list(fees.listed(asked(), value.key).rows.each())
            if isinstance(value.value, Money):
                assert sum(plain(one[4]).minor for one in behind) == value.value.minor
            else:
                count = value.value.part if isinstance(value.value, Share) else value.value
                assert len(behind) == count
