"""What Stripe says of refunds: late, twice, in any order, and what the giver and staff are told."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from app.extensions import db
from app.giving import settlement
from app.giving.books import ledger
from app.giving.books.ledger import UnknownDonation
from app.giving.models import Adjustment, Refund
from app.giving.reversals import refunds
from app.giving.reversals.refundable import left
from app.giving.rules import PledgeStatus, RefundReason
from app.money import Money
from app.payments.facts import Card, DonationPaid, MovementKind, RefundSeen, RefundState
from tests.builders import a_pledge, a_reader, a_staff_member
from tests.fakes import FakeMailer
from tests.giving.facts import AUGUST, MONTH, moved, paid, refunded, seen
from tests.giving.gifts import NOW, a_gift, count, enter, letters_of, sent

LATER = AUGUST + timedelta(days=6)
CARD = Card("visa", "4242", 2030, 4)


def failed_later(charge: DonationPaid, **over: Any) -> RefundSeen:
    """The same refund some days on: the bank has sent it back."""
    first = refunded(charge)
    back = moved(MovementKind.REFUND_FAILED, first.amount.minor, happened_at=LATER)
    return refunded(
        charge,
        state=RefundState.FAILED,
        failure="lost_or_stolen_card",
        seen_at=LATER,
        movements=(*first.movements, back),
        **over,
    )


def test_a_refund_made_at_stripe_is_entered_with_a_letter(app: Flask, mailer: FakeMailer) -> None:
    donation, charge = a_gift(2000)
    enter(refunded(charge))
    refund = db.session.scalars(select(Refund)).one()
    assert (refund.reason, refund.status, refund.asked_by_id) == ("at_stripe", "succeeded", None)
    assert ledger.moved(donation.id) == -2000
    (draft,) = sent(mailer, "refund")
    assert draft.subject == "We sent €20 back to you"
    assert "We sent back your whole gift of €20, received on August 14, 2026" in draft.text


def test_a_refund_told_many_times_is_entered_once(app: Flask) -> None:
    _donation, charge = a_gift(2000)
    for _ in range(3):
        enter(refunded(charge))
    assert (count(Refund), count(Adjustment), len(letters_of("refund"))) == (1, 1, 1)


def test_a_refund_before_its_payment_waits(app: Flask) -> None:
    pledge = a_pledge(a_reader())
    charge = paid(pledge)
    with pytest.raises(UnknownDonation):
        settlement.apply([refunded(charge)], now=NOW)
    db.session.rollback()
    enter(charge, refunded(charge))
    assert count(Adjustment) == 1


def test_an_older_answer_does_not_bring_a_failed_refund_back(app: Flask) -> None:
    donation, charge = a_gift(2000)
    enter(failed_later(charge), refunded(charge))
    refund = db.session.scalars(select(Refund)).one()
    assert (refund.status, refund.failure) == ("failed", "lost_or_stolen_card")
    assert ledger.moved(donation.id) == 0
    assert left(donation).minor == 2000


def test_a_refund_that_fails_later_is_given_back_and_staff_are_told(
    app: Flask, mailer: FakeMailer
) -> None:
    donation, charge = a_gift(2000)
    asker, finance = a_staff_member("fundraiser"), a_staff_member("finance")
    a_staff_member("editor")
    refund = refunds.ask(
        donation.id,
        Money(2000, "EUR"),
        reason=RefundReason.ASKED_FOR,
        note="",
        tells=True,
        by=asker.id,
        now=NOW,
    )
    enter(refunded(charge, refund_id=refund.id))
    enter(failed_later(charge, refund_id=refund.id))
    drafts = sent(mailer, "refund_failed")
    assert {draft.to for draft in drafts} == {asker.email, finance.email}
    assert "sent a refund back" in drafts[0].text
    assert "lost_or_stolen_card" in drafts[0].text
    # What the giver would have been told is not true any more.
    assert sent(mailer, "refund") == []
    amounts = db.session.scalars(select(Adjustment.amount_minor).order_by(Adjustment.id)).all()
    assert amounts == [-2000, 2000]


def test_staff_learn_whether_the_giver_was_told(app: Flask, mailer: FakeMailer) -> None:
    a_staff_member("finance")
    _donation, charge = a_gift(2000)
    enter(refunded(charge))
    assert len(sent(mailer, "refund")) == 1
    enter(failed_later(charge))
    (draft,) = sent(mailer, "refund_failed")
    assert "The giver was told by letter that the money was on its way." in draft.text


def test_a_pending_refund_tells_the_giver_when_it_has_succeeded(app: Flask) -> None:
    _donation, charge = a_gift(2000)
    enter(refunded(charge, state=RefundState.PENDING))
    assert letters_of("refund") == []
    enter(refunded(charge, seen_at=LATER))
    assert len(letters_of("refund")) == 1


def test_two_refunds_under_one_id_of_ours_are_two_rows(app: Flask) -> None:
    """It should not happen; if it does, no money goes unseen."""
    donation, charge = a_gift(2000)
    refund = refunds.ask(
        donation.id,
        Money(500, "EUR"),
        reason=RefundReason.MISTAKE,
        note="",
        tells=False,
        by=a_staff_member().id,
        now=NOW,
    )
    enter(refunded(charge, 500, refund_id=refund.id))
    again = moved(MovementKind.REFUND, -500, 2)
    enter(refunded(charge, 500, refund_id=refund.id, stripe_refund_id="re_2", movements=(again,)))
    assert count(Refund) == 2
    assert ledger.moved(donation.id) == -1000


def test_a_giver_is_not_told_where_staff_wished_so(app: Flask) -> None:
    donation, charge = a_gift(2000)
    refund = refunds.ask(
        donation.id,
        Money(500, "EUR"),
        reason=RefundReason.DUPLICATE,
        note="",
        tells=False,
        by=a_staff_member().id,
        now=NOW,
    )
    enter(refunded(charge, 500, refund_id=refund.id))
    assert letters_of("refund") == []


def test_the_letter_says_how_much_why_when_and_what_becomes_of_the_pledge(
    app: Flask, mailer: FakeMailer
) -> None:
    donation, charge = a_gift(2000)
    refund = refunds.ask(
        donation.id,
        Money(550, "EUR"),
        reason=RefundReason.DUPLICATE,
        note="Thank you for telling us & writing <so> kindly.",
        tells=True,
        by=a_staff_member().id,
        now=NOW,
    )
    enter(refunded(charge, 550, refund_id=refund.id))
    (draft,) = sent(mailer, "refund")
    assert "€5.50 of your gift of €20" in draft.text
    assert "The same gift had been taken twice." in draft.text
    assert "Thank you for telling us & writing <so> kindly." in draft.text
    assert "&lt;so&gt;" in draft.html
    assert "5 to 10 working days" in draft.text
    assert "goes on" in draft.text
    assert [file.filename for file in draft.attachments] == ["receipt-2026-000001.pdf"]


def test_the_letter_names_the_next_payment_and_an_ended_pledge(
    app: Flask, mailer: FakeMailer
) -> None:
    _donation, charge = a_gift(2000)
    pledge_id = charge.pledge_id
    account = a_reader(name="Petro Koval")
    other = a_pledge(account, amount_minor=500)
    second = paid(other)
    enter(
        second,
        seen(other, next_payment_at=AUGUST + MONTH, card=CARD),
        refunded(second),
        refunded(charge, movements=(moved(MovementKind.REFUND, -2000, 9),)),
    )
    db.session.execute(
        update(type(other)).where(type(other).id == pledge_id).values(status=PledgeStatus.ENDED)
    )
    db.session.commit()
    texts = {draft.to: draft.text for draft in sent(mailer, "refund")}
    assert "€5 will next be taken on September 14, 2026" in texts[account.email]
    rest = next(text for to, text in texts.items() if to != account.email)
    assert "Your pledge has ended" in rest


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE adjustment SET amount_minor = 0",
        "DELETE FROM adjustment",
        "UPDATE donation SET cover_minor = 1",
        "DELETE FROM donation",
        "UPDATE audit_entry SET act = 'nothing'",
        "DELETE FROM audit_entry",
    ],
)
def test_the_database_refuses_to_change_what_moved_and_what_was_done(
    app: Flask, change: str
) -> None:
    donation, charge = a_gift(2000)
    refunds.ask(
        donation.id,
        Money(500, "EUR"),
        reason=RefundReason.MISTAKE,
        note="",
        tells=True,
        by=a_staff_member().id,
        now=NOW,
    )
    enter(refunded(charge, 1500))
    with pytest.raises(IntegrityError, match="added, never changed"):
        db.session.execute(db.text(change))
    db.session.rollback()
