"""The jobs of the giving room, as the beat calls them."""

from datetime import timedelta

from flask import Flask
from sqlalchemy import func, select

from app.clock import utcnow
from app.extensions import db
from app.giving import settlement
from app.giving.books import ledger
from app.giving.models import PledgeChange, Refund
from app.giving.reversals import endings, refunds
from app.giving.rules import RefundReason
from app.letters.models import Letter
from app.money import Money
from app.payments.facts import Ending, Reading, Standing
from tasks import giving
from tests.builders import a_pledge, a_reader, a_staff_member
from tests.fakes import FakeGateway
from tests.giving.facts import paid, refunded, seen


def test_what_the_house_owes_at_stripe_is_done_once_and_after_it_did_not_answer(
    app: Flask, gateway: FakeGateway
) -> None:
    pledge, now = a_pledge(a_reader()), utcnow()
    charge = paid(pledge, received_at=now)
    settlement.apply([charge], now=now)
    donation = ledger.locked_charge(charge.charge_id or "")
    db.session.commit()
    refund = refunds.ask(
        donation.id,
        Money(500, "EUR"),
        reason=RefundReason.ASKED_FOR,
        note="",
        tells=True,
        by=a_staff_member("finance").id,
        now=now,
    )
    endings.owe(pledge.id, reason=endings.DISPUTED, now=now)
    db.session.commit()
    gateway.down = True
    assert giving.carry_out() == 2
    assert gateway.acts == []
    db.session.query(Refund).update({"due_at": now})
    db.session.query(PledgeChange).update({"due_at": now})
    db.session.commit()
    gateway.down = False
    gone = refunded(charge, refund_id=refund.id)
    ended = seen(pledge, Standing.ENDED, ending=Ending.BY_WISH, ended_at=now, seen_at=now)
    gateway.readings[charge.charge_id or ""] = Reading((gone,))
    gateway.readings[pledge.stripe_subscription_id or ""] = Reading((ended,))
    assert giving.carry_out() == 2
    assert giving.carry_out() == 0
    assert [act for act, _subject, _how in gateway.acts] == ["refund", "end_now"]
    db.session.refresh(pledge)
    assert (pledge.status, pledge.end_reason) == ("lapsed", "disputed")


def test_the_hourly_sweep_owes_each_reminder_once(app: Flask) -> None:
    pledge = a_pledge(a_reader(), interval="year")
    pledge.next_payment_at = utcnow() + timedelta(days=10)
    db.session.commit()
    giving.remind()
    giving.remind()
    owed = select(func.count()).where(Letter.kind == "renewal_reminder")
    assert db.session.scalar(owed) == 1
