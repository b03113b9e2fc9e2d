"""The desk of corrections: what editors find there and decide."""

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.accounts import audit
from app.corrections import groups, joining, lists, notes
from app.corrections.groups import Moved
from app.corrections.joining import CannotJoin
from app.corrections.lists import Question
from app.corrections.rules import State
from tests.builders import AUGUST, a_staff_member, signed_in
from tests.corrections.builders import BRIDGE, a_letter, a_note_draft, marked
from tests.pages import form_of, forms_of
from tests.topics.test_races import at_once

DESK = "/staff/corrections"


@pytest.fixture
def by(app: Flask) -> int:
    """An editor."""
    return a_staff_member("editor").id


@pytest.fixture
def editor(client: FlaskClient) -> FlaskClient:
    """The browser of another editor."""
    return signed_in(client, a_staff_member("editor", name="Марія Гончар"))


def press(client: FlaskClient, group_id: int, act: str, **typed: str) -> TestResponse:
    """Press a button of a group's page and follow where it leads."""
    path = f"{DESK}/{group_id}"
    page = client.get(path)
    (form,) = [one for one in forms_of(page) if one.action == f"{path}/{act}"][:1]
    return client.post(form.action, data=form.values | typed, follow_redirects=True)


def test_one_row_for_ten_readers_with_their_number(app: Flask, editor: FlaskClient) -> None:
    for _ in range(3):
        a_letter(email="olena@example.org")
    a_letter(marked("council"), article=BRIDGE, title="Who built the bridge")
    page = editor.get(DESK).text
    assert page.count("Who poisons the river") == 1
    assert 'data-label="Readers">3<' in page
    assert "To do (2)" in page
    # The address itself is shown to nobody.
    assert "olena@example.org" not in page
    assert "2<span" in page.replace(" <", "<").replace("\n", ""), "the navigation counts"


def test_the_desk_says_what_will_be_there_while_nothing_is(editor: FlaskClient) -> None:
    assert "No reader has found a mistake yet" in editor.get(DESK).text
    assert "Nothing fits." in editor.get(f"{DESK}?q=nothing").text


def test_the_list_is_narrowed_searched_and_ordered(app: Flask, by: int) -> None:
    river = a_letter(marked("tventy"), now=AUGUST)
    bridge = a_letter(
        marked("council"), article=BRIDGE, comment="It was the mayor", now=AUGUST + timedelta(1)
    )
    groups.take(bridge.group_id, seen="new", by=by, now=AUGUST)

    def found(**asked: object) -> list[int]:
        return [row.group.id for row in lists.page(Question(**asked)).rows]  # type: ignore[arg-type]

    both = [bridge.group_id, river.group_id]
    assert found() == both
    assert found(oldest_first=True) == both[::-1]
    assert found(state=State.IN_HAND) == [bridge.group_id]
    assert found(assignee_id=by) == [bridge.group_id]
    assert found(assignee_id=lists.NOBODY) == [river.group_id]
    assert found(article="vilnyi-holos.example/2026/07/who-built-the-bridge") == [bridge.group_id]
    assert found(text="MAYOR") == [bridge.group_id]
    assert found(text="tventy") == [river.group_id]
    assert found(text="100%") == []
    assert lists.counts()[lists.TO_DO] == 2


def test_long_lists_have_pages(app: Flask, editor: FlaskClient) -> None:
    for number in range(lists.PAGE + 1):
        a_letter(article=f"{BRIDGE}{number}")
    assert "Page 1 of 2" in editor.get(DESK).text
    assert "Page 2 of 2" in editor.get(f"{DESK}?page=2").text
    assert "Page 2 of 2" in editor.get(f"{DESK}?page=99").text


def test_who_takes_it_in_hand_has_it_and_it_can_be_given_to_a_colleague(
    app: Flask, editor: FlaskClient, by: int
) -> None:
    group_id = a_letter().group_id
    assert "You see to it." in press(editor, group_id, "take").text
    group = groups.find(group_id)
    assert (group.state, group.assignee_id != by) == (State.IN_HAND, True)
    press(editor, group_id, "assign", assignee=str(by))
    assert groups.find(group_id).assignee_id == by
    page = press(editor, group_id, "assign", assignee="")
    assert (groups.find(group_id).state, groups.find(group_id).assignee_id) == (State.NEW, None)
    assert "Марія Гончар took a reader" in page.text
    finance = a_staff_member("finance").id
    refused = press(editor, group_id, "assign", assignee=str(finance))
    assert "Nothing was changed" in refused.text
    acts = [one.act for one in audit.of_subject("correction", group_id)]
    assert acts == ["correction_assigned"] * 2 + ["correction_taken"]


def test_no_mistake_needs_a_reason_and_can_be_taken_back(app: Flask, editor: FlaskClient) -> None:
    group_id = a_letter().group_id
    path = f"{DESK}/{group_id}/no-mistake"
    typed = form_of(editor.get(path))
    assert "Write why it stays" in editor.post(path, data=typed | {"reason": " "}).text
    page = editor.post(path, data=typed | {"reason": "It is a name."}, follow_redirects=True)
    assert "It is a name." in page.text
    assert groups.find(group_id).state == State.NO_MISTAKE
    # A second window that still has the page open changes nothing.
    late = editor.post(path, data=typed | {"reason": "Other"}, follow_redirects=True)
    assert "somebody else has changed it meanwhile" in late.text
    back = f"{DESK}/{group_id}/reopen"
    editor.post(back, data=form_of(editor.get(back)))
    group = groups.find(group_id)
    assert (group.state, group.reason, group.settled_at) == (State.NEW, "", None)


def test_spam_leaves_the_list_and_comes_back_when_it_was_none(
    app: Flask, editor: FlaskClient
) -> None:
    group_id = a_letter().group_id
    press(editor, group_id, "spam")
    assert f"{DESK}/{group_id}" not in editor.get(DESK).text
    assert f"{DESK}/{group_id}" in editor.get(f"{DESK}?state=spam").text
    back = f"{DESK}/{group_id}/reopen"
    editor.post(back, data=form_of(editor.get(back)))
    assert f"{DESK}/{group_id}" in editor.get(DESK).text


def test_a_letter_about_something_else_is_parted_and_joined_again(
    app: Flask, editor: FlaskClient
) -> None:
    first, second = a_letter(comment="A typo"), a_letter(comment="The figure is wrong too")
    group_id = first.group_id
    press(editor, group_id, "split", letter=str(second.id))
    (made,) = [row.group.id for row in lists.page(Question()).rows if row.group.id != group_id]
    assert [one.comment for one in lists.whole(made).letters] == ["The figure is wrong too"]
    # One letter alone cannot be parted.
    assert "is about something else" not in editor.get(f"{DESK}/{group_id}").text
    path = f"{DESK}/{made}/join"
    page = editor.get(path)
    assert forms_of(page)[-1].values["into"] == str(group_id)
    joined = editor.post(path, data=forms_of(page)[-1].values, follow_redirects=True)
    assert "The two are one now." in joined.text
    assert lists.whole(group_id).readers == 2
    # The old address leads to where it goes on.
    assert editor.get(f"{DESK}/{made}").location.endswith(f"{DESK}/{group_id}")
    assert [row.group.id for row in lists.page(Question()).rows] == [group_id]


def test_what_has_a_public_note_or_another_article_is_not_joined(app: Flask, by: int) -> None:
    first, other = a_letter(marked("tventy")), a_letter(marked("council"))
    bridge = a_letter(article=BRIDGE)
    notes.correct(first.group_id, a_note_draft(), seen="new", by=by, now=AUGUST)
    for kept, joined in (
        (other.group_id, first.group_id),
        (other.group_id, bridge.group_id),
        (other.group_id, other.group_id),
    ):
        with pytest.raises(CannotJoin):
            joining.join(kept, joined, by=by, now=AUGUST)
    joining.join(first.group_id, other.group_id, by=by, now=AUGUST)


def test_two_editors_who_join_both_ways_leave_one(app: Flask, by: int) -> None:
    one, other = a_letter(marked("tventy")).group_id, a_letter(marked("council")).group_id
    refused: list[Exception] = []

    def join(kept: int, joined: int) -> None:
        try:
            joining.join(kept, joined, by=by, now=AUGUST)
        except Moved as error:
            refused.append(error)

    at_once(app, lambda: join(one, other), lambda: join(other, one))
    assert len(refused) == 1
    assert [groups.find(id_).joined_into_id for id_ in (one, other)].count(None) == 1


def test_two_editors_decide_once(app: Flask, by: int) -> None:
    group_id = a_letter().group_id
    refused: list[Exception] = []

    def decide(act: str) -> None:
        try:
            if act == "spam":
                groups.spam(group_id, seen="new", by=by, now=AUGUST)
            else:
                groups.no_mistake(group_id, act, seen="new", by=by, now=AUGUST)
        except Moved as error:
            refused.append(error)

    at_once(app, *[lambda act=act: decide(act) for act in ("spam", "A name.", "Another.")])
    assert len(refused) == 2


@pytest.mark.parametrize("path", ["999", "999/join", "999/answer", "999/correct", "notes/999"])
def test_what_does_not_exist_is_not_found(editor: FlaskClient, path: str) -> None:
    assert editor.get(f"{DESK}/{path}").status_code == 404


def test_what_a_reader_typed_is_shown_as_text(app: Flask, editor: FlaskClient) -> None:
    group_id = a_letter(comment="<script>alert(1)</script>").group_id
    page = editor.get(f"{DESK}/{group_id}").text
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page
