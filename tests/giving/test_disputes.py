"""Gifts contested at a bank: what ends, what is entered, who is told; and warnings of fraud."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from app.accounts import audit
from app.extensions import db
from app.giving import settlement
from app.giving.books import ledger
from app.giving.books.ledger import UnknownDonation
from app.giving.models import Adjustment, Dispute, FraudWarning, PledgeChange, Refund
from app.giving.reversals import disputes
from app.money import Money
from app.payments.facts import (
    DisputeSeen,
    DisputeState,
    DonationPaid,
    FraudWarned,
    MovementKind,
)
from tests.builders import a_pledge, a_reader, a_staff_member
from tests.fakes import FakeMailer
from tests.giving.facts import AUGUST, disputed, moved, paid, refunded
from tests.giving.gifts import NOW, a_gift, count, enter, letters_of, sent

LATER = AUGUST + timedelta(days=6)


def decided(charge: DonationPaid, state: DisputeState) -> DisputeSeen:
    """The same dispute, decided by the bank; won, the money comes back and the fee does not."""
    opened = disputed(charge)
    back = moved(MovementKind.DISPUTE_RETURNED, charge.amount.minor, happened_at=LATER)
    movements = (*opened.movements, back) if state is DisputeState.WON else opened.movements
    return disputed(charge, state, movements=movements, seen_at=LATER)


def warning(charge: DonationPaid, *, actionable: bool = True, number: int = 1) -> FraudWarned:
    """A bank's warning of a payment."""
    assert charge.charge_id is not None
    return FraudWarned(f"issfr_{number}", charge.charge_id, actionable, AUGUST)


def test_a_dispute_ends_the_pledge_takes_the_money_and_its_fee_and_tells_staff(
    app: Flask, mailer: FakeMailer
) -> None:
    finance, owner = a_staff_member("finance"), a_staff_member("owner")
    a_staff_member("editor")
    donation, charge = a_gift(2000)
    enter(disputed(charge))
    change = db.session.scalars(select(PledgeChange)).one()
    assert (change.kind, change.via, change.by_account_id) == ("leave_now", "rule", None)
    entry = db.session.scalars(select(Adjustment)).one()
    assert (entry.amount_minor, entry.fee_minor, entry.net_minor) == (-2000, 1500, -3500)
    drafts = sent(mailer, "dispute_opened")
    assert {draft.to for draft in drafts} == {finance.email, owner.email}
    assert drafts[0].subject == "A gift of €20 is contested"
    assert "Answer at Stripe by August 28, 2026" in drafts[0].text
    assert "the card's owner did not make the payment" in drafts[0].text
    assert ledger.moved(donation.id) == -2000
    (entry_of_rule,) = audit.of_account(donation.account_id)
    assert (entry_of_rule.act, entry_of_rule.by_account_id) == ("pledge_end_owed", None)


def test_the_same_dispute_told_many_times_ends_a_pledge_once(app: Flask) -> None:
    a_staff_member("finance")
    _donation, charge = a_gift(2000)
    for _ in range(3):
        enter(disputed(charge))
    assert (count(Dispute), count(Adjustment), count(PledgeChange)) == (1, 1, 1)
    assert len(letters_of("dispute_opened")) == 1


def test_an_inquiry_takes_nothing_and_ends_nothing_until_it_becomes_a_dispute(
    app: Flask, mailer: FakeMailer
) -> None:
    a_staff_member("finance")
    _donation, charge = a_gift(2000)
    enter(disputed(charge, DisputeState.INQUIRY))
    assert (count(Adjustment), count(PledgeChange)) == (0, 0)
    (draft,) = sent(mailer, "dispute_opened")
    assert "A bank asks about a gift of €20" in draft.subject
    assert "No money has been taken yet" in draft.text
    enter(disputed(charge, seen_at=LATER))
    assert (count(Adjustment), count(PledgeChange), len(letters_of("dispute_opened"))) == (1, 1, 2)


@pytest.mark.parametrize(
    ("state", "subject", "left", "says"),
    [
        (DisputeState.WON, "The dispute about €20 is won", 0, "Stripe keeps €15"),
        (DisputeState.LOST, "The dispute about €20 is lost", -2000, "Stripe keeps €15"),
    ],
)
def test_the_banks_decision_is_entered_and_told(
    app: Flask, mailer: FakeMailer, state: DisputeState, subject: str, left: int, says: str
) -> None:
    a_staff_member("finance")
    donation, charge = a_gift(2000)
    enter(disputed(charge), decided(charge, state))
    dispute = db.session.scalars(select(Dispute)).one()
    assert (dispute.status, dispute.closed_at) == (state, NOW)
    assert ledger.moved(donation.id) == left
    (draft,) = sent(mailer, "dispute_closed")
    assert draft.subject == subject
    assert says in draft.text
    # That it was opened need not be told any more.
    assert sent(mailer, "dispute_opened") == []


def test_a_closed_inquiry_is_told_as_such(app: Flask, mailer: FakeMailer) -> None:
    a_staff_member("finance")
    _donation, charge = a_gift(2000)
    enter(disputed(charge, DisputeState.INQUIRY))
    enter(disputed(charge, DisputeState.CLOSED, movements=(), seen_at=LATER))
    (draft,) = sent(mailer, "dispute_closed")
    assert draft.subject == "The inquiry about €20 is closed"
    assert count(PledgeChange) == 0


def test_an_older_answer_does_not_open_a_decided_dispute_again(app: Flask) -> None:
    _donation, charge = a_gift(2000)
    enter(decided(charge, DisputeState.WON), disputed(charge))
    assert db.session.scalars(select(Dispute)).one().status == "won"


def test_a_dispute_before_its_payment_waits(app: Flask) -> None:
    charge = paid(a_pledge(a_reader()))
    with pytest.raises(UnknownDonation):
        settlement.apply([disputed(charge)], now=NOW)


def test_a_small_gift_its_bank_warns_of_is_sent_back_by_rule_and_its_pledge_ends(
    app: Flask,
) -> None:
    a_staff_member("finance")
    donation, charge = a_gift(5000)
    for _ in range(2):
        enter(warning(charge))
    refund = db.session.scalars(select(Refund)).one()
    assert (refund.amount, refund.reason, refund.status) == (
        Money(5000, "EUR"),
        "fraud",
        "approved",
    )
    assert (refund.asked_by_id, refund.due_at, refund.ends_pledge) == (None, NOW, True)
    assert db.session.scalars(select(PledgeChange)).one().via == "rule"
    acts = {(entry.act, entry.by_account_id) for entry in audit.of_account(donation.account_id)}
    assert acts == {("refund_by_rule", None), ("pledge_end_owed", None)}
    assert letters_of("fraud_warning") == []


def test_of_a_larger_gift_staff_are_warned_and_decide(app: Flask, mailer: FakeMailer) -> None:
    finance = a_staff_member("finance")
    _donation, charge = a_gift(5001)
    for _ in range(2):
        enter(warning(charge))
    assert (count(Refund), count(PledgeChange)) == (0, 0)
    (draft,) = sent(mailer, "fraud_warning")
    assert draft.to == finance.email
    assert draft.subject == "A bank warns of a gift of €50.01"


@pytest.mark.parametrize("case", ["not actionable", "refunded", "contested"])
def test_a_warning_comes_to_nothing_where_nothing_is_left(app: Flask, case: str) -> None:
    a_staff_member("finance")
    _donation, charge = a_gift(2000)
    if case == "refunded":
        enter(refunded(charge))
    elif case == "contested":
        enter(disputed(charge))
    before = count(Refund)
    enter(warning(charge, actionable=case != "not actionable"))
    assert db.session.scalars(select(FraudWarning)).one().outcome == "moot"
    assert count(Refund) == before
    assert letters_of("fraud_warning") == []


def test_a_warning_before_its_payment_waits(app: Flask) -> None:
    charge = paid(a_pledge(a_reader()))
    with pytest.raises(UnknownDonation):
        disputes.warned(warning(charge), now=NOW)
