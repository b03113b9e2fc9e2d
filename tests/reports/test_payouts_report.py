"""Payouts: each is its entries to the cent, and what is not in the bank is the ledger's rest."""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.current import zone
from app.extensions import db
from app.giving.books import payouts
from app.giving.models import Adjustment, Donation, DonationFee, Payout, PayoutEntry
from app.money import Money
from app.payments.payout_facts import BalanceEntry, EntryKind, PayoutSeen, PayoutState
from app.reports.figures import payouts as report
from app.reports.shape import Answer, Asked, Behind
from tests.builders import a_reader
from tests.fakes import FakeGateway
from tests.giving.test_payouts import entry, payout
from tests.reports.entries import a_donation
from tests.reports.lives import cells, opened, plain
from tests.reports.test_cash import moved

NOW = datetime(2026, 4, 20, 9, tzinfo=UTC)
MARCH = datetime(2026, 3, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def request_(app: Flask) -> Iterator[None]:
    """Words are written in a request's language."""
    with app.test_request_context():
        yield


def asked(first: date = date(2026, 3, 1), last: date = date(2026, 4, 1)) -> Asked:
    return Asked(first, last, NOW, zone())


def euros(minor: int) -> Money:
    return Money(minor, "EUR")


def follow(gateway: FakeGateway, *seen: PayoutSeen) -> None:
    """Look at payouts and read what they hold, as the job does."""
    gateway.paid_out = sorted(seen, key=lambda one: one.made_at, reverse=True)
    payouts.look(gateway, now=NOW)
    for row in db.session.scalars(select(Payout).where(Payout.due_at.is_not(None))).all():
        payouts.read(row.id, gateway, now=NOW)
    payouts.sum_up_again(now=NOW)
    db.session.expire_all()


def as_at_stripe(kind: EntryKind, row: DonationFee | Adjustment, at: datetime) -> BalanceEntry:
    """The movement that stands behind an entry of the ledger."""
    assert row.stripe_balance_transaction_id is not None
    over: dict[str, Any] = {"balance_transaction_id": row.stripe_balance_transaction_id}
    return entry("", row.net_minor, kind, row.fee_minor, happened_at=at, **over)


def gift(minor: int, at: datetime, fee: int = 30, **over: Any) -> tuple[Donation, BalanceEntry]:
    """A gift in the ledger, and at Stripe."""
    given = a_donation(
        a_reader(name="Ann"), at=at, minor=minor, net_minor=minor - fee, fee_minor=fee, **over
    )
    fee_row = db.session.scalars(select(DonationFee).where(DonationFee.donation_id == given.id))
    return given, as_at_stripe(EntryKind.GIFT, fee_row.one(), at)


def back(given: Donation, kind: EntryKind, minor: int, at: datetime, fee: int = 0) -> BalanceEntry:
    """What moved on a gift later, in the ledger and at Stripe."""
    moved(given, kind.value, at, minor, fee=fee)
    row = db.session.scalars(select(Adjustment).order_by(Adjustment.id.desc())).first()
    assert row is not None
    return as_at_stripe(kind, row, at)


def arriving(number: int, minor: int, on: date, **over: Any) -> PayoutSeen:
    made = datetime(on.year, on.month, on.day, tzinfo=UTC) - 2 * DAY
    return payout(number, minor, arrives_on=on, made_at=made, seen_at=made, **over)


def test_a_payout_is_told_in_parts_that_add_up_to_it(gateway: FakeGateway) -> None:
    ann, first = gift(1000, MARCH)
    _bea, second = gift(2000, MARCH + DAY)
    _late, _unpaid = gift(700, NOW - DAY)
    refund = back(ann, EntryKind.REFUND, -400, MARCH + 2 * DAY)
    dispute = back(ann, EntryKind.DISPUTE, -600, MARCH + 3 * DAY, fee=1500)
    charge = entry("billing", -35, EntryKind.STRIPE_FEE, description="Billing - Usage Fee")
    theirs = entry("shop", 4000, fee=100)
    odd = entry("odd", -20, EntryKind.OTHER, type="reserve_hold")
    gateway.held["po_1"] = [first, second, refund, dispute, charge, theirs, odd]
    # 3000 given, -1000 back, fees of 60, 1500 and 35, 4000 of another application, 20 held back.
    follow(gateway, arriving(1, 970 + 1970 - 400 - 2100 - 35 + 4000 - 20, date(2026, 3, 12)))
    answer = report.build(asked())
    months, each = cells(answer)
    parts = [euros(minor) for minor in (3000, -400, -600, -1595, 4000, -20)]
    assert each == [
        [date(2026, 3, 12), "on its way", euros(4385), *parts, euros(4385), euros(0), "po_1"]
    ]
    assert months == [["March 2026", "EUR", 1, euros(4385), *parts, euros(4385), euros(0)]]
    paid, differing, lacking, waiting = answer.figures
    assert [plain(one.values[0]) for one in (paid, differing, lacking, waiting)] == [
        euros(4385),
        0,
        1,
        euros(670),
    ]
    assert answer.alarm == ""
    (row,) = listed_of(answer, lacking.values[0])
    assert (row[0], row[2], row[5]) == (None, "not in the ledger: gift", euros(4000))
    (row,) = listed_of(answer, waiting.values[0])
    assert (row[0].name, row[5]) == ("Ann", euros(670))
    fees = listed_of(answer, answer.tables[1].rows[0][6])
    assert sorted(one[2] for one in fees) == [
        "Stripe's charge: Billing - Usage Fee",
        "dispute",
        "gift",
        "gift",
    ]


def listed_of(answer: Answer, value: Any) -> list[list[Any]]:
    """The rows of the list that a value opens."""
    assert isinstance(value, Behind)
    assert report.REPORT.listed is not None
    rows = report.REPORT.listed(asked(), value.key).rows.each()
    return [[plain(cell) for cell in row] for row in rows]


def test_a_payout_that_is_not_its_entries_is_red(gateway: FakeGateway) -> None:
    _ann, first = gift(1000, MARCH)
    gateway.held["po_1"] = [first]
    follow(gateway, arriving(1, 1000, date(2026, 3, 12)))
    answer = report.build(asked())
    assert "1 payout is not" in answer.alarm
    assert plain(answer.tables[1].rows[0][-2]) == euros(30)
    assert len(listed_of(answer, answer.figures[1].values[0])) == 1


def test_an_entry_of_which_the_ledger_learns_late_is_matched_later(gateway: FakeGateway) -> None:
    first = entry("late", 970, fee=30)
    a_donation(a_reader(), at=MARCH)
    gateway.held["po_1"] = [first]
    follow(gateway, arriving(1, 970, date(2026, 3, 12)))
    assert plain(report.build(asked()).figures[2].values[0]) == 1
    donation = a_donation(a_reader(), at=MARCH, minor=1000)
    db.session.add(
        DonationFee(
            donation_id=donation.id,
            fee_minor=30,
            net_minor=970,
            currency="EUR",
            stripe_balance_transaction_id="txn_late",
            entered_at=NOW,
        )
    )
    db.session.commit()
    payouts.sum_up_again(now=NOW)
    answer = report.build(asked())
    assert plain(answer.figures[2].values[0]) == 0
    assert plain(answer.tables[1].rows[0][3]) == euros(1000)


def test_a_payout_sent_back_is_told_until_it_is_paid_again(gateway: FakeGateway) -> None:
    _ann, first = gift(1000, MARCH)
    gateway.held["po_1"] = [first]
    failed = arriving(1, 970, date(2026, 3, 12), state=PayoutState.FAILED, returned_by="txn_back")
    follow(gateway, failed)
    answer = report.build(asked())
    assert answer.figures[0].values == []
    assert plain(answer.figures[4].values[0]) == 1
    assert answer.tables[1].rows[0][1] == "sent back by the bank"
    assert len(listed_of(answer, answer.figures[4].values[0])) == 1
    gateway.held["po_2"] = [entry("back", 970, EntryKind.PAYOUT_RETURNED)]
    follow(gateway, failed, arriving(2, 970, date(2026, 3, 16)))
    answer = report.build(asked())
    assert [plain(one) for one in answer.figures[0].values] == [euros(970)]
    assert len(answer.figures) == 4
    assert plain(answer.figures[3].values[0]) == euros(0)
    assert report.build(asked(date(2026, 4, 1))).figures[0].before == [euros(970)]


def test_what_is_in_a_payout_by_hand_nobody_knows(gateway: FakeGateway) -> None:
    gift(1000, MARCH)
    follow(gateway, arriving(1, 500, date(2026, 3, 12), automatic=False, listable=False))
    answer = report.build(asked())
    made = ["on its way, made by hand", euros(500), *[None] * 8, "po_1"]
    assert answer.tables[1].rows[0][1:] == made
    assert answer.figures[3].values == [None]


def test_without_payouts_the_report_says_so_and_tells_what_waits() -> None:
    gift(1000, MARCH)
    answer = report.build(asked())
    assert "No payout" in answer.refused
    assert plain(answer.figures[3].values[0]) == euros(970)
    assert answer.tables == ()


@pytest.mark.parametrize("seed", range(4))
def test_random_months_reconcile_to_the_cent(gateway: FakeGateway, seed: int) -> None:
    chance = Random(seed)
    entries = _story(chance)
    seen = _pay_out(gateway, chance, entries)
    follow(gateway, *seen)
    of = asked(date(2026, 2, 1))
    answer = report.build(of)
    _months, each = cells(answer)
    assert len(each) == len(seen)
    for row in each:
        assert sum(one.minor for one in row[3:9]) == row[9].minor == row[2].minor
        assert row[10] == euros(0)
    assert plain(answer.figures[0].values[0]).minor == sum(one.amount.minor for one in seen)
    _lists_hold_what_they_say(of, answer)
    for last in (date(2026, 2, 1), date(2026, 3, 1), date(2026, 4, 1)):
        narrowed = asked(date(2026, 2, 1), last)
        waits = report.build(narrowed).figures[3].values
        expected = _naively_waiting(narrowed)
        assert [plain(one).minor for one in waits] == ([expected] if waits else [])


def _story(chance: Random) -> list[BalanceEntry]:
    """Gifts of two months, some given back or contested."""
    found: list[BalanceEntry] = []
    for _number in range(40):
        at = datetime(2026, 2, 1, tzinfo=UTC) + chance.random() * 75 * DAY
        given, movement = gift(chance.randrange(300, 9000), at, fee=chance.randrange(20, 200))
        found.append(movement)
        if chance.random() < 0.3 and (later := at + chance.random() * 9 * DAY) < NOW:
            kind = chance.choice([EntryKind.REFUND, EntryKind.DISPUTE])
            fee = 1500 if kind is EntryKind.DISPUTE else 0
            found.append(back(given, kind, -given.amount_minor, later, fee))
    found += [
        entry(f"odd{number}", chance.randrange(-90, 90), kind, happened_at=MARCH)
        for number, kind in enumerate((EntryKind.STRIPE_FEE, EntryKind.OTHER, EntryKind.GIFT))
    ]
    return found


def _pay_out(
    gateway: FakeGateway, chance: Random, entries: Sequence[BalanceEntry]
) -> list[PayoutSeen]:
    """Every few days all that happened a week before goes to the bank."""
    left = sorted(entries, key=lambda one: one.happened_at)
    seen: list[PayoutSeen] = []
    day = date(2026, 2, 10)
    while day < date(2026, 4, 24):
        made = datetime(day.year, day.month, day.day, tzinfo=UTC) - 2 * DAY
        held = [one for one in left if one.happened_at < made - 5 * DAY]
        left = [one for one in left if one not in held]
        if held:
            name = f"po_{len(seen)}"
            gateway.held[name] = held
            minor = sum(one.net.minor for one in held)
            seen.append(arriving(len(seen), minor, day))
        day += chance.randrange(1, 5) * DAY
    return seen


def _lists_hold_what_they_say(of: Asked, answer: Answer) -> None:
    for value, rows in opened(report.REPORT, of, answer):
        what = value.key.rpartition(":")[2]
        if isinstance(plain(value), int):
            assert len(rows) == plain(value), value
        elif what == "fees":
            taken = [
                row[5] if row[2].startswith("Stripe's charge") else Money(-row[4].minor, "EUR")
                for row in rows
            ]
            assert sum(one.minor for one in taken) == plain(value).minor, value
        elif what == "payouts":
            assert sum(row[2].minor for row in rows) == plain(value).minor
        else:
            column = 3 if what in ("gifts", "refunds", "disputes") else 5
            assert sum(row[column].minor for row in rows) == plain(value).minor, value


def _naively_waiting(of: Asked) -> int:
    """All of the ledger before the end, less what stands in payouts that arrived by then."""
    last = (of.until - timedelta(seconds=1)).astimezone(of.zone).date()
    arrived = {
        row.stripe_balance_transaction_id
        for row in db.session.scalars(
            select(PayoutEntry).join(Payout).where(Payout.arrives_on <= last)
        )
    }
    found: list[Any] = [
        *db.session.execute(select(Donation.received_at, DonationFee).join(DonationFee)),
        *db.session.execute(select(Adjustment.happened_at, Adjustment)),
    ]
    return sum(
        row.net_minor
        for at, row in found
        if at < of.until and row.stripe_balance_transaction_id not in arrived
    )
