"""Cash: each row adds up, and all of it is what the ledger's own totals say."""

from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any

import pytest
from flask import Flask

from app.accounts.models import Account
from app.current import zone
from app.extensions import db
from app.giving.books import outside, totals
from app.giving.models import Adjustment, Donation
from app.money import Money
from app.reports.figures import cash
from app.reports.shape import Answer, Asked, Behind, Value
from tests.builders import a_reader, a_staff_member
from tests.reports.entries import a_donation

#: Kyiv is two hours ahead of UTC in winter, three in summer.
NOW = datetime(2026, 4, 20, 9, tzinfo=UTC)


def asked(first: date = date(2026, 2, 1), last: date = date(2026, 4, 1), **over: Any) -> Asked:
    """Three months of which the last runs."""
    return Asked(first, last, NOW, zone(), **over)


def plain(value: Value) -> Any:
    """The value itself."""
    return value.value if isinstance(value, Behind) else value


def moved(gift: Donation, kind: str, at: datetime, minor: int, *, fee: int = 0) -> None:
    """What moved on a gift later, through Stripe's balance in euros at two to one."""
    same = gift.currency == "EUR"
    settled = minor if same else minor // 2
    count = len(db.session.query(Adjustment).all())
    db.session.add(
        Adjustment(
            donation_id=gift.id,
            kind=kind,
            amount_minor=minor,
            currency=gift.currency,
            settled_minor=settled,
            fee_minor=fee,
            net_minor=settled - fee,
            settled_currency="EUR",
            stripe_balance_transaction_id=f"txn_move_{count}",
            happened_at=at,
            entered_at=at,
        )
    )
    db.session.commit()


def rows(answer: Answer, table: int = 0) -> list[list[Any]]:
    """The rows of a table as plain values."""
    return [[plain(value) for value in row] for row in answer.tables[table].rows]


def euros(minor: int) -> Money:
    return Money(minor, "EUR")


def test_a_gift_counts_when_it_came_and_a_refund_when_it_went(app: Flask) -> None:
    march = datetime(2026, 2, 28, 22, tzinfo=UTC)
    gift = a_donation(a_reader(), at=march, minor=1000, net_minor=970)
    a_donation(a_reader(), at=march - timedelta(seconds=1), minor=500, net_minor=470)
    moved(gift, "refund", datetime(2026, 4, 2, 8, tzinfo=UTC), -400)
    moved(gift, "dispute", datetime(2026, 4, 3, 8, tzinfo=UTC), -600, fee=1500)
    with app.test_request_context():
        found = rows(cash.build(asked()))
    head = ["EUR", "Stripe"]
    nothing = euros(0)
    assert found == [
        ["February 2026", *head, 1, euros(500), "EUR", euros(500), *[nothing] * 3]
        + [euros(-30), euros(470)],
        ["March 2026", *head, 1, euros(1000), "EUR", euros(1000), *[nothing] * 3]
        + [euros(-30), euros(970)],
        ["April 2026", *head, 0, nothing, "EUR", nothing, euros(-400), euros(-600), nothing]
        + [euros(-1500), euros(-2500)],
    ]


def test_a_gift_without_a_known_fee_is_a_row_of_its_own_and_in_no_net(app: Flask) -> None:
    a_donation(a_reader(), at=NOW - timedelta(days=1), minor=700)
    with app.test_request_context():
        answer = cash.build(asked())
        table = cash.listed(asked(), answer.figures[4].values[0].key)  # type: ignore[union-attr]
    assert rows(answer)[0][3:] == [1, euros(700), "not known yet", *[None] * 6]
    assert plain(answer.figures[4].values[0]) == 1 == table.rows.count()


def test_a_transfer_has_no_fee_and_taken_back_it_is_nothing(app: Flask) -> None:
    staff = a_staff_member()
    source, day = outside.Source.BANK, date(2026, 3, 10)
    gift = outside.enter(
        outside.Gift(outside.Giver(account_id=a_reader().id), source, euros(2500), day),
        by=staff.id,
        sure=True,
        now=NOW,
    )
    outside.reverse(gift.id, "entered twice", by=staff.id, now=NOW - timedelta(hours=1))
    db.session.commit()
    with app.test_request_context():
        found = rows(cash.build(asked()))
    nothing = euros(0)
    assert [row[:3] + row[5:] for row in found] == [
        ["March 2026", "EUR", "bank transfer", "EUR", euros(2500), *[nothing] * 4, euros(2500)],
        ["April 2026", "EUR", "bank transfer", "EUR", nothing, nothing, nothing, euros(-2500)]
        + [nothing, euros(-2500)],
    ]


def made_up(seed: int) -> None:
    """A ledger of a few months by lot."""
    lot = Random(seed)
    people: list[Account] = [a_reader() for _ in range(5)]
    for _ in range(60):
        at = NOW - timedelta(hours=lot.randrange(1, 24 * 110))
        minor, currency = lot.randrange(200, 9000), lot.choice(("EUR", "USD"))
        gross = minor if currency == "EUR" else minor // 2
        fee, known = lot.randrange(20, 90), lot.random() < 0.9
        gift = a_donation(
            lot.choice(people),
            at=at,
            minor=minor,
            currency=currency,
            card_brand=lot.choice((None, "visa", "amex")),
            net_minor=gross - fee if known else None,
            fee_minor=fee,
        )
        if known:
            for kind in ("refund", "refund_failed", "dispute", "dispute_returned"):
                if lot.random() < 0.2:
                    sign = 1 if kind.endswith(("failed", "returned")) else -1
                    then = at + timedelta(days=lot.randrange(1, 40))
                    moved(gift, kind, then, sign * minor, fee=lot.choice((0, 1500)))


@pytest.mark.parametrize("seed", range(3))
def test_the_months_are_the_ledgers_own_totals_and_each_cell_is_its_list(
    app: Flask, seed: int
) -> None:
    made_up(seed)
    with app.test_request_context():
        answer = cash.build(asked())
        by_month = {name: rows(answer, place) for place, name in enumerate(("month", "card"))}
        for row in by_month["month"]:
            if row[5] != "not known yet":
                assert sum(cell.minor for cell in row[6:11]) == row[11].minor
        sums: defaultdict[tuple[str, str], int] = defaultdict(int)
        for row in by_month["month"]:
            sums["given", row[1]] += row[4].minor
            if row[5] != "not known yet":
                sums["fee", row[5]] -= row[10].minor
                sums["net", row[5]] += row[11].minor
        ledger = totals.between(asked().since, asked().until)
        for given in ledger.given:
            assert sums["given", given.currency] == given.gross_minor
        for settled in ledger.settled:
            assert sums["fee", settled.currency] == settled.fee_minor
            assert sums["net", settled.currency] == settled.net_minor
        assert plain(answer.figures[4].values[0]) == ledger.fees_unknown
        # By card they are the same gifts.
        assert sum(row[3] for row in by_month["month"]) == sum(row[2] for row in by_month["card"])
        for table in answer.tables:
            for line in table.rows:
                _same_as_lists(line)
        # Sums of all currencies in one have no list of their own.
        for figure in answer.figures[:5]:
            assert all(isinstance(value, Behind) for value in figure.values)


def _same_as_lists(line: Any) -> None:
    """A count is the number of its list's rows, a sum what its list adds up to."""
    for value in line:
        if not isinstance(value, Behind):
            continue
        behind = list(cash.listed(asked(), value.key).rows.each())
        if isinstance(value.value, int):
            assert len(behind) == value.value
        else:
            assert isinstance(value.value, Money)
            place = 6 if value.key.endswith(":all") else 4
            moneys = [row[place] for row in behind]
            assert sum(one.minor for one in moneys if isinstance(one, Money)) == value.value.minor


def test_a_currency_narrows_and_the_period_before_is_compared(app: Flask) -> None:
    a_donation(a_reader(), at=NOW - timedelta(days=2), minor=500, net_minor=470)
    a_donation(a_reader(), at=NOW - timedelta(days=3), minor=900, currency="USD", net_minor=420)
    a_donation(a_reader(), at=NOW - timedelta(days=100), minor=300, net_minor=270)
    with app.test_request_context():
        answer = cash.build(asked(currency="EUR"))
    assert [row[1] for row in rows(answer)] == ["EUR"]
    assert [plain(one) for one in answer.figures[0].values] == [euros(500)]
    with app.test_request_context():
        every = cash.build(asked())
    assert [plain(one) for one in every.figures[0].values] == [euros(500), Money(900, "USD")]
    assert list(every.figures[0].before) == [euros(300)]
