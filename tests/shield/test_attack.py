"""The attack: thousands of signups from hundreds of addresses, with cards that all fail."""

from collections.abc import Iterator
from datetime import timedelta

from flask import Flask
from sqlalchemy import func, select

from app.clock import utcnow
from app.extensions import db
from app.giving.models import Donation
from app.letters.models import Letter
from app.shield import gate, watch
from app.shield.models import ShieldLog
from app.shield.rules import Mode
from tests.builders import a_staff_member
from tests.shield.steps import Visitor, letter_to, pay

ATTACKERS, SIGNUPS = 200, 5_000
#: A real reader comes after so many robots.
BETWEEN = 250
#: A robot fetches the form anew after so many tries.
FRESH = 13


def robots(site: Flask) -> Iterator[int]:
    """Try to sign up from every address in turn, well-formed each time; no card is ever paid."""
    crowd = [Visitor(site, f"198.{18 + n // 250}.{n % 250}.9") for n in range(ATTACKERS)]
    for number in range(SIGNUPS):
        robot, turn = crowd[number % ATTACKERS], number // ATTACKERS
        if turn % FRESH == 0:
            robot.look()
        amount = ("5", "10", "20", "2")[number % 4]
        over = {"other_amount": "2"} if amount == "2" else {}
        robot.give(
            email=f"mule{number}@example.net",
            name=f"Mule {number}",
            amount="other" if over else amount,
            interval=("month", "once")[number % 2],
            **over,
        )
        yield number


def reader(site: Flask, number: int) -> None:
    """A reader gives: at once where the page lets them, else by the letter; and pays."""
    gateway, mailer = site.extensions["gateway"], site.extensions["mailer"]
    place = number // BETWEEN
    visitor = Visitor(site, f"203.{number % 2}.{place}.7", script=place % 2 == 0)
    visitor.look()
    email = f"reader{number}@example.org"
    answer = visitor.give(email=email, name="Olena", interval="month")
    assert answer.status_code == 303, answer.text
    if answer.location == "/give/letter":
        answer = visitor.follow(letter_to(email, mailer))
    assert answer.location.startswith("https://pay.test/")
    pay(gateway, email)


def test_five_thousand_signups_with_failing_cards_hardly_reach_stripe_and_readers_do(
    site: Flask,
) -> None:
    staff = [a_staff_member(role) for role in ("owner", "finance", "fundraiser", "editor")]
    readers = 0
    for number in robots(site):
        if number % BETWEEN == BETWEEN - 1 or number == 10:
            reader(site, number)
            readers += 1
        if number % 1000 == 999:
            watch.sweep(now=utcnow())

    orders = site.extensions["gateway"].orders
    reached = [order for order in orders if order.email.startswith("mule")]
    assert 0 < len(reached) < 50
    assert db.session.scalar(select(func.count()).select_from(Donation)) == readers == 21

    alerts = select(Letter.account_id).where(Letter.kind == "shield_raised")
    told = db.session.scalars(alerts).all()
    assert sorted(told) == sorted(one.id for one in staff[:3]), "one alert, and not to editors"

    assert gate.mode() is Mode.RAISED
    assert watch.sweep(now=utcnow() + timedelta(minutes=29))
    assert not watch.sweep(now=utcnow() + timedelta(minutes=31))
    entry = db.session.scalars(select(ShieldLog)).one()
    assert entry.lowered_at is not None
    assert entry.held_back > 100
    assert (entry.reached_stripe, entry.paid) == (len(reached) + readers, readers)

    assert gate.mode() is Mode.CALM
    after = Visitor(site, "203.0.113.200")
    after.look()
    assert after.give(email="after@example.org").location.startswith("https://pay.test/")
