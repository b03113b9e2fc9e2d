"""What readers read about privacy is what the program does, in both languages."""

import html

import pytest
from flask import Flask, Response
from flask.testing import FlaskClient
from structlog.testing import capture_logs

from app.privacy import guard
from app.privacy.guard import Unlisted
from app.privacy.inventory import catalogue


@pytest.mark.parametrize("language", ["en", "uk"])
def test_the_page_tells_every_kind_and_whom_to_write_to(client: FlaskClient, language: str) -> None:
    page = html.unescape(client.get("/privacy", headers={"Accept-Language": language}).text)
    for kind in catalogue.KINDS:
        assert f'id="{kind.key}"' in page
    assert "privacy@vilnyi-holos.example" in page
    for path in ("/account/letters", "/account/erase", "/account/data", "/cookies"):
        assert f'href="{path}"' in page


@pytest.mark.parametrize("language", ["en", "uk"])
def test_the_page_of_cookies_names_each(client: FlaskClient, language: str) -> None:
    page = client.get("/cookies", headers={"Accept-Language": language}).text
    for name in catalogue.COOKIES:
        assert f'data-name="{name}"' in page


def test_both_pages_stand_in_the_footer_of_every_page(client: FlaskClient) -> None:
    page = client.get("/give").text
    assert 'href="/privacy"' in page
    assert 'href="/cookies"' in page


def test_periods_are_those_of_the_settings(client: FlaskClient) -> None:
    page = client.get("/privacy").text
    assert "90 days after it came" in page
    assert "3 years after the letter was due" in page
    assert "7 days after it was asked for" in page


def test_a_cookie_that_is_not_listed_stops_a_test(app: Flask) -> None:
    answer = Response()
    answer.set_cookie("tracker", "1")
    with app.test_request_context(), pytest.raises(Unlisted, match="tracker"):
        guard.only_listed(answer)


def test_in_production_it_is_taken_out_and_logged_and_the_others_stay(app: Flask) -> None:
    answer = Response()
    answer.set_cookie("tracker", "1")
    answer.set_cookie("lang", "uk")
    app.testing = False
    try:
        with app.test_request_context(), capture_logs() as logs:
            kept = guard.only_listed(answer)
    finally:
        app.testing = True
    assert [each.partition("=")[0] for each in kept.headers.getlist("Set-Cookie")] == ["lang"]
    assert [entry["event"] for entry in logs] == ["unlisted_cookie"]
