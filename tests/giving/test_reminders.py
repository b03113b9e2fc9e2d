"""Letters that come before something happens: once each, and not when it will not happen."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.extensions import db
from app.giving import settlement
from app.giving.failing import reminders
from app.giving.models import Pledge
from app.letters import letters
from app.letters.models import Letter
from app.mailer import Draft
from app.payments.facts import Ending, Remedy, Standing
from tests.builders import a_pledge, a_reader
from tests.fakes import FakeMailer
from tests.giving.facts import AUGUST, failed, seen

#: Days in the newsroom's zone, far enough ahead for the clock on the wall.
MARCH = datetime(2090, 3, 20, 9, 0, tzinfo=UTC)
DUE = datetime(2090, 4, 3, 8, 0, tzinfo=UTC)
DAY = timedelta(days=1)


def a_yearly(**over: Any) -> Pledge:
    return a_gift("year", amount_minor=5000, **over)


def a_gift(interval: str = "month", **over: Any) -> Pledge:
    """A pledge whose next payment is on April 3, by a Visa card good to the end of the year."""
    pledge = a_pledge(a_reader(name="Ann Marchenko"), interval=interval)
    values = {
        "next_payment_at": DUE,
        "paid_until": DUE,
        "card_brand": "visa",
        "card_last4": "4242",
        "card_exp_year": 2090,
        "card_exp_month": 12,
    }
    for name, value in (values | over).items():
        setattr(pledge, name, value)
    db.session.commit()
    return pledge


def owed(kind: str) -> list[str]:
    """What the letters of a kind are about, after the pledge's id."""
    found = db.session.scalars(select(Letter.matter).where(Letter.kind == kind))
    return sorted(matter.partition(":")[2] for matter in found)


def sweep(*moments: datetime) -> None:
    for moment in moments:
        reminders.owe_due(now=moment)


def tell(mailer: FakeMailer, kind: str) -> Draft | None:
    before = len(mailer.sent)
    letter = db.session.scalars(select(Letter).where(Letter.kind == kind)).one()
    letters.send(letter.id, mailer, now=MARCH)
    assert letter.due_at is None
    return mailer.sent[-1][1] if len(mailer.sent) > before else None


def test_a_yearly_gift_is_announced_two_weeks_before_and_once(app: Flask) -> None:
    a_yearly()
    a_gift()
    sweep(DUE - 15 * DAY)
    assert owed("renewal_reminder") == []
    sweep(DUE - 14 * DAY, DUE - 14 * DAY, DUE - 13 * DAY, DUE + DAY)
    assert owed("renewal_reminder") == ["2090-04-03"]


def test_the_announcement_says_when_how_much_and_how_to_stop(
    app: Flask, mailer: FakeMailer
) -> None:
    a_yearly()
    sweep(MARCH)
    draft = tell(mailer, "renewal_reminder")
    assert draft is not None
    assert draft.subject == "Your yearly gift of €50 is due on April 3, 2090"
    for twin in (draft.text, draft.html):
        assert "take your yearly gift of €50 from your Visa ···· 4242" in twin
        assert twin.count("/l/") == 2
        assert "http://localhost/pledge" in twin
    assert draft.html.count('role="presentation" class="button"') == 1


def test_a_renewal_that_moves_is_announced_anew(app: Flask) -> None:
    pledge = a_yearly()
    sweep(MARCH)
    pledge.next_payment_at = DUE + 30 * DAY
    db.session.commit()
    sweep(MARCH, MARCH + 30 * DAY)
    assert owed("renewal_reminder") == ["2090-04-03", "2090-05-03"]


@pytest.mark.parametrize(
    "over",
    [
        {"status": "paused"},
        {"ends_at": DUE},
        {"interval": "month"},
        {"next_payment_at": DUE + DAY},
        {"next_payment_at": None},
    ],
)
def test_what_changed_meanwhile_is_not_announced(
    app: Flask, mailer: FakeMailer, over: dict[str, Any]
) -> None:
    pledge = a_yearly()
    sweep(MARCH)
    for name, value in over.items():
        setattr(pledge, name, value)
    db.session.commit()
    assert tell(mailer, "renewal_reminder") is None


def test_a_card_is_told_of_thirty_days_before_its_month_ends_and_seven(app: Flask) -> None:
    a_gift(card_exp_month=3)
    end = datetime(2090, 3, 31, 12, tzinfo=UTC)
    sweep(end - 31 * DAY)
    assert owed("card_expiring") == []
    sweep(end - 30 * DAY, end - 12 * DAY, end - 8 * DAY)
    assert owed("card_expiring") == ["2090-03:30"]
    sweep(end - 7 * DAY, end - DAY, end, end + DAY)
    assert owed("card_expiring") == ["2090-03:30", "2090-03:7"]


def test_the_early_letter_about_a_card_never_follows_the_late_one(app: Flask) -> None:
    a_gift(card_exp_month=3)
    sweep(datetime(2090, 3, 26, tzinfo=UTC))
    assert owed("card_expiring") == ["2090-03:7"]


def test_february_ends_early_for_cards_as_well(app: Flask) -> None:
    a_gift(card_exp_month=2, next_payment_at=datetime(2090, 3, 3, tzinfo=UTC))
    sweep(datetime(2090, 1, 28, 12, tzinfo=UTC))
    assert owed("card_expiring") == []
    sweep(datetime(2090, 1, 29, 12, tzinfo=UTC))
    assert owed("card_expiring") == ["2090-02:30"]


@pytest.mark.parametrize(
    "over",
    [
        {"status": "past_due"},
        {"status": "paused"},
        {"ends_at": DUE},
        # The next gift is still taken from it.
        {"next_payment_at": datetime(2090, 3, 31, 20, 0, tzinfo=UTC)},
        {"card_exp_month": 4},
        {"card_exp_year": None, "card_exp_month": None},
    ],
)
def test_a_card_that_will_not_be_missed_is_not_told_of(app: Flask, over: dict[str, Any]) -> None:
    a_gift(**{"card_exp_month": 3, **over})
    sweep(MARCH)
    assert owed("card_expiring") == []


def test_the_letter_about_a_card_asks_for_the_new_one(app: Flask, mailer: FakeMailer) -> None:
    a_gift(card_exp_month=3)
    sweep(MARCH)
    draft = tell(mailer, "card_expiring")
    assert draft is not None
    assert draft.subject == "Your card expires on March 31, 2090"
    for twin in (draft.text, draft.html):
        assert "Your Visa ···· 4242 is good until March 31, 2090" in twin
        assert "Your next gift of €5 is due on April 3, 2090" in twin
        assert twin.count("/l/") == 1


def test_a_card_that_the_network_replaced_is_not_told_of(app: Flask, mailer: FakeMailer) -> None:
    pledge = a_gift(card_exp_month=3)
    sweep(MARCH)
    pledge.card_exp_year, pledge.card_last4 = 2094, "4444"
    db.session.commit()
    assert tell(mailer, "card_expiring") is None


def test_a_paused_patron_is_told_a_week_before_money_is_taken_again(
    app: Flask, mailer: FakeMailer
) -> None:
    a_gift(status="paused", resumes_at=DUE - DAY / 2)
    sweep(DUE - 8 * DAY)
    assert owed("pause_ending") == []
    sweep(DUE - 7 * DAY, DUE - 6 * DAY, DUE + DAY)
    assert owed("pause_ending") == ["2090-04-03"]
    draft = tell(mailer, "pause_ending")
    assert draft is not None
    assert draft.subject == "Your pause ends on April 3, 2090"
    for twin in (draft.text, draft.html):
        assert "On April 3, 2090 we will take €5, and the same each month" in twin
        assert twin.count("/l/") == 2


def test_a_pause_without_an_end_is_told_of_by_nobody(app: Flask) -> None:
    a_gift(status="paused", resumes_at=None, next_payment_at=None)
    sweep(MARCH)
    assert owed("pause_ending") == []


def test_who_resumed_early_is_not_told_that_the_pause_ends(app: Flask, mailer: FakeMailer) -> None:
    pledge = a_gift(status="paused", resumes_at=DUE)
    sweep(DUE - 7 * DAY)
    pledge.status, pledge.resumes_at = "active", None
    db.session.commit()
    assert tell(mailer, "pause_ending") is None


@pytest.mark.parametrize(
    ("remedy", "reminded"),
    [
        (Remedy.APPROVE, ["1", "1:waiting"]),
        (Remedy.ASK_BANK, ["1", "1:waiting"]),
        (Remedy.WAIT, ["1"]),
    ],
)
def test_a_payment_that_is_not_tried_again_is_reminded_of_once(
    app: Flask, mailer: FakeMailer, remedy: Remedy, reminded: list[str]
) -> None:
    pledge = a_gift(status="past_due", past_due_since=AUGUST)
    fact = failed(pledge, remedy=remedy)
    assert fact.next_attempt_at is not None
    settlement.apply([fact], now=fact.failed_at)
    db.session.commit()
    sweep(fact.next_attempt_at)
    assert owed("payment_failed") == ["1"]
    sweep(fact.next_attempt_at + 2 * DAY, fact.next_attempt_at + 3 * DAY)
    assert owed("payment_failed") == reminded


def test_the_reminder_says_what_the_payment_waits_for(app: Flask, mailer: FakeMailer) -> None:
    pledge = a_gift(status="past_due", past_due_since=AUGUST)
    settlement.apply([failed(pledge, remedy=Remedy.APPROVE)], now=AUGUST)
    db.session.query(Letter).delete()
    sweep(MARCH)
    draft = tell(mailer, "payment_failed")
    assert draft is not None
    assert draft.subject == "Your €5 gift still waits for your approval"
    assert "https://pay.test/i/" in draft.text
    assert "It is not tried again by itself" in draft.html


@pytest.mark.parametrize(
    ("moment", "year"),
    [
        # Kyiv is two hours ahead in winter.
        (datetime(2026, 12, 31, 23, 0, tzinfo=UTC), None),
        (datetime(2027, 1, 1, 21, 0, tzinfo=UTC), None),
        (datetime(2027, 1, 1, 22, 0, tzinfo=UTC), 2026),
        (datetime(2027, 1, 31, 21, 0, tzinfo=UTC), 2026),
        (datetime(2027, 1, 31, 22, 0, tzinfo=UTC), None),
    ],
)
def test_a_year_is_stated_in_january_from_the_second(
    app: Flask, moment: datetime, year: int | None
) -> None:
    assert reminders.year_to_state(moment) == year


def test_an_end_whose_letter_was_lost_is_found_by_the_sweep(app: Flask) -> None:
    pledge = a_gift()
    at = AUGUST + 9 * DAY
    settlement.apply(
        [seen(pledge, Standing.ENDED, ending=Ending.UNPAID, ended_at=at, seen_at=at)], now=at
    )
    db.session.query(Letter).delete()
    db.session.commit()
    sweep(at + DAY, at + DAY)
    assert owed("payment_failed") == ["end"]


def test_a_sweep_owes_no_more_than_its_share_and_the_next_one_goes_on(app: Flask) -> None:
    for _ in range(3):
        a_yearly()
    reminders.owe_due(now=MARCH, most=2)
    assert len(owed("renewal_reminder")) == 2
    reminders.owe_due(now=MARCH, most=2)
    assert len(owed("renewal_reminder")) == 3
