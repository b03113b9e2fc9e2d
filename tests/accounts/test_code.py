"""Signing in by the code of a letter; how long a session lasts and how it ends."""

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.accounts.models import Role, SignIn
from app.clock import utcnow
from app.extensions import db
from app.letters.models import Letter
from tests.accounts.mailbox import newest_way
from tests.accounts.steps import OLENA, age, ask, is_signed_in, press
from tests.builders import a_reader, a_staff_member, signed_in
from tests.fakes import FakeMailer
from tests.pages import form_of, send


def test_the_code_of_the_letter_signs_in_where_it_was_asked_for(
    client: FlaskClient, mailer: FakeMailer
) -> None:
    a_reader(OLENA)
    ask(client)
    code = newest_way(mailer).code
    page = client.get("/sign-in/code")
    assert 'autocomplete="one-time-code"' in page.text
    assert 'inputmode="numeric"' in page.text
    answer = send(client, "/sign-in/code", code=f"{code[:3]} {code[3:]}")
    assert answer.status_code == 303
    assert is_signed_in(client)


def test_link_and_code_expire_after_fifteen_minutes(
    client: FlaskClient, mailer: FakeMailer
) -> None:
    a_reader(OLENA)
    ask(client)
    way = newest_way(mailer)
    age(minutes=14)
    assert client.get(way.path).status_code == 200
    form = form_of(client.get(way.path))
    age(minutes=1.1)
    assert client.get(way.path).status_code == 410
    assert client.post(way.path, data=form).status_code == 410
    answer = send(client, "/sign-in/code", code=way.code)
    assert answer.location == "/sign-in"
    assert "no longer works" in client.get("/sign-in").text
    assert not is_signed_in(client)


def test_no_secret_of_a_letter_lies_in_the_database(
    client: FlaskClient, mailer: FakeMailer
) -> None:
    a_reader(OLENA)
    ask(client)
    way = newest_way(mailer)
    request = db.session.scalars(select(SignIn)).one()
    letter = db.session.scalars(select(Letter)).one()
    kept = repr({**vars(request), **vars(letter)})
    assert way.code not in kept
    assert way.path.rpartition("/")[2] not in kept


@pytest.mark.parametrize("code", ["", "12345", "1234567", "abcdef", "12345a"])
def test_what_is_no_code_is_refused_without_counting(
    client: FlaskClient, mailer: FakeMailer, code: str
) -> None:
    a_reader(OLENA)
    ask(client)
    assert send(client, "/sign-in/code", code=code).status_code == 422
    assert db.session.scalars(select(SignIn)).one().wrong_codes == 0


def test_the_fifth_wrong_code_ends_the_request_even_for_the_right_one(
    client: FlaskClient, mailer: FakeMailer
) -> None:
    a_reader(OLENA)
    ask(client)
    way = newest_way(mailer)
    wrong = f"{(int(way.code) + 1) % 10**6:06d}"
    form = form_of(client.get("/sign-in/code"))
    for _ in range(4):
        assert client.post("/sign-in/code", data=form | {"code": wrong}).status_code == 422
    assert client.post("/sign-in/code", data=form | {"code": wrong}).location == "/sign-in"
    assert client.post("/sign-in/code", data=form | {"code": way.code}).location == "/sign-in"
    assert client.get(way.path).status_code == 410
    assert not is_signed_in(client)


def test_another_browser_cannot_use_the_code(
    app: Flask, client: FlaskClient, mailer: FakeMailer
) -> None:
    a_reader(OLENA)
    ask(client)
    code = newest_way(mailer).code
    stranger = app.test_client()
    assert stranger.get("/sign-in/code").location == "/sign-in"
    form = form_of(stranger.get("/sign-in"))
    assert stranger.post("/sign-in/code", data=form | {"code": code}).location == "/sign-in"
    ask(stranger, "stranger@example.org")
    assert send(stranger, "/sign-in/code", code=code).status_code == 422
    assert not is_signed_in(stranger)


def test_a_session_holds_nothing_of_the_time_before_the_sign_in(
    client: FlaskClient, mailer: FakeMailer
) -> None:
    a_reader(OLENA)
    ask(client)
    with client.session_transaction() as session:
        session["planted"] = "by somebody else"
    press(client, newest_way(mailer).path)
    with client.session_transaction() as session:
        assert "planted" not in session
        assert "sign_in" not in session


def test_asking_often_for_one_address_is_stopped_in_friendly_words(client: FlaskClient) -> None:
    form = form_of(client.get("/sign-in"))
    answers = [
        client.post("/sign-in", data=form | {"email": email}).status_code
        for email in (OLENA, OLENA.upper(), OLENA, OLENA, OLENA, OLENA)
    ]
    assert answers == [303] * 5 + [429]
    refused = client.post("/sign-in", data=form | {"email": OLENA}, headers={"Accept": "text/html"})
    assert "Wait a few minutes" in refused.text
    assert client.post("/sign-in", data=form | {"email": "other@example.org"}).status_code == 303


def test_a_stranger_who_asks_often_does_not_lock_the_owner_of_an_address_out(
    client: FlaskClient,
) -> None:
    form = form_of(client.get("/sign-in")) | {"email": OLENA}
    here, there = {"REMOTE_ADDR": "192.0.2.1"}, {"REMOTE_ADDR": "198.51.100.1"}
    answers = [
        client.post("/sign-in", data=form, environ_overrides=here).status_code for _ in range(9)
    ]
    assert answers[-1] == 429
    assert client.post("/sign-in", data=form, environ_overrides=there).status_code == 303


def test_signing_out_ends_the_session_of_this_browser(client: FlaskClient) -> None:
    signed_in(client, a_reader(OLENA))
    assert is_signed_in(client)
    page = client.get("/account")
    answer = client.post("/sign-out", data=form_of(page, action="/sign-out"))
    assert answer.location == "/give"
    assert not is_signed_in(client)
    assert client.get("/sign-out").status_code == 405


def test_a_session_is_compressed_only_where_it_is_long(client: FlaskClient) -> None:
    signed_in(client, a_reader(OLENA))
    short = client.get_cookie("session")
    with client.session_transaction() as session:
        session["touches"] = ["a-campaign" * 200]
    long = client.get_cookie("session")
    assert short is not None
    assert long is not None
    # A point before the payload says that it is compressed.
    assert not short.value.startswith(".")
    assert long.value.startswith(".")
    assert len(long.value) < 1024
    assert is_signed_in(client)


def test_a_reader_stays_signed_in_for_thirty_days_and_staff_for_twelve_hours(
    app: Flask,
) -> None:
    reader, staff = a_reader(OLENA), a_staff_member(Role.OWNER)
    for account, young, old in (
        (reader, timedelta(days=29), timedelta(days=30, minutes=1)),
        (staff, timedelta(hours=11), timedelta(hours=12, minutes=1)),
    ):
        browser = app.test_client()
        assert is_signed_in(signed_in(browser, account, since=utcnow() - young))
        assert not is_signed_in(signed_in(browser, account, since=utcnow() - old))
