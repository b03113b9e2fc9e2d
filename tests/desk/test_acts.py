"""What staff do for a patron: said before, done as the patron's own act, entered in the log."""

import re
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from app.accounts import accounts
from app.accounts.models import Account, AuditEntry
from app.clock import utcnow
from app.extensions import db
from app.giving.models import Pledge, PledgeChange, Receipt, Refund
from app.letters.models import Letter
from app.payments.facts import Reading, Standing
from tests.builders import a_pledge, a_reader, a_staff_member, signed_in
from tests.fakes import FakeGateway, FakeMailer
from tests.giving.facts import seen
from tests.giving.gifts import a_gift, a_gift_outside, letters_of, sent
from tests.pages import form_of, send


@pytest.fixture
def fundraiser(client: FlaskClient) -> Account:
    """The member of staff whose browser it is."""
    staff = a_staff_member("fundraiser")
    signed_in(client, staff)
    return staff


@pytest.fixture
def finance(client: FlaskClient) -> Account:
    """The member of staff whose browser it is."""
    staff = a_staff_member("finance")
    signed_in(client, staff)
    return staff


@pytest.fixture
def pledge(client: FlaskClient) -> Pledge:
    """Five euro a month, paid for some weeks to come."""
    return a_pledge(a_reader(name="Ann Marchenko"))


def acts(pledge: Pledge) -> list[str]:
    """What the audit log says was done to a pledge."""
    entries = db.session.scalars(
        select(AuditEntry).where(AuditEntry.subject_id == str(pledge.id)).order_by(AuditEntry.id)
    )
    return [entry.act for entry in entries]


def path(pledge: Pledge, act: str) -> str:
    return f"/staff/people/{pledge.account_id}/pledges/{pledge.id}/{act}"


def answers(gateway: FakeGateway, pledge: Pledge, **over: Any) -> None:
    """Lay down how the subscription stands once Stripe has done what is asked."""
    fact = seen(pledge, Standing.PAYING, seen_at=utcnow(), paid_until=pledge.paid_until, **over)
    gateway.readings[str(pledge.stripe_subscription_id)] = Reading((fact,))


def test_a_pledge_ends_with_its_paid_time_as_its_patron_asked(
    client: FlaskClient, fundraiser: Account, gateway: FakeGateway, pledge: Pledge
) -> None:
    answers(gateway, pledge, ends_at=pledge.paid_until)
    shown = client.get(path(pledge, "end")).text
    assert "End the pledge of €5 a month?" in shown
    assert "Nothing that was given goes back" in shown
    answer = send(client, path(pledge, "end"), when="end", reason="too_expensive")
    assert answer.status_code == 303
    assert "will end with its paid time" in client.get(answer.location).text
    change = db.session.scalars(select(PledgeChange)).one()
    assert (change.kind, change.via, change.by_account_id) == ("leave", "staff", fundraiser.id)
    assert change.reason == "too_expensive"
    assert acts(pledge) == ["pledge_end_asked"]
    assert [letter.account_id for letter in letters_of("pledge_ending")] == [pledge.account_id]


def test_a_pledge_ends_at_once_where_staff_say_so(
    client: FlaskClient, fundraiser: Account, gateway: FakeGateway, pledge: Pledge
) -> None:
    send(client, path(pledge, "end"), when="now", comment="Called us")
    assert gateway.ended == [pledge.stripe_subscription_id]
    assert db.session.scalars(select(PledgeChange.comment)).all() == ["Called us"]


def test_a_stripe_that_does_not_answer_changes_nothing_and_is_told(
    client: FlaskClient, fundraiser: Account, gateway: FakeGateway, pledge: Pledge
) -> None:
    gateway.down = True
    answer = send(client, path(pledge, "end"), when="now")
    assert "Stripe did not answer" in client.get(answer.location).text
    gateway.down, gateway.refuses = False, {"end_now"}
    answer = send(client, path(pledge, "end"), when="now")
    assert "Stripe would not do this" in client.get(answer.location).text
    assert db.session.get_one(Pledge, pledge.id).status == "active"


def test_other_terms_are_shown_before_they_hold(
    client: FlaskClient, fundraiser: Account, gateway: FakeGateway, pledge: Pledge
) -> None:
    where = path(pledge, "terms")
    shown = send(client, where, amount="7.50")
    assert "From €5 a month to €7.50 a month?" in shown.text
    assert not gateway.acts
    again = client.post(where, data=form_of(shown, action="") | {"change": "yes"})
    assert 'value="7.50"' in again.text
    answer = client.post(where, data=form_of(shown, action="") | {"yes": "yes"})
    assert answer.status_code == 303
    (act, _subject, how) = gateway.acts[0]
    assert (act, how["terms"].amount.minor, how["terms"].interval) == ("change_terms", 750, "month")
    assert acts(pledge) == ["pledge_change_asked"]


@pytest.mark.parametrize("typed", ["", "a lot", "0", "0.001", "99999999", "-5"])
def test_an_amount_that_is_none_is_told_beside_its_field(
    client: FlaskClient, fundraiser: Account, gateway: FakeGateway, pledge: Pledge, typed: str
) -> None:
    answer = send(client, path(pledge, "terms"), amount=typed)
    assert answer.status_code == 422
    assert 'aria-invalid="true"' in answer.text
    assert not gateway.acts


def test_the_same_terms_are_no_change(
    client: FlaskClient, fundraiser: Account, pledge: Pledge
) -> None:
    answer = send(client, path(pledge, "terms"), amount="5")
    assert answer.status_code == 422
    assert "This is what the patron gives now." in answer.text


def test_a_pause_ends_early_and_a_wish_to_leave_is_taken_back(
    client: FlaskClient, fundraiser: Account, gateway: FakeGateway
) -> None:
    paused = a_pledge(a_reader(), status="paused")
    assert "is taken from the card on" in client.get(path(paused, "resume")).text
    send(client, path(paused, "resume"))
    leaving = a_pledge(a_reader())
    leaving.ends_at = leaving.paid_until
    db.session.commit()
    send(client, path(leaving, "stay"))
    assert [act for act, _subject, _how in gateway.acts] == ["resume", "keep"]
    assert (acts(paused), acts(leaving)) == (["pledge_resume_asked"], ["pledge_stay_asked"])


def test_what_cannot_be_asked_of_a_pledge_leads_back(
    client: FlaskClient, fundraiser: Account, pledge: Pledge
) -> None:
    answer = client.get(path(pledge, "resume"))
    assert answer.location.endswith(f"/staff/people/{pledge.account_id}")
    stranger = a_reader()
    other = f"/staff/people/{stranger.id}/pledges/{pledge.id}/end"
    assert client.get(other).status_code == 404


def test_a_receipt_goes_out_again_under_its_number_once_for_each_form(
    client: FlaskClient, fundraiser: Account, mailer: FakeMailer
) -> None:
    gift, _charge = a_gift(2000)
    where = f"/staff/people/{gift.account_id}/gifts/{gift.id}/receipt-again"
    form = form_of(client.get(where))
    for _twice in range(2):
        assert client.post(where, data=form).status_code == 303
    (draft,) = sent(mailer, "receipt_again")
    number = db.session.scalars(select(Receipt)).one().reference
    assert number in draft.subject
    assert (number in draft.text, number in draft.html) == (True, True)
    assert [one.filename for one in draft.attachments] == [f"receipt-{number}.pdf"]
    assert "!" not in draft.text
    send(client, where)
    assert len(letters_of("receipt_again")) == 2
    assert len(db.session.scalars(select(Receipt)).all()) == 1


def test_a_person_without_an_address_gets_no_letter(
    client: FlaskClient, fundraiser: Account
) -> None:
    person = accounts.make_without_address(name="Old Petro", locale="uk")
    db.session.commit()
    gift = a_gift_outside(700, account=person, by=fundraiser.id)
    answer = client.get(f"/staff/people/{person.id}/gifts/{gift.id}/receipt-again")
    assert answer.status_code == 303
    assert not letters_of("receipt_again")
    assert "no address" in client.get(f"/staff/people/{person.id}").text


def test_a_corrected_address_signs_everybody_out_and_has_to_be_proved(
    client: FlaskClient, fundraiser: Account
) -> None:
    person = a_reader("ann@exmaple.org", name="Ann")
    version = person.session_version
    where = f"/staff/people/{person.id}/correct"
    answer = send(client, where, name="Ann Marchenko", email="ann@example.org")
    assert answer.status_code == 303
    person = db.session.get_one(Account, person.id)
    assert (person.name, person.email) == ("Ann Marchenko", "ann@example.org")
    assert (person.confirmed_at, person.session_version) == (None, version + 1)
    entry = db.session.scalars(select(AuditEntry).where(AuditEntry.act == "person_corrected")).one()
    assert entry.details == {"what": ["name", "email"]}


def test_an_address_of_somebody_else_is_not_taken(client: FlaskClient, fundraiser: Account) -> None:
    a_reader("taken@example.org")
    person = a_reader("ann@example.org")
    answer = send(client, f"/staff/people/{person.id}/correct", email="Taken@example.org")
    assert answer.status_code == 422
    assert "merge the two" in answer.text
    assert db.session.get_one(Account, person.id).email == "ann@example.org"


def test_a_colleague_is_not_changed_on_a_patrons_page(
    client: FlaskClient, fundraiser: Account
) -> None:
    owner = a_staff_member("owner")
    assert client.get(f"/staff/people/{owner.id}/correct").status_code == 303
    shown = client.get(f"/staff/people/{owner.id}").text
    assert not re.search("Correct name or address</a>", shown)


def test_a_refund_is_shown_whole_before_it_is_asked_for(
    client: FlaskClient, finance: Account
) -> None:
    gift, _charge = a_gift(2000)
    where = f"/staff/people/{gift.account_id}/gifts/{gift.id}/refund"
    shown = send(client, where, amount="5", reason="asked_for", note="Sorry about this")
    for said in ("Refund €5?", "Sorry about this", "goes on", "5 to 10 days"):
        assert said in shown.text, said
    assert not db.session.scalars(select(Refund)).all()
    for _twice in range(2):
        answer = client.post(where, data=form_of(shown, action="") | {"yes": "yes"})
        assert answer.status_code == 303
    refund = db.session.scalars(select(Refund)).one()
    assert (refund.amount_minor, refund.status, refund.note) == (
        500,
        "approved",
        "Sorry about this",
    )
    assert (refund.asked_by_id, refund.tells, refund.ends_pledge) == (finance.id, True, False)
    assert "Being sent" in client.get(answer.location).text


@pytest.mark.parametrize("typed", ["", "x", "0", "20.01"])
def test_no_more_than_is_left_is_asked_for(
    client: FlaskClient, finance: Account, typed: str
) -> None:
    gift, _charge = a_gift(2000)
    where = f"/staff/people/{gift.account_id}/gifts/{gift.id}/refund"
    answer = send(client, where, amount=typed, reason="mistake")
    assert answer.status_code == 422
    assert not db.session.scalars(select(Refund)).all()


def test_a_gift_outside_stripe_is_not_refunded_here(client: FlaskClient, finance: Account) -> None:
    gift = a_gift_outside(700, by=finance.id)
    page = f"/staff/people/{gift.account_id}/gifts/{gift.id}"
    answer = client.get(f"{page}/refund")
    assert answer.location.endswith(page)
    assert "Send the money back by hand" in client.get(page).text
    assert f"/staff/gifts/{gift.id}" in client.get(page).text


def test_a_fundraiser_asks_for_no_refund(client: FlaskClient, fundraiser: Account) -> None:
    gift, _charge = a_gift(2000)
    page = f"/staff/people/{gift.account_id}/gifts/{gift.id}"
    assert client.get(f"{page}/refund").status_code == 403
    assert f"{page}/refund" not in client.get(page).text
    assert not db.session.scalars(select(Letter).where(Letter.kind == "refund")).all()
