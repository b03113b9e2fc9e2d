"""What goes wrong while somebody is erased: it goes on, does all of it, and owners hear of it."""

import uuid
from datetime import datetime, timedelta

import pytest
from flask import Flask

from app.accounts.models import Account
from app.clock import utcnow
from app.export import Format
from app.extensions import db
from app.mailer import NotSent
from app.owed import claim
from app.privacy import erasing, erasure_steps, erasures
from app.privacy.erasure_models import ErasureState
from app.reports import exports
from app.reports.contents import Kind, Wanted
from app.reports.models import ExportFile
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

LEASE = timedelta(minutes=1)


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


def a_file_asked_for() -> uuid.UUID:
    """A file of all supporters, for the owner."""
    wanted, by = Wanted(Kind.SUPPORTERS, "", {}), a_staff_member("owner").id
    return exports.ask(wanted, Format.CSV, by=by, locale="en", now=utcnow())


def test_a_file_of_many_rows_being_made_meanwhile_is_begun_again(
    app: Flask, gateway: FakeGateway, mailer: FakeMailer
) -> None:
    patron, key = a_reader(EMAIL, name=NAME), a_file_asked_for()
    (claimed,) = claim(ExportFile, now=utcnow(), lease=LEASE, limit=1)
    times = iter([lambda: carried_out(asked_and_confirmed(patron.id), gateway, mailer)])

    def clock() -> datetime:
        """Somebody is erased while the worker is at it, which it notices at its next step."""
        next(times, lambda: None)()
        return utcnow()

    exports.make(claimed, clock=clock)
    assert exports.find(key, utcnow()).ready_at is None, "the worker has lost its turn"
    assert claim(ExportFile, now=utcnow(), lease=LEASE, limit=1) == [key]
    exports.make(key, clock=utcnow)
    assert exports.find(key, utcnow()).ready_at is not None


def test_however_many_are_erased_meanwhile_a_file_comes_to_its_end(app: Flask) -> None:
    key = a_file_asked_for()
    for _person in range(exports.MOST_ATTEMPTS + 2):
        assert claim(ExportFile, now=utcnow(), lease=LEASE, limit=1) == [key]
        erasure_steps.begin_exports_anew()
        db.session.commit()
    (claimed,) = claim(ExportFile, now=utcnow(), lease=LEASE, limit=1)
    exports.make(claimed, clock=utcnow)
    row = exports.find(key, utcnow())
    assert (row.failed_at, row.error) == (None, None)
    assert row.ready_at is not None


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
