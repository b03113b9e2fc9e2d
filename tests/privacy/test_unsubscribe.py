"""Ending letters: by one click of a mail program, by a page, and back again."""

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.accounts.models import Account
from app.extensions import db
from app.letters import consents, unsubscribing
from app.letters.categories import Category
from tests.builders import a_patron, a_reader, ends, signed_in
from tests.fakes import FakeGateway, FakeMailer
from tests.pages import send
from tests.privacy.people import asked_and_confirmed, carried_out

ONE_CLICK = {"List-Unsubscribe": "One-Click"}


@pytest.fixture
def patron(app: Flask) -> Account:
    """A patron who gets all letters."""
    return a_patron("petro@example.org")


def path(account: Account, category: Category = Category.VOTES) -> str:
    return unsubscribing.address(category, account.id).removeprefix("http://localhost")


def test_one_click_ends_one_kind_without_a_session_a_cookie_or_a_token_of_forms(
    client: FlaskClient, patron: Account
) -> None:
    answer = client.post(path(patron), data=ONE_CLICK)
    assert answer.status_code == 200
    assert "Set-Cookie" not in answer.headers
    assert consents.wanted(patron.id) == [Category.TOPICS]
    client.post(path(patron), data=ONE_CLICK)
    (newest, *_) = consents.history(patron.id)
    assert (newest.act, newest.how, newest.category) == ("withdrawn", "letter", "votes")
    assert len(consents.history(patron.id)) == 3, "pressed twice it is entered once"


def test_opening_the_link_changes_nothing_and_shows_one_button(
    client: FlaskClient, patron: Account
) -> None:
    page = client.get(path(patron))
    assert len(re.findall(r"<form", page.text)) == 1
    assert patron.email not in page.text
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert consents.wanted(patron.id) == [Category.VOTES, Category.TOPICS]
    send(client, path(patron), action=path(patron))
    assert consents.wanted(patron.id) == [Category.TOPICS]


def test_it_can_be_undone_where_a_letter_ended_it(client: FlaskClient, patron: Account) -> None:
    ended = client.post(path(patron), data=ONE_CLICK)
    assert f'action="{path(patron)}/undo"' in ended.text
    client.post(f"{path(patron)}/undo")
    assert consents.wanted(patron.id) == [Category.VOTES, Category.TOPICS]


def test_a_letters_link_cannot_begin_what_was_never_wanted_or_ended_by_its_owner(
    app: Flask, client: FlaskClient, patron: Account
) -> None:
    ends(patron, Category.VOTES)
    stranger = a_reader()
    for account in (patron, stranger):
        client.post(f"{path(account)}/undo")
        assert Category.VOTES not in consents.wanted(account.id)


def test_the_link_of_an_account_that_was_merged_ends_letters_of_who_is_kept(
    client: FlaskClient, patron: Account
) -> None:
    merged = a_patron()
    merged.merged_into_id = patron.id
    db.session.commit()
    client.post(path(merged), data=ONE_CLICK)
    assert consents.wanted(patron.id) == [Category.TOPICS]


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_token_made_up_is_no_page(client: FlaskClient, patron: Account, method: str) -> None:
    assert getattr(client, method)(path(patron)[:-2]).status_code == 404


def test_a_patron_sees_what_was_agreed_and_chooses_each_kind(
    client: FlaskClient, patron: Account
) -> None:
    assert client.get("/account/letters").status_code == 303
    signed_in(client, patron)
    page = client.get("/account/letters").text
    assert page.count(" checked") == 2
    assert "You agreed" in page
    assert "I can stop that in each letter with one click." in page
    client_form = send(client, "/account/letters", action="/account/letters", agree="topics")
    assert client_form.status_code == 303
    assert consents.wanted(patron.id) == [Category.TOPICS]
    assert "You ended it" in client.get("/account/letters").text


def test_what_is_ticked_beside_a_ballot_is_agreed_to_and_the_rest_stays(
    app: Flask, client: FlaskClient
) -> None:
    patron = a_patron(wants_letters=False)
    signed_in(client, patron)
    answer = send(
        client,
        "/account/letters/agree",
        page="/account/letters",
        action="/account/letters",
        agree="votes",
        next="/vote",
    )
    assert answer.location == "/vote"
    (entry,) = consents.history(patron.id)
    assert (entry.category, entry.wording, entry.how) == ("votes", "votes-1", "page")
    outside = send(
        client,
        "/account/letters/agree",
        page="/account/letters",
        action="/account/letters",
        next="//evil.example",
    )
    assert outside.location == "/account/letters"
    assert consents.wanted(patron.id) == [Category.VOTES]


def test_the_link_of_somebody_who_was_erased_leaves_nothing_behind(
    client: FlaskClient, gateway: FakeGateway, mailer: FakeMailer
) -> None:
    reader = a_reader("gone@example.org")
    link = path(reader)
    carried_out(asked_and_confirmed(reader.id), gateway, mailer)
    for address in (link, f"{link}/undo"):
        answer = client.post(address, data=ONE_CLICK)
        assert "These letters have ended" in answer.text
    assert consents.history(reader.id) == []
