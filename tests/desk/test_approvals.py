"""Acts that a second member of staff decides, and the log of all of them."""

from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from app.accounts import audit
from app.accounts.models import Account, Approval
from app.extensions import db
from app.giving.models import Refund
from app.giving.reversals import refunds
from app.giving.rules import RefundReason
from app.money import Money
from tests.builders import AUGUST, a_reader, a_staff_member, signed_in
from tests.fakes import FakeMailer
from tests.giving.gifts import NOW, a_gift, letters_of, sent
from tests.pages import form_of


@pytest.fixture
def asker(client: FlaskClient) -> Account:
    """Who asks for a large refund."""
    return a_staff_member("finance", name="Olha Asks")


@pytest.fixture
def owner(client: FlaskClient) -> Account:
    """Who may decide."""
    return a_staff_member("owner", name="Iryna Owns")


@pytest.fixture
def large(asker: Account, owner: Account) -> Refund:
    """A refund above the limit, waiting."""
    gift, _charge = a_gift(50000)
    return refunds.ask(
        gift.id,
        Money(50000, "EUR"),
        reason=RefundReason.MISTAKE,
        note="We took a hundred times too much.",
        tells=True,
        by=asker.id,
        now=NOW,
    )


def page(refund: Refund) -> str:
    found = select(Approval.id).where(Approval.subject_id == str(refund.id))
    return f"/staff/approvals/{db.session.scalars(found).one()}"


def answer(client: FlaskClient, where: str, word: str) -> str:
    """Press a button of the page, and return what the next page says."""
    sent_form = client.post(where, data=form_of(client.get(where)) | {"answer": word})
    assert sent_form.status_code == 303
    return client.get(sent_form.location).text


def test_each_who_may_decide_gets_one_letter_and_who_asked_none(
    large: Refund, owner: Account, mailer: FakeMailer
) -> None:
    assert [letter.account_id for letter in letters_of("approval_wanted")] == [owner.id]
    (draft,) = sent(mailer, "approval_wanted")
    assert draft.subject == "A refund of €500 waits for your yes or no"
    for twin in (draft.text, draft.html):
        for said in ("Olha Asks asks to refund €500", "Taken by mistake", page(large)):
            assert said in twin, said
    assert sent(mailer, "approval_wanted") == []


def test_a_letter_about_what_is_decided_is_not_sent_any_more(
    large: Refund, owner: Account, mailer: FakeMailer
) -> None:
    refunds.decide(large.id, approved=False, by=owner.id, now=NOW)
    assert sent(mailer, "approval_wanted") == []


def test_the_navigation_counts_what_waits_for_who_looks(
    client: FlaskClient, large: Refund, asker: Account, owner: Account
) -> None:
    signed_in(client, owner)
    assert "waiting for you" in client.get("/staff").text
    signed_in(client, asker)
    assert "waiting for you" not in client.get("/staff").text


def test_nobody_decides_the_own_request_and_is_told_so(
    client: FlaskClient, large: Refund, asker: Account
) -> None:
    signed_in(client, asker)
    shown = client.get(page(large)).text
    assert "You asked for this yourself" in shown
    assert "Approve" not in shown
    assert "You asked for this yourself" in answer(client, page(large), "approve")
    assert db.session.get_one(Refund, large.id).status == "asked"


def test_a_role_that_may_not_decide_is_told_which_may(client: FlaskClient, large: Refund) -> None:
    signed_in(client, a_staff_member("fundraiser"))
    assert "Only these roles decide this: finance, owner." in client.get(page(large)).text
    answer(client, page(large), "approve")
    assert db.session.get_one(Refund, large.id).status == "asked"


def test_editors_see_what_concerns_them_and_nobodys_refund(
    client: FlaskClient, large: Refund
) -> None:
    signed_in(client, a_staff_member("editor"))
    assert "Nothing waits." in client.get("/staff/approvals").text
    assert client.get(page(large)).status_code == 404


def test_a_colleague_approves_and_the_refund_is_owed(
    client: FlaskClient, large: Refund, owner: Account
) -> None:
    signed_in(client, owner)
    shown = client.get(page(large)).text
    assert "We took a hundred times too much." in shown
    assert "Approve the refund of €500" in shown
    assert "on its way to Stripe" in answer(client, page(large), "approve")
    refund = db.session.get_one(Refund, large.id)
    assert (refund.status, refund.approved_by_id) == ("approved", owner.id)
    assert "Decided lately" in client.get("/staff/approvals").text


def test_a_colleague_declines_and_nothing_moves(
    client: FlaskClient, large: Refund, owner: Account
) -> None:
    signed_in(client, owner)
    assert "No money moves" in answer(client, page(large), "decline")
    assert db.session.get_one(Refund, large.id).status == "declined"


def test_whoever_comes_second_is_told_that_it_is_decided(
    client: FlaskClient, large: Refund, owner: Account
) -> None:
    signed_in(client, owner)
    form = form_of(client.get(page(large)))
    other = a_staff_member("finance")
    refunds.decide(large.id, approved=False, by=other.id, now=NOW)
    late = client.post(page(large), data=form | {"answer": "approve"})
    assert "A colleague has decided this before you." in client.get(late.location).text
    assert db.session.get_one(Refund, large.id).status == "declined"


def test_a_word_that_is_no_answer_decides_nothing(
    client: FlaskClient, large: Refund, owner: Account
) -> None:
    signed_in(client, owner)
    form = form_of(client.get(page(large)))
    assert client.post(page(large), data=form | {"answer": "maybe"}).status_code == 400


def test_nothing_waiting_is_said(client: FlaskClient, owner: Account) -> None:
    assert "Nothing waits." in signed_in(client, owner).get("/staff/approvals").text


@pytest.fixture
def logged(asker: Account) -> Account:
    """A person about whom two things were done on two days."""
    person = a_reader("ann@example.org", name="Ann Marchenko")
    for act, day in (("note_written", 0), ("refund_asked", 1)):
        audit.note(
            asker.id,
            act,
            "note",
            1,
            account_id=person.id,
            now=AUGUST + timedelta(days=day),
            amount_minor=500,
            currency="EUR",
        )
    audit.note(None, "refund_by_rule", "refund", 2, now=AUGUST)
    db.session.commit()
    return person


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ({}, {"wrote a note", "asked for a refund", "refunded by rule"}),
        ({"act": "note_written"}, {"wrote a note"}),
        ({"person": "marchenko"}, {"wrote a note", "asked for a refund"}),
        ({"person": "ANN@"}, {"wrote a note", "asked for a refund"}),
        ({"day": "2026-08-03"}, {"wrote a note", "refunded by rule"}),
        ({"day": "no day", "by": "nobody"}, {"wrote a note", "asked for a refund", "refunded by"}),
        ({"person": "nobody of this name"}, set()),
        ({"by": "999999999999999999"}, set()),
    ],
)
def test_the_log_is_asked_by_who_what_whom_and_when(
    client: FlaskClient, logged: Account, query: dict[str, str], told: set[str]
) -> None:
    signed_in(client, a_staff_member("finance"))
    shown = client.get("/staff/audit", query_string=query).text
    table = shown.partition("<tbody>")[2]
    found = {
        words
        for words in ("wrote a note", "asked for a refund", "refunded by rule")
        if words in table
    }
    assert {one[:11] for one in found} == {one[:11] for one in told}


def test_only_the_owner_takes_the_log_away_and_that_is_entered(
    client: FlaskClient, logged: Account, owner: Account, asker: Account
) -> None:
    signed_in(client, asker)
    assert "audit.csv" not in client.get("/staff/audit").text
    assert client.get("/staff/audit.csv").status_code == 403
    signed_in(client, owner)
    assert "audit.csv" in client.get("/staff/audit").text
    file = client.get("/staff/audit.csv").text.splitlines()
    assert "note_written" in "\n".join(file)
    assert "audit_downloaded" in "\n".join(file)
    assert "Ann" not in "\n".join(file)
