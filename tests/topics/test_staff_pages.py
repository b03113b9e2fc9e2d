"""The desk of topics: what staff decide there, and who may."""

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.accounts import audit
from app.extensions import db
from app.topics import abuse, proposals
from app.topics.models import Story
from app.topics.rules import State
from tests.builders import AUGUST, a_patron, a_reader, a_staff_member, signed_in
from tests.pages import form_of, send
from tests.topics.builders import a_suggestion


@pytest.fixture
def editor(client: FlaskClient) -> FlaskClient:
    """The browser of an editor."""
    return signed_in(client, a_staff_member("editor"))


@pytest.mark.parametrize("role", ["fundraiser", "finance"])
def test_the_desk_is_the_editors(app: Flask, client: FlaskClient, role: str) -> None:
    proposal = a_suggestion()
    signed_in(client, a_staff_member(role))
    for path in ("", f"/{proposal.id}", "/reports", "/stories", f"/{proposal.id}/merge"):
        assert client.get(f"/staff/topics{path}").status_code == 403


def test_an_editor_moves_a_topic_with_a_reason(app: Flask, editor: FlaskClient) -> None:
    proposal = a_suggestion()
    path = f"/staff/topics/{proposal.id}"
    typed = form_of(editor.get(path), action=f"{path}/move")
    refused = editor.post(f"{path}/move", data={**typed, "to": "declined"})
    assert refused.status_code == 422
    assert "Write why you decline it" in refused.text
    assert editor.post(f"{path}/move", data={**typed, "to": "chosen"}).status_code == 303
    assert proposals.find(proposal.id).state == State.NEW
    data = {**typed, "to": "declined", "reason": "We wrote about it in May."}
    assert "told by letter" in editor.post(f"{path}/move", data=data, follow_redirects=True).text
    assert proposals.find(proposal.id).state == State.DECLINED
    late = editor.post(f"{path}/move", data={**typed, "to": "shortlisted"}, follow_redirects=True)
    assert "somebody else has decided about it meanwhile" in late.text


def test_an_editor_joins_two_topics_after_seeing_what_it_does(
    app: Flask, editor: FlaskClient
) -> None:
    kept = a_suggestion(a_patron(name="Taras Koval"))
    merged = a_suggestion(a_patron(name="Olena Marchenko"), title="Schools of Kharkiv in the dark")
    path = f"/staff/topics/{merged.id}/merge"
    assert f"{path}/{kept.id}" in editor.get(f"/staff/topics/{merged.id}").text
    assert f"{path}/{kept.id}" in editor.get(f"{path}?q=power").text
    assert f"{path}/{kept.id}" not in editor.get(f"{path}?q=bread").text
    preview = editor.get(f"{path}/{kept.id}").text
    assert "2 patrons want this" in preview
    page = editor.post(
        f"{path}/{kept.id}", data=form_of(editor.get(f"{path}/{kept.id}")), follow_redirects=True
    )
    assert "Suggested by Taras Koval and Olena Marchenko" in page.text
    again = editor.get(f"{path}/{kept.id}", follow_redirects=True)
    assert "decided, hidden or joined already" in again.text


def test_an_editor_hides_what_is_reported_and_shows_it_again(
    app: Flask, editor: FlaskClient
) -> None:
    proposal = a_suggestion()
    abuse.report(proposal.id, a_reader().id, "It insults my neighbour.", now=AUGUST)
    assert "1 suggestion is reported" in editor.get("/staff/topics").text
    assert "It insults my neighbour." in editor.get("/staff/topics/reports").text
    path = f"/staff/topics/{proposal.id}"
    assert send(editor, f"{path}/hide", reason="").status_code == 422
    assert send(editor, f"{path}/hide", reason="Names a private person.").status_code == 303
    page = editor.get(path)
    assert "Names a private person." in page.text
    editor.post(f"{path}/show", data=form_of(page, action=f"{path}/show"))
    assert proposals.find(proposal.id).hidden_at is None


def test_an_editor_leaves_a_reported_topic_as_it_is(app: Flask, editor: FlaskClient) -> None:
    proposal = a_suggestion()
    abuse.report(proposal.id, a_reader().id, "I do not like it.", now=AUGUST)
    path = f"/staff/topics/{proposal.id}"
    editor.post(f"{path}/dismiss", data=form_of(editor.get(path), action=f"{path}/dismiss"))
    assert "Nothing is reported" in editor.get("/staff/topics/reports").text


def test_stories_are_entered_corrected_and_removed(app: Flask, editor: FlaskClient) -> None:
    path = "/staff/topics/stories"
    story = {"url": "https://news.example.org/bread", "published_on": "2026-07-01"}
    assert send(editor, path, **{**story, "url": "bread"}, title="Bread").status_code == 422
    send(editor, path, **story, title="Why bred is dear")
    send(editor, path, **story, title="Why bread is dear")
    (kept,) = db.session.scalars(select(Story)).all()
    assert kept.title == "Why bread is dear"
    story_id = kept.id
    remove = f"{path}/{story_id}/remove"
    for _ in range(2):
        assert editor.post(remove, data=form_of(editor.get(path))).status_code == 303
    assert db.session.scalars(select(Story)).all() == []
    acts = [one.act for one in audit.of_subject("story", story_id)]
    assert acts == ["story_removed", "story_entered", "story_entered"]


def test_the_desk_shows_hidden_topics_and_counts_by_state(app: Flask, editor: FlaskClient) -> None:
    proposal = a_suggestion()
    abuse.hide(proposal.id, "Names a private person.", by=a_staff_member().id, now=AUGUST)
    page = editor.get("/staff/topics").text
    assert proposal.title in page
    assert "New (1)" in page
    assert "No suggestion fits." in editor.get("/staff/topics?state=merged").text


def test_what_does_not_exist_is_not_found(app: Flask, editor: FlaskClient) -> None:
    proposal = a_suggestion()
    for path in ("999", "999/merge", f"{proposal.id}/merge/999", "999/hide"):
        assert editor.get(f"/staff/topics/{path}").status_code == 404
    token = form_of(editor.get(f"/staff/topics/{proposal.id}"))
    assert editor.post("/staff/topics/999/show", data=token).status_code == 404
    assert editor.post(f"/staff/topics/{proposal.id}/move", data=token).status_code == 400
