"""What the house owes at Stripe while Stripe is silent for longer than a row is mostly tried."""

from datetime import datetime, timedelta

import pytest
from flask import Flask

from app.extensions import db
from app.giving.books import ledger
from app.giving.books.ledger import FEE_AFTER
from app.giving.models import Donation, DonationFee, PledgeChange, Refund
from app.giving.reversals import endings, refunds
from app.giving.rules import RefundReason
from app.giving.wishes import changes
from app.money import Money
from app.owed import LONGEST_WAIT, MAX_ATTEMPTS, Owed, claim
from app.payments.facts import Ending, Reading, Standing
from app.payments.gateway import GatewayError
from tests.builders import a_pledge, a_reader, a_staff_member
from tests.fakes import FakeGateway
from tests.giving.facts import fee_of, refunded, seen
from tests.giving.gifts import NOW, a_gift, enter

LEASE = timedelta(minutes=1)


def taken_in_hand(model: type[Owed], at: datetime) -> list[object]:
    """What a worker takes in hand at a moment."""
    return claim(model, now=at, lease=LEASE, limit=1)


def test_a_refund_is_sent_however_long_stripe_did_not_answer(
    app: Flask, gateway: FakeGateway
) -> None:
    donation, charge = a_gift(2000)
    refund = refunds.ask(
        donation.id,
        Money(500, "EUR"),
        reason=RefundReason.ASKED_FOR,
        note="",
        tells=True,
        by=a_staff_member("finance").id,
        now=NOW,
    )
    gateway.down, at = True, NOW
    for _ in range(MAX_ATTEMPTS + 3):
        assert taken_in_hand(Refund, at) == [refund.id]
        refunds.carry_out(refund.id, gateway, now=at)
        at += LEASE * LONGEST_WAIT
    gateway.down = False
    gateway.readings[str(charge.charge_id)] = Reading((refunded(charge, 500, refund_id=refund.id),))
    assert taken_in_hand(Refund, at) == [refund.id]
    refunds.carry_out(refund.id, gateway, now=at)
    assert db.session.get_one(Refund, refund.id).status == "succeeded"


def test_a_pledge_whose_gift_was_disputed_ends_however_long_stripe_did_not_answer(
    app: Flask, gateway: FakeGateway
) -> None:
    pledge = a_pledge(a_reader())
    endings.owe(pledge.id, reason=endings.DISPUTED, now=NOW)
    db.session.commit()
    change = db.session.query(PledgeChange).one()
    gateway.down, at = True, NOW
    for _ in range(MAX_ATTEMPTS + 3):
        assert taken_in_hand(PledgeChange, at) == [change.id]
        changes.carry_out(change.id, gateway, now=at)
        at += LEASE * LONGEST_WAIT
    assert change.error == "GatewayUnavailable: down"
    gateway.down = False
    ended = seen(pledge, Standing.ENDED, ending=Ending.BY_WISH, ended_at=at, seen_at=at)
    gateway.readings[pledge.stripe_subscription_id or ""] = Reading((ended,))
    assert taken_in_hand(PledgeChange, at) == [change.id]
    changes.carry_out(change.id, gateway, now=at)
    assert (pledge.status, pledge.end_reason) == ("lapsed", "disputed")


def test_an_end_that_stripe_refused_is_owed_no_more_once_the_pledge_has_ended(
    app: Flask, gateway: FakeGateway
) -> None:
    pledge = a_pledge(a_reader())
    endings.owe(pledge.id, reason=endings.DISPUTED, now=NOW)
    db.session.commit()
    change = db.session.query(PledgeChange).one()
    gateway.refuses.add("end_now")
    with pytest.raises(GatewayError):
        changes.carry_out(change.id, gateway, now=NOW)
    change.failed("refused", for_good=True)
    db.session.commit()
    enter(seen(pledge, Standing.ENDED, ending=Ending.OTHER, ended_at=NOW, seen_at=NOW))
    db.session.refresh(change)
    assert (pledge.status, change.due_at, change.error) == ("ended", None, None)


def test_a_fee_is_fetched_however_long_stripe_did_not_answer(
    app: Flask, gateway: FakeGateway
) -> None:
    donation, charge = a_gift(2000)
    gateway.down, at = True, NOW + FEE_AFTER
    for _ in range(MAX_ATTEMPTS + 3):
        assert taken_in_hand(Donation, at) == [donation.id]
        ledger.fetch_fee(donation.id, gateway, now=at)
        at += LEASE * LONGEST_WAIT
    gateway.down = False
    gateway.fees[str(charge.charge_id)] = fee_of(charge).fee
    assert taken_in_hand(Donation, at) == [donation.id]
    ledger.fetch_fee(donation.id, gateway, now=at)
    assert db.session.get_one(DonationFee, donation.id).fee_minor == 33
