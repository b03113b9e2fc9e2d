"""What robots leave goes after a week, and nobody who gave, tried lately or works here."""

import uuid
from datetime import timedelta

from flask import Flask
from sqlalchemy import select

from app.accounts import audit, sign_ins
from app.accounts.models import Account, Role, SignIn
from app.corrections.models import Correction, CorrectionGroup
from app.extensions import db
from app.giving.gift import checkouts, leftovers
from app.giving.models import Checkout, Pledge
from app.giving.rules import Interval
from app.letters.models import Letter
from app.money import Money
from app.privacy import erasures
from app.reprints import requests
from app.topics.models import Proposal
from tasks.accounts import forget
from tests.builders import AUGUST, a_pledge, a_reader, a_staff_member
from tests.giving.gifts import a_gift_outside

WEEK_LATER = AUGUST + timedelta(days=8)


def _attempt(email: str, *, asked_stripe: bool = False) -> Account:
    """An account that an attempt to give made in August, with the letter that asks for a yes."""
    gift = checkouts.Gift(
        uuid.uuid4(), Money(500, "EUR"), Interval.MONTH, email, "Robot", "en", False, None
    )
    checkout = checkouts.start(gift, now=AUGUST)
    checkouts.ask_by_letter(checkout, now=AUGUST)
    checkout.stripe_session_id = f"cs_{checkout.id}" if asked_stripe else None
    account = db.session.get_one(Account, checkout.account_id)
    account.created_at = AUGUST
    db.session.commit()
    return account


def _everybody() -> list[str]:
    return sorted(db.session.scalars(select(Account.email)))


def test_an_attempt_that_led_to_nothing_goes_with_all_it_wrote(app: Flask) -> None:
    robot = _attempt("robot@example.org")
    sign_ins.ask(robot.email, next_path="", now=AUGUST)
    assert leftovers.forget(now=AUGUST + timedelta(days=6)) == 0
    assert leftovers.forget(now=WEEK_LATER) == 1
    assert leftovers.forget(now=WEEK_LATER) == 0
    for model in (Account, Checkout, Pledge, Letter, SignIn):
        assert db.session.scalars(select(model)).all() == [], model


def test_many_go_in_one_run_however_many_a_transaction_takes(app: Flask) -> None:
    for number in range(2 * leftovers.BATCH + 1):
        db.session.add(Account(email=f"robot{number}@example.org", created_at=AUGUST))
    db.session.commit()
    assert leftovers.forget(now=WEEK_LATER) == 2 * leftovers.BATCH + 1


def test_who_proved_an_address_gave_works_here_or_was_written_about_stays(app: Flask) -> None:
    unproved = [
        a_reader(f"{name}@example.org", confirmed_at=None)
        for name in ("pledged", "gave", "noted", "staff")
    ]
    pledged, gave, noted, staff = unproved
    staff.role = Role.EDITOR
    for account in unproved:
        account.created_at = AUGUST
    a_reader("proved@example.org").created_at = AUGUST
    a_pledge(pledged)
    owner = a_staff_member(email="owner@example.org")
    a_gift_outside(700, account=gave, by=owner.id)
    audit.note(owner.id, "person_seen", "account", noted.id, account_id=noted.id, now=AUGUST)
    db.session.commit()
    before = _everybody()
    assert leftovers.forget(now=WEEK_LATER) == 0
    assert _everybody() == before


def test_a_page_stripe_may_still_tell_of_is_kept_as_long_as_it_can(app: Flask) -> None:
    _attempt("slow@example.org", asked_stripe=True)
    assert leftovers.forget(now=WEEK_LATER) == 0
    assert leftovers.forget(now=AUGUST + timedelta(days=32)) == 1


def test_who_tries_again_within_the_week_is_kept(app: Flask) -> None:
    again = _attempt("again@example.org")
    gift = checkouts.Gift(
        uuid.uuid4(), Money(900, "EUR"), Interval.ONCE, again.email, "Ann", "en", False, None
    )
    checkouts.start(gift, now=AUGUST + timedelta(days=5))
    assert leftovers.forget(now=WEEK_LATER) == 0


def test_the_hourly_job_does_it(app: Flask) -> None:
    _attempt("robot@example.org")
    forget()
    assert _everybody() == []


def test_an_address_left_with_a_letter_or_a_request_keeps_nobody_elses_waiting(app: Flask) -> None:
    """One account that something else is about must not stop the limit for all."""
    for number, keep in enumerate((a_correction, a_request, a_suggestion, an_erasure)):
        account = a_reader(f"kept{number}@example.org", name="", confirmed_at=None)
        account.created_at = AUGUST
        db.session.commit()
        keep(account)
    _attempt("robot@example.org")
    assert leftovers.forget(now=WEEK_LATER) == 1
    assert _everybody() == [f"kept{number}@example.org" for number in range(4)]


def a_correction(account: Account) -> None:
    group = CorrectionGroup(
        article="https://newsroom.example/dam",
        url="https://newsroom.example/dam",
        passage="teh dam",
        locale="en",
        first_at=AUGUST,
        last_at=AUGUST,
    )
    db.session.add(group)
    db.session.flush()
    db.session.add(
        Correction(
            request_key=uuid.uuid4(),
            group_id=group.id,
            account_id=account.id,
            with_address=True,
            passage="teh dam",
            locale="en",
            source="form",
            sent_at=AUGUST,
        )
    )
    db.session.commit()


def a_request(account: Account) -> None:
    asked = requests.Asked(
        "Ann", "Daily", account.email, "daily.example", "/dam", "To print it", "en"
    )
    requests.ask(asked, request_key=uuid.uuid4(), now=AUGUST)


def a_suggestion(account: Account) -> None:
    db.session.add(
        Proposal(
            request_key=uuid.uuid4(),
            account_id=account.id,
            title="Trams",
            why="",
            links=[],
            locale="en",
            named=False,
            trigrams=[],
            state="new",
        )
    )
    db.session.commit()


def an_erasure(account: Account) -> None:
    erasures.ask(account.id, now=AUGUST)
