"""Signing in by the link of a letter, as a reader's browser does it."""

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select, update
from werkzeug.test import TestResponse

from app.accounts.models import Account, SignIn
from app.clock import utcnow
from app.extensions import db
from app.letters.models import Letter
from tests.accounts.mailbox import deliver, newest_way
from tests.accounts.steps import OLENA, age, ask, is_signed_in, press
from tests.builders import a_reader
from tests.fakes import FakeMailer
from tests.pages import form_of, send

GONE = "This link no longer works"


def test_the_link_of_the_letter_signs_in_and_confirms_the_address(
    client: FlaskClient, mailer: FakeMailer
) -> None:
    account = a_reader(OLENA, confirmed_at=None)
    answer = ask(client)
    assert (answer.status_code, answer.location) == (303, "/sign-in/code")
    way = newest_way(mailer)
    assert way.draft.to == OLENA
    answer = press(client, way.path)
    assert (answer.status_code, answer.location) == (303, "/pledge")
    assert is_signed_in(client)
    assert db.session.get_one(Account, account.id).confirmed_at is not None


def test_an_address_is_known_without_regard_to_case(
    client: FlaskClient, mailer: FakeMailer
) -> None:
    a_reader(OLENA)
    ask(client, "Olena@Example.ORG")
    assert newest_way(mailer).draft.to == OLENA


def test_an_unknown_address_gets_the_same_pages_and_rows_but_no_letter(
    app: Flask, client: FlaskClient, mailer: FakeMailer
) -> None:
    a_reader(OLENA)
    known, unknown = (
        _seen_by_who_asks_for(app.test_client(), email, mailer)
        for email in (OLENA, "nobody@example.org")
    )
    assert known == unknown
    assert [draft.to for _, draft in mailer.sent] == [OLENA]


def _seen_by_who_asks_for(browser: FlaskClient, email: str, mailer: FakeMailer) -> list[object]:
    """Everything a stranger sees until the code is refused for good, without address and tokens."""
    asked = ask(browser, email)
    deliver(mailer)
    seen: list[object] = [asked.status_code, asked.location]
    for _ in range(5):
        page = browser.get("/sign-in/code")
        wrong = send(browser, "/sign-in/code", code="00000x")
        seen += [_plain(page, email), wrong.status_code, _plain(wrong, email)]
    for _ in range(5):
        wrong = send(browser, "/sign-in/code", code="000000")
        seen += [wrong.status_code, wrong.location, _plain(wrong, email)]
    return seen


def _plain(answer: TestResponse, email: str) -> str:
    return re.sub(r'name="csrf_token"[^>]*>', "", answer.text).replace(email, "EMAIL")


@pytest.mark.parametrize("email", ["", "olena", "olena@", "@example.org", f"{'x' * 250}@a.org"])
def test_what_is_no_address_is_refused_with_words_that_help(
    client: FlaskClient, email: str
) -> None:
    answer = ask(client, email)
    assert answer.status_code == 422
    assert 'aria-invalid="true"' in answer.text
    assert db.session.scalar(select(func.count()).select_from(SignIn)) == 0


@pytest.mark.parametrize(
    "path",
    [
        "/sign-in",
        "/sign-in/code",
        "/sign-in/link/abc",
        "/sign-in/link/abc/again",
        "/sign-in/second-factor",
        "/sign-in/second-factor/set-up",
        "/sign-out",
        "/account",
        "/account/sign-out-everywhere",
    ],
)
def test_a_form_without_its_token_is_refused(client: FlaskClient, path: str) -> None:
    assert client.post(path, data={"email": OLENA}).status_code == 400


def test_a_scanner_that_opens_the_link_uses_nothing_up(
    app: Flask, client: FlaskClient, mailer: FakeMailer
) -> None:
    a_reader(OLENA)
    ask(client)
    path = newest_way(mailer).path
    scanner = app.test_client()
    assert scanner.head(path).status_code == 200
    for _ in range(2):
        page = scanner.get(path)
        assert page.status_code == 200
        assert OLENA not in page.text
        assert "Olena" not in page.text
    assert not is_signed_in(scanner)
    assert press(client, path).status_code == 303


def test_the_page_of_a_link_keeps_its_address_from_other_sites_and_from_caches(
    client: FlaskClient, mailer: FakeMailer
) -> None:
    a_reader(OLENA)
    ask(client)
    page = client.get(newest_way(mailer).path)
    assert page.headers["Referrer-Policy"] == "same-origin"
    assert page.headers["Cache-Control"] == "no-store"


def test_a_link_works_once_and_then_offers_a_new_letter(
    app: Flask, client: FlaskClient, mailer: FakeMailer
) -> None:
    a_reader(OLENA)
    ask(client, query="?next=/vote")
    path = newest_way(mailer).path
    stale = form_of(client.get(path))
    assert client.post(path, data=stale).status_code == 303
    other = app.test_client()
    page = other.get(path)
    assert page.status_code == 410
    assert GONE in page.text
    assert OLENA not in page.text
    answer = other.post(f"{path}/again", data=form_of(page, action=f"{path}/again"))
    assert answer.location == "/sign-in/code"
    assert OLENA not in other.get("/sign-in/code").text
    assert press(other, newest_way(mailer).path).location == "/vote"


def test_a_link_pressed_twice_at_once_signs_in_once(
    app: Flask, client: FlaskClient, mailer: FakeMailer
) -> None:
    a_reader(OLENA)
    ask(client)
    path = newest_way(mailer).path
    other = app.test_client()
    first, second = form_of(client.get(path)), form_of(other.get(path))
    assert client.post(path, data=first).status_code == 303
    assert other.post(path, data=second).status_code == 410
    assert not is_signed_in(other)


def test_an_unknown_link_leads_to_the_sign_in_page(client: FlaskClient) -> None:
    path = "/sign-in/link/" + "x" * 43
    page = client.get(path)
    assert page.status_code == 410
    answer = client.post(f"{path}/again", data=form_of(page, action=f"{path}/again"))
    assert answer.location == "/sign-in"


def test_a_letter_that_is_late_is_not_sent(client: FlaskClient, mailer: FakeMailer) -> None:
    a_reader(OLENA)
    ask(client)
    age(minutes=16)
    assert deliver(mailer) == []
    assert db.session.scalar(select(Letter.due_at)) is None


def test_a_letter_sent_once_more_replaces_link_and_code(
    client: FlaskClient, mailer: FakeMailer
) -> None:
    a_reader(OLENA)
    ask(client)
    first = newest_way(mailer)
    db.session.execute(update(Letter).values(sent_at=None, due_at=utcnow()))
    db.session.commit()
    second = newest_way(mailer)
    assert mailer.sent[0][0] == mailer.sent[1][0]
    assert client.get(first.path).status_code == 410
    assert client.get(second.path).status_code == 200


def test_signing_in_leads_back_to_the_page_that_was_asked_for(
    client: FlaskClient, mailer: FakeMailer
) -> None:
    a_reader(OLENA)
    answer = client.get("/account?lang=en")
    assert answer.location == "/sign-in?next=/account?lang%3Den"
    send(client, answer.location, email=OLENA)
    assert press(client, newest_way(mailer).path).location == "/account?lang=en"


@pytest.mark.parametrize("evil", ["//evil.example", "https://evil.example", "/%5Cevil.example"])
def test_signing_in_never_leads_to_another_site(
    client: FlaskClient, mailer: FakeMailer, evil: str
) -> None:
    a_reader(OLENA)
    ask(client, query=f"?next={evil}")
    assert press(client, newest_way(mailer).path).location == "/pledge"
    assert client.get(f"/sign-in?next={evil}").location == "/pledge"
