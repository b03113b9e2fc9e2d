"""Payouts: each is kept once with all it holds, whatever comes twice, late or not at all."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.exc import DBAPIError

from app.clock import utcnow
from app.extensions import db
from app.giving import settlement
from app.giving.books import payouts
from app.giving.models import Payout, PayoutEntry
from app.money import Money
from app.payments.payout_facts import BalanceEntry, EntryKind, PayoutSeen, PayoutState
from tasks.giving import follow_payouts
from tests.builders import a_pledge, a_reader
from tests.fakes import FakeGateway
from tests.giving.facts import AUGUST, paid

DAY = timedelta(days=1)


def payout(number: int = 1, minor: int = 900, **over: Any) -> PayoutSeen:
    """An automatic payout in euro of the n-th day after the first gift."""
    made = AUGUST + number * DAY
    fact = PayoutSeen(
        stripe_payout_id=f"po_{number}",
        amount=Money(minor, "EUR"),
        state=PayoutState.IN_TRANSIT,
        automatic=True,
        listable=True,
        arrives_on=date(2026, 8, 16) + number * DAY,
        made_at=made,
        failure=None,
        returned_by=None,
        seen_at=made + timedelta(hours=1),
    )
    return replace(fact, **over)


def entry(
    name: str, net: int, kind: EntryKind = EntryKind.GIFT, fee: int = 0, **over: Any
) -> BalanceEntry:
    """A movement of the balance in euro."""
    fact = BalanceEntry(
        balance_transaction_id=f"txn_{name}",
        kind=kind,
        type=kind.value,
        description=None,
        source_id=f"src_{name}",
        amount=Money(net + fee, "EUR"),
        fee=Money(fee, "EUR"),
        net=Money(net, "EUR"),
        happened_at=AUGUST,
    )
    return replace(fact, **over)


def kept() -> Sequence[Payout]:
    db.session.expire_all()
    return db.session.scalars(select(Payout).order_by(Payout.made_at)).all()


def entries() -> Sequence[PayoutEntry]:
    return db.session.scalars(select(PayoutEntry).order_by(PayoutEntry.id)).all()


@pytest.fixture(autouse=True)
def _first_gift(app: Flask) -> None:
    settlement.apply([paid(a_pledge(a_reader(), status="pending", started_at=None))], now=AUGUST)
    db.session.commit()


def test_what_stripe_says_of_a_payment_is_not_kept_since_it_may_name_people(
    gateway: FakeGateway,
) -> None:
    gateway.paid_out = [payout(minor=900)]
    named = "Donation by Ann Marchenko"
    gateway.held = {
        "po_1": [
            entry("shop", 600, description=named),
            entry("hold", 335, EntryKind.OTHER, description=named),
            entry("billing", -35, EntryKind.STRIPE_FEE, description="Billing"),
        ]
    }
    follow_payouts()
    assert [one.description for one in entries()] == [None, None, "Billing"]


def test_a_payout_is_kept_once_with_every_movement_it_holds(gateway: FakeGateway) -> None:
    gateway.paid_out = [payout(minor=865)]
    gateway.held["po_1"] = [
        entry("gift", 950, fee=50),
        entry("refund", -50, EntryKind.REFUND),
        entry("billing", -35, EntryKind.STRIPE_FEE, source_id=None, description="Billing"),
    ]
    assert follow_payouts() == 2
    follow_payouts()
    (row,) = kept()
    assert (row.amount, row.held_minor, row.status) == (Money(865, "EUR"), 865, "in_transit")
    assert (row.due_at, row.error) == (None, None)
    assert [(one.kind, one.amount_minor, one.fee_minor, one.net_minor) for one in entries()] == [
        ("gift", 1000, 50, 950),
        ("refund", -50, 0, -50),
        ("stripe_fee", -35, 0, -35),
    ]
    assert [act for act, _subject, _how in gateway.acts].count("payout_entries") == 1


def test_an_unknown_movement_is_kept_under_its_own_name(gateway: FakeGateway) -> None:
    gateway.paid_out = [payout(minor=-7)]
    gateway.held["po_1"] = [entry("odd", -7, EntryKind.OTHER, type="moon_tax")]
    follow_payouts()
    assert [(one.kind, one.stripe_type) for one in entries()] == [("other", "moon_tax")]
    assert kept()[0].held_minor == -7


def test_an_older_answer_changes_nothing_and_a_newer_one_does() -> None:
    now = utcnow()
    failed = payout(state=PayoutState.FAILED, failure="account_closed", returned_by="txn_back")
    settlement.apply([replace(failed, seen_at=now)], now=now)
    settlement.apply([payout(state=PayoutState.PAID, seen_at=now - DAY)], now=now)
    db.session.commit()
    (row,) = kept()
    assert (row.status, row.failure, row.returned_by) == ("failed", "account_closed", "txn_back")
    settlement.apply([payout(state=PayoutState.PAID, seen_at=now + DAY)], now=now)
    db.session.commit()
    assert kept()[0].status == "paid"


def test_what_cannot_be_listed_yet_is_read_once_it_can(gateway: FakeGateway) -> None:
    gateway.paid_out = [payout(listable=False)]
    assert follow_payouts() == 1
    assert kept()[0].read_at is None
    gateway.paid_out = [payout()]
    gateway.held["po_1"] = [entry("gift", 900)]
    follow_payouts()
    assert kept()[0].held_minor == 900


def test_a_payout_that_does_not_come_to_its_amount_is_read_again(gateway: FakeGateway) -> None:
    gateway.paid_out = [payout()]
    gateway.held["po_1"] = [entry("gift", 500)]
    follow_payouts()
    assert kept()[0].held_minor == 500
    gateway.held["po_1"].append(entry("late", 400))
    follow_payouts()
    assert kept()[0].held_minor == 900
    assert len(entries()) == 2


def test_silence_keeps_a_payout_owed_for_as_long_as_it_takes(gateway: FakeGateway) -> None:
    gateway.paid_out = [payout()]
    payouts.look(gateway, now=AUGUST + DAY)
    (row,) = kept()
    gateway.down = True
    payouts.read(row.id, gateway, now=AUGUST + DAY)
    assert payouts.look(gateway, now=AUGUST + DAY) == 0
    (row,) = kept()
    assert row.due_at is not None
    assert row.error is not None
    assert row.error.startswith("GatewayUnavailable")
    gateway.down = False
    gateway.held["po_1"] = [entry("gift", 900)]
    payouts.read(row.id, gateway, now=AUGUST + DAY)
    assert (kept()[0].held_minor, kept()[0].error) == (900, None)


def test_a_payout_that_an_event_told_of_hides_none_before_it(gateway: FakeGateway) -> None:
    late = payout(60, listable=False)
    settlement.apply([late], now=late.made_at)
    db.session.commit()
    gateway.paid_out = [late, payout(1, listable=False)]
    assert payouts.look(gateway, now=late.made_at) == 2
    assert [row.stripe_payout_id for row in kept()] == ["po_1", "po_60"]
    assert payouts.look(gateway, now=late.made_at) == 1, "only the last month is asked for again"


def test_payouts_are_asked_for_since_the_first_gift(gateway: FakeGateway) -> None:
    gateway.paid_out = [payout(0, made_at=AUGUST - DAY)]
    assert follow_payouts() == 0
    asked = [subject for act, subject, _how in gateway.acts if act == "payouts"]
    assert asked == [AUGUST.astimezone(UTC).isoformat()]


def test_what_a_payout_held_is_never_changed(gateway: FakeGateway) -> None:
    gateway.paid_out = [payout()]
    gateway.held["po_1"] = [entry("gift", 900)]
    follow_payouts()
    with pytest.raises(DBAPIError):
        db.session.execute(update(PayoutEntry).values(kind="other"))
    db.session.rollback()
