"""Letters ended by others than their reader's own page: by mail providers, and by our staff."""

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.accounts.models import AuditEntry
from app.extensions import db
from app.letters import consents, unsubscribing
from app.letters.categories import Category
from app.letters.consents import Act, How, Said
from tests.builders import AUGUST, a_patron, a_reader, a_staff_member, ends, signed_in
from tests.pages import form_of, send
from tests.privacy.test_unsubscribe import ONE_CLICK, path


def test_a_mail_provider_may_end_letters_of_very_many_people_from_one_network(
    client: FlaskClient,
) -> None:
    patrons = [a_patron() for _ in range(70)]
    answers = [client.post(path(one), data=ONE_CLICK).status_code for one in patrons]
    assert set(answers) == {200}
    assert [one for one in patrons if Category.VOTES in consents.wanted(one.id)] == []


def test_what_a_link_ended_comes_back_in_the_words_that_were_agreed_to(
    client: FlaskClient,
) -> None:
    carried, agreed = a_reader(), a_patron()
    said = Said(Act.CARRIED, How.IMPORT, AUGUST, "en")
    consents.enter(carried.id, Category.VOTES, said, now=AUGUST)
    old = Said(Act.GIVEN, How.IMPORT, AUGUST, "uk", "topics-0")
    ends(agreed, Category.TOPICS)
    consents.enter(agreed.id, Category.TOPICS, old, now=AUGUST)
    db.session.commit()
    for account, category in ((carried, Category.VOTES), (agreed, Category.TOPICS)):
        client.post(path(account, category), data=ONE_CLICK)
        assert category not in consents.wanted(account.id)
        for _press in range(2):
            client.post(f"{path(account, category)}/undo")
    newest = consents.newest(carried.id)[Category.VOTES]
    assert (newest.act, newest.wording, newest.how) == ("carried", "", "letter")
    newest = consents.newest(agreed.id)[Category.TOPICS]
    assert (newest.act, newest.wording, newest.locale) == ("given", "topics-0", "uk")
    assert len(consents.history(carried.id)) == 3


def test_staff_end_letters_for_who_telephoned_and_both_logs_tell(
    app: Flask, client: FlaskClient
) -> None:
    patron, staff = a_patron(), a_staff_member("fundraiser")
    signed_in(client, staff)
    person = f"/staff/people/{patron.id}"
    assert "End letters for the person" in client.get(person).text
    answer = send(client, f"{person}/letters", end="votes", reason=" by  telephone ")
    assert answer.status_code == 303
    assert consents.wanted(patron.id) == [Category.TOPICS]
    newest = consents.newest(patron.id)[Category.VOTES]
    assert (newest.act, newest.how, newest.wording) == ("withdrawn", "staff", "")
    entry = db.session.scalars(select(AuditEntry).where(AuditEntry.act == "letters_ended")).one()
    assert (entry.by_account_id, entry.account_id) == (staff.id, patron.id)
    assert entry.details == {"what": ["votes"], "reason": "by telephone"}
    assert "ended letters as the person asked" in client.get(person).text
    own = signed_in(app.test_client(), patron).get("/account/letters").text
    assert "by our staff, as you asked" in own


def test_staff_say_how_the_person_asked_and_begin_no_letters(
    app: Flask, client: FlaskClient
) -> None:
    patron, reader = a_patron(), a_reader()
    signed_in(client, a_staff_member("fundraiser"))
    page = f"/staff/people/{patron.id}/letters"
    assert send(client, page, end="votes", reason="").status_code == 422
    assert send(client, page, reason="by telephone").status_code == 422
    assert consents.wanted(patron.id) == [Category.VOTES, Category.TOPICS]
    nothing = client.get(f"/staff/people/{reader.id}/letters").text
    assert "gets no letters that can be ended" in nothing
    answer = client.post(f"/staff/people/{reader.id}/letters", data={"end": "votes"})
    assert answer.status_code in (400, 422)
    assert consents.history(reader.id) == []


def test_what_has_ended_meanwhile_is_not_entered_again(client: FlaskClient) -> None:
    patron = a_patron()
    signed_in(client, a_staff_member("owner"))
    page = f"/staff/people/{patron.id}/letters"
    filled = form_of(client.get(page)) | {"end": "votes", "reason": "a letter"}
    ends(patron, Category.VOTES)
    assert client.post(page, data=filled).status_code == 422
    assert "gets no letters" not in client.get(page).text
    assert consents.newest(patron.id)[Category.VOTES].how == "page"
    entered = select(AuditEntry).where(AuditEntry.act == "letters_ended")
    assert db.session.scalars(entered).all() == []


def test_the_link_names_no_address(client: FlaskClient) -> None:
    patron = a_patron("hanna@example.org")
    assert "hanna" not in unsubscribing.address(Category.VOTES, patron.id)
