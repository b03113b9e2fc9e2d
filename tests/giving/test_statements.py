"""A person's gifts of a year on one paper: sums, currencies, and the letter in January."""

import io
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from flask import Flask
from flask.testing import FlaskClient
from pypdf import PdfReader

from app.accounts.models import Account
from app.extensions import db
from app.giving.books import outside, statements, years
from app.giving.books.years import Statement
from app.money import Money
from app.payments.facts import DisputeState
from tests.builders import a_reader, a_staff_member, signed_in
from tests.fakes import FakeMailer
from tests.giving.facts import AUGUST, disputed, refunded
from tests.giving.gifts import NOW, a_gift, a_gift_outside, enter, letters_of, sent

JANUARY = datetime(2027, 1, 2, 8, 0, tzinfo=UTC)
#: Eleven at night in UTC is the next day in Kyiv.
NEW_YEARS_EVE = datetime(2026, 12, 31, 23, 0, tzinfo=UTC)


def words_of(pdf: bytes) -> str:
    """The text of a PDF on one line."""
    return " ".join(" ".join(p.extract_text() for p in PdfReader(io.BytesIO(pdf)).pages).split())


def statement_of(account: Account, currency: str = "EUR", year: int = 2026) -> Statement:
    """A statement as it is written in January."""
    found = years.find(account.id, year, currency, now=JANUARY)
    assert found is not None
    return found


def text_of(account: Account, currency: str = "EUR", locale: str = "en") -> str:
    """What a statement says."""
    return words_of(statements.pdf(statement_of(account, currency), locale))


def test_a_statement_lists_each_gift_and_sums_them(app: Flask) -> None:
    ann = a_reader(name="Ann Marchenko")
    a_gift(2000, account=ann)
    a_gift(550, account=ann)
    text = text_of(ann)
    for part in ("Your gifts in 2026", "Ann Marchenko", "2026-000001", "2026-000002", "€5.50"):
        assert part in text
    assert "In all €25.50 (EUR)" in text
    assert "The year is not over" not in text


def test_what_went_back_is_listed_and_subtracted_from_its_gift(app: Flask) -> None:
    ann = a_reader()
    _first, charge = a_gift(2000, account=ann)
    _second, contested = a_gift(1000, account=ann)
    enter(refunded(charge, 500), disputed(contested))
    text = text_of(ann)
    assert "€5 of €20 refunded on August 17, 2026" in text
    assert "Disputed: €10 returned to the giver on August 17, 2026" in text
    assert "Received €30" in text
    assert "Went back to you −€15" in text
    assert "In all €15 (EUR)" in text


def test_a_refund_of_the_next_year_counts_in_the_year_of_its_gift(app: Flask) -> None:
    ann = a_reader()
    _gift, charge = a_gift(2000, account=ann)
    assert statement_of(ann).kept == Money(2000, "EUR")
    back = refunded(charge)
    late = replace(back.movements[0], happened_at=JANUARY)
    enter(replace(back, movements=(late,)))
    assert statement_of(ann).kept == Money(0, "EUR")
    assert years.available(ann.id) == [(2026, "EUR")]


def test_a_gift_of_which_more_went_back_than_came_counts_for_nothing_and_not_for_less(
    app: Flask,
) -> None:
    ann = a_reader()
    a_gift(2000, account=ann)
    _other, charge = a_gift(1000, account=ann)
    # A bank may contest the whole of a gift of which a part went back before.
    enter(refunded(charge, 400), disputed(charge, DisputeState.LOST))
    statement = statement_of(ann)
    assert (statement.given.minor, statement.returned.minor) == (3000, 1000)
    assert statement.kept.minor == 2000


def test_what_covered_fees_is_shown_and_yen_have_no_decimals(app: Flask) -> None:
    ann = a_reader()
    a_gift(1_234_500, account=ann, currency="JPY", cover_minor=4500)
    text = text_of(ann, "JPY")
    assert "¥1,234,500 (JPY)" in text
    assert "you added ¥4,500 to cover the fees" in text


def test_each_currency_has_a_statement_of_its_own(app: Flask) -> None:
    ann = a_reader()
    a_gift(2000, account=ann)
    a_gift(70_000, account=ann, currency="UAH")
    assert years.available(ann.id) == [(2026, "EUR"), (2026, "UAH")]
    assert "UAH" not in text_of(ann, "EUR")
    assert years.find(ann.id, 2026, "USD", now=JANUARY) is None


def test_the_newsrooms_zone_decides_the_year(app: Flask) -> None:
    ann = a_reader()
    a_gift(2000, account=ann, received_at=NEW_YEARS_EVE)
    assert years.available(ann.id) == [(2027, "EUR")]


def test_a_year_that_is_not_over_says_so(app: Flask) -> None:
    ann = a_reader()
    a_gift(2000, account=ann)
    found = years.find(ann.id, 2026, "EUR", now=AUGUST)
    assert found is not None
    text = words_of(statements.pdf(found, "en"))
    assert "Last day August 14, 2026" in text
    assert "The year is not over" in text


def test_the_same_statement_has_the_same_bytes_and_is_tagged(app: Flask) -> None:
    ann = a_reader()
    a_gift(2000, account=ann)
    first, second = (statements.pdf(statement_of(ann), "uk") for _ in range(2))
    assert first == second
    root = PdfReader(io.BytesIO(first)).root_object
    assert "/StructTreeRoot" in root
    assert str(root["/Lang"]) == "uk"


def test_a_gift_outside_stripe_that_was_taken_back_counts_for_nothing(app: Flask) -> None:
    ann, staff = a_reader(), a_staff_member()
    gift = a_gift_outside(5000, account=ann, by=staff.id)
    outside.reverse(gift.id, "entered twice", by=staff.id, now=NOW)
    db.session.commit()
    assert "Taken back on August 21, 2026" in text_of(ann)
    assert statement_of(ann).kept.minor == 0


def test_in_january_everyone_who_gave_gets_one_letter(app: Flask, mailer: FakeMailer) -> None:
    ann, ben = a_reader(name="Ann Marchenko"), a_reader()
    a_reader()
    a_gift(2000, account=ann)
    a_gift(70_000, account=ann, currency="UAH")
    a_gift(1000, account=ben, received_at=NEW_YEARS_EVE)
    assert statements.owe_for_year(2026, now=JANUARY) == 1
    assert statements.owe_for_year(2026, now=JANUARY + timedelta(hours=1)) == 0
    assert [letter.account_id for letter in letters_of("yearly_statement")] == [ann.id]
    (draft,) = sent(mailer, "yearly_statement")
    assert draft.subject == "What you gave in 2026: your yearly statement"
    names = [file.filename for file in draft.attachments]
    assert names == ["statement-2026-EUR.pdf", "statement-2026-UAH.pdf"]
    for twin in (draft.text, draft.html):
        assert "Ann Marchenko" in twin
        assert "http://localhost/pledge/history" in twin
        assert "The statements, one for each currency, are attached as PDFs" in twin


def test_nobody_is_thanked_for_a_year_whose_gifts_all_went_back(
    app: Flask, mailer: FakeMailer
) -> None:
    _gift, charge = a_gift(2000)
    enter(refunded(charge))
    statements.owe_for_year(2026, now=JANUARY)
    assert sent(mailer, "yearly_statement") == []


def test_who_wants_one_letter_a_year_gets_the_first_receipt_and_then_none(app: Flask) -> None:
    ann = a_reader()
    ann.receipt_letters = "yearly"
    db.session.commit()
    a_gift(2000, account=ann)
    a_gift(2000, account=ann)
    assert len(letters_of("receipt")) == 1
    assert len(statement_of(ann).lines) == 2


def test_a_statement_is_downloaded_by_its_owner_only(app: Flask, client: FlaskClient) -> None:
    ann, ben = a_reader(), a_reader()
    a_gift(2000, account=ann)
    address = "/pledge/statements/2026-EUR.pdf"
    assert client.get(address).status_code == 303
    signed_in(client, ben)
    assert client.get(address).status_code == 404
    signed_in(client, ann)
    answer = client.get(address)
    assert (answer.status_code, answer.mimetype) == (200, "application/pdf")
    assert "statement-2026-EUR.pdf" in answer.headers["Content-Disposition"]
    for wrong in ("2025-EUR", "2026-USD", "2026-XXX", "99999999999-EUR"):
        assert client.get(f"/pledge/statements/{wrong}.pdf").status_code == 404
