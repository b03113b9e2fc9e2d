"""What an article's own page sends from another origin."""

import json

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from app.corrections.models import Correction, CorrectionGroup
from app.extensions import db
from app.shield import counters
from app.shield.counters import Counts
from tests.builders import AUGUST
from tests.corrections.builders import RIVER, SITE

PATH = "/corrections/send"
FIT = {
    "article": RIVER,
    "title": "Who poisons the river",
    "quote": "tventy",
    "prefix": "grammes of nitrates in a litre, ",
    "suffix": " times the limit",
    "comment": "It is spelt “twenty”.",
    "lang": "en",
}


def send(client: FlaskClient, origin: str | None = SITE, **typed: str) -> TestResponse:
    """Send as a browser does from a page of that origin."""
    headers = {"Origin": origin} if origin is not None else {}
    return client.post(PATH, data=FIT | typed, headers=headers)


def letters() -> list[Correction]:
    return list(db.session.scalars(select(Correction)))


def test_what_a_reader_highlights_arrives_with_what_stands_around_it(client: FlaskClient) -> None:
    answer = send(client, email="olena@example.org", lang="uk")
    assert answer.status_code == 201
    assert answer.headers["Access-Control-Allow-Origin"] == SITE
    assert answer.headers["Vary"] == "Origin"
    (letter,) = letters()
    assert (letter.prefix, letter.passage, letter.suffix) == (
        "grammes of nitrates in a litre, ",
        "tventy",
        " times the limit",
    )
    assert (letter.source, letter.locale) == ("article", "uk")
    assert db.session.get_one(CorrectionGroup, letter.group_id).title == "Who poisons the river"


def test_it_leaves_no_cookie_and_no_session(client: FlaskClient) -> None:
    assert "Set-Cookie" not in send(client).headers
    assert "Set-Cookie" not in client.get("/corrections/words?lang=uk").headers


@pytest.mark.parametrize(
    "origin", [None, "", "null", "https://evil.example", f"{SITE}.evil.example"]
)
def test_a_page_of_another_site_cannot_send(client: FlaskClient, origin: str | None) -> None:
    answer = send(client, origin)
    assert answer.status_code == 403
    assert "Access-Control-Allow-Origin" not in answer.headers
    assert letters() == []


@pytest.mark.parametrize(
    ("field", "typed", "said"),
    [
        ("article", "https://other.example/river", "Copy the article"),
        ("quote", "", "Copy the words that are wrong"),
        ("quote", "a" * 501, "Shorten this"),
        ("comment", "See https://cheap.example", "Leave links out"),
        ("email", "olena", "Check the address"),
        ("website", "x", "trap for robots"),
    ],
)
def test_what_is_wrong_is_told_by_field(
    client: FlaskClient, field: str, typed: str, said: str
) -> None:
    answer = send(client, **{field: typed})
    assert answer.status_code == 422
    assert list(errors := json.loads(answer.text)["errors"]) == [field]
    assert said in errors[field]
    assert letters() == []


def test_signs_that_no_page_shows_are_left_out(client: FlaskClient) -> None:
    assert send(client, comment="It\0 is\x1b[2J spelt", quote="tven\0ty").status_code == 201
    assert letters()[0].passage == "tventy"
    assert letters()[0].comment == "It is[2J spelt"


def test_the_same_letter_sent_again_after_a_lost_answer_is_one(client: FlaskClient) -> None:
    key = {"request_key": "11111111-1111-4111-8111-111111111111"}
    assert [send(client, **key).status_code for _ in range(2)] == [201, 201]
    assert len(letters()) == 1


def test_under_attack_and_after_a_few_the_sender_leads_to_the_form(
    app: Flask, client: FlaskClient
) -> None:
    answers = [send(client, quote=f"word {number}") for number in range(8)]
    assert answers[0].status_code == 201
    assert answers[-1].status_code == 429
    assert answers[-1].json == {"form": True}
    counters.put_up(Counts(), AUGUST)
    before = len(letters())
    held = send(client, quote="another")
    assert (held.status_code, held.json) == (403, {"form": True})
    assert held.headers["Access-Control-Allow-Origin"] == SITE
    assert len(letters()) == before


@pytest.mark.parametrize(("asked", "given"), [("uk", "uk"), ("en", "en"), ("fr", "en"), ("", "en")])
def test_the_words_come_in_the_articles_language(
    client: FlaskClient, asked: str, given: str
) -> None:
    answer = client.get("/corrections/words", query_string={"lang": asked})
    told = json.loads(answer.text)
    assert told["lang"] == given
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert "max-age=3600" in answer.headers["Cache-Control"]
    assert all(told.values())
