"""The pages of topics as readers and patrons without JavaScript meet them."""

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from app.clock import utcnow
from app.extensions import db
from app.topics import abuse, credit, merging
from app.topics.models import Proposal, Report
from app.topics.rules import State
from config.settings import Settings
from tests.builders import AUGUST, a_patron, a_reader, a_staff_member, signed_in
from tests.pages import form_of, send
from tests.topics.builders import WHY, a_story, a_suggestion, moved

TYPED = {"title": "Prices of bread", "why": WHY, "credit": "named"}


def suggest(client: FlaskClient, **typed: str) -> TestResponse:
    """Fill in the form for a suggestion and send it."""
    return send(client, "/topics/new", action="/topics/new", **{**TYPED, **typed})


def count() -> int:
    return db.session.scalar(select(func.count()).select_from(Proposal)) or 0


def test_a_patron_suggests_a_topic_and_everybody_reads_it(app: Flask, client: FlaskClient) -> None:
    signed_in(client, a_patron(name="Taras Koval"))
    links = "https://example.org/bread\nhttps://example.org/bread"
    answer = suggest(client, links=links)
    assert answer.status_code == 303
    page = app.test_client().get(answer.location)
    for part in ("Prices of bread", WHY, "Suggested by Taras Koval", "1 patron wants this"):
        assert part in page.text
    assert 'href="https://example.org/bread" rel="nofollow noopener ugc"' in page.text
    assert page.text.count("<strong>example.org</strong>/bread") == 1
    assert "Prices of bread" in app.test_client().get("/topics").text


def test_who_wants_no_name_is_named_nowhere(app: Flask, client: FlaskClient) -> None:
    signed_in(client, a_patron(name="Taras Koval"))
    where = suggest(client, credit="unnamed").location
    editor = signed_in(app.test_client(), a_staff_member("editor"))
    reader = app.test_client()
    for page in (reader.get(where), reader.get("/topics"), editor.get(f"/staff{where}")):
        assert "Prices of bread" in page.text
        assert "Taras" not in page.text


def test_without_a_script_what_is_similar_is_shown_before_it_is_sent(
    app: Flask, client: FlaskClient
) -> None:
    like = a_suggestion(title="Prices of bread in Kharkiv")
    a_story("Why prices of bread rise")
    signed_in(client, a_patron())
    first = suggest(client)
    assert count() == 1
    assert "Your suggestion is not sent yet." in first.text
    assert f'href="/topics/{like.id}"' in first.text
    assert "https://news.example.org/story" in first.text
    again = client.post("/topics/new", data={**form_of(first, action="/topics/new"), "why": WHY})
    assert again.status_code == 303
    assert count() == 2


def test_a_script_fetches_what_is_similar_and_need_not_be_shown_it_twice(
    app: Flask, client: FlaskClient
) -> None:
    like = a_suggestion(title="Prices of bread in Kharkiv")
    part = client.get("/topics/similar?q=price+of+bread")
    assert f'data-keys="p{like.id}"' in part.text
    assert "<html" not in part.text
    signed_in(client, a_patron())
    assert suggest(client, seen=f"p{like.id}").status_code == 303


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"title": ""}, "Write the topic in one line."),
        ({"title": "a" * 121}, "Keep the topic under 120 characters."),
        ({"why": "Why not?"}, "Write a sentence or two on why it matters."),
        ({"why": "a" * 1501}, "Keep this under 1,500 characters."),
        ({"links": "javascript:alert(1)"}, "Write each link as it stands in the browser"),
        ({"links": "\n".join(f"https://example.org/{n}" for n in range(4))}, "Leave the three"),
        ({"credit": "somebody"}, "Not a valid choice"),
    ],
)
def test_what_needs_correcting_is_said_and_what_was_typed_stays(
    app: Flask, client: FlaskClient, changed: dict[str, str], error: str
) -> None:
    signed_in(client, a_patron())
    answer = suggest(client, **changed)
    assert answer.status_code == 422
    assert error in answer.text
    assert count() == 0


def test_markup_is_shown_as_it_was_typed(app: Flask, client: FlaskClient) -> None:
    signed_in(client, a_patron())
    where = suggest(client, why="<script>alert(1)</script> and more")
    page = client.get(where.location).text
    assert "&lt;script&gt;alert(1)" in page
    assert "<script>alert" not in page


def test_who_is_no_patron_or_has_suggested_enough_is_told_so(
    app: Flask, client: FlaskClient
) -> None:
    assert client.get("/topics/new").location.startswith("/sign-in?next=")
    signed_in(client, a_reader())
    assert "Suggesting topics is for patrons." in client.get("/topics/new").text
    author = a_patron()
    for number in range(3):
        a_suggestion(author, title=f"What became of road {number}", now=utcnow())
    signed_in(client, author)
    assert "as many topics this month as one patron may" in client.get("/topics/new").text


def test_a_newsroom_may_take_no_suggestions(
    app: Flask, client: FlaskClient, settings: Settings
) -> None:
    signed_in(client, a_patron())
    app.extensions["settings"] = settings.model_copy(update={"proposals_per_month": 0})
    try:
        assert "takes no suggestions at the moment" in client.get("/topics/new").text
    finally:
        app.extensions["settings"] = settings


def test_a_patron_seconds_and_takes_it_back(app: Flask, client: FlaskClient) -> None:
    proposal = a_suggestion()
    signed_in(client, a_patron())
    path = f"/topics/{proposal.id}"
    page = client.get(path)
    assert "Second this topic" in page.text
    sent = form_of(page, action=f"{path}/second")
    assert "you second it" in client.post(f"{path}/second", data=sent, follow_redirects=True).text
    assert credit.wanted_by(proposal.id) == 2
    undo = form_of(client.get(path), action=f"{path}/second")
    assert undo["undo"] == "1"
    client.post(f"{path}/second", data=undo)
    assert credit.wanted_by(proposal.id) == 1


def test_readers_are_led_to_become_patrons_and_nobody_seconds_their_own(
    app: Flask, client: FlaskClient
) -> None:
    author = a_patron()
    proposal = a_suggestion(author)
    path = f"/topics/{proposal.id}"
    assert "Sign in to second it" in client.get(path).text
    token = form_of(signed_in(client, a_reader()).get(path))
    answer = client.post(f"{path}/second", data=token, follow_redirects=True)
    assert "Only patrons second a topic" in answer.text
    own = signed_in(client, author).get(path).text
    assert "you suggested it" in own
    assert "Second this topic" not in own


def test_a_reader_reports_and_the_page_stays(app: Flask, client: FlaskClient) -> None:
    proposal = a_suggestion()
    signed_in(client, a_reader())
    path = f"/topics/{proposal.id}/report"
    assert send(client, path, reason="").status_code == 422
    assert send(client, path, reason="It insults my neighbour.").status_code == 303
    assert db.session.scalars(select(Report.reason)).all() == ["It insults my neighbour."]


def test_a_hidden_topic_is_seen_by_its_author_alone_with_the_reason(
    app: Flask, client: FlaskClient
) -> None:
    author = a_patron()
    proposal = a_suggestion(author)
    abuse.hide(proposal.id, "Names a private person.", by=a_staff_member().id, now=AUGUST)
    path = f"/topics/{proposal.id}"
    assert client.get(path).status_code == 404
    assert signed_in(client, a_reader()).get(path).status_code == 404
    assert proposal.title not in client.get("/topics").text
    signed_in(client, author)
    assert "Names a private person." in client.get(path).text
    assert "Hidden" in client.get("/topics").text


def test_what_was_joined_leads_to_where_it_goes_on(app: Flask, client: FlaskClient) -> None:
    kept, merged = a_suggestion(), a_suggestion(title="Dark schools")
    merging.merge(kept.id, merged.id, by=a_staff_member().id, now=AUGUST)
    page = client.get(f"/topics/{merged.id}", follow_redirects=True)
    assert page.request.path == f"/topics/{kept.id}"
    assert "goes on here, joined with a similar one" in page.text
    assert "Dark schools" in page.text
    assert "2 patrons want this" in page.text


def test_the_list_is_filtered_and_says_when_nothing_fits(app: Flask, client: FlaskClient) -> None:
    assert "No suggestion yet" in client.get("/topics").text
    declined = moved(a_suggestion(title="Prices of milk"), State.DECLINED, reason="Done in May.")
    a_suggestion(title="Prices of bread")
    assert declined.title in client.get("/topics?state=declined").text
    assert "Prices of bread" not in client.get("/topics?state=declined").text
    assert "No suggestion fits." in client.get("/topics?q=roads").text
    assert "Done in May." in client.get(f"/topics/{declined.id}").text
    for odd in ("?state=merged", "?state=x&sort=y&page=-1", "?page=99999", "?q=%25%5C"):
        assert client.get(f"/topics{odd}").status_code == 200


def test_the_list_is_cut_into_pages(app: Flask, client: FlaskClient) -> None:
    for number in range(21):
        a_suggestion(title=f"What became of road {number:02}")
    first, second = client.get("/topics?q=road"), client.get("/topics?q=road&page=2")
    assert "Page 1 of 2" in first.text
    assert "road 20" in first.text
    assert "road 00" in second.text
    assert "q=road" in first.text
