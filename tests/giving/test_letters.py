"""What the letters of the giving room say, to whom, and when they need not be sent any more."""

import io
import uuid
from datetime import timedelta

import pytest
from flask import Flask
from pypdf import PdfReader
from sqlalchemy import select

from app.accounts.models import Account
from app.extensions import db
from app.giving import settlement
from app.giving.models import Checkout, Donation, Pledge
from app.letters import letters
from app.letters.models import Letter
from app.mailer import Draft
from app.payments.facts import Ending, Fact, Standing
from tests.builders import a_pledge, a_reader
from tests.fakes import FakeMailer
from tests.giving.facts import AUGUST, MONTH, page, paid, paid_once, seen

NOW = AUGUST + timedelta(minutes=5)


def enter(*facts: Fact) -> None:
    settlement.apply(facts, now=NOW)
    db.session.commit()


def a_pending_pledge(account: Account, interval: str = "month", minor: int = 500) -> Pledge:
    return a_pledge(
        account, interval=interval, amount_minor=minor, status="pending", started_at=None
    )


def a_gift_once(account: Account) -> Checkout:
    checkout = Checkout(
        id=uuid.uuid4(),
        account_id=account.id,
        interval="once",
        amount_minor=2500,
        currency="USD",
        locale="en",
        created_at=NOW,
    )
    db.session.add(checkout)
    db.session.commit()
    return checkout


def sent(mailer: FakeMailer, kind: str) -> Draft | None:
    """Send the newest letter of a kind; return it, or None where it need not be sent any more."""
    before = len(mailer.sent)
    found = db.session.scalars(
        select(Letter).where(Letter.kind == kind).order_by(Letter.created_at.desc())
    ).first()
    assert found is not None, f"no letter {kind} is owed"
    letters.send(found.id, mailer, now=NOW)
    assert found.due_at is None
    return mailer.sent[-1][1] if len(mailer.sent) > before else None


def words_of(draft: Draft) -> str:
    """Return the words of a letter's PDF."""
    (attachment,) = draft.attachments
    return "\n".join(p.extract_text() for p in PdfReader(io.BytesIO(attachment.content)).pages)


@pytest.mark.parametrize(
    ("interval", "promise", "subject"),
    [
        ("month", "You give €5 each month.", "Your €5 gift for August 2026: receipt 2026-000001"),
        ("year", "You give €5 each year.", "Your €5 gift: receipt 2026-000001"),
    ],
)
def test_a_pledges_receipt_says_how_to_leave_and_how_to_vote(
    app: Flask, mailer: FakeMailer, interval: str, promise: str, subject: str
) -> None:
    pledge = a_pending_pledge(a_reader(name="Ann Marchenko"), interval)
    enter(paid(pledge))
    draft = sent(mailer, "receipt")
    assert draft is not None
    assert draft.subject == subject
    assert promise in draft.text
    for address in ("http://localhost/pledge", "http://localhost/vote"):
        assert address in draft.text
        assert address in draft.html
    assert "Recurring gift" in words_of(draft)


def test_the_receipt_of_a_pledge_that_is_being_left_does_not_say_that_it_goes_on(
    app: Flask, mailer: FakeMailer
) -> None:
    pledge = a_pledge(a_reader(name="Ann Marchenko"))
    enter(paid(pledge))
    pledge.ends_at = pledge.paid_until
    db.session.commit()
    draft = sent(mailer, "receipt")
    assert draft is not None
    for said in (draft.text, draft.html):
        assert "each month" not in said
        assert "gave once" not in said
        assert "you vote" in said


def test_the_receipt_of_a_pledge_that_has_ended_promises_no_vote(
    app: Flask, mailer: FakeMailer
) -> None:
    pledge = a_pledge(a_reader(name="Ann Marchenko"))
    enter(paid(pledge), seen(pledge, Standing.ENDED, ended_at=NOW, ending=Ending.BY_WISH))
    draft = sent(mailer, "receipt")
    assert draft is not None
    assert "you vote" not in draft.text + draft.html
    assert "\n\n\n" not in draft.text


def test_the_receipt_of_a_gift_given_once_promises_that_nothing_more_is_taken(
    app: Flask, mailer: FakeMailer
) -> None:
    checkout = a_gift_once(a_reader(name="Ann Marchenko"))
    enter(paid_once(checkout), page(checkout, "paid"))
    draft = sent(mailer, "receipt")
    assert draft is not None
    assert draft.subject == "Your $25 gift: receipt 2026-000001"
    assert "nothing more will be taken from your card" in draft.text
    assert "/pledge" not in draft.text
    assert "Gift given once" in words_of(draft)


def test_a_receipt_names_who_gave_and_when_as_they_were_on_that_day(
    app: Flask, mailer: FakeMailer
) -> None:
    account = a_reader("old@example.org", name="Ann Marchenko")
    enter(paid(a_pending_pledge(account)))
    account.name, account.email = "Ann Koval", "new@example.org"
    db.session.commit()
    draft = sent(mailer, "receipt")
    assert draft is not None
    # The address is the one she reads now; the receipt itself does not change.
    assert draft.to == "new@example.org"
    assert "Ann Marchenko" in words_of(draft)


def test_a_name_is_text_in_every_part_of_a_letter(app: Flask, mailer: FakeMailer) -> None:
    name = '<b>O\'Brien & "Co"</b> #set text(red)'
    enter(paid(a_pending_pledge(a_reader(name=name))))
    draft = sent(mailer, "receipt")
    assert draft is not None
    assert name in draft.text
    assert "<b>O" not in draft.html
    assert "&lt;b&gt;O" in draft.html
    assert name in words_of(draft)


def test_a_second_pledge_is_told_of_with_both(app: Flask, mailer: FakeMailer) -> None:
    account = a_reader()
    first, second = a_pending_pledge(account), a_pending_pledge(account, "year", 7000)
    enter(paid(first))
    enter(paid(second, received_at=AUGUST + timedelta(days=3)))
    draft = sent(mailer, "second_pledge")
    assert draft is not None
    assert draft.to == account.email
    for line in ("€5 a month, since August 14, 2026", "€70 a year, since August 17, 2026"):
        assert line in draft.text
        assert line in draft.html


def test_a_second_pledge_that_has_ended_meanwhile_is_not_told_of(
    app: Flask, mailer: FakeMailer
) -> None:
    account = a_reader()
    first, second = a_pending_pledge(account), a_pending_pledge(account, "year")
    enter(paid(first), paid(second))
    enter(seen(second, Standing.ENDED, ended_at=NOW))
    assert sent(mailer, "second_pledge") is None
    assert mailer.sent == []


def owe_the_end_of(pledge: Pledge) -> None:
    letters.owe("pledge_ending", f"{pledge.id}:2026-09-14", pledge.account_id, now=NOW)
    db.session.commit()


def test_who_leaves_is_told_to_what_day_everything_lasts(app: Flask, mailer: FakeMailer) -> None:
    pledge = a_pending_pledge(a_reader(name="Ann Marchenko"))
    enter(paid(pledge), seen(pledge, ends_at=AUGUST + MONTH))
    owe_the_end_of(pledge)
    draft = sent(mailer, "pledge_ending")
    assert draft is not None
    assert draft.subject == "Your pledge ends on September 14, 2026"
    assert "Nothing more will be taken from your card" in draft.text
    assert "http://localhost/pledge" in draft.text


def test_who_has_decided_to_stay_is_not_told_of_an_end(app: Flask, mailer: FakeMailer) -> None:
    pledge = a_pending_pledge(a_reader())
    enter(paid(pledge), seen(pledge, ends_at=AUGUST + MONTH))
    owe_the_end_of(pledge)
    enter(seen(pledge, seen_at=NOW))
    assert sent(mailer, "pledge_ending") is None


def test_each_donation_is_written_about_once(app: Flask, mailer: FakeMailer) -> None:
    pledge = a_pending_pledge(a_reader())
    enter(paid(pledge), paid(pledge), paid(pledge, 2))
    for letter in db.session.scalars(select(Letter)).all():
        letters.send(letter.id, mailer, now=NOW)
    donations = db.session.scalars(select(Donation)).all()
    assert len(mailer.sent) == len(donations) == 2
    assert len({message_id for message_id, _ in mailer.sent}) == 2
