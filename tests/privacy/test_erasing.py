"""An erasure carried out: nothing of the person is left anywhere, and no sum changes."""

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from app.accounts import accounts
from app.clock import utcnow
from app.extensions import db
from app.giving.models import Donation, Pledge, Receipt
from app.letters.models import Letter
from app.privacy import erasing, erasure_events, erasures
from app.privacy.erasure_models import ErasureState
from app.reports.rollups import catalogue, following
from app.topics.models import Proposal, Seconding
from app.voting.models import RoundTopic
from tests.builders import a_patron, a_reader, a_staff_member
from tests.fakes import FakeGateway, FakeMailer
from tests.giving.gifts import count, letters_of, sent
from tests.privacy.people import (
    EMAIL,
    NAME,
    ONCE,
    an_event,
    asked_and_confirmed,
    carried_out,
    everywhere,
    ledger_sums,
    somebody,
    the_account,
)
from tests.voting.builders import an_open_round


def test_nothing_of_the_person_is_left_in_any_table(
    app: Flask, gateway: FakeGateway, mailer: FakeMailer
) -> None:
    one = somebody(gateway)
    following.follow(catalogue.ROLLUPS)
    assert set(everywhere(EMAIL, NAME, one.customer, ONCE)) == {EMAIL, NAME, one.customer}
    erasure = asked_and_confirmed(one.id)
    carried_out(erasure, gateway, mailer)
    following.follow(catalogue.ROLLUPS)
    assert everywhere(EMAIL, NAME, "Zlata", "Petrenko", one.customer, ONCE) == {}
    assert erasures.find(erasure.id).state == ErasureState.DONE
    assert accounts.find(EMAIL) is None
    assert the_account(one.id).name == ""


def test_the_sums_of_the_ledger_do_not_change_by_a_cent(
    app: Flask, gateway: FakeGateway, mailer: FakeMailer
) -> None:
    one = somebody(gateway)
    before = ledger_sums()
    carried_out(asked_and_confirmed(one.id), gateway, mailer)
    assert ledger_sums() == before


def test_the_pledge_ends_at_stripe_and_every_customer_is_deleted(
    app: Flask, gateway: FakeGateway, mailer: FakeMailer
) -> None:
    one = somebody(gateway)
    carried_out(asked_and_confirmed(one.id), gateway, mailer)
    assert gateway.ended == [one.pledge.stripe_subscription_id]
    deleted = {subject for act, subject, _how in gateway.acts if act == "delete_customer"}
    assert deleted == {one.customer, ONCE}
    pledge = db.session.get_one(Pledge, one.pledge.id, populate_existing=True)
    assert (pledge.status, pledge.end_reason) == ("ended", "left")


def test_while_stripe_is_down_it_waits_and_then_goes_on(
    app: Flask, gateway: FakeGateway, mailer: FakeMailer
) -> None:
    one = somebody(gateway)
    erasure = asked_and_confirmed(one.id)
    gateway.down = True
    erasing.carry_out(erasure.id, gateway, now=utcnow())
    waiting = erasures.find(erasure.id)
    assert waiting.state == ErasureState.RUNNING
    assert waiting.error is not None
    assert the_account(one.id).email == EMAIL
    gateway.down = False
    carried_out(erasure, gateway, mailer)
    assert everywhere(EMAIL, NAME) == {}


def test_owners_are_told_of_one_that_does_not_go_on(
    app: Flask, gateway: FakeGateway, mailer: FakeMailer
) -> None:
    owner = a_staff_member()
    one = somebody(gateway)
    erasure = asked_and_confirmed(one.id)
    gateway.refuses.add("delete_customer")
    erasing.carry_out(erasure.id, gateway, now=utcnow())
    assert letters_of("erasure_stuck") == []
    erasures.find(erasure.id).attempts = erasing.STUCK_AFTER
    db.session.commit()
    erasing.carry_out(erasure.id, gateway, now=utcnow())
    assert [letter.account_id for letter in letters_of("erasure_stuck")] == [owner.id]
    (draft,) = sent(mailer, "erasure_stuck")
    assert EMAIL not in draft.text
    assert NAME not in draft.text


def test_the_last_letter_goes_before_the_address_does(
    app: Flask, gateway: FakeGateway, mailer: FakeMailer
) -> None:
    one = somebody(gateway)
    erasure = asked_and_confirmed(one.id)
    erasing.carry_out(erasure.id, gateway, now=utcnow())
    assert the_account(one.id).email == EMAIL
    (draft,) = sent(mailer, "erasure_done")
    assert draft.to == EMAIL
    assert "Customers deleted at Stripe, with their cards: 2" in draft.text
    assert "The law asks for the books" in draft.text
    erasing.carry_out(erasure.id, gateway, now=utcnow())
    assert not the_account(one.id).has_address


def test_no_other_letter_goes_once_it_has_begun(
    app: Flask, gateway: FakeGateway, mailer: FakeMailer
) -> None:
    one = somebody(gateway)
    carried_out(asked_and_confirmed(one.id), gateway, mailer)
    owed = db.session.scalars(
        select(Letter.kind).where(Letter.account_id == one.id, Letter.due_at.is_not(None))
    ).all()
    assert [kind for kind in owed if not kind.startswith("erasure")] == []


def test_what_stripe_tells_late_is_emptied_and_brings_nobody_back(
    app: Flask, gateway: FakeGateway, mailer: FakeMailer
) -> None:
    one = somebody(gateway)
    carried_out(asked_and_confirmed(one.id), gateway, mailer)
    late = {"id": ONCE, "email": EMAIL, "name": NAME}
    an_event("evt_late", "customer.deleted", late)
    other = {"id": "ch_9", "customer": one.customer, "billing_details": {"name": NAME}}
    an_event("evt_waits", "charge.updated", other, settled=False)
    an_event("evt_not_hers", "customer.updated", {"id": "cus_other", "name": "Ivan Franko"})
    assert erasure_events.watch(now=utcnow()) == 1
    db.session.execute(
        text("UPDATE inbox_event SET settled_at = now(), due_at = NULL WHERE id = 'evt_waits'")
    )
    db.session.commit()
    assert erasure_events.watch(now=utcnow()) == 1
    assert everywhere(EMAIL, NAME, one.customer, ONCE) == {}
    assert "Ivan Franko" in everywhere("Ivan Franko")


def test_what_deleted_customers_were_known_by_is_forgotten_in_the_end(
    app: Flask, gateway: FakeGateway, mailer: FakeMailer
) -> None:
    one = somebody(gateway)
    erasure = asked_and_confirmed(one.id)
    carried_out(erasure, gateway, mailer)
    assert erasures.find(erasure.id).customers_sealed is not None
    erasure_events.watch(now=utcnow() + erasure_events.WATCHED)
    assert erasures.find(erasure.id).customers_sealed is None


def test_the_topic_stays_without_its_author(
    app: Flask, gateway: FakeGateway, mailer: FakeMailer
) -> None:
    one = somebody(gateway)
    carried_out(asked_and_confirmed(one.id), gateway, mailer)
    topic = db.session.scalars(select(Proposal).where(Proposal.title == "The dam upstream")).one()
    assert (topic.account_id, topic.named) == (None, False)
    assert count(Seconding) == 0


def test_the_name_that_staff_wrote_on_a_ballot_goes_and_a_pictures_credit_stays(
    app: Flask, gateway: FakeGateway, mailer: FakeMailer
) -> None:
    one, round_ = somebody(gateway), an_open_round()
    own = db.session.scalars(select(Proposal.id).where(Proposal.title == "The dam upstream")).one()
    topics = db.session.scalars(
        select(RoundTopic).where(RoundTopic.round_id == round_.id).order_by(RoundTopic.number)
    ).all()
    for topic, credit in zip(topics, (f"Idea: {NAME}", "Picture: A. Marchenko"), strict=False):
        topic.proposal_id, topic.credit = own, credit
    db.session.commit()
    carried_out(asked_and_confirmed(one.id), gateway, mailer)
    db.session.expire_all()
    assert [topic.credit for topic in topics[:2]] == ["", "Picture: A. Marchenko"]


def test_accounts_merged_into_it_go_with_it(
    app: Flask, gateway: FakeGateway, mailer: FakeMailer
) -> None:
    one = somebody(gateway)
    other = a_patron("old.address@example.org", name=NAME)
    other.merged_into_id = one.id
    db.session.commit()
    pledge = db.session.scalars(select(Pledge).where(Pledge.account_id == other.id)).one()
    pledge.status = "ended"
    db.session.commit()
    carried_out(asked_and_confirmed(one.id), gateway, mailer)
    assert everywhere("old.address@example.org", NAME) == {}


def test_whose_account_was_merged_meanwhile_is_erased_where_it_goes_on(
    app: Flask, gateway: FakeGateway, mailer: FakeMailer
) -> None:
    one = somebody(gateway)
    other = a_reader("second.address@example.org", name=NAME)
    erasure = asked_and_confirmed(other.id)
    the_account(other.id).merged_into_id = one.id
    db.session.commit()
    carried_out(erasure, gateway, mailer)
    assert everywhere("second.address@example.org", EMAIL, NAME) == {}


def test_the_guards_let_an_erasure_empty_a_name_and_nothing_else(
    app: Flask, gateway: FakeGateway, mailer: FakeMailer
) -> None:
    one = somebody(gateway)
    erasure = asked_and_confirmed(one.id)
    receipt = db.session.scalars(select(Receipt).limit(1)).one()
    gift = db.session.get_one(Donation, receipt.donation_id)
    emptied = f"UPDATE receipt SET donor_name = '' WHERE id = {receipt.id}"
    renamed = f"UPDATE receipt SET donor_name = 'Somebody' WHERE id = {receipt.id}"
    cheaper = f"UPDATE donation SET amount_minor = 1 WHERE id = {gift.id}"
    gone = f"DELETE FROM receipt WHERE id = {receipt.id}"
    for statement in (emptied, renamed, cheaper, gone):
        # Nobody has said that anything is erased, and then that one is which is only planned.
        for said in ("", str(erasure.id)):
            _refused(statement, said)
    erasing.carry_out(erasure.id, gateway, now=utcnow())
    for statement in (renamed, cheaper, gone):
        _refused(statement, str(erasure.id))


def _refused(statement: str, erasure: str) -> None:
    db.session.execute(text("SELECT set_config('hromada.erasing', :id, true)"), {"id": erasure})
    with pytest.raises(IntegrityError, match="added, never changed"):
        db.session.execute(text(statement))
    db.session.rollback()
