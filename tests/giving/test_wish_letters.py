"""What the letters that confirm wishes say, and when they need not be sent any more."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.accounts.models import Account
from app.extensions import db
from app.giving import pledges, settlement
from app.giving.models import Checkout, Pledge, PledgeChange
from app.letters import letters
from app.letters.models import Letter
from app.mailer import Draft
from app.money import Money
from app.payments.facts import Ending, Standing
from tests.builders import a_pledge, a_reader
from tests.fakes import FakeMailer
from tests.giving.facts import paid, paid_once, seen

NOW = datetime(2090, 8, 20, 9, 0, tzinfo=UTC)
PAID_UNTIL = datetime(2090, 9, 14, 10, 30, tzinfo=UTC)
DECEMBER = datetime(2090, 12, 14, 10, 30, tzinfo=UTC)
LINK = re.compile(r"http://localhost/l/[\w.-]+")


def a_running(**over: Any) -> Pledge:
    given = {"paid_until": PAID_UNTIL} | over
    return a_pledge(a_reader("olena@example.org", name="Olena Marchenko"), **given)


def stripe_says(pledge: Pledge, at: datetime = NOW, **over: Any) -> None:
    """Apply what Stripe says of a pledge, as its event or our own question would."""
    pledges.apply(seen(pledge, **({"seen_at": at, "next_payment_at": PAID_UNTIL} | over)), now=at)
    db.session.commit()


def sent(mailer: FakeMailer, kind: str) -> Draft | None:
    """Send the newest letter of a kind; None where it need not be sent any more."""
    before = len(mailer.sent)
    found = db.session.scalars(
        select(Letter).where(Letter.kind == kind).order_by(Letter.created_at.desc())
    ).first()
    assert found is not None, f"no letter {kind} is owed"
    letters.send(found.id, mailer, now=NOW)
    return mailer.sent[-1][1] if len(mailer.sent) > before else None


def both(draft: Draft | None) -> tuple[str, str]:
    """The words of both twins of a letter, with single blanks."""
    assert draft is not None
    html = re.sub(r"<style>.*?</style>|<[^>]+>", " ", draft.html, flags=re.DOTALL)
    return " ".join(draft.text.split()), " ".join(html.split())


def test_a_change_is_confirmed_with_both_terms_and_the_day(app: Flask, mailer: FakeMailer) -> None:
    pledge = a_running()
    stripe_says(pledge, amount=Money(1000, "EUR"))
    draft = sent(mailer, "pledge_changed")
    assert draft is not None
    assert draft.subject == "You give €10 a month from now on"
    for words in both(draft):
        for said in ("€5 a month", "€10 a month", "September 14, 2090", "Dear Olena Marchenko"):
            assert said in words


def test_each_change_has_one_letter_that_tells_of_that_change(
    app: Flask, mailer: FakeMailer
) -> None:
    pledge = a_running()
    stripe_says(pledge, amount=Money(1000, "EUR"))
    stripe_says(pledge, amount=Money(1000, "EUR"))
    stripe_says(pledge, NOW + timedelta(hours=1), amount=Money(5000, "EUR"), interval="year")
    matters = db.session.scalars(select(Letter.matter).where(Letter.kind == "pledge_changed")).all()
    assert sorted(matter.rpartition(":")[2] for matter in matters) == [
        "m=1000>y=5000",
        "m=500>m=1000",
    ]
    assert "€50 a year" in both(sent(mailer, "pledge_changed"))[0]


def test_a_pause_is_confirmed_with_its_end_and_the_vote(app: Flask, mailer: FakeMailer) -> None:
    pledge = a_running()
    paused: dict[str, Any] = {
        "standing": Standing.PAUSED,
        "resumes_at": DECEMBER,
        "next_payment_at": DECEMBER,
    }
    stripe_says(pledge, **paused)
    stripe_says(pledge, NOW + timedelta(hours=1), **paused)
    assert len(db.session.scalars(select(Letter)).all()) == 1
    draft = sent(mailer, "pledge_paused")
    assert draft is not None
    assert draft.subject == "Your pledge is paused until December 14, 2090"
    for words in both(draft):
        assert "Your next gift, €5, is taken on December 14, 2090." in words
        assert "You keep your vote until September 14, 2090" in words


def test_a_pause_that_is_over_is_not_told_of_and_its_end_is(app: Flask, mailer: FakeMailer) -> None:
    pledge = a_running()
    stripe_says(pledge, standing=Standing.PAUSED, resumes_at=DECEMBER, next_payment_at=DECEMBER)
    stripe_says(pledge, NOW + timedelta(hours=1))
    assert sent(mailer, "pledge_paused") is None
    for words in both(sent(mailer, "pledge_resumed")):
        assert "Your next gift, €5, is taken on September 14, 2090." in words


def test_who_stays_is_told_that_it_goes_on(app: Flask, mailer: FakeMailer) -> None:
    pledge = a_running()
    stripe_says(pledge, ends_at=PAID_UNTIL)
    stripe_says(pledge, NOW + timedelta(hours=1))
    assert sent(mailer, "pledge_ending") is None
    for words in both(sent(mailer, "pledge_staying")):
        assert "Your pledge of €5 a month no longer ends" in words


def a_wish_to_leave(pledge: Pledge, reason: str | None, via: str = "page") -> None:
    db.session.add(
        PledgeChange(
            pledge_id=pledge.id,
            kind="leave_now",
            via=via,
            asked_at=NOW,
            amount_before=500,
            interval_before="month",
            reason=reason,
        )
    )
    db.session.commit()


@pytest.mark.parametrize(
    ("reason", "via", "said", "comes_back"),
    [
        (None, "page", "Your pledge has ended", True),
        ("meant_once", "letter", "Your gift stands, your receipt is valid", False),
        (None, "rule", "because your bank sent a payment back", True),
    ],
)
def test_an_end_at_once_is_confirmed_in_the_words_of_its_reason(
    app: Flask, mailer: FakeMailer, reason: str | None, via: str, said: str, comes_back: bool
) -> None:
    pledge = a_running()
    a_wish_to_leave(pledge, reason, via)
    stripe_says(pledge, standing=Standing.ENDED, ended_at=NOW, ending=Ending.BY_WISH)
    draft = sent(mailer, "pledge_ending")
    assert draft is not None
    assert draft.subject == "Your pledge ended on August 20, 2090"
    for words in both(draft):
        assert said in words
        assert ("Come back with €5 a month" in words) == comes_back
    assert bool(LINK.search(draft.text)) == comes_back
    assert set(LINK.findall(draft.text)) == set(LINK.findall(draft.html))


def test_the_way_back_is_offered_in_the_readers_language(app: Flask, mailer: FakeMailer) -> None:
    pledge = a_running()
    db.session.get_one(Account, pledge.account_id).locale = "uk"
    a_wish_to_leave(pledge, None)
    stripe_says(pledge, standing=Standing.ENDED, ended_at=NOW, ending=Ending.BY_WISH)
    for words in both(sent(mailer, "pledge_ending")):
        assert "Повернутися з внеском 5 € на місяць" in words


def test_an_end_for_want_of_payment_is_no_leaving(app: Flask) -> None:
    pledge = a_running()
    stripe_says(pledge, standing=Standing.ENDED, ended_at=NOW, ending=Ending.UNPAID)
    assert db.session.scalars(select(Letter)).all() == []


def test_what_is_set_before_the_first_money_is_no_change(app: Flask) -> None:
    pledge = a_running(started_at=None, status="pending")
    stripe_says(pledge, amount=Money(1000, "EUR"))
    assert db.session.scalars(select(Letter)).all() == []


def links_of(draft: Draft | None) -> set[str]:
    assert draft is not None
    found = set(LINK.findall(draft.text))
    assert found == set(LINK.findall(draft.html)), "both twins have the same links"
    return found


def receive(mailer: FakeMailer, pledge: Pledge, number: int) -> Draft | None:
    settlement.apply([paid(pledge, number)], now=NOW + timedelta(days=number))
    db.session.commit()
    return sent(mailer, "receipt")


def test_only_the_first_receipt_of_a_pledge_mends_a_gift_that_was_meant_once(
    app: Flask, mailer: FakeMailer
) -> None:
    pledge = a_running()
    first, second = receive(mailer, pledge, 1), receive(mailer, pledge, 2)
    assert "Did you mean to give only once?" in both(first)[0]
    assert "Did you mean to give only once?" not in both(second)[0]
    assert (len(links_of(first)), len(links_of(second))) == (5, 4)


def test_a_yearly_receipt_skips_no_month_and_an_ended_pledge_has_no_links(
    app: Flask, mailer: FakeMailer
) -> None:
    pledge = a_running(interval="year")
    assert "skip one month" not in both(receive(mailer, pledge, 1))[0]
    pledge.status = "ended"
    db.session.commit()
    assert links_of(receive(mailer, pledge, 2)) == set()


def a_gift_once(account: Account) -> Checkout:
    checkout = Checkout(
        account_id=account.id,
        interval="once",
        amount_minor=2500,
        currency="EUR",
        locale="en",
        created_at=NOW,
    )
    db.session.add(checkout)
    db.session.commit()
    return checkout


def test_who_gives_once_is_asked_about_monthly_with_the_first_gift_only(
    app: Flask, mailer: FakeMailer
) -> None:
    account = a_reader()
    asked = []
    for number in (1, 2):
        later = NOW + timedelta(days=number)
        settlement.apply([paid_once(a_gift_once(account))], now=later)
        db.session.commit()
        asked.append("Give monthly" in both(sent(mailer, "receipt"))[1])
    assert asked == [True, False]


def test_a_patron_who_gives_once_beside_is_not_asked(app: Flask, mailer: FakeMailer) -> None:
    pledge = a_running()
    account = db.session.get_one(Account, pledge.account_id)
    settlement.apply([paid_once(a_gift_once(account))], now=NOW)
    db.session.commit()
    assert "Give monthly" not in both(sent(mailer, "receipt"))[0]
