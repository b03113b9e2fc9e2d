"""The pages that belong to no room, what machines ask, and what every answer carries."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from redis import Redis
from sqlalchemy import text

from app.extensions import db
from app.jobs import Job, enqueue
from config.settings import Settings


@pytest.fixture
def with_token(app: Flask, settings: Settings) -> Iterator[str]:
    """A deployment that keeps its metrics to who has the token."""
    app.extensions["settings"] = Settings(**settings.model_dump() | {"metrics_token": "scrape-me"})
    yield "scrape-me"
    app.extensions["settings"] = settings


def test_the_front_page_leads_on_to_the_appeal_and_keeps_the_article(client: FlaskClient) -> None:
    answer = client.get("/?article=night-shift")
    assert (answer.status_code, answer.location) == (302, "/give?article=night-shift")


def test_the_theme_has_the_newsrooms_colours(client: FlaskClient) -> None:
    answer = client.get("/theme.css")
    assert answer.mimetype == "text/css"
    assert "--accent:#0a4fa3" in answer.text
    assert "max-age=3600" in answer.headers["Cache-Control"]


def test_a_process_that_runs_is_alive(client: FlaskClient) -> None:
    assert client.get("/healthz").json == {"status": "alive"}


def test_a_newsroom_is_ready_with_database_broker_and_schema(client: FlaskClient) -> None:
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json == {"status": "ready", "database": True, "broker": True, "migrations": True}


def test_without_its_broker_it_is_not_ready_and_says_so(app: Flask, client: FlaskClient) -> None:
    broker = app.extensions["redis"]
    app.extensions["redis"] = Redis(port=1, socket_connect_timeout=0.2)
    try:
        answer = client.get("/readyz")
    finally:
        app.extensions["redis"] = broker
    assert answer.status_code == 503
    assert answer.json is not None
    assert (answer.json["broker"], answer.json["database"]) == (False, True)


def test_with_an_older_schema_it_is_not_ready(client: FlaskClient) -> None:
    newest = db.session.scalar(text("SELECT version_num FROM alembic_version"))
    db.session.execute(text("UPDATE alembic_version SET version_num = '0001'"))
    db.session.commit()
    answer = client.get("/readyz")
    db.session.execute(text("UPDATE alembic_version SET version_num = :newest"), {"newest": newest})
    db.session.commit()
    assert answer.status_code == 503
    assert answer.json is not None
    assert answer.json["migrations"] is False


def test_metrics_count_requests_by_endpoint(client: FlaskClient) -> None:
    client.get("/give")
    text_ = client.get("/metrics").text
    assert re.search(r'hromada_requests_total\{endpoint="giving.give",status="200"\} \d', text_)


@pytest.mark.parametrize("header", ["", "Bearer wrong", "Bearer ключ", "scrape-me"])
def test_metrics_are_for_who_has_the_token(
    client: FlaskClient, with_token: str, header: str
) -> None:
    headers = {"Authorization": header.encode().decode("latin-1")}
    assert client.get("/metrics", headers=headers).status_code == 403
    right = {"Authorization": f"Bearer {with_token}"}
    assert client.get("/metrics", headers=right).status_code == 200


def test_every_page_tells_the_browser_what_to_refuse(client: FlaskClient) -> None:
    headers = client.get("/give").headers
    policy = headers["Content-Security-Policy"]
    assert "unsafe" not in policy
    for directive in ("default-src 'none'", "script-src 'self'", "frame-ancestors 'none'"):
        assert directive in policy
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "strict-origin-when-cross-origin"


@pytest.mark.parametrize(
    ("path", "code", "said"),
    [
        ("/no-such-page", 404, "There is no such page"),
        ("/give/thanks", 404, "There is no such page"),
        ("/webhooks/stripe", 405, "not how this page works"),
    ],
)
def test_an_error_is_a_page_with_words_and_json_for_machines(
    client: FlaskClient, path: str, code: int, said: str
) -> None:
    page = client.get(path, headers={"Accept": "text/html"})
    assert page.status_code == code
    assert said in page.text
    machine = client.get(path, headers={"Accept": "application/json"})
    assert machine.status_code == code
    assert machine.json is not None
    assert set(machine.json) == {"error", "request_id"}


def test_a_page_that_takes_no_such_request_says_which_it_takes(client: FlaskClient) -> None:
    assert set(client.get("/webhooks/stripe").allow) == {"POST", "OPTIONS"}


def test_a_form_left_open_too_long_says_what_to_do(client: FlaskClient) -> None:
    answer = client.post("/give", data={"csrf_token": "old"}, headers={"Accept": "text/html"})
    assert answer.status_code == 400
    assert "This form has been open for too long" in answer.text


def test_a_request_keeps_the_id_its_proxy_gave_it(client: FlaskClient) -> None:
    given = client.get("/give", headers={"X-Request-Id": "edge-0123456789"})
    assert given.headers["X-Request-Id"] == "edge-0123456789"
    forged = client.get("/give", headers={"X-Request-Id": "a b\tc"})
    assert re.fullmatch(r"[0-9a-f]{32}", forged.headers["X-Request-Id"])


def test_a_queue_that_is_down_fails_nobody(app: Flask) -> None:
    broker: Any = app.extensions["redis"]
    app.extensions["redis"] = Redis(port=1, socket_connect_timeout=0.2)
    try:
        enqueue(Job.SEND_LETTERS)
    finally:
        app.extensions["redis"] = broker
