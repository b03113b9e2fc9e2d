"""Gifts outside Stripe: entered once, with a receipt, and taken back only by a counter entry."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from pypdf import PdfReader
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError, IntegrityError

from app.accounts import audit
from app.accounts.models import Account, AccountNote
from app.clock import utcnow
from app.extensions import db
from app.giving.books import outside, receipts, references
from app.giving.books.outside import (
    EnteredBefore,
    Giver,
    NotOutside,
    NotToday,
    Source,
    UnknownCurrency,
)
from app.giving.models import Adjustment, Donation, Receipt
from app.letters import letters
from app.letters.models import Letter
from app.money import Money
from tests.bank.facts import DAY, NOW, a_gift
from tests.builders import a_reader, a_staff_member
from tests.fakes import FakeMailer


@pytest.fixture
def by(app: Flask) -> int:
    """A member of staff who keeps the books."""
    return a_staff_member("finance").id


def test_a_gift_is_in_the_ledger_with_who_entered_it_and_its_receipt(by: int) -> None:
    donation = outside.enter(a_gift(note="Heard us at the fair"), by=by, sure=False, now=NOW)
    account = db.session.get_one(Account, donation.account_id)
    assert (account.email, account.name) == ("olena@example.org", "Olena Marchenko")
    assert (donation.source, donation.entered_by_id, donation.reference) == ("bank", by, "Spende")
    assert (donation.amount, donation.due_at) == (Money(5000, "EUR"), None)
    receipt = db.session.scalars(select(Receipt)).one()
    assert (receipt.reference, receipt.issued_on) == ("2026-000001", DAY)
    (entry,) = audit.of_subject("donation", donation.id)
    assert (entry.act, entry.by_account_id, entry.account_id) == ("gift_entered", by, account.id)
    assert "olena" not in str(entry.details).lower()
    assert db.session.scalars(select(AccountNote.text)).one() == "Heard us at the fair"


def test_its_receipt_goes_by_letter_as_any_other(by: int, mailer: FakeMailer) -> None:
    donation = outside.enter(a_gift(), by=by, sure=False, now=NOW)
    letters.send(db.session.scalars(select(Letter.id)).one(), mailer, now=NOW)
    ((_, draft),) = mailer.sent
    assert draft.to == "olena@example.org"
    assert "€50" in draft.text
    assert "card" not in draft.text + draft.html, "it was a transfer"
    found = receipts.find(donation.id)
    assert found is not None
    paper = PdfReader(BytesIO(receipts.pdf(*found))).pages[0].extract_text()
    assert "€50" in paper
    assert "Bank transfer" in paper


def test_a_giver_without_an_address_has_a_receipt_and_gets_no_letter(
    by: int, mailer: FakeMailer
) -> None:
    gift = a_gift(Giver(name="A neighbour"), source=Source.CASH)
    donation = outside.enter(gift, by=by, sure=False, now=NOW)
    account = db.session.get_one(Account, donation.account_id)
    assert not account.has_address
    assert receipts.find(donation.id) is not None
    for letter_id in db.session.scalars(select(Letter.id)).all():
        letters.send(letter_id, mailer, now=NOW)
    assert mailer.sent == []
    assert db.session.scalars(select(Letter.due_at)).all() == [None], "nothing waits for ever"


def test_a_known_address_gives_to_its_own_account_whatever_name_was_typed(by: int) -> None:
    known = a_reader("Olena@Example.org", name="Олена М.")
    donation = outside.enter(a_gift(), by=by, sure=False, now=NOW)
    assert donation.account_id == known.id
    assert db.session.get_one(Account, known.id).name == "Олена М."


def test_a_gift_to_an_account_that_was_merged_meanwhile_goes_to_the_person(by: int) -> None:
    kept, merged = a_reader(), a_reader()
    merged.merged_into_id = kept.id
    db.session.commit()
    donation = outside.enter(a_gift(Giver(merged.id)), by=by, sure=False, now=NOW)
    assert donation.account_id == kept.id


@pytest.mark.parametrize(
    ("giver", "again"),
    [
        (
            Giver(name="Olena", email="olena@example.org"),
            Giver(name="O.", email="OLENA@example.org"),
        ),
        (Giver(name="A neighbour"), Giver(name="a Neighbour")),
    ],
)
def test_the_same_gift_twice_is_entered_only_by_who_is_sure(
    by: int, giver: Giver, again: Giver
) -> None:
    first = outside.enter(a_gift(giver), by=by, sure=False, now=NOW)
    with pytest.raises(EnteredBefore) as warned:
        outside.enter(a_gift(again), by=by, sure=False, now=NOW)
    assert [one.id for one in warned.value.twins] == [first.id]
    second = outside.enter(a_gift(again), by=by, sure=True, now=NOW)
    assert second.id != first.id


@pytest.mark.parametrize(
    "over",
    [
        {"reference": "Danke"},
        {"reference": ""},
        {"amount": Money(5001, "EUR")},
        {"amount": Money(5000, "USD")},
        {"received_on": DAY - timedelta(days=1)},
        {"giver": Giver(name="Olena Marchenko", email="other@example.org")},
    ],
)
def test_another_gift_is_entered_without_a_warning(by: int, over: dict[str, Any]) -> None:
    outside.enter(a_gift(), by=by, sure=False, now=NOW)
    outside.enter(a_gift(**over), by=by, sure=False, now=NOW)
    assert len(db.session.scalars(select(Donation)).all()) == 2


@pytest.mark.parametrize(
    ("day", "refused"),
    [
        (date(2026, 8, 31), False),
        (date(2026, 9, 1), True),
        (date(2017, 1, 1), False),
        (date(2016, 1, 1), True),
    ],
)
def test_a_gift_is_received_today_or_before(by: int, day: date, refused: bool) -> None:
    gift = a_gift(received_on=day)
    if refused:
        with pytest.raises(NotToday):
            outside.enter(gift, by=by, sure=False, now=NOW)
    else:
        donation = outside.enter(gift, by=by, sure=False, now=NOW)
        assert donation.received_at <= NOW
        assert receipts.find(donation.id)[0].issued_on == day  # type: ignore[index]


def test_what_was_received_at_night_in_kyiv_is_of_that_day(by: int) -> None:
    night = datetime(2026, 8, 31, 21, 30, tzinfo=UTC)
    donation = outside.enter(a_gift(received_on=date(2026, 9, 1)), by=by, sure=False, now=night)
    assert receipts.find(donation.id)[0].issued_on == date(2026, 9, 1)  # type: ignore[index]


def test_a_currency_that_is_not_ours_is_refused(by: int) -> None:
    with pytest.raises(UnknownCurrency):
        outside.enter(a_gift(amount=Money(5000, "CHF")), by=by, sure=False, now=NOW)


def test_a_gift_is_taken_back_once_by_a_counter_entry(by: int) -> None:
    donation = outside.enter(a_gift(), by=by, sure=False, now=NOW)
    outside.reverse(donation.id, "The wrong Olena", by=by, now=NOW)
    db.session.commit()
    counter = db.session.scalars(select(Adjustment)).one()
    assert (counter.kind, counter.amount, counter.note) == (
        "correction",
        Money(-5000, "EUR"),
        "The wrong Olena",
    )
    assert (counter.settled_minor, counter.fee_minor, counter.net_minor) == (-5000, 0, -5000)
    with pytest.raises(outside.TakenBack):
        outside.reverse(donation.id, "Again", by=by, now=NOW)
    db.session.rollback()
    # What was taken back stands in nobody's way.
    outside.enter(a_gift(), by=by, sure=False, now=NOW)


def test_no_letter_thanks_for_a_gift_that_was_taken_back_before_it_went(
    by: int, mailer: FakeMailer
) -> None:
    donation = outside.enter(a_gift(), by=by, sure=False, now=NOW)
    outside.reverse(donation.id, "The wrong Olena", by=by, now=NOW)
    db.session.commit()
    letter = db.session.scalars(select(Letter).where(Letter.kind == "receipt")).one()
    letters.send(letter.id, mailer, now=NOW)
    assert (mailer.sent, letter.due_at) == ([], None)


def test_a_donation_of_stripe_cannot_be_taken_back_here(by: int) -> None:
    with pytest.raises(NotOutside):
        outside.reverse(1, "No", by=by, now=NOW)


def test_the_ledger_refuses_a_change_to_what_staff_entered(by: int) -> None:
    donation = outside.enter(a_gift(), by=by, sure=False, now=NOW)
    for column, value in (("amount_minor", 1), ("source", "cash"), ("reference", "x")):
        with pytest.raises((DBAPIError, IntegrityError)):
            db.session.execute(
                db.update(Donation).where(Donation.id == donation.id).values({column: value})
            )
        db.session.rollback()


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("RF74000001", [1]),
        ("gift rf74 0000 01, thank you", [1]),
        ("RF74000001 2026", [1]),
        ("RF78000123 RF47000002", [123, 2]),
        ("RF75000001", []),
        ("RF 123", []),
        ("", []),
    ],
)
def test_a_reference_names_its_account_and_a_slip_of_the_pen_none(
    text: str, found: list[int]
) -> None:
    assert references.within(text) == found


@pytest.mark.parametrize("account_id", [1, 97, 999_999, 1_000_000, 2**31])
def test_every_account_has_a_reference_that_leads_back(account_id: int) -> None:
    assert references.within(f"Spende {references.of_account(account_id)} danke") == [account_id]


def test_a_gift_of_today_is_never_received_later_than_now(by: int) -> None:
    now = utcnow()
    gift = replace(a_gift(), received_on=now.date())
    assert outside.enter(gift, by=by, sure=False, now=now).received_at <= now
