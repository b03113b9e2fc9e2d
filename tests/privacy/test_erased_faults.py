"""What goes wrong while somebody is erased: it goes on, does all of it, and owners hear of it."""

import pytest
from flask import Flask

from app.accounts.models import Account
from app.clock import utcnow
from app.export import Format
from app.extensions import db
from app.mailer import NotSent
from app.privacy import erasing, erasures
from app.privacy.erasure_models import ErasureState
from app.reports import exports
from app.reports.contents import Kind, Wanted
from tests.builders import a_reader, a_staff_member
from tests.fakes import FakeGateway, FakeMailer
from tests.giving.gifts import letters_of, sent
from tests.privacy.people import (
    EMAIL,
    NAME,
    Faulty,
    asked_and_confirmed,
    carried_out,
    everywhere,
    ledger_sums,
    somebody,
    the_account,
)


def test_owners_are_told_of_whatever_holds_an_erasure_up(
    app: Flask, gateway: FakeGateway, mailer: FakeMailer
) -> None:
    owner, reader = a_staff_member(), a_reader(EMAIL, name=NAME)
    erasure = asked_and_confirmed(reader.id)
    db.session.get_one(Account, reader.id).role = "editor"
    erasures.find(erasure.id).attempts = erasing.STUCK_AFTER
    db.session.commit()
    erasing.carry_out(erasure.id, gateway, now=utcnow())
    assert [letter.account_id for letter in letters_of("erasure_stuck")] == [owner.id]
    assert erasures.find(erasure.id).error == "the account has a role of staff"


def test_a_file_of_many_rows_being_made_meanwhile_is_begun_again(
    app: Flask, gateway: FakeGateway, mailer: FakeMailer
) -> None:
    staff, patron = a_staff_member("owner"), a_reader(EMAIL, name=NAME)
    key = exports.ask(
        Wanted(Kind.SUPPORTERS, "", {}), Format.CSV, by=staff.id, locale="en", now=utcnow()
    )
    row = exports.find(key, utcnow())
    row.attempts = 1
    db.session.commit()
    carried_out(asked_and_confirmed(patron.id), gateway, mailer)
    db.session.refresh(row)
    assert row.attempts == 2, "the worker that reads now has lost its turn"
    assert row.due_at is not None
    assert row.due_at <= utcnow()


def test_a_mail_server_that_is_down_for_days_does_not_keep_the_address(
    app: Flask, gateway: FakeGateway, mailer: FakeMailer
) -> None:
    reader = a_reader(EMAIL, name=NAME)
    erasure = asked_and_confirmed(reader.id)
    erasing.carry_out(erasure.id, gateway, now=utcnow())
    mailer.refuses = NotSent("down")
    sent(mailer, "erasure_done")
    erasing.carry_out(erasure.id, gateway, now=utcnow())
    assert the_account(reader.id).email == EMAIL
    erasing.carry_out(erasure.id, gateway, now=utcnow() + erasing.LETTER_WITHIN)
    assert erasures.find(erasure.id).state == ErasureState.DONE
    assert everywhere(EMAIL, NAME) == {}


@pytest.mark.parametrize("turn", range(1, 5))
def test_cut_off_before_any_answer_of_stripe_it_goes_on_and_does_all_of_it(
    app: Flask, mailer: FakeMailer, turn: int
) -> None:
    gateway = Faulty(breaks_at=turn)
    app.extensions["gateway"] = gateway
    one = somebody(gateway)
    before, erasure = ledger_sums(), asked_and_confirmed(one.id)
    with pytest.raises(RuntimeError):
        erasing.carry_out(erasure.id, gateway, now=utcnow())
    assert erasures.find(erasure.id).error == "RuntimeError: cut off"
    carried_out(erasure, gateway, mailer)
    assert erasures.find(erasure.id).state == ErasureState.DONE
    assert gateway.ended == [one.pledge.stripe_subscription_id]
    deleted = [subject for act, subject, _how in gateway.acts if act == "delete_customer"]
    assert sorted(deleted) == sorted({*deleted, one.customer})
    assert everywhere(EMAIL, NAME, one.customer) == {}
    assert ledger_sums() == before
