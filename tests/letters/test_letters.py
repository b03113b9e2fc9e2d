"""Letters are owed once, sent until they have gone, and noted only then."""

import io
from datetime import timedelta

import pytest
from flask import Flask
from pypdf import PdfReader
from sqlalchemy import select

from app.extensions import db
from app.giving import settlement
from app.giving.models import Pledge
from app.letters import letters
from app.letters.models import Letter
from app.mailer import Draft, NotSent, Refused
from app.owed import LONGEST_WAIT, MAX_ATTEMPTS, claim
from tests.builders import a_pledge, a_reader
from tests.fakes import FakeMailer
from tests.giving.facts import AUGUST, MONTH, paid

NOW = AUGUST + timedelta(minutes=5)
LEASE = timedelta(minutes=1)


def a_gift(locale: str = "en", name: str = "Ann Olena") -> Pledge:
    account = a_reader(f"{locale}@example.org", name=name, locale=locale)
    pledge = Pledge(
        account_id=account.id, interval="month", amount_minor=500, currency="EUR", created_at=NOW
    )
    db.session.add(pledge)
    db.session.commit()
    settlement.apply([paid(pledge)], now=NOW)
    db.session.commit()
    return pledge


def the_letter(kind: str = "receipt") -> Letter:
    return db.session.scalars(select(Letter).where(Letter.kind == kind)).one()


def sent(mailer: FakeMailer) -> Draft:
    letters.send(the_letter().id, mailer, now=NOW)
    return mailer.sent[-1][1]


def pdf_text(draft: Draft) -> str:
    (attachment,) = draft.attachments
    pages = PdfReader(io.BytesIO(attachment.content)).pages
    return "\n".join(page.extract_text() for page in pages)


def test_a_receipt_says_the_matter_in_its_subject_and_carries_a_pdf(
    app: Flask, mailer: FakeMailer
) -> None:
    a_gift()
    draft = sent(mailer)
    assert draft.subject == "Your €5 gift for August 2026: receipt 2026-000001"
    assert draft.to == "en@example.org"
    for twin in (draft.text, draft.html):
        assert "2026-000001" in twin
        assert "August 14, 2026" in twin
        assert "http://localhost/pledge" in twin
    assert draft.attachments[0].filename == "receipt-2026-000001.pdf"
    text = pdf_text(draft)
    assert "Receipt 2026-000001" in text
    assert "Ann Olena" in text
    assert "Visa ···· 4242" in text
    assert "Vilnyi Holos Media NGO" in text


def test_a_receipt_is_written_and_set_in_ukrainian(app: Flask, mailer: FakeMailer) -> None:
    a_gift("uk", "Їжакевич Ґалина")
    draft = sent(mailer)
    assert draft.subject == "Ваш внесок 5 € за серпень 2026 р.: квитанція 2026-000001"
    text = pdf_text(draft)
    assert "Їжакевич Ґалина" in text
    assert "14 серпня 2026" in text
    assert "Квитанція 2026-000001" in text


@pytest.mark.parametrize(("locale", "greeting"), [("en", "Hello,"), ("uk", "Добрий день.")])
def test_whose_name_is_not_known_is_greeted_without_one(
    app: Flask, locale: str, greeting: str
) -> None:
    draft = letters.draft("staff_invitation", to="a@example.org", locale=locale, name="")
    assert f"\n{greeting}\n" in draft.text
    assert f">{greeting}<" in draft.html


def test_the_same_receipt_is_the_same_bytes(app: Flask, mailer: FakeMailer) -> None:
    a_gift()
    first = sent(mailer).attachments
    letter = the_letter()
    letter.sent_at = None
    db.session.commit()
    assert sent(mailer).attachments == first


def test_a_letter_that_has_gone_is_not_sent_again(app: Flask, mailer: FakeMailer) -> None:
    a_gift()
    for _ in range(3):
        letters.send(the_letter().id, mailer, now=NOW)
    assert len(mailer.sent) == 1
    assert (the_letter().sent_at, the_letter().due_at) == (NOW, None)


def test_a_letter_a_server_did_not_take_stays_owed_under_the_same_id(
    app: Flask, mailer: FakeMailer
) -> None:
    a_gift()
    mailer.refuses = NotSent("SMTP 451")
    letters.send(the_letter().id, mailer, now=NOW)
    assert (the_letter().sent_at, the_letter().error) == (None, "SMTP 451")
    mailer.refuses = None
    letters.send(the_letter().id, mailer, now=NOW)
    assert mailer.sent[0][0] == str(the_letter().id)
    assert the_letter().error is None


def test_a_letter_goes_out_however_long_the_mail_server_was_away(
    app: Flask, mailer: FakeMailer
) -> None:
    a_gift()
    mailer.refuses, at = NotSent("ConnectionRefusedError"), NOW
    for _ in range(MAX_ATTEMPTS + 3):
        assert claim(Letter, now=at, lease=LEASE, limit=5) == [the_letter().id]
        letters.send(the_letter().id, mailer, now=at)
        at += LEASE * LONGEST_WAIT
    mailer.refuses = None
    assert claim(Letter, now=at, lease=LEASE, limit=5) == [the_letter().id]
    letters.send(the_letter().id, mailer, now=at)
    assert the_letter().sent_at == at


def test_an_address_refused_for_good_waits_for_a_person(app: Flask, mailer: FakeMailer) -> None:
    a_gift()
    mailer.refuses = Refused("SMTP 550")
    letters.send(the_letter().id, mailer, now=NOW)
    assert claim(Letter, now=NOW + MONTH, lease=LEASE, limit=5) == []
    assert db.session.scalars(select(Letter).where(Letter.given_up())).one() == the_letter()
    the_letter().ask_again(NOW)
    db.session.commit()
    assert claim(Letter, now=NOW, lease=LEASE, limit=5) == [the_letter().id]


def test_the_same_matter_is_written_about_once(app: Flask) -> None:
    reader = a_reader()
    for _ in range(2):
        letters.owe("receipt", 7, reader.id, now=NOW)
        db.session.commit()
    assert the_letter().matter == "7"


def test_a_claimed_row_is_left_alone_until_its_lease_runs_out_and_then_longer(app: Flask) -> None:
    letters.owe("receipt", 7, a_reader().id, now=NOW)
    db.session.commit()
    moment, waits = NOW, []
    for _ in range(4):
        assert len(claim(Letter, now=moment, lease=LEASE, limit=5)) == 1
        assert claim(Letter, now=moment, lease=LEASE, limit=5) == []
        db.session.expire_all()
        due_at = the_letter().due_at
        assert due_at is not None
        waits.append((due_at - moment) / LEASE)
        moment = due_at
    assert waits == [1, 2, 4, 8]


def test_a_row_tried_too_often_waits_for_a_person(app: Flask) -> None:
    letters.owe("receipt", 7, a_reader().id, now=NOW)
    the_letter().attempts = MAX_ATTEMPTS
    db.session.commit()
    assert claim(Letter, now=NOW + MONTH, lease=LEASE, limit=5) == []


def test_letters_that_somebody_waits_for_go_first(app: Flask) -> None:
    reader = a_reader()
    letters.owe("receipt", 1, reader.id, now=NOW - timedelta(hours=1))
    letters.owe("sign_in", 2, reader.id, now=NOW, urgency=letters.AT_ONCE)
    db.session.commit()
    (first,) = claim(Letter, now=NOW, lease=LEASE, limit=1, first=(Letter.urgency,))
    assert db.session.get_one(Letter, first).kind == "sign_in"


@pytest.mark.parametrize("locale", ["en", "uk"])
def test_who_has_two_pledges_is_told_of_both(app: Flask, mailer: FakeMailer, locale: str) -> None:
    account = a_reader(locale=locale)
    a_pledge(account, amount_minor=500)
    a_pledge(account, amount_minor=5000, interval="year")
    letters.owe("second_pledge", "x", account.id, now=NOW)
    db.session.commit()
    letters.send(the_letter("second_pledge").id, mailer, now=NOW)
    draft = mailer.sent[0][1]
    for twin in (draft.text, draft.html):
        assert "50" in twin
        assert "http://localhost/pledge" in twin


def test_nobody_is_told_of_two_pledges_when_one_has_ended_meanwhile(
    app: Flask, mailer: FakeMailer
) -> None:
    account = a_reader()
    a_pledge(account)
    letters.owe("second_pledge", "x", account.id, now=NOW)
    db.session.commit()
    letters.send(the_letter("second_pledge").id, mailer, now=NOW)
    assert mailer.sent == []
    assert the_letter("second_pledge").due_at is None
