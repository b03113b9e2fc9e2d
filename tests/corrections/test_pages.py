"""The form in which anybody tells of a mistake, and how it keeps robots off."""

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from app.corrections.models import Correction, CorrectionGroup
from app.corrections.rules import Source
from app.extensions import db
from app.shield import counters
from app.shield.counters import Counts
from tests.builders import AUGUST
from tests.corrections.builders import BRIDGE, RIVER
from tests.pages import form_of

PATH = "/corrections"
FIT = {"article": RIVER, "quote": "tventy times", "comment": "It is spelt “twenty”."}


def send(client: FlaskClient, **typed: str) -> TestResponse:
    """Open the form, fill it in as a reader would, and send it."""
    return client.post(PATH, data=form_of(client.get(PATH), action=PATH) | FIT | typed)


def letters() -> list[Correction]:
    return list(db.session.scalars(select(Correction).order_by(Correction.id)))


def test_a_reader_writes_and_is_thanked(client: FlaskClient) -> None:
    answer = send(client, email="olena@example.org")
    assert answer.status_code == 303
    page = client.get(answer.location).text
    assert "Once it is decided, you get a letter" in page
    (letter,) = letters()
    assert (letter.passage, letter.comment) == ("tventy times", "It is spelt “twenty”.")
    assert (letter.source, letter.locale, letter.with_address) == (Source.FORM, "en", True)
    group = db.session.get_one(CorrectionGroup, letter.group_id)
    assert group.article == "vilnyi-holos.example/2026/07/who-poisons-the-river"


def test_nothing_but_the_words_is_needed(client: FlaskClient) -> None:
    page = client.get(send(client, comment="", email="").location).text
    assert "You left no address" in page
    assert letters()[0].account_id is None


def test_an_address_prefills_the_form(client: FlaskClient) -> None:
    page = client.get(PATH, query_string={"article": BRIDGE, "quote": "so <b>it</b> was"}).text
    assert f'value="{BRIDGE}"' in page
    assert "so &lt;b&gt;it&lt;/b&gt; was" in page
    named = client.get(PATH, query_string={"article": "bridge"}).text
    assert 'value="bridge"' not in named


@pytest.mark.parametrize(
    ("field", "typed", "said"),
    [
        ("article", "", "Copy the article"),
        ("article", "the river", "Copy the article"),
        ("article", "https://other.example/river", "Copy the article"),
        ("quote", "  ", "Copy the words that are wrong"),
        ("quote", "a" * 501, "Shorten this to 500 characters."),
        ("comment", "a" * 1001, "Shorten this to 1000 characters."),
        ("comment", "Buy at www.cheap.example", "Leave links out, please"),
        ("email", "olena@", "Check the address"),
        ("website", "https://cheap.example", "it is a trap for robots"),
    ],
)
def test_what_is_wrong_is_said_beside_the_field_and_nothing_is_lost(
    client: FlaskClient, field: str, typed: str, said: str
) -> None:
    answer = send(client, **{"email": "olena@example.org", field: typed})
    assert answer.status_code == 422
    assert said in answer.text
    for name, kept in (FIT | {"email": "olena@example.org"}).items():
        assert name == field or kept in answer.text.replace("&#39;", "'"), name
    assert letters() == []


def test_the_form_sent_twice_is_one_letter(client: FlaskClient) -> None:
    typed = form_of(client.get(PATH), action=PATH) | FIT
    for _ in range(2):
        assert client.post(PATH, data=typed).status_code == 303
    assert len(letters()) == 1


def test_a_form_that_nobody_handed_out_is_not_taken(client: FlaskClient) -> None:
    answer = send(client, stamp="1.made-up")
    assert answer.status_code == 422
    assert "This page was open for long" in answer.text


def test_after_a_few_from_one_place_the_browser_has_to_work_for_more(
    client: FlaskClient,
) -> None:
    answers = [send(client, quote=f"word number {number}") for number in range(8)]
    taken = [answer for answer in answers if answer.status_code == 303]
    assert 3 <= len(taken) < 8
    last = answers[-1]
    assert last.status_code == 429
    assert int(last.headers["Retry-After"]) > 0
    assert "Yours is kept here" in last.text
    assert "word number 7" in last.text
    assert "data-proof-waiting" in last.text
    assert form_of(last, action=PATH)["proof_task"]


def test_while_the_shield_is_up_the_form_has_the_browser_work(
    app: Flask, client: FlaskClient
) -> None:
    assert "data-proof-waiting" not in client.get(PATH).text
    counters.put_up(Counts(), AUGUST)
    page = client.get(PATH)
    assert "js/proof.js" in page.text
    assert form_of(page, action=PATH)["proof_task"]


@pytest.mark.parametrize("query", ["article=%00", "quote=%ff%fe", "quote=" + "a" * 3000])
def test_an_odd_address_is_no_error_of_ours(client: FlaskClient, query: str) -> None:
    assert client.get(f"{PATH}?{query}").status_code < 500
    assert client.get(f"{PATH}/log?{query}&page=9999999999999999999999").status_code < 500


def test_the_page_is_there_in_ukrainian(client: FlaskClient) -> None:
    assert '<html lang="uk">' in client.get(f"{PATH}?lang=uk").text
