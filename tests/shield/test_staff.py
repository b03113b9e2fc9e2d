"""The shield as staff see it."""

import pytest
from flask import Flask
from flask.testing import FlaskClient
from redis import Redis

from app import QUICK
from app.clock import utcnow
from app.shield import gate, watch
from app.shield.rules import Mode
from tests.builders import a_reader, a_staff_member, signed_in
from tests.pages import send


@pytest.mark.parametrize(
    ("role", "looks", "acts"),
    [("owner", 200, 303), ("finance", 200, 303), ("fundraiser", 200, 403), ("editor", 403, 403)],
)
def test_who_looks_after_money_may_look_and_finance_may_act(
    client: FlaskClient, role: str, looks: int, acts: int
) -> None:
    signed_in(client, a_staff_member(role))
    page = client.get("/staff/shield")
    assert page.status_code == looks
    if looks == 200:
        assert ("Raise it now" in page.text) is (acts == 303)
    if acts == 303:
        assert send(client, "/staff/shield/raise").status_code == 303
        assert gate.mode() is Mode.RAISED
        assert "Lower it now" in client.get("/staff/shield").text
    else:
        assert client.get("/staff/shield/raise").status_code == 403


def test_a_reader_may_not_look(client: FlaskClient) -> None:
    assert client.get("/staff/shield").status_code == 303
    assert signed_in(client, a_reader()).get("/staff/shield").status_code == 403


def test_the_log_tells_what_came(client: FlaskClient) -> None:
    owner = a_staff_member("owner")
    signed_in(client, owner)
    assert "has never been up" in client.get("/staff/shield").text
    watch.raise_by_hand(owner.id, now=utcnow())
    assert "Up since" in client.get("/staff/shield").text
    assert send(client, "/staff/shield/lower").status_code == 303
    page = client.get("/staff/shield").text
    assert "Raised by staff" in page
    assert "Reached Stripe" in page


def test_silent_counters_are_said_and_nothing_is_changed(app: Flask, client: FlaskClient) -> None:
    signed_in(client, a_staff_member("owner"))
    lasting = app.extensions["redis"]
    app.extensions["redis"] = Redis.from_url("redis://127.0.0.1:1/0", **QUICK)
    try:
        assert "The counters do not answer" in client.get("/staff/shield").text
        assert send(client, "/staff/shield/raise").status_code == 303
        assert list(watch.entries()) == []
    finally:
        app.extensions["redis"] = lasting


@pytest.mark.parametrize("act", ["lift", "", "raise/now"])
def test_no_other_act_exists(client: FlaskClient, act: str) -> None:
    signed_in(client, a_staff_member("owner"))
    assert client.get(f"/staff/shield/{act}").status_code in (308, 404)
