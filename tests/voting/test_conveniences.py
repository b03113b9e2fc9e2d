"""From a letter to the ballot, none of these, a code by letter, pictures, back from paying."""

import io
import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, text

from app.accounts.models import Role
from app.clock import utcnow
from app.extensions import db
from app.letters.models import Letter
from app.topics.rules import State
from app.voting import pictures, rounds, turns
from app.voting.models import Ballot, Round
from tests.builders import a_patron, a_staff_member, signed_in
from tests.fakes import FakeMailer
from tests.pages import form_of
from tests.topics.builders import a_suggestion, moved
from tests.voting.builders import a_draft, an_open_round
from tests.voting.pages import address, send, ticked
from tests.voting.test_letters import sent

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 40


def test_the_letters_button_signs_in_and_leads_to_the_ballot(
    client: FlaskClient, mailer: FakeMailer
) -> None:
    a_patron()
    round_ = an_open_round()
    turns.turn(round_.id, now=utcnow())
    (letter,) = sent("round_opened", mailer)
    (path,) = set(re.findall(r"http://localhost(/sign-in/link/[\w-]+)", letter.text))
    assert path in letter.html
    page = client.get(path)
    assert page.status_code == 200
    answer = client.post(path, data=form_of(page))
    assert answer.location == address(round_)
    assert 'name="choices"' in client.get(answer.location).text
    # The same link again, signed in already: straight to the ballot.
    assert client.get(path).location == address(round_)


def test_a_letters_link_signs_in_once(client: FlaskClient, mailer: FakeMailer) -> None:
    a_patron()
    round_ = an_open_round()
    turns.turn(round_.id, now=utcnow())
    (letter,) = sent("round_opened", mailer)
    path = re.findall(r"http://localhost(/sign-in/link/[\w-]+)", letter.text)[0]
    client.post(path, data=form_of(client.get(path)))
    client.post("/sign-out", data=form_of(client.get(address(round_))))
    assert client.get(path).status_code == 410
    assert path.rpartition("/")[2] not in str(
        db.session.execute(text("SELECT row_to_json(s) FROM sign_in s")).all()
    )


def test_none_of_these_is_a_choice_and_excludes_the_others(client: FlaskClient) -> None:
    round_ = an_open_round()
    signed_in(client, a_patron())
    assert "Tick a topic, or" in send(client, round_).text
    both = send(client, round_, 1, none="y")
    assert both.status_code == 422
    assert "not both" in both.text
    assert ticked(both) == {1}
    assert send(client, round_, none="y").status_code == 303
    assert db.session.scalars(select(Ballot.choices)).all() == [[]]
    assert 'id="none" name="none" value="y" checked' in client.get(address(round_)).text


def test_the_ballot_counts_down_by_the_servers_clock(client: FlaskClient) -> None:
    round_ = an_open_round()
    page = signed_in(client, a_patron()).get(address(round_))
    assert f'data-closes="{round_.closes_at.isoformat()}"' in page.text
    assert "data-clock=" in page.text


def test_the_code_comes_by_letter_only_when_asked_for_and_stands_in_no_table(
    client: FlaskClient, mailer: FakeMailer
) -> None:
    patron, round_ = a_patron(), an_open_round()
    signed_in(client, patron)
    thanks = client.get(send(client, round_, 1).location)
    code = db.session.scalars(select(Ballot.receipt)).one()
    assert sent("ballot_receipt", mailer) == []
    for _ in range(2):
        client.post(
            address(round_, "/receipt"), data=form_of(thanks, action=address(round_, "/receipt"))
        )
    (letter,) = sent("ballot_receipt", mailer)
    assert (letter.to, letter.text.count(code)) == (patron.email, 1)
    assert "Power cuts in Kharkiv" not in letter.text + letter.html + letter.subject
    row = db.session.scalars(select(Letter).where(Letter.kind == "ballot_receipt")).one()
    assert code not in f"{row.matter} {row.error}"
    assert row.matter.startswith(f"{round_.id}:{patron.id}:")


def test_who_becomes_a_patron_to_vote_finds_the_way_back(client: FlaskClient) -> None:
    round_ = an_open_round()
    client.get(address(round_))
    with client.session_transaction() as kept:
        assert kept["vote_next"] == round_.slug


def upload(client: FlaskClient, round_: Round, body: bytes, alt: str = "A dark street") -> int:
    path = f"/staff/rounds/{round_.id}/topics/1/picture"
    data = form_of(client.get(path)) | {"alt": alt, "picture": (io.BytesIO(body), "street.png")}
    return client.post(path, data=data, content_type="multipart/form-data").status_code


def test_a_topics_picture_is_shown_from_the_opening_on_and_can_do_nothing(
    client: FlaskClient,
) -> None:
    draft = a_draft()
    signed_in(client, a_staff_member(Role.EDITOR))
    assert upload(client, draft, PNG) == 303
    # The draft saved again keeps the picture with its topic.
    path = f"/staff/rounds/{draft.id}"
    assert client.post(path, data=form_of(client.get(path))).status_code == 303
    topic = rounds.find(draft.id).topics[0]
    assert topic.picture_alt == "A dark street"
    public = f"/vote/pictures/{topic.picture_id}"
    assert client.get(public).status_code == 404
    assert client.get(f"/staff/rounds/pictures/{topic.picture_id}").data == PNG
    opened = rounds.open_(draft.id, now=utcnow())
    answer = client.get(public)
    assert answer.data == PNG
    assert answer.content_type == "image/png"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    page = signed_in(client, a_patron()).get(address(opened))
    assert 'alt="A dark street"' in page.text


@pytest.mark.parametrize(
    ("body", "alt"),
    [
        (b"", "A street"),
        (b"<svg onload=alert(1)>", "A street"),
        (b"<!doctype html>", "A street"),
        (PNG, ""),
    ],
)
def test_what_is_no_picture_or_has_no_words_is_not_taken(
    client: FlaskClient, body: bytes, alt: str
) -> None:
    draft = a_draft()
    signed_in(client, a_staff_member(Role.EDITOR))
    assert upload(client, draft, body, alt) == 422
    assert rounds.find(draft.id).topics[0].picture_id is None


def test_a_picture_larger_than_a_million_bytes_is_not_kept(app: Flask) -> None:
    draft, editor = a_draft(), a_staff_member(Role.EDITOR)
    with pytest.raises(pictures.TooLarge):
        pictures.put(draft.id, 1, PNG + b"\0" * 10**6, "A street", by=editor.id, now=utcnow())


def test_a_shortlisted_topic_is_taken_into_a_draft_with_its_proposer(
    app: Flask, client: FlaskClient
) -> None:
    from_patron = moved(a_suggestion(title="Who owns the river bank"), State.SHORTLISTED).id
    signed_in(client, a_staff_member(Role.EDITOR))
    draft = a_draft()
    path = f"/staff/rounds/{draft.id}"
    with_row = client.post(
        path, data=form_of(client.get(path)) | {"add_proposal": str(from_patron)}
    )
    client.post(path, data=form_of(with_row))
    topic = rounds.find(draft.id).topics[-1]
    assert (topic.proposal_id, topic.title) == (from_patron, "Who owns the river bank")
    assert "Suggested by" in client.get(f"{path}/preview").text
