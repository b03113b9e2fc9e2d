"""A renewal that failed is entered once, and one letter tells what is true when it is written."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.accounts.models import Account
from app.extensions import db
from app.giving import pledges, settlement
from app.giving.models import FailedPayment, Pledge
from app.letters import letters
from app.letters.models import Letter
from app.mailer import Draft
from app.payments.facts import Ending, Fact, Remedy, Standing
from tests.builders import a_pledge, a_reader
from tests.fakes import FakeMailer
from tests.giving.facts import AUGUST, MONTH, failed, paid, seen

NOW = AUGUST + MONTH + timedelta(hours=2)


def enter(*facts: Fact) -> None:
    settlement.apply(facts, now=NOW)
    db.session.commit()


def a_pledge_past_due() -> Pledge:
    """A monthly pledge whose second month could not be taken."""
    pledge = a_pledge(
        a_reader(name="Ann Marchenko"), status="pending", started_at=None, paid_until=AUGUST
    )
    enter(paid(pledge), past_due(pledge))
    return pledge


def past_due(pledge: Pledge) -> Fact:
    return seen(pledge, Standing.PAST_DUE, seen_at=NOW)


def unpaid(pledge: Pledge) -> Fact:
    at = NOW + timedelta(days=9)
    return seen(pledge, Standing.ENDED, ending=Ending.UNPAID, ended_at=at, seen_at=at)


def owed() -> list[str]:
    """What the letters about failed payments are about."""
    found = db.session.scalars(select(Letter).where(Letter.kind == "payment_failed"))
    return sorted(letter.matter for letter in found)


def tell(mailer: FakeMailer, matter: str) -> Draft | None:
    """Send the letter about a matter; return it, or None where it would be untrue by now."""
    before = len(mailer.sent)
    letter = db.session.scalars(select(Letter).where(Letter.matter == matter)).one()
    letters.send(letter.id, mailer, now=NOW)
    assert letter.due_at is None
    return mailer.sent[-1][1] if len(mailer.sent) > before else None


def invoice(pledge: Pledge) -> str:
    return f"in_{pledge.id.hex[:8]}_2"


def test_an_attempt_is_entered_once_and_owes_one_letter_however_often_it_is_told(
    app: Flask,
) -> None:
    pledge = a_pledge_past_due()
    for _ in range(3):
        enter(failed(pledge), failed(pledge, 2))
    assert db.session.scalar(select(func.count()).select_from(FailedPayment)) == 2
    assert owed() == [f"{invoice(pledge)}:1", f"{invoice(pledge)}:2"]


def test_an_attempt_of_a_pledge_nobody_knows_is_not_entered(app: Flask) -> None:
    pledge = a_pledge(a_reader())
    fact = failed(pledge)
    db.session.delete(pledge)
    db.session.commit()
    with pytest.raises(pledges.UnknownPledge):
        enter(fact)


@pytest.mark.parametrize(
    ("remedy", "said", "button"),
    [
        (Remedy.WAIT, "need not do anything", "Use another card"),
        (Remedy.NEW_CARD, "This card can no longer be charged.", "Use another card"),
        (Remedy.ASK_BANK, "Your bank refused and did not tell us why.", "Use another card"),
        (Remedy.APPROVE, "Your bank wants you to approve", "Approve the payment"),
    ],
)
def test_the_letter_says_in_plain_words_what_helps_and_what_is_at_stake(
    app: Flask, mailer: FakeMailer, remedy: Remedy, said: str, button: str
) -> None:
    pledge = a_pledge_past_due()
    # The moment until which the vote is kept has to lie ahead of the clock on the wall.
    pledge.past_due_since = AUGUST.replace(year=2090)
    db.session.commit()
    enter(failed(pledge, remedy=remedy, decline_code="stolen_card"))
    draft = tell(mailer, f"{invoice(pledge)}:1")
    assert draft is not None
    for twin in (draft.text, draft.html):
        assert "On September 14, 2026 we tried to take your monthly gift of €5" in twin
        assert said in twin
        assert "You keep your vote until August 28, 2090" in twin
        assert "on September 17, 2026" in twin
        assert button in twin
        assert "stolen" not in twin
    page = f"https://pay.test/i/{invoice(pledge)}"
    assert (page in draft.text) == (page in draft.html) == (remedy is Remedy.APPROVE)
    assert ("/l/" in draft.text) == ("/l/" in draft.html) == (remedy is not Remedy.APPROVE)


def test_the_subject_says_how_far_the_attempts_have_come(app: Flask, mailer: FakeMailer) -> None:
    pledge = a_pledge_past_due()
    subjects = []
    for attempt in (1, 2, 3):
        enter(failed(pledge, attempt))
        draft = tell(mailer, f"{invoice(pledge)}:{attempt}")
        assert draft is not None
        subjects.append(draft.subject)
    assert subjects == [
        "Your €5 gift did not go through",
        "Your €5 gift has still not gone through",
        "Your €5 gift: the last attempt is on September 23, 2026",
    ]


def test_after_grace_the_letter_says_that_the_vote_rests(app: Flask, mailer: FakeMailer) -> None:
    pledge = a_pledge_past_due()
    assert not pledges.is_patron(pledge.account_id, NOW + timedelta(days=15))
    enter(failed(pledge, 2))
    draft = tell(mailer, f"{invoice(pledge)}:2")
    assert draft is not None
    assert "Your vote rests for now." in draft.text


def test_who_has_another_pledge_is_told_nothing_of_the_vote(app: Flask, mailer: FakeMailer) -> None:
    pledge = a_pledge_past_due()
    a_pledge(db.session.get_one(Account, pledge.account_id), interval="year")
    enter(failed(pledge))
    draft = tell(mailer, f"{invoice(pledge)}:1")
    assert draft is not None
    assert "vote" not in draft.text


def test_no_letter_goes_when_the_gift_was_paid_meanwhile(app: Flask, mailer: FakeMailer) -> None:
    pledge = a_pledge_past_due()
    enter(failed(pledge), paid(pledge, 2))
    assert tell(mailer, f"{invoice(pledge)}:1") is None


def test_only_the_newest_attempt_is_told_of(app: Flask, mailer: FakeMailer) -> None:
    pledge = a_pledge_past_due()
    enter(failed(pledge, next_attempt_at=None), failed(pledge, 2))
    assert tell(mailer, f"{invoice(pledge)}:1") is None
    assert tell(mailer, f"{invoice(pledge)}:2") is not None


def test_who_left_meanwhile_is_asked_for_nothing(app: Flask, mailer: FakeMailer) -> None:
    pledge = a_pledge_past_due()
    enter(failed(pledge))
    at = NOW + timedelta(hours=1)
    enter(seen(pledge, Standing.ENDED, ending=Ending.BY_WISH, ended_at=at, seen_at=at))
    assert tell(mailer, f"{invoice(pledge)}:1") is None
    assert owed() == [f"{invoice(pledge)}:1"]


def test_a_checkout_that_was_never_paid_owes_no_letter_about_its_end(app: Flask) -> None:
    pledge = a_pledge(a_reader(), status="pending", started_at=None)
    enter(unpaid(pledge))
    assert pledge.status == "lapsed"
    assert owed() == []


@pytest.mark.parametrize("ended_first", [True, False])
def test_the_last_attempt_tells_of_the_end_and_of_the_way_back_once(
    app: Flask, mailer: FakeMailer, ended_first: bool
) -> None:
    pledge = a_pledge_past_due()
    last = failed(pledge, 4, next_attempt_at=None)
    enter(*([unpaid(pledge), last] if ended_first else [last, unpaid(pledge)]))
    told = [tell(mailer, f"{invoice(pledge)}:4"), tell(mailer, f"{pledge.id}:end")]
    (draft,) = [one for one in told if one is not None]
    assert draft.subject == "Your pledge has ended: we could not take €5"
    for twin in (draft.text, draft.html):
        assert "Come back with €5 a month" in twin
        assert "/l/" in twin
        assert "Your pledge ended on" in twin
    kinds = set(db.session.scalars(select(Letter.kind)))
    assert "pledge_ending" not in kinds


def test_an_end_without_a_last_attempt_is_told_as_well(app: Flask, mailer: FakeMailer) -> None:
    """Stripe does not try a card again that was reported lost; the pledge ends all the same."""
    pledge = a_pledge_past_due()
    enter(failed(pledge, remedy=Remedy.NEW_CARD))
    assert tell(mailer, f"{invoice(pledge)}:1") is not None
    enter(unpaid(pledge))
    draft = tell(mailer, f"{pledge.id}:end")
    assert draft is not None
    assert draft.subject == "Your pledge has ended: we could not take €5"


def test_an_attempt_made_good_last_month_does_not_tell_of_this_months_end(
    app: Flask, mailer: FakeMailer
) -> None:
    pledge = a_pledge_past_due()
    enter(failed(pledge, next_attempt_at=None), paid(pledge, 2), unpaid(pledge))
    assert tell(mailer, f"{invoice(pledge)}:1") is None
    assert tell(mailer, f"{pledge.id}:end") is not None


def test_the_end_is_not_told_again_by_an_attempt_that_is_heard_of_late(
    app: Flask, mailer: FakeMailer
) -> None:
    pledge = a_pledge_past_due()
    enter(unpaid(pledge))
    assert tell(mailer, f"{pledge.id}:end") is not None
    enter(failed(pledge, 4, next_attempt_at=None))
    assert tell(mailer, f"{invoice(pledge)}:4") is None


def test_who_pays_after_grace_is_a_patron_again(app: Flask) -> None:
    pledge = a_pledge_past_due()
    late = NOW + timedelta(days=20)
    assert not pledges.is_patron(pledge.account_id, late)
    enter(paid(pledge, 2, received_at=late), seen(pledge, seen_at=late))
    assert pledges.is_patron(pledge.account_id, late)
    assert pledge.past_due_since is None
