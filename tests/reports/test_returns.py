"""Refunds and disputes: counted when they happened, and to the sums the ledger has."""

from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from random import Random
from typing import Any

import pytest
from flask import Flask

from app.current import zone
from app.extensions import db
from app.giving import settlement
from app.giving.books import totals
from app.giving.models import Adjustment, Dispute, Donation, Refund
from app.money import Money
from app.payments.facts import DisputeState, MovementKind
from app.reports.figures import returns
from app.reports.shape import Answer, Asked, Behind, Share, Value
from tests.builders import a_staff_member
from tests.giving.facts import AUGUST, disputed, moved, refunded
from tests.giving.gifts import a_gift, a_gift_outside, enter

DAY = timedelta(days=1)
NOW = AUGUST + 60 * DAY


def asked(**over: Any) -> Asked:
    """August to October."""
    return Asked(date(2026, 8, 1), date(2026, 10, 1), NOW, zone(), **over)


def plain(value: Value) -> Any:
    """The value itself."""
    return value.value if isinstance(value, Behind) else value


def test_a_refund_and_a_dispute_are_shares_of_the_months_payments(app: Flask) -> None:
    _gift, first = a_gift(2000)
    _gift, second = a_gift(1000)
    a_gift(700)
    enter(refunded(first, 500), disputed(second, DisputeState.LOST))
    with app.test_request_context():
        answer = returns.build(asked())
    assert [plain(figure.values[0]) for figure in answer.figures] == [
        Share(1, 3),
        Share(1, 3),
        Money(-500, "EUR"),
        Money(-1000, "EUR"),
    ]
    assert [plain(one) for one in answer.tables[2].rows[0]] == [
        "Made at Stripe",
        "EUR",
        1,
        Money(-500, "EUR"),
    ]
    assert [plain(one) for one in answer.tables[3].rows[0][2:]] == [1, Money(1000, "EUR"), 0, 0, 1]


def test_what_the_bank_only_asks_about_is_no_dispute(app: Flask) -> None:
    _gift, fact = a_gift(1000)
    enter(disputed(fact, DisputeState.INQUIRY))
    with app.test_request_context():
        answer = returns.build(asked())
    assert plain(answer.figures[1].values[0]) == Share(0, 1)
    assert plain(answer.tables[0].rows[0][7]) == 1


def test_a_transfer_is_no_payment_through_stripe(app: Flask) -> None:
    a_gift_outside(900, by=a_staff_member().id)
    with app.test_request_context():
        assert plain(returns.build(asked()).figures[0].values[0]) == Share(0, 0)


def made_up(lot: Random) -> None:
    """Gifts by lot, refunded, contested, both or neither, and some refunds that came back."""
    number = 0
    for _ in range(40):
        at = AUGUST + lot.randrange(-10, 50) * DAY
        _gift, fact = a_gift(lot.randrange(300, 9000), received_at=at)
        if lot.random() < 0.5:
            number += 1
            then = at + lot.randrange(1, 20) * DAY
            part = lot.randrange(100, fact.amount.minor + 1)
            moves = [moved(MovementKind.REFUND, -part, number, happened_at=then)]
            if lot.random() < 0.3:
                moves.append(
                    moved(MovementKind.REFUND_FAILED, part, number, happened_at=then + 6 * DAY)
                )
            enter(refunded(fact, part, movements=tuple(moves), made_at=then))
        if lot.random() < 0.3:
            number += 1
            then = at + lot.randrange(1, 30) * DAY
            state = lot.choice(list(DisputeState))
            seen = disputed(fact, state, opened_at=then, reason=lot.choice(("general", "odd")))
            taken = tuple(
                replace(one, happened_at=then, balance_transaction_id=f"txn_d{number}")
                for one in seen.movements
            )
            settlement.apply([replace(seen, movements=taken)], now=NOW)
            db.session.commit()


@pytest.mark.parametrize("seed", range(3))
def test_every_count_is_of_its_list_and_every_sum_the_ledgers(app: Flask, seed: int) -> None:
    made_up(Random(seed))
    since, until = asked().since, asked().until
    with app.test_request_context():
        answer = returns.build(asked())
        moves = [
            one for one in db.session.query(Adjustment).all() if since <= one.happened_at < until
        ]
        disputes = [
            one
            for one in db.session.query(Dispute).all()
            if since <= one.opened_at < until and one.status in ("open", "won", "lost")
        ]
        gifts = [
            one for one in db.session.query(Donation).all() if since <= one.received_at < until
        ]
        refunds = [one for one in moves if one.kind == "refund"]
        assert plain(answer.figures[0].values[0]) == Share(len(refunds), len(gifts))
        assert plain(answer.figures[1].values[0]) == Share(len(disputes), len(gifts))
        (given,) = totals.between(since, until).given
        assert list(answer.figures[2].values) == [Money(given.refunds_minor, "EUR")]
        assert list(answer.figures[3].values) == [Money(given.disputes_minor, "EUR")]
        known = {one.id: one.reason for one in db.session.query(Refund).all()}
        reasons = Counter(known[one.refund_id] for one in refunds if one.refund_id)
        assert sum(plain(row[2]) for row in answer.tables[2].rows) == sum(reasons.values())
        assert sum(plain(row[2]) for row in answer.tables[3].rows) == len(disputes)
        assert sum(plain(row[2]) for row in answer.tables[0].rows) == len(refunds)
        _same_as_lists(answer)


def _same_as_lists(answer: Answer) -> None:
    values = [value for figure in answer.figures for value in figure.values]
    values += [value for table in answer.tables for row in table.rows for value in row]
    for value in values:
        if not isinstance(value, Behind):
            continue
        behind = list(returns.listed(asked(), value.key).rows.each())
        if isinstance(value.value, Money):
            assert sum(plain(row[2]).minor for row in behind) == value.value.minor
        else:
            count = value.value.part if isinstance(value.value, Share) else value.value
            assert len(behind) == count, value.key
