"""Events become donations and the state of pledges: late, twice and in any order."""

import itertools
import uuid
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.extensions import db
from app.giving import settlement
from app.giving.models import Checkout, Donation, DonationFee, Pledge, Receipt
from app.letters.models import Letter
from app.money import Money
from app.payments.facts import CheckoutSeen, Ending, Fact, Reading, Standing
from app.payments.models import InboxEvent
from tests.builders import a_reader
from tests.fakes import FakeGateway
from tests.giving.facts import AUGUST, MONTH, fee_of, page, paid, paid_once, seen

NOW = AUGUST + timedelta(minutes=5)


def a_pending_pledge(**over: object) -> Pledge:
    reader = a_reader()
    pledge = Pledge(
        account_id=reader.id,
        **{"interval": "month", "amount_minor": 500, "currency": "EUR"} | over,
    )
    db.session.add(pledge)
    db.session.commit()
    return pledge


def a_checkout(pledge: Pledge | None = None) -> Checkout:
    checkout = Checkout(
        account_id=pledge.account_id if pledge else a_reader().id,
        pledge_id=pledge.id if pledge else None,
        interval="month" if pledge else "once",
        amount_minor=500,
        currency="EUR",
        locale="en",
    )
    db.session.add(checkout)
    db.session.commit()
    return checkout


def enter(*facts: Fact) -> None:
    settlement.apply(facts, now=NOW)
    db.session.commit()


def count(model: type) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def test_a_first_payment_makes_a_patron_with_one_receipt_and_one_letter(app: Flask) -> None:
    pledge = a_pending_pledge()
    enter(paid(pledge))
    assert (pledge.status, pledge.started_at) == ("active", AUGUST)
    assert pledge.paid_until == AUGUST + MONTH
    receipt = db.session.scalars(select(Receipt)).one()
    assert receipt.reference == "2026-000001"
    letter = db.session.scalars(select(Letter)).one()
    assert (letter.kind, letter.account_id) == ("receipt", pledge.account_id)
    assert letter.due_at == NOW


def test_the_same_invoice_is_entered_once_and_owes_one_receipt(app: Flask) -> None:
    pledge = a_pending_pledge()
    for _ in range(3):
        enter(paid(pledge))
    assert (count(Donation), count(Receipt), count(Letter)) == (1, 1, 1)


def test_the_same_charge_under_two_invoices_is_one_donation(app: Flask) -> None:
    pledge = a_pending_pledge()
    enter(paid(pledge))
    enter(paid(pledge, invoice_id="in_other"))
    assert count(Donation) == 1


def test_numbers_have_no_gap_when_an_entry_is_rolled_back(app: Flask) -> None:
    pledge = a_pending_pledge()
    enter(paid(pledge, 1))
    settlement.apply([paid(pledge, 2)], now=NOW)
    db.session.rollback()
    enter(paid(pledge, 3))
    assert [r.number for r in db.session.scalars(select(Receipt).order_by(Receipt.id))] == [1, 2]


def test_numbers_begin_anew_with_the_newsrooms_own_year(app: Flask) -> None:
    pledge = a_pending_pledge()
    # Half past eleven at night in UTC is already the first of January in Kyiv.
    eve = AUGUST.replace(month=12, day=31, hour=23)
    enter(paid(pledge, 1), paid(pledge, 2, received_at=eve))
    references = sorted(r.reference for r in db.session.scalars(select(Receipt)))
    assert references == ["2026-000001", "2027-000001"]


def test_every_order_of_one_months_facts_ends_in_the_same_state(app: Flask) -> None:
    """A fee, a subscription, a page and the money itself, each order with one of them twice."""
    ends = set()
    for order in itertools.permutations(range(4)):
        pledge = a_pending_pledge()
        checkout = a_checkout(pledge)
        money = paid(pledge)
        facts: list[Fact] = [money, seen(pledge), page(checkout, "paid"), fee_of(money)]
        enter(*(facts[place] for place in order), facts[order[0]])
        db.session.refresh(pledge)
        donation = db.session.scalars(select(Donation).where(Donation.pledge_id == pledge.id)).one()
        ends.add((pledge.status, pledge.started_at, pledge.paid_until, donation.amount_minor))
    assert ends == {("active", AUGUST, AUGUST + MONTH, 500)}


def test_an_older_answer_does_not_undo_a_newer_one(app: Flask) -> None:
    pledge = a_pending_pledge()
    enter(paid(pledge))
    later, earlier = AUGUST + timedelta(hours=2), AUGUST + timedelta(hours=1)
    enter(seen(pledge, ends_at=AUGUST + MONTH, seen_at=later))
    enter(seen(pledge, ends_at=None, seen_at=earlier))
    assert pledge.ends_at == AUGUST + MONTH


def test_nothing_brings_an_ended_pledge_back_but_its_late_money_is_entered(app: Flask) -> None:
    pledge = a_pending_pledge()
    enter(paid(pledge))
    ended_at = AUGUST + timedelta(days=3)
    enter(seen(pledge, Standing.ENDED, ended_at=ended_at, ending=Ending.BY_WISH))
    enter(seen(pledge, Standing.PAYING, seen_at=AUGUST + MONTH * 2), paid(pledge, 2))
    assert (pledge.status, pledge.end_reason, pledge.ended_at) == ("ended", "left", ended_at)
    assert count(Donation) == 2


@pytest.mark.parametrize(
    ("ending", "status", "reason"),
    [
        (Ending.BY_WISH, "ended", "left"),
        (Ending.UNPAID, "lapsed", "unpaid"),
        (Ending.DISPUTED, "lapsed", "disputed"),
        (Ending.OTHER, "ended", "unknown"),
    ],
)
def test_ending_for_non_payment_is_told_apart_from_leaving(
    app: Flask, ending: Ending, status: str, reason: str
) -> None:
    pledge = a_pending_pledge()
    enter(paid(pledge), seen(pledge, Standing.ENDED, ended_at=NOW, ending=ending))
    assert (pledge.status, pledge.end_reason) == (status, reason)


def test_a_failed_renewal_counts_from_the_end_of_the_paid_time_and_is_mended_by_money(
    app: Flask,
) -> None:
    pledge = a_pending_pledge()
    enter(paid(pledge))
    enter(seen(pledge, Standing.PAST_DUE, seen_at=AUGUST + MONTH + timedelta(hours=1)))
    assert (pledge.status, pledge.past_due_since) == ("past_due", AUGUST + MONTH)
    enter(paid(pledge, 2), seen(pledge, seen_at=AUGUST + MONTH + timedelta(days=3)))
    assert (pledge.status, pledge.past_due_since) == ("active", None)


def test_a_fee_is_entered_once_beside_its_donation(app: Flask) -> None:
    pledge = a_pending_pledge()
    money = paid(pledge)
    enter(money, fee_of(money), fee_of(money))
    fee = db.session.scalars(select(DonationFee)).one()
    assert (fee.fee_minor, fee.net_minor, fee.currency) == (33, 467, "EUR")
    assert db.session.scalars(select(Donation)).one().due_at is None


def test_a_gift_given_once_is_a_donation_without_a_pledge(app: Flask) -> None:
    checkout = a_checkout()
    enter(paid_once(checkout), page(checkout, "paid"))
    donation = db.session.scalars(select(Donation)).one()
    assert (donation.pledge_id, donation.checkout_id) == (None, checkout.id)
    assert (checkout.status, count(Receipt)) == ("paid", 1)


def test_a_page_that_expired_leaves_the_pledge_abandoned_but_a_paid_one_stays_paid(
    app: Flask,
) -> None:
    left, kept = a_pending_pledge(), a_pending_pledge()
    left_page, kept_page = a_checkout(left), a_checkout(kept)
    enter(page(left_page, "expired"))
    enter(paid(kept), page(kept_page, "paid"), page(kept_page, "expired"))
    assert (left.status, left_page.status) == ("abandoned", "expired")
    assert (kept.status, kept_page.status) == ("active", "paid")


def test_a_second_pledge_is_never_silent(app: Flask) -> None:
    first = a_pending_pledge()
    second = Pledge(account_id=first.account_id, interval="year", amount_minor=5000, currency="EUR")
    db.session.add(second)
    db.session.commit()
    enter(paid(first))
    enter(paid(second))
    kinds = sorted(letter.kind for letter in db.session.scalars(select(Letter)))
    assert kinds == ["receipt", "receipt", "second_pledge"]


def keep_event(event_id: str, object_id: str, event_type: str = "invoice.paid") -> InboxEvent:
    event = InboxEvent(
        id=event_id, type=event_type, stripe_object_id=object_id, body={}, due_at=NOW
    )
    db.session.add(event)
    db.session.commit()
    return event


def test_settling_an_event_twice_acts_once(app: Flask, gateway: FakeGateway) -> None:
    pledge = a_pending_pledge()
    gateway.readings["in_1"] = Reading((paid(pledge),))
    event = keep_event("evt_1", "in_1")
    settlement.settle("evt_1", gateway, now=NOW)
    settlement.settle("evt_1", gateway, now=NOW + timedelta(hours=1))
    assert (event.settled_at, event.outcome, event.due_at) == (NOW, "applied", None)
    assert count(Donation) == 1


@pytest.mark.parametrize(
    ("reading", "outcome"),
    [(Reading(known=False), "unknown"), (Reading(ours=False), "not_ours")],
)
def test_what_is_not_ours_or_not_known_is_settled_and_said_so(
    app: Flask, gateway: FakeGateway, reading: Reading, outcome: str
) -> None:
    gateway.readings["in_1"] = reading
    event = keep_event("evt_1", "in_1")
    settlement.settle("evt_1", gateway, now=NOW)
    assert (event.outcome, event.settled_at) == (outcome, NOW)


def test_an_event_waits_while_stripe_does_not_answer(app: Flask, gateway: FakeGateway) -> None:
    gateway.down = True
    event = keep_event("evt_1", "in_1")
    settlement.settle("evt_1", gateway, now=NOW)
    assert event.settled_at is None
    assert event.due_at == NOW
    assert event.error is not None
    assert "GatewayUnavailable" in event.error


def test_an_event_of_a_pledge_we_do_not_have_keeps_the_reason_and_enters_nothing(
    app: Flask, gateway: FakeGateway
) -> None:
    pledge = a_pending_pledge()
    stranger = paid(pledge, pledge_id=uuid.uuid4())
    gateway.readings["in_1"] = Reading((paid(pledge), stranger))
    event = keep_event("evt_1", "in_1")
    settlement.settle("evt_1", gateway, now=NOW)
    assert event.settled_at is None
    assert event.error is not None
    assert "UnknownPledge" in event.error
    assert count(Donation) == 0


def test_coming_back_from_the_page_settles_what_its_event_would(
    app: Flask, gateway: FakeGateway
) -> None:
    pledge = a_pending_pledge()
    checkout = a_checkout(pledge)
    gateway.readings["cs_1"] = Reading((page(checkout, "paid"), seen(pledge), paid(pledge)))
    reading = settlement.settle_checkout("cs_1", gateway, now=NOW)
    assert isinstance(reading.facts[0], CheckoutSeen)
    enter(paid(pledge))
    assert (pledge.status, count(Donation)) == ("active", 1)
    assert db.session.scalars(select(Donation)).one().amount == Money(500, "EUR")
