"""Refunds that staff ask for: what may go back, who has to agree, and what Stripe makes of it."""

import threading
import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.accounts import approvals, audit
from app.accounts.approvals import MayNotApprove, NobodyToApprove
from app.accounts.models import Approval, AuditEntry
from app.extensions import db
from app.giving.books.ledger import UnknownDonation
from app.giving.models import Adjustment, Donation, PledgeChange, Refund
from app.giving.reversals import refunds
from app.giving.reversals.refundable import Contested, OutsideStripe, TooMuch, left
from app.giving.rules import RefundReason
from app.money import Money
from app.payments.facts import DisputeState, Reading
from app.payments.orders import RefundOrder
from tests.builders import a_staff_member
from tests.fakes import FakeGateway, FakeMailer
from tests.giving.facts import disputed, refunded
from tests.giving.gifts import NOW, a_gift, a_gift_outside, count, enter, letters_of, sent


def ask(donation: Donation, minor: int, by: int, **over: Any) -> Refund:
    wish: dict[str, Any] = {"reason": RefundReason.ASKED_FOR, "note": "", "tells": True}
    return refunds.ask(donation.id, Money(minor, donation.currency), **wish | over, by=by, now=NOW)


def test_a_small_refund_is_owed_at_once_and_stripe_is_asked_under_its_own_id(
    app: Flask, gateway: FakeGateway
) -> None:
    donation, charge = a_gift(2000)
    staff = a_staff_member("finance")
    refund = ask(donation, 500, staff.id)
    assert (refund.status, refund.due_at) == ("approved", NOW)
    gateway.readings[str(charge.charge_id)] = Reading((refunded(charge, 500, refund_id=refund.id),))
    refunds.carry_out(refund.id, gateway, now=NOW)
    assert [act for act, _subject, _how in gateway.acts] == ["refund"]
    order = gateway.acts[0][2]["order"]
    assert (order.refund_id, order.amount, order.fraud) == (refund.id, Money(500, "EUR"), False)
    assert (refund.status, refund.due_at) == ("succeeded", None)
    assert db.session.scalars(select(Adjustment)).one().amount == Money(-500, "EUR")


def test_carrying_a_refund_out_twice_asks_stripe_once(app: Flask, gateway: FakeGateway) -> None:
    donation, charge = a_gift(2000)
    refund = ask(donation, 500, a_staff_member().id)
    gateway.readings[str(charge.charge_id)] = Reading((refunded(charge, 500, refund_id=refund.id),))
    for _ in range(2):
        refunds.carry_out(refund.id, gateway, now=NOW)
    assert len(gateway.acts) == 1
    assert count(Adjustment) == 1


def test_a_form_sent_twice_asks_for_one_refund(app: Flask) -> None:
    donation, _charge = a_gift(2000)
    staff, form_id = a_staff_member(), uuid.uuid4()
    first = ask(donation, 500, staff.id, refund_id=form_id)
    assert ask(donation, 500, staff.id, refund_id=form_id).id == first.id
    assert count(Refund) == 1


def test_no_more_goes_back_than_was_given(app: Flask) -> None:
    donation, _charge = a_gift(2000)
    staff = a_staff_member()
    ask(donation, 1500, staff.id)
    with pytest.raises(TooMuch) as refusal:
        ask(donation, 501, staff.id)
    assert refusal.value.left == Money(500, "EUR")
    ask(donation, 500, staff.id)
    assert left(donation).minor == 0


@pytest.mark.parametrize("minor", [0, -5])
def test_nothing_and_less_than_nothing_cannot_go_back(app: Flask, minor: int) -> None:
    donation, _charge = a_gift(2000)
    with pytest.raises(TooMuch):
        ask(donation, minor, a_staff_member().id)


def test_a_gift_in_one_currency_is_not_refunded_in_another(app: Flask) -> None:
    donation, _charge = a_gift(2000)
    with pytest.raises(TooMuch):
        refunds.ask(
            donation.id,
            Money(500, "USD"),
            reason=RefundReason.MISTAKE,
            note="",
            tells=True,
            by=a_staff_member().id,
            now=NOW,
        )


def test_a_contested_gift_is_not_refunded_besides(app: Flask) -> None:
    donation, charge = a_gift(2000)
    enter(disputed(charge))
    with pytest.raises(Contested):
        ask(donation, 500, a_staff_member().id)
    enter(disputed(charge, DisputeState.WON, seen_at=NOW))
    assert ask(donation, 500, a_staff_member().id).status == "approved"


def test_an_inquiry_may_be_answered_by_a_refund(app: Flask) -> None:
    donation, charge = a_gift(2000)
    enter(disputed(charge, DisputeState.INQUIRY))
    assert ask(donation, 2000, a_staff_member().id).status == "approved"


def test_a_lost_dispute_leaves_nothing_to_refund(app: Flask) -> None:
    donation, charge = a_gift(2000)
    enter(disputed(charge, DisputeState.LOST))
    with pytest.raises(TooMuch):
        ask(donation, 1, a_staff_member().id)


def test_a_gift_outside_stripe_is_taken_back_and_not_refunded(app: Flask) -> None:
    staff = a_staff_member()
    donation = a_gift_outside(5000, by=staff.id)
    with pytest.raises(OutsideStripe):
        ask(donation, 500, staff.id)


def test_a_gift_that_is_not_there_cannot_be_refunded(app: Flask) -> None:
    with pytest.raises(UnknownDonation):
        refunds.ask(
            7,
            Money(500, "EUR"),
            reason=RefundReason.MISTAKE,
            note="",
            tells=True,
            by=a_staff_member().id,
            now=NOW,
        )


def test_a_large_refund_waits_for_a_second_member_of_staff(app: Flask) -> None:
    donation, _charge = a_gift(50_000)
    asker, second = a_staff_member("fundraiser"), a_staff_member("finance")
    refund = ask(donation, 10_001, asker.id)
    assert (refund.status, refund.due_at) == ("asked", None)
    assert [one.subject_id for one in approvals.waiting()] == [str(refund.id)]
    refunds.decide(refund.id, approved=True, by=second.id, now=NOW)
    assert (refund.status, refund.due_at, refund.approved_by_id) == ("approved", NOW, second.id)
    assert approvals.waiting() == []


def test_who_asked_cannot_agree_and_neither_can_an_editor(app: Flask) -> None:
    donation, _charge = a_gift(50_000)
    asker, editor = a_staff_member("owner"), a_staff_member("editor")
    a_staff_member("finance")
    refund = ask(donation, 20_000, asker.id)
    for wrong in (asker, editor):
        with pytest.raises(MayNotApprove):
            refunds.decide(refund.id, approved=True, by=wrong.id, now=NOW)
    assert db.session.get_one(Refund, refund.id).status == "asked"


def test_alone_in_a_newsroom_a_large_refund_is_blocked_and_leaves_nothing(app: Flask) -> None:
    donation, _charge = a_gift(50_000)
    alone = a_staff_member("owner")
    a_staff_member("editor")
    with pytest.raises(NobodyToApprove):
        ask(donation, 20_000, alone.id)
    db.session.commit()
    assert (count(Refund), count(Approval), count(AuditEntry)) == (0, 0, 0)


def test_parts_that_are_small_by_themselves_need_a_second_when_they_are_large_together(
    app: Flask,
) -> None:
    donation, _charge = a_gift(50_000)
    asker = a_staff_member("finance")
    a_staff_member("owner")
    assert ask(donation, 6000, asker.id).status == "approved"
    assert ask(donation, 6000, asker.id).status == "asked"


def test_a_declined_refund_sends_nothing_and_frees_the_amount(
    app: Flask, gateway: FakeGateway
) -> None:
    donation, _charge = a_gift(50_000)
    asker, second = a_staff_member("finance"), a_staff_member("owner")
    refund = ask(donation, 50_000, asker.id, ends_pledge=True)
    refunds.decide(refund.id, approved=False, by=second.id, now=NOW)
    refunds.carry_out(refund.id, gateway, now=NOW)
    assert (refund.status, gateway.acts, count(PledgeChange)) == ("declined", [], 0)
    assert left(donation).minor == 50_000


def test_a_second_answer_to_one_request_is_refused(app: Flask) -> None:
    donation, _charge = a_gift(50_000)
    asker, second = a_staff_member("finance"), a_staff_member("owner")
    refund = ask(donation, 50_000, asker.id)
    refunds.decide(refund.id, approved=True, by=second.id, now=NOW)
    with pytest.raises(approvals.AlreadyDecided):
        refunds.decide(refund.id, approved=False, by=second.id, now=NOW)


def test_a_refund_ends_its_pledge_only_where_staff_ticked_it(app: Flask) -> None:
    donation, _charge = a_gift(2000)
    staff = a_staff_member()
    ask(donation, 500, staff.id)
    assert count(PledgeChange) == 0
    ask(donation, 500, staff.id, ends_pledge=True)
    change = db.session.scalars(select(PledgeChange)).one()
    assert (change.kind, change.via, change.by_account_id) == ("leave_now", "staff", staff.id)
    assert change.due_at == NOW


def test_no_transaction_is_open_while_stripe_answers(app: Flask) -> None:
    class Watching(FakeGateway):
        def refund(self, order: RefundOrder) -> Reading:
            held.append(db.session().in_transaction())
            return super().refund(order)

    held: list[bool] = []
    donation, _charge = a_gift(2000)
    refund = ask(donation, 500, a_staff_member().id)
    refunds.carry_out(refund.id, Watching(), now=NOW)
    assert held == [False]


def test_two_members_of_staff_at_once_do_not_send_back_more_than_was_given(app: Flask) -> None:
    donation, _charge = a_gift(2000)
    staff = [a_staff_member("finance").id, a_staff_member("owner").id]
    donation_id = donation.id
    db.session.remove()
    begin = threading.Barrier(2)

    def one(by: int) -> str:
        with app.app_context():
            begin.wait(timeout=10)
            try:
                return refunds.ask(
                    donation_id,
                    Money(1500, "EUR"),
                    reason=RefundReason.ASKED_FOR,
                    note="",
                    tells=True,
                    by=by,
                    now=NOW,
                ).status
            except TooMuch:
                return "too much"

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(one, staff)) == ["approved", "too much"]
    assert count(Refund) == 1


def test_stripe_that_does_not_answer_leaves_the_refund_owed(
    app: Flask, gateway: FakeGateway
) -> None:
    donation, charge = a_gift(2000)
    refund = ask(donation, 500, a_staff_member().id)
    gateway.down = True
    refunds.carry_out(refund.id, gateway, now=NOW)
    assert (refund.status, refund.due_at) == ("approved", NOW)
    gateway.down = False
    gateway.readings[str(charge.charge_id)] = Reading((refunded(charge, 500, refund_id=refund.id),))
    refunds.carry_out(refund.id, gateway, now=NOW)
    assert db.session.get_one(Refund, refund.id).status == "succeeded"


def test_a_refund_that_stripe_refuses_says_why_and_frees_the_amount(
    app: Flask, gateway: FakeGateway, mailer: FakeMailer
) -> None:
    donation, _charge = a_gift(2000)
    staff = a_staff_member("finance")
    refund = ask(donation, 500, staff.id)
    gateway.refuses.add("refund")
    refunds.carry_out(refund.id, gateway, now=NOW)
    assert (refund.status, refund.failure, refund.due_at) == ("refused", "refused", None)
    assert left(donation).minor == 2000
    (draft,) = sent(mailer, "refund_failed")
    assert draft.to == staff.email
    assert "Stripe refused a refund" in draft.text
    assert letters_of("refund") == []


def test_every_act_of_staff_stands_in_the_audit_log_of_the_giver(app: Flask) -> None:
    donation, _charge = a_gift(50_000)
    asker, second = a_staff_member("finance"), a_staff_member("owner")
    refund = ask(donation, 50_000, asker.id)
    refunds.decide(refund.id, approved=True, by=second.id, now=NOW)
    acts = [(entry.act, entry.by_account_id) for entry in audit.of_account(donation.account_id)]
    assert acts == [("refund_approved", second.id), ("refund_asked", asker.id)]
    assert audit.of_subject("refund", refund.id)[0].details["amount_minor"] == 50_000
