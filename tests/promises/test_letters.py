"""Who is told of a published story, and who of a late promise; what the letters say."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.clock import utcnow
from app.extensions import db
from app.letters.models import Letter
from app.promises import letters, promises
from app.promises.models import Promise
from app.promises.rules import REMIND_AGAIN
from tests.builders import a_patron, a_reader, a_staff_member, ends
from tests.fakes import FakeMailer
from tests.promises.builders import STORY, URL, a_promise, published
from tests.topics.builders import a_suggestion
from tests.voting.test_letters import sent


def owed(kind: str) -> int:
    return db.session.scalar(select(func.count()).where(Letter.kind == kind)) or 0


def test_who_took_part_or_suggested_it_is_told_once_if_they_agreed_to_it(
    app: Flask, mailer: FakeMailer
) -> None:
    author, told, silent = a_patron(), a_patron(), a_patron(wants_letters=False)
    a_patron()
    promise = published(a_promise(told, silent, proposal=a_suggestion(author)))
    letters.tell(promise.id, now=utcnow())
    letters.tell(promise.id, now=utcnow())
    drafts = {draft.to: draft for draft in sent("promise_published", mailer)}
    assert set(drafts) == {author.email, told.email}
    assert "You suggested the topic" in drafts[author.email].text
    assert "We do not know what you ticked" in drafts[told.email].text
    for draft in drafts.values():
        assert draft.subject == f"Published: {STORY}"
        for part in (draft.text, draft.html):
            assert URL in part
            assert f"http://localhost/promises/{promise.id}" in part
    assert owed("promise_published") == 2


def test_who_suggested_and_voted_gets_one_letter(app: Flask, mailer: FakeMailer) -> None:
    author = a_patron()
    promise = published(a_promise(author, proposal=a_suggestion(author)))
    letters.tell(promise.id, now=utcnow())
    assert len(sent("promise_published", mailer)) == 1


def test_who_changed_their_mind_meanwhile_is_not_told(app: Flask, mailer: FakeMailer) -> None:
    voter = a_patron()
    promise = published(a_promise(voter))
    letters.tell(promise.id, now=utcnow())
    ends(voter)
    assert sent("promise_published", mailer) == []


def test_a_person_with_two_accounts_is_told_once(app: Flask, mailer: FakeMailer) -> None:
    voted, kept = a_patron(wants_letters=False), a_patron()
    promise = published(a_promise(voted))
    voted.merged_into_id = kept.id
    db.session.commit()
    letters.tell(promise.id, now=utcnow())
    assert [draft.to for draft in sent("promise_published", mailer)] == [kept.email]


def test_a_wrong_entry_put_right_in_time_is_told_to_nobody_and_later_to_each_once(
    app: Flask, mailer: FakeMailer
) -> None:
    first, second = a_patron(), a_patron()
    promise, editor = published(a_promise(first, second)), a_staff_member("editor")
    letters.tell(promise.id, now=utcnow())
    promises.put_right(promise.id, "A draft.", seen="published", by=editor.id, now=utcnow())
    assert sent("promise_published", mailer) == []
    published(promise)
    letters.tell(promise.id, now=utcnow())
    assert len(sent("promise_published", mailer)) == 2
    promises.put_right(promise.id, "A link.", seen="published", by=editor.id, now=utcnow())
    published(promise)
    letters.tell(promise.id, now=utcnow())
    assert sent("promise_published", mailer) == []


def late(promise: Promise, *, editor_id: int | None) -> None:
    """The promise was for yesterday."""
    promises.plan(
        promise.id,
        editor_id=editor_id,
        due_on=utcnow().date() - timedelta(days=2),
        by=editor_id or a_staff_member("editor").id,
        now=utcnow(),
    )


def test_its_editor_is_reminded_once_and_once_more_a_fortnight_on(
    app: Flask, mailer: FakeMailer
) -> None:
    promise, editor = a_promise(), a_staff_member("editor")
    a_staff_member("owner")
    late(promise, editor_id=editor.id)
    for _ in range(2):
        letters.remind_of_late(now=utcnow())
    (draft,) = sent("promise_late", mailer)
    assert draft.to == editor.email
    assert draft.subject == "Late: “Power cuts in Kharkiv”"
    assert f"http://localhost/staff/promises/{promise.id}" in draft.text
    for _ in range(2):
        letters.remind_of_late(now=utcnow() + REMIND_AGAIN)
    assert len(sent("promise_late", mailer)) == 1
    assert owed("promise_late") == 2


@pytest.mark.parametrize("done", ["published", "moved"])
def test_who_was_late_and_is_not_any_more_gets_no_letter(
    app: Flask, mailer: FakeMailer, done: str
) -> None:
    promise, editor = a_promise(), a_staff_member("editor")
    late(promise, editor_id=editor.id)
    letters.remind_of_late(now=utcnow())
    if done == "published":
        published(promise)
    else:
        day = utcnow().date() + timedelta(days=9)
        promises.plan(promise.id, editor_id=editor.id, due_on=day, by=editor.id, now=utcnow())
    assert sent("promise_late", mailer) == []


def test_of_a_late_promise_that_nobody_sees_to_the_owner_is_told(
    app: Flask, mailer: FakeMailer
) -> None:
    owner = a_staff_member("owner", name="Iryna Bondar")
    a_reader()
    late(a_promise(), editor_id=None)
    letters.remind_of_late(now=utcnow())
    (draft,) = sent("promise_late", mailer)
    assert draft.to == owner.email
    assert "name an editor" in draft.text


def test_whose_role_is_another_by_now_is_not_reminded(app: Flask, mailer: FakeMailer) -> None:
    editor, owner = a_staff_member("editor"), a_staff_member("owner")
    late(a_promise(), editor_id=editor.id)
    editor.role = "finance"
    db.session.commit()
    letters.remind_of_late(now=utcnow())
    assert [draft.to for draft in sent("promise_late", mailer)] == [owner.email]
