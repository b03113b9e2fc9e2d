"""The reader's side: signing in, letting a site know, going back; and never anywhere else."""

from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from app.clock import utcnow
from app.extensions import db
from app.passes import forgetting, passes
from app.passes.models import PassAsk, PassCode, PassGrant, PassRenewal
from app.passes.rules import ASK_LIFE
from tests.builders import a_patron, a_reader, signed_in
from tests.pages import form_of, send
from tests.passes.site import ARTICLE, SITE, STATE, ask, came, let, redeem


def codes() -> int:
    return db.session.scalar(select(func.count()).select_from(PassCode)) or 0


def test_a_patron_is_asked_once_whether_the_site_may_know(client: FlaskClient) -> None:
    signed_in(client, a_patron())
    page = ask(client)
    assert page.status_code == 200
    for said in ("Let vilnyi-holos.example know", "since which month", "Nothing else: no name"):
        assert said in page.text
    assert codes() == 0
    back = came(client.post("/pass", data=form_of(page, action="/pass")))
    assert (back.page, back.state) == (ARTICLE, STATE)
    # From then on the site's question is answered at once.
    assert came(ask(client)).code != back.code


def test_who_is_signed_out_signs_in_and_is_led_back_to_the_question(
    app: Flask, client: FlaskClient
) -> None:
    answer = ask(client)
    assert answer.location.startswith("/sign-in?next=/pass/")
    question = answer.location.partition("next=")[2]
    # In another browser, where the letter was opened, too.
    other = signed_in(app.test_client(), a_patron())
    assert "Let vilnyi-holos.example know" in other.get(question).text
    assert client.get(question).location.startswith("/sign-in?next=/pass/")


def test_a_question_waits_for_an_hour(client: FlaskClient) -> None:
    ask(client)
    kept = db.session.scalars(select(PassAsk)).one()
    assert passes.kept(kept.id, now=kept.asked_at + ASK_LIFE) is None
    kept.asked_at = utcnow() - ASK_LIFE
    db.session.commit()
    signed_in(client, a_patron())
    assert client.get(f"/pass/{kept.id}").status_code == 400


@pytest.mark.parametrize(
    "return_to",
    [
        "",
        "https://evil.example/",
        "https://vilnyi-holos.example.evil.example/",
        "https://evilvilnyi-holos.example/",
        "https://vilnyi-holos.example@evil.example/",
        "https://vilnyi-holos.example\\@evil.example/",
        "https://vilnyi-holos.example:8443/",
        "http://vilnyi-holos.example/",
        "//vilnyi-holos.example/",
        "https:vilnyi-holos.example/",
        "javascript://vilnyi-holos.example/%0aalert(1)",
        "https://vilnyi-holos.example/\r\nSet-Cookie: a=b",
        "https://evil.example/?https://vilnyi-holos.example/",
        "https://evil.example#@vilnyi-holos.example/",
        "/give",
    ],
)
def test_nobody_is_led_to_a_site_that_is_not_the_newsrooms(
    app: Flask, client: FlaskClient, return_to: str
) -> None:
    patron = a_patron()
    passes.let(patron.id, SITE, now=utcnow())
    for browser in (app.test_client(), signed_in(client, patron)):
        answer = ask(browser, return_to)
        assert answer.status_code == 400
        assert "Location" not in answer.headers
        assert "This page may not ask" in answer.text
    token = form_of(client.get("/account"))["csrf_token"]
    fields = {"return_to": return_to, "challenge": "a" * 43, "state": STATE, "csrf_token": token}
    assert client.post("/pass", data=fields).status_code == 400
    assert codes() == 0


@pytest.mark.parametrize("changed", [{"challenge": ""}, {"challenge": "short"}, {"state": "x"}])
def test_a_question_without_challenge_or_state_is_refused(
    client: FlaskClient, changed: dict[str, str]
) -> None:
    signed_in(client, a_patron())
    assert ask(client, **changed).status_code == 400


def test_another_page_of_the_newsroom_may_ask_with_or_without_www(client: FlaskClient) -> None:
    signed_in(client, a_patron())
    let(client)
    other = "https://www.vilnyi-holos.example/"
    # Known to one door is not known to the other: each is another site to a browser.
    assert ask(client, other).status_code == 200


def test_nobody_lets_a_site_know_by_a_form_of_another_site(client: FlaskClient) -> None:
    signed_in(client, a_patron())
    fields = form_of(ask(client), action="/pass")
    del fields["csrf_token"]
    assert client.post("/pass", data=fields).status_code == 400
    assert db.session.scalar(select(PassGrant.id)) is None


def test_a_browser_is_let_go_back_to_the_newsrooms_own_pages_after_a_form(
    client: FlaskClient,
) -> None:
    policy = client.get("/sign-in").headers["Content-Security-Policy"]
    (rule,) = (part for part in policy.split("; ") if part.startswith("form-action"))
    assert SITE in rule.split()
    assert "https://evil.example" not in rule


def test_a_person_sees_the_sites_and_lets_one_know_no_more(client: FlaskClient) -> None:
    signed_in(client, a_patron())
    back = let(client)
    renewal = redeem(client, back.code).get_json()["renewal"]
    page = client.get("/account/pages")
    assert "vilnyi-holos.example" in page.text
    grant = db.session.scalars(select(PassGrant)).one()
    answer = send(
        client,
        f"/account/pages/{grant.id}/revoke",
        page="/account/pages",
        action=f"/account/pages/{grant.id}/revoke",
    )
    assert answer.status_code == 303
    assert "No page knows you" in client.get("/account/pages").text
    assert db.session.scalar(select(func.count()).select_from(PassRenewal)) == 0
    refused = client.post("/pass/token", data={"renewal": renewal}, headers={"Origin": SITE})
    assert refused.status_code == 400
    # Next time the reader is asked again.
    assert ask(client).status_code == 200


def test_nobody_takes_back_what_another_let(app: Flask, client: FlaskClient) -> None:
    signed_in(client, a_patron())
    let(client)
    grant = db.session.scalars(select(PassGrant)).one()
    other = signed_in(app.test_client(), a_reader())
    token = form_of(other.get("/account"))["csrf_token"]
    other.post(f"/account/pages/{grant.id}/revoke", data={"csrf_token": token})
    assert db.session.scalar(select(func.count()).select_from(PassGrant)) == 1


def test_what_is_over_is_forgotten(client: FlaskClient) -> None:
    ask(client)
    signed_in(client, a_patron())
    redeem(client, let(client).code)
    let_again = ask(client)
    assert let_again.status_code == 303
    # The code that nobody handed in.
    assert forgetting.forget(now=utcnow() + timedelta(minutes=30)) == 1
    assert forgetting.forget(now=utcnow() + ASK_LIFE) == 1
    forgetting.forget(now=utcnow() + timedelta(days=91))
    for model in (PassAsk, PassCode, PassRenewal, PassGrant):
        assert db.session.scalar(select(func.count()).select_from(model)) == 0


def test_the_address_with_a_code_is_kept_by_nobody(client: FlaskClient) -> None:
    signed_in(client, a_patron())
    let(client)
    answer = ask(client)
    assert answer.headers["Cache-Control"] == "no-store"
    assert urlsplit(answer.location).fragment == ""
