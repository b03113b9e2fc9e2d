"""Traces of somebody beside their own rows: the bank's lines, the log of staff, lists, refusals."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from app.accounts import audit
from app.accounts.models import AccountNote, AuditEntry
from app.bank.models import StatementImport, StatementLine
from app.clock import utcnow
from app.extensions import db
from app.giving.books import outside
from app.giving.models import Donation
from app.money import Money
from app.privacy import erasing, erasure_steps, erasures
from app.reports.rollups import catalogue, following
from app.reports.rollups.supporters import Supporter
from app.reprints.models import ReprintRequest
from tasks.privacy import erase
from tests.builders import AUGUST, a_reader, a_staff_member
from tests.fakes import FakeGateway, FakeMailer
from tests.privacy.people import (
    EMAIL,
    NAME,
    asked_and_confirmed,
    carried_out,
    everywhere,
    somebody,
)


def by_the_bank(account_id: int, by: int) -> Donation:
    """A gift that staff enter, with what the bank told of it."""
    giver, now = outside.Giver(account_id=account_id), utcnow()
    day = now.date() - timedelta(days=30)
    money = Money(2500, "EUR")
    gift = outside.Gift(giver, outside.Source.BANK, money, day, reference=f"from {NAME}")
    return outside.enter(gift, by=by, sure=True, now=now)


def a_line(number: int, by: int, *, status: str, gift: int | None = None, of: bytes = b"a") -> None:
    """A line of a statement that names her."""
    of_file = StatementImport(name="a.csv", format="table", body_hash=b"1", uploaded_by_id=by)
    of_file.uploaded_at = of_file.read_at = AUGUST
    db.session.add(of_file)
    db.session.flush()
    db.session.add(
        StatementLine(
            import_id=of_file.id,
            number=number,
            fingerprint=bytes([number]),
            content_hash=bytes([number]),
            booked_on=AUGUST.date(),
            amount_minor=700,
            currency="EUR",
            payer=NAME,
            text=f"line {number}",
            bank_reference="",
            payer_account_hash=of,
            payer_account_last4="1234",
            status=status,
            donation_id=gift,
            decided_by_id=None if status == "waiting" else by,
            decided_at=None if status == "waiting" else AUGUST,
        )
    )
    db.session.commit()


def payers() -> dict[int, str]:
    """Who paid each line."""
    rows = db.session.execute(select(StatementLine.number, StatementLine.payer))
    return {number: payer for number, payer in rows}  # noqa: C416 - rows are no pairs to a checker


def test_lines_of_the_same_bank_account_that_were_no_gifts_lose_their_payer_too(
    app: Flask, gateway: FakeGateway, mailer: FakeMailer
) -> None:
    one = somebody(gateway)
    gift = by_the_bank(one.id, one.staff)
    a_line(1, one.staff, status="booked", gift=gift.id)
    a_line(2, one.staff, status="set_aside")
    a_line(3, one.staff, status="set_aside", of=b"b")
    a_line(4, one.staff, status="waiting")
    carried_out(asked_and_confirmed(one.id), gateway, mailer)
    assert payers() == {1: "", 2: "", 3: NAME, 4: NAME}, "others, and what is to be decided, stay"


def test_what_staff_enter_of_somebody_who_is_nobody_by_then_does_not_stay(
    app: Flask, gateway: FakeGateway, mailer: FakeMailer
) -> None:
    staff, reader = a_staff_member("finance").id, a_reader(EMAIL, name=NAME)
    erasure = asked_and_confirmed(reader.id)
    carried_out(erasure, gateway, mailer)
    gift = by_the_bank(reader.id, staff)
    a_line(1, staff, status="booked", gift=gift.id)
    db.session.add(
        AccountNote(account_id=reader.id, by_account_id=staff, text=NAME, written_at=utcnow())
    )
    db.session.commit()
    assert erasing.follow_up(gateway, now=utcnow()) == 1
    assert everywhere(NAME) == {}
    assert db.session.scalars(select(Donation.amount_minor)).all() == [2500], "the money stays"
    assert erasing.follow_up(gateway, now=utcnow()) == 0


def test_reasons_in_words_of_staff_go_from_the_log_and_the_acts_stay(
    app: Flask, gateway: FakeGateway, mailer: FakeMailer
) -> None:
    one = somebody(gateway)
    gift = by_the_bank(one.id, one.staff)
    outside.reverse(gift.id, f"{NAME} sent it twice", by=one.staff, now=utcnow())
    audit.note(
        one.staff,
        "letters_ended",
        "account",
        one.id,
        account_id=one.id,
        now=utcnow(),
        what=["votes"],
        reason=f"{NAME} telephoned",
    )
    db.session.commit()
    carried_out(asked_and_confirmed(one.id), gateway, mailer)
    assert everywhere(NAME) == {}
    ended = select(AuditEntry.details).where(AuditEntry.act == "letters_ended")
    assert db.session.scalars(ended).one() == {"what": ["votes"]}


def test_the_log_of_staff_lets_nothing_else_be_changed(
    app: Flask, gateway: FakeGateway, mailer: FakeMailer
) -> None:
    reader, staff = a_reader(EMAIL), a_staff_member("finance").id
    erasure = asked_and_confirmed(reader.id)
    audit.note(staff, "letters_ended", "account", 1, now=utcnow(), what=["votes"], reason="x")
    db.session.commit()
    erasing.carry_out(erasure.id, gateway, now=utcnow())
    for change in (
        "UPDATE audit_entry SET details = '{}'",
        'UPDATE audit_entry SET details = details || \'{"reason": "y"}\'',
        "UPDATE audit_entry SET details = details - 'reason', by_account_id = NULL",
        "DELETE FROM audit_entry",
    ):
        erasure_steps.allow(erasure.id)
        with pytest.raises(IntegrityError, match="added, never changed"):
            db.session.execute(text(change))
        db.session.rollback()
    with pytest.raises(IntegrityError, match="added, never changed"):
        db.session.execute(text("UPDATE audit_entry SET details = details - 'reason'"))
    db.session.rollback()


def test_the_list_of_supporters_names_nobody_though_it_is_not_made_anew(
    app: Flask, gateway: FakeGateway, mailer: FakeMailer
) -> None:
    one = somebody(gateway)
    following.follow(catalogue.ROLLUPS)
    assert "supporter" in str(everywhere(NAME))
    carried_out(asked_and_confirmed(one.id), gateway, mailer)
    assert everywhere(NAME, EMAIL) == {}
    row = select(Supporter.name, Supporter.letters, Supporter.parts)
    emptied = db.session.execute(row).all()
    following.follow(catalogue.ROLLUPS)
    assert db.session.execute(row).all() == emptied, "it is what would have come of it"


def test_what_was_written_to_the_person_about_a_refusal_goes(
    app: Flask, gateway: FakeGateway, mailer: FakeMailer
) -> None:
    reader = a_reader(EMAIL, name=NAME)
    for number, refusal in enumerate((f"Sorry, {NAME}", None)):
        db.session.add(
            ReprintRequest(
                request_key=f"{number:032x}",
                account_id=reader.id,
                asked_at=AUGUST,
                locale="en",
                name=NAME,
                organisation="",
                place="A paper",
                articles="The dam",
                purpose="For us",
                state="refused" if refusal else "open",
                decided_at=AUGUST if refusal else None,
                refusal=refusal,
            )
        )
    db.session.commit()
    carried_out(asked_and_confirmed(reader.id), gateway, mailer)
    assert everywhere(NAME) == {}
    refusals = select(ReprintRequest.refusal).order_by(ReprintRequest.id)
    assert db.session.scalars(refusals).all() == ["", None]


def test_books_that_cannot_be_cut_stop_no_others_and_are_shown_to_staff(
    app: Flask, gateway: FakeGateway, mailer: FakeMailer
) -> None:
    wishes = []
    for email in (EMAIL, "other@example.org"):
        wishes.append(asked_and_confirmed(a_reader(email).id))
        carried_out(wishes[-1], gateway, mailer)
    first, second = sorted(wishes, key=lambda wish: wish.id)
    raise_ = (
        "CREATE FUNCTION no() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN RAISE EXCEPTION 'no'; END $$;"
        " CREATE TRIGGER no BEFORE UPDATE OF books_cut_at ON erasure FOR EACH ROW"
        f" WHEN (NEW.books_cut_at IS NOT NULL AND NEW.id = '{first.id}') EXECUTE FUNCTION no()"
    )
    try:
        db.session.execute(text(raise_))
        db.session.commit()
        erase()
    finally:
        db.session.rollback()
        db.session.execute(text("DROP TRIGGER no ON erasure; DROP FUNCTION no()"))
        db.session.commit()
    assert erasures.find(second.id).books_cut_at is not None
    kept = erasures.find(first.id)
    assert (kept.books_cut_at, kept.attempts) == (None, 1)
    assert kept.error is not None
