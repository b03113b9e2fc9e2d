"""The pages of promises, as readers and staff see them."""

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.clock import utcnow
from app.promises import intake, promises
from app.voting import rounds
from tests.builders import a_patron, a_staff_member, signed_in
from tests.pages import form_of, send
from tests.promises.builders import (
    STORY,
    URL,
    a_promise,
    a_published_round,
    published,
    the_promises,
)
from tests.topics.builders import a_suggestion


@pytest.fixture
def editor(client: FlaskClient) -> FlaskClient:
    """The browser of an editor."""
    return signed_in(client, a_staff_member("editor"))


def test_before_any_vote_the_page_says_what_will_stand_there(client: FlaskClient) -> None:
    assert "No promise yet" in client.get("/promises").text
    assert "No promise yet" in client.get("/promises?round=2026-11").text
    assert client.get("/promises?round=%00").status_code in (400, 404)
    assert client.get("/promises/7").status_code == 404


def test_readers_see_each_promise_and_how_it_counts(client: FlaskClient) -> None:
    round_ = a_published_round(wins=(1, 2, 3))
    intake.take_in_due(now=utcnow())
    kept, dropped, _open = the_promises(round_)
    by, now = a_staff_member("editor").id, utcnow()
    due_on = now.date() + timedelta(days=3)
    promises.plan(kept.id, editor_id=by, due_on=due_on, by=by, now=now)
    published(kept)
    promises.drop(dropped.id, "The ministry has answered it.", by=by, now=now)
    for path in ("/promises", f"/promises?round={round_.slug}"):
        page = client.get(path).text
        assert URL in page
        assert STORY in page
        assert "Kept in time" in page
        assert "The ministry has answered it." in page
        assert "No date yet" in page
    page = client.get("/promises").text
    assert "The time has come for 2 promises: 1 published, 1 in time." in page
    assert "All in all there are 3 promises" in page
    result = client.get(f"/vote/{round_.slug}", follow_redirects=True)
    assert f"/promises?round={round_.slug}" in result.text


def test_one_promise_names_its_vote_its_proposer_and_its_record(client: FlaskClient) -> None:
    author = a_patron(name="Olena Marchenko")
    promise = a_promise(proposal=a_suggestion(author))
    by = a_staff_member("editor").id
    promises.begin(promise.id, by=by, now=utcnow())
    promises.write(promise.id, "We <b>asked</b> the city.", by=by, now=utcnow())
    page = client.get(f"/promises/{promise.id}").text
    assert "Suggested by Olena Marchenko" in page
    assert "1 vote, 1 ballot counted" in page
    assert "Work has begun" in page
    assert "We &lt;b&gt;asked&lt;/b&gt; the city." in page


def test_an_unnamed_proposer_stays_unnamed(client: FlaskClient) -> None:
    author = a_patron(name="Olena Marchenko")
    promise = a_promise(proposal=a_suggestion(author, named=False))
    page = client.get(f"/promises/{promise.id}").text
    assert "Suggested by a patron" in page
    assert "Marchenko" not in page


def test_the_promise_of_a_void_round_says_why(client: FlaskClient) -> None:
    promise = a_promise()
    rounds.void(promise.round_id, "Some could vote twice.", now=utcnow())
    intake.take_in_due(now=utcnow())
    assert "Some could vote twice." in client.get(f"/promises/{promise.id}").text


def test_the_earlier_address_of_the_choice_leads_to_that_of_all_letters(
    app: Flask, client: FlaskClient
) -> None:
    assert client.get("/promises/letters").location == "/account/letters"
    signed_in(client, a_patron())
    a_promise()
    assert "You chose to be told" in client.get("/promises").text


@pytest.mark.parametrize("role", ["fundraiser", "finance"])
def test_the_desk_is_the_editors(app: Flask, client: FlaskClient, role: str) -> None:
    promise = a_promise()
    signed_in(client, a_staff_member(role))
    for rest in ("", f"/{promise.id}", f"/{promise.id}/publish", f"/{promise.id}/drop"):
        assert client.get(f"/staff/promises{rest}").status_code == 403


def test_an_editor_sees_a_promise_through(app: Flask, editor: FlaskClient) -> None:
    promise = a_promise()
    path = f"/staff/promises/{promise.id}"
    assert "Power cuts in Kharkiv" in editor.get("/staff/promises").text
    day = (utcnow().date() + timedelta(days=9)).isoformat()
    answer = send(editor, f"{path}/plan", page=path, action=f"{path}/plan", due_on=day)
    assert answer.status_code == 303
    taken = send(editor, f"{path}/plan", page=path, action=f"{path}/plan", due_on="")
    assert taken.status_code == 422
    assert "can be moved, not taken away" in taken.text
    odd = send(editor, f"{path}/plan", page=path, action=f"{path}/plan", due_on="soon")
    assert odd.status_code == 422
    assert send(editor, f"{path}/begin", page=path, action=f"{path}/begin").status_code == 303
    empty = send(editor, f"{path}/update", page=path, action=f"{path}/update", text=" ")
    assert empty.status_code == 422
    wrote = send(editor, f"{path}/update", page=path, action=f"{path}/update", text="We asked.")
    assert wrote.status_code == 303
    story = {"title": STORY, "url": URL, "published_on": utcnow().date().isoformat()}
    for wrong in ({"url": "javascript:alert(1)"}, {"published_on": "2999-01-01"}, {"title": ""}):
        assert send(editor, f"{path}/publish", **(story | wrong)).status_code == 422
    assert send(editor, f"{path}/publish", **story).status_code == 303
    page = editor.get(f"/promises/{promise.id}").text
    assert "Kept in time" in page
    assert "We asked." in page


def test_an_editor_drops_a_promise_with_a_reason_and_puts_it_right(
    app: Flask, editor: FlaskClient
) -> None:
    promise = a_promise()
    path = f"/staff/promises/{promise.id}"
    assert send(editor, f"{path}/drop", text=" ").status_code == 422
    assert send(editor, f"{path}/drop", text="Nobody answers.").status_code == 303
    assert editor.get(f"{path}/drop").status_code == 303
    assert "Nobody answers." in editor.get(f"/promises/{promise.id}").text
    assert send(editor, f"{path}/put-right", text="They did.").status_code == 303
    page = editor.get(f"/promises/{promise.id}").text
    assert "Put right: it is “Chosen” again" in page
    assert "They did." in page


def test_a_page_that_is_out_of_date_changes_nothing(app: Flask, editor: FlaskClient) -> None:
    promise = a_promise()
    path = f"/staff/promises/{promise.id}"
    seen = form_of(editor.get(f"{path}/publish"))
    by = a_staff_member("editor").id
    promises.drop(promise.id, "No time.", by=by, now=utcnow())
    answer = editor.post(f"{path}/publish", data=seen, follow_redirects=True)
    assert "Nothing was changed" in answer.text
