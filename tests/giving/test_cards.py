"""A new card, as the patron who comes back from the provider's page is told of it."""

from dataclasses import replace
from datetime import timedelta

from flask import Flask

from app.extensions import db
from app.giving import settlement
from app.giving.models import Pledge
from app.giving.wishes import cards, wish_words
from app.money import Money
from app.payments.facts import Card, Reading, Standing
from tests.builders import a_pledge, a_reader
from tests.fakes import FakeGateway
from tests.giving.facts import AUGUST, MONTH, failed, paid, seen

NOW = AUGUST + MONTH + timedelta(days=2)
NEW = Card("mastercard", "4444", 2030, 5)


def a_pledge_past_due() -> Pledge:
    pledge = a_pledge(a_reader(), status="pending", started_at=None, paid_until=AUGUST)
    settlement.apply([paid(pledge)], now=AUGUST)
    overdue = seen(pledge, Standing.PAST_DUE, seen_at=NOW - timedelta(days=2))
    settlement.apply([overdue, failed(pledge)], now=NOW - timedelta(days=2))
    db.session.commit()
    return pledge


def news(pledge: Pledge, gateway: FakeGateway) -> str:
    return wish_words.card_news(cards.adopt(pledge, gateway, now=NOW))


def test_a_payment_that_went_through_with_the_new_card_is_told_of(
    app: Flask, gateway: FakeGateway
) -> None:
    pledge = a_pledge_past_due()
    facts = (seen(pledge, seen_at=NOW, card=NEW), paid(pledge, 2))
    gateway.readings[pledge.stripe_customer_id or ""] = Reading(facts)
    assert "went through" in news(pledge, gateway)
    assert pledge.past_due_since is None


def test_it_is_told_of_as_well_when_the_event_was_quicker_than_the_person(
    app: Flask, gateway: FakeGateway
) -> None:
    pledge = a_pledge_past_due()
    facts = (seen(pledge, seen_at=NOW, card=NEW), paid(pledge, 2))
    settlement.apply(facts, now=NOW - timedelta(seconds=5))
    db.session.commit()
    gateway.readings[pledge.stripe_customer_id or ""] = Reading(facts[:1])
    adopted = cards.adopt(pledge, gateway, now=NOW)
    assert (adopted.changed, adopted.paid, adopted.refused) == (False, Money(500, "EUR"), None)
    later = cards.adopt(pledge, gateway, now=NOW + timedelta(hours=1))
    assert later.paid is None


def test_it_is_told_of_when_its_donation_is_being_entered_elsewhere(
    app: Flask, gateway: FakeGateway
) -> None:
    pledge = a_pledge_past_due()
    gateway.readings[pledge.stripe_customer_id or ""] = Reading(
        (seen(pledge, seen_at=NOW, card=NEW),)
    )
    assert cards.adopt(pledge, gateway, now=NOW).paid == Money(500, "EUR")


def test_a_first_gift_just_given_is_not_told_of_as_an_open_payment(
    app: Flask, gateway: FakeGateway
) -> None:
    pledge = a_pledge(a_reader(), status="pending", started_at=None)
    settlement.apply([paid(pledge)], now=NOW)
    db.session.commit()
    gateway.readings[pledge.stripe_customer_id or ""] = Reading(
        (seen(pledge, seen_at=NOW, card=NEW),)
    )
    assert news(pledge, gateway) == "From now on your gifts are taken from Mastercard ···· 4444."


def test_a_card_that_is_refused_too_is_told_of(app: Flask, gateway: FakeGateway) -> None:
    pledge = a_pledge_past_due()
    still = replace(seen(pledge, Standing.PAST_DUE, seen_at=NOW), card=NEW)
    gateway.readings[pledge.stripe_customer_id or ""] = Reading((still, failed(pledge, 2)))
    assert "refused this card too" in news(pledge, gateway)


def test_a_payment_that_is_being_tried_elsewhere_is_said_to_be_open(
    app: Flask, gateway: FakeGateway
) -> None:
    pledge = a_pledge_past_due()
    still = replace(seen(pledge, Standing.PAST_DUE, seen_at=NOW), card=NEW)
    gateway.readings[pledge.stripe_customer_id or ""] = Reading((still,))
    assert "still open" in news(pledge, gateway)
