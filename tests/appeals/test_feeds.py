"""What the elements are told: the closest appeal, the open round without its count, goals."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from redis import Redis
from sqlalchemy import event

from app import QUICK
from app.appeals import appeals
from app.clock import utcnow
from app.extensions import db
from app.voting import turns
from tests.appeals.wordings import AUGUST, an_appeal, words
from tests.builders import a_patron
from tests.voting.builders import an_open_round, time_passes, votes


def told(client: FlaskClient, path: str) -> dict[str, Any]:
    """A feed as the element reads it."""
    answer = client.get(f"/embed/{path}", headers={"Origin": "https://news.example"})
    assert answer.status_code == 200
    found: dict[str, Any] = answer.get_json()
    return found


def headline(client: FlaskClient, query: str = "") -> str:
    """The headline of the appeal of a page."""
    return str(told(client, f"appeal.json?lang=en&{query}")["variants"][0]["headline"])


@contextmanager
def statements() -> Iterator[list[str]]:
    """Every statement that the database is sent meanwhile."""
    found: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        found.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield found
    finally:
        event.remove(db.engine, "before_cursor_execute", note)


@pytest.mark.parametrize("path", ["appeal.json", "round.json", "goal.json"])
def test_a_feed_is_for_every_site_and_every_cache_for_a_minute_and_about_nobody(
    client: FlaskClient, path: str
) -> None:
    an_open_round()
    client.set_cookie("session", "anything")
    with statements() as sent:
        answer = client.get(f"/embed/{path}?lang=uk&article=night")
    assert len([one for one in sent if one.startswith("SELECT")]) <= 2
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert answer.cache_control.public
    assert answer.cache_control.max_age is not None
    assert answer.cache_control.max_age <= 60
    assert "Set-Cookie" not in answer.headers
    assert "Vary" not in answer.headers
    assert answer.get_json()["lang"] == "uk"
    tag = answer.headers["ETag"]
    again = client.get(f"/embed/{path}?lang=uk&article=night", headers={"If-None-Match": tag})
    assert again.status_code == 304


def test_a_newsroom_that_writes_nothing_has_an_appeal_in_both_languages(
    client: FlaskClient,
) -> None:
    for lang, button in (("en", "Become a patron"), ("uk", "Стати патроном"), ("fr", None)):
        found = told(client, f"appeal.json?lang={lang}")
        (one,) = found["variants"]
        assert one["tag"] == "usual"
        assert one["headline"]
        assert one["button"] == (button or "Become a patron")
        assert [period["interval"] for period in found["periods"]] == ["month", "year", "once"]


def test_the_appeal_that_is_meant_most_closely_is_shown(client: FlaskClient) -> None:
    an_appeal("for all")
    an_appeal("for the section", sections=["energy"])
    an_appeal("for the beginning", articles=["night*"])
    an_appeal("for the article", articles=["night-shift"])
    an_appeal("not on", on=False, articles=["night-shift"])
    assert headline(client, "article=night-shift&section=energy") == "for the article"
    assert headline(client, "article=night-train&section=energy") == "for the beginning"
    assert headline(client, "article=day&section=Energy") == "for the section"
    assert headline(client, "article=day&section=culture") == "for all"
    an_appeal("for all, newer")
    assert headline(client) == "for all, newer"


def test_an_appeal_is_shown_in_its_time_and_its_languages(client: FlaskClient) -> None:
    now = utcnow()
    an_appeal("to come", from_at=now + timedelta(hours=1))
    an_appeal("over", until_at=now - timedelta(hours=1))
    assert told(client, "appeal.json?lang=en")["variants"][0]["tag"] == "usual"
    an_appeal("in time", from_at=now - timedelta(hours=1), until_at=now + timedelta(hours=1))
    assert headline(client) == "in time"
    # It is not written in Ukrainian, so the usual words are shown there and not half of each.
    assert told(client, "appeal.json?lang=uk")["variants"][0]["tag"] == "usual"


def test_both_wordings_travel_with_their_names_and_what_readers_see_makes_an_edition(
    client: FlaskClient,
) -> None:
    made = an_appeal(both=True, amounts={"EUR": {"month": [700, 1450]}})
    found = told(client, "appeal.json?lang=en&currency=EUR")
    assert [one["tag"] for one in found["variants"]] == [f"{made.id}-1-a", f"{made.id}-1-b"]
    assert found["periods"][0]["amounts"] == [["7", "€7"], ["14.50", "€14.50"]]
    assert len(found["periods"][1]["amounts"]) == 3
    by = made.id
    terms = appeals.Terms("Another name", made.texts, made.amounts)
    assert appeals.change(by, terms, by=a_patron().id, now=AUGUST).edition == 1
    terms = appeals.Terms("Another name", {"a": {"en": words("New words")}})
    assert appeals.change(by, terms, by=a_patron().id, now=AUGUST).edition == 2


def test_an_open_round_tells_its_topics_and_never_a_count(client: FlaskClient) -> None:
    assert told(client, "round.json?lang=en")["state"] == "none"
    round_ = an_open_round(title="What next?", topics=3)
    before = told(client, "round.json?lang=en")
    votes(a_patron(), round_, 1, 2)
    assert told(client, "round.json?lang=en") == before
    assert before["state"] == "open"
    assert before["title"] == "What next?"
    assert len(before["topics"]) == 3
    assert before["link"]["href"] == f"/vote/{round_.slug}"


def test_between_rounds_the_newest_result_is_told(client: FlaskClient) -> None:
    round_ = an_open_round(title="What next?", topics=3)
    votes(a_patron(), round_, 2)
    time_passes(round_)
    assert told(client, "round.json?lang=en")["state"] == "none"
    turns.turn(round_.id, now=utcnow())
    found = told(client, "round.json?lang=en")
    assert found["state"] == "result"
    assert len(found["topics"]) == 1
    assert found["link"]["href"] == f"/vote/{round_.slug}/result"
    an_open_round(title="And then?")
    assert told(client, "round.json?lang=en")["title"] == "And then?"


def test_a_patron_is_told_of_the_open_round_in_place_of_the_appeal(client: FlaskClient) -> None:
    assert told(client, "appeal.json?lang=en")["thanks"]["link"] is None
    round_ = an_open_round(title="What next?")
    thanks = told(client, "appeal.json?lang=en")["thanks"]
    assert thanks["link"]["href"] == f"/vote/{round_.slug}"


def test_without_redis_the_feeds_are_there_all_the_same(app: Flask, client: FlaskClient) -> None:
    kept = app.extensions["redis"]
    app.extensions["redis"] = Redis.from_url("redis://127.0.0.1:1/0", **QUICK)
    try:
        for path in ("appeal.json", "round.json", "goal.json"):
            assert told(client, path)["lang"] == "en"
        page = {"Origin": "https://vilnyi-holos.example", "User-Agent": "Firefox"}
        note = b'{"appeal": "usual", "lang": "en"}'
        assert client.post("/embed/seen", data=note, headers=page).status_code == 204
    finally:
        app.extensions["redis"] = kept
