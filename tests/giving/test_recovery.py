"""What staff see of the gifts that are past due."""

from datetime import timedelta

from flask import Flask
from sqlalchemy import select

from app.extensions import db
from app.giving import pledges, settlement
from app.giving.failing import recovery
from app.giving.models import Pledge
from app.letters import letters
from app.letters.models import Letter
from app.money import Money
from app.payments.facts import Remedy, Standing
from tests.builders import a_pledge, a_reader
from tests.fakes import FakeMailer
from tests.giving.facts import AUGUST, MONTH, failed, paid, seen

DUE = AUGUST + MONTH
NOW = DUE + timedelta(days=4)


def a_pledge_past_due(email: str, since: timedelta = timedelta()) -> Pledge:
    pledge = a_pledge(
        a_reader(email, name="Ann Marchenko"),
        status="pending",
        started_at=None,
        paid_until=AUGUST,
    )
    settlement.apply([paid(pledge, paid_until=DUE - since)], now=AUGUST)
    settlement.apply([seen(pledge, Standing.PAST_DUE, seen_at=DUE)], now=DUE)
    db.session.commit()
    return pledge


def test_the_list_tells_what_failed_why_and_what_is_done_about_it(
    app: Flask, mailer: FakeMailer
) -> None:
    pledge = a_pledge_past_due("ann@example.org")
    for attempt in (1, 2):
        fact = failed(pledge, attempt, remedy=Remedy.ASK_BANK, amount=Money(700, "EUR"))
        settlement.apply([fact], now=NOW)
        db.session.commit()
        letter = db.session.scalars(select(Letter).where(Letter.matter.endswith(f"2:{attempt}")))
        letters.send(letter.one().id, mailer, now=NOW)
    (row,) = recovery.listed(NOW, limit=10)
    assert (row.name, row.email) == ("Ann Marchenko", "ann@example.org")
    assert (row.amount, row.attempts, row.remedy) == (Money(700, "EUR"), 2, Remedy.ASK_BANK)
    assert row.next_attempt_at == DUE + timedelta(days=6, hours=1)
    assert (row.past_due_since, row.grace_ends_at) == (DUE, DUE + timedelta(days=14))
    assert row.in_grace
    assert row.letters_sent == 2


def test_the_soonest_lost_come_first_and_those_after_grace_may_be_left_out(app: Flask) -> None:
    a_pledge_past_due("late@example.org")
    a_pledge_past_due("early@example.org", timedelta(days=20))
    every = recovery.listed(NOW, limit=10)
    assert [row.email for row in every] == ["early@example.org", "late@example.org"]
    assert [row.in_grace for row in every] == [False, True]
    (kept,) = recovery.listed(NOW, limit=10, after_grace=False)
    assert kept.email == "late@example.org"
    assert (kept.attempts, kept.remedy, kept.letters_sent) == (0, None, 0)


def test_an_invoice_made_good_last_year_is_not_counted(app: Flask) -> None:
    pledge = a_pledge_past_due("ann@example.org")
    old = failed(pledge, 3, invoice_id="in_old", failed_at=AUGUST - timedelta(days=300))
    settlement.apply([old], now=NOW)
    db.session.commit()
    (row,) = recovery.listed(NOW, limit=10)
    assert (row.attempts, row.amount) == (0, pledge.amount)


def test_what_was_made_good_is_not_listed(app: Flask) -> None:
    pledge = a_pledge_past_due("ann@example.org")
    settlement.apply([seen(pledge, seen_at=NOW)], now=NOW)
    db.session.commit()
    assert recovery.listed(NOW, limit=10) == []


def test_grace_after_a_pause_begins_when_the_payment_of_its_end_was_due(app: Flask) -> None:
    pledge = a_pledge(a_reader(), status="pending", started_at=None, paid_until=AUGUST)
    returns_at = DUE + 3 * MONTH
    settlement.apply([paid(pledge, paid_until=DUE)], now=AUGUST)
    resting = seen(pledge, Standing.PAUSED, resumes_at=returns_at, seen_at=AUGUST)
    unpaid = seen(
        pledge,
        Standing.PAST_DUE,
        period_began_at=returns_at,
        seen_at=returns_at + timedelta(hours=2),
    )
    settlement.apply([resting, unpaid], now=returns_at)
    db.session.commit()
    assert pledge.past_due_since == returns_at
    assert pledges.is_patron(pledge.account_id, returns_at + timedelta(days=13))
    assert not pledges.is_patron(pledge.account_id, returns_at + timedelta(days=15))
