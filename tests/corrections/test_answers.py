"""Answers to readers who left an address: each one letter, in their language."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.accounts.models import Account
from app.clock import utcnow
from app.corrections import answers, groups, joining, notes
from app.corrections.answers import NobodyWaits
from app.corrections.groups import Moved
from app.desk import merging
from app.extensions import db
from tests.builders import AUGUST, a_reader, a_staff_member, signed_in
from tests.corrections.builders import RIVER, a_letter, a_note_draft, marked
from tests.fakes import FakeMailer
from tests.pages import form_of
from tests.voting.test_letters import sent

TEXTS = {"en": "You were right.", "uk": "Ви мали рацію."}


@pytest.fixture
def by(app: Flask) -> int:
    """An editor."""
    return a_staff_member("editor").id


def corrected(*emails: tuple[str, str], by: int) -> int:
    """The group of what these readers sent, (address, language) each, once it is corrected."""
    found = [a_letter(email=email, locale=locale).group_id for email, locale in emails]
    notes.correct(found[0], a_note_draft(), seen="new", by=by, now=AUGUST)
    return found[0]


def answer(group_id: int, by: int) -> int:
    return answers.write(group_id, TEXTS, seen=groups.find(group_id).state, by=by, now=utcnow())


def test_each_reader_gets_one_letter_in_the_language_they_wrote_from(
    app: Flask, mailer: FakeMailer, by: int
) -> None:
    group_id = corrected(
        ("olena@example.org", "uk"),
        ("taras@example.org", "en"),
        ("taras@example.org", "en"),
        ("", "en"),
        by=by,
    )
    assert answer(group_id, by) == 2
    drafts = {draft.to: draft for draft in sent("correction_answer", mailer)}
    assert set(drafts) == {"olena@example.org", "taras@example.org"}
    english, ukrainian = drafts["taras@example.org"], drafts["olena@example.org"]
    assert english.subject == "About the mistake you found in “Who poisons the river”"
    note = groups.standing_note(group_id)
    assert note is not None
    for part in (english.text, english.html):
        assert "You were right." in part
        assert "tventy" in part
        assert f"http://localhost/corrections/log/{note.id}" in part
        # The address may have been typed by somebody else: no name stands in the letter.
        assert "Hello," in part
    assert "Ви мали рацію." in ukrainian.text
    assert ukrainian.locale == "uk"
    with pytest.raises(NobodyWaits):
        answer(group_id, by)


def test_who_writes_later_is_answered_and_who_was_answered_is_not_again(
    app: Flask, mailer: FakeMailer, by: int
) -> None:
    group_id = corrected(("olena@example.org", "en"), by=by)
    answer(group_id, by)
    a_letter(email="olena@example.org")
    a_letter(email="taras@example.org")
    assert answers.waiting(group_id) == ["en"]
    assert answer(group_id, by) == 1
    assert [draft.to for draft in sent("correction_answer", mailer)] == [
        "olena@example.org",
        "taras@example.org",
    ]


def test_nobody_is_answered_before_it_is_decided(app: Flask, by: int) -> None:
    group_id = a_letter(email="olena@example.org").group_id
    with pytest.raises(Moved):
        answer(group_id, by)


def test_the_editor_sees_the_default_answer_in_each_language_and_sends_it(
    app: Flask, client: FlaskClient, by: int
) -> None:
    signed_in(client, db.session.get_one(Account, by))
    group_id = corrected(("olena@example.org", "uk"), ("taras@example.org", "en"), by=by)
    path = f"/staff/corrections/{group_id}/answer"
    page = client.get(path)
    assert "It now says: “twenty times the limit”" in page.text
    assert 'name="text_uk"' in page.text
    typed = {**form_of(page), "text_en": "Thank you.", "text_uk": ""}
    refused = client.post(path, data=typed)
    assert refused.status_code == 422
    assert "Write the answer in this language too." in refused.text
    assert "Thank you." in refused.text
    done = client.post(path, data=typed | {"text_uk": "Дякуємо."}, follow_redirects=True)
    assert "2 letters go out." in done.text
    assert "Дякуємо." in done.text


def test_the_answer_to_what_is_no_mistake_tells_why(
    app: Flask, client: FlaskClient, by: int
) -> None:
    signed_in(client, db.session.get_one(Account, by))
    group_id = a_letter(email="olena@example.org").group_id
    path = f"/staff/corrections/{group_id}/no-mistake"
    typed = form_of(client.get(path)) | {"reason": "It is a name."}
    page = client.post(path, data=typed, follow_redirects=True).text
    assert "leave it as it is: It is a name." in page
    assert 'name="text_uk"' not in page


def test_a_letter_parted_after_the_answer_is_not_answered_again(app: Flask, by: int) -> None:
    group_id = corrected(("olena@example.org", "en"), ("taras@example.org", "en"), by=by)
    answer(group_id, by)
    letter = a_letter(email="ivan@example.org")
    made = joining.split(group_id, letter.id, by=by, now=AUGUST)
    assert answers.waiting(group_id) == []
    assert answers.waiting(made) == ["en"]


def test_the_letter_follows_a_reader_whose_accounts_were_joined(
    app: Flask, mailer: FakeMailer, by: int
) -> None:
    group_id = corrected(("old@example.org", "en"), by=by)
    answer(group_id, by)
    kept = a_reader("new@example.org")
    old = db.session.scalars(db.select(Account).where(Account.email == "old@example.org")).one()
    merging.merge(kept.id, old.id, by=a_staff_member().id, now=utcnow())
    assert [draft.to for draft in sent("correction_answer", mailer)] == ["new@example.org"]


def test_the_letter_without_a_note_leads_to_the_article(
    app: Flask, mailer: FakeMailer, by: int
) -> None:
    group_id = a_letter(marked("litre"), email="olena@example.org", title="").group_id
    groups.no_mistake(group_id, "It is one.", seen="new", by=by, now=AUGUST)
    answer(group_id, by)
    (draft,) = sent("correction_answer", mailer)
    assert draft.subject == "About the mistake you found in our article"
    assert RIVER in draft.html
    assert "/corrections/log" not in draft.html
