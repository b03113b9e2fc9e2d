"""What every page makes of input that no form of ours sends, and of addresses that mislead."""

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pydantic import SecretStr

from app.accounts.models import Role
from app.extensions import network_of_reader
from tests.builders import a_patron, a_staff_member, signed_in
from tests.pages import form_of

PAGES = ("/give?article=%00", "/sign-in?next=/%00", "/vote/%00", "/sign-in/link/%00", "/?a=%00")


@pytest.mark.parametrize("path", PAGES)
def test_an_address_with_a_nul_byte_is_no_address(client: FlaskClient, path: str) -> None:
    assert client.get(path).status_code in (400, 404)


@pytest.mark.parametrize("field", ["name", "email", "other_amount", "gift_id", "currency", "x\0"])
def test_a_gift_with_a_nul_byte_is_refused_as_bad_input(client: FlaskClient, field: str) -> None:
    values = form_of(client.get("/give"))
    values |= {"interval": "month", "amount": "5", "name": "Ann", "email": "ann@example.org"}
    assert client.post("/give", data=values | {field: "A\0nn"}).status_code == 400


def test_a_round_with_a_nul_byte_is_refused_as_bad_input(client: FlaskClient) -> None:
    signed_in(client, a_staff_member(Role.EDITOR))
    values = form_of(client.get("/staff/rounds/new"))
    values |= {"title": "Which\0?", "topics-0-title": "A", "topics-1-title": "B"}
    values |= {"closes_at": "2090-01-01T10:00"}
    assert client.post("/staff/rounds/new", data=values).status_code == 400


@pytest.mark.parametrize("name", ["endpoint", "_external", "_scheme", "_anchor", "_method", "self"])
def test_the_front_page_leads_on_whatever_its_address_carries(
    client: FlaskClient, name: str
) -> None:
    answer = client.get("/", query_string={name: "x", "article": "a b"})
    assert answer.status_code == 302
    assert answer.location.startswith("/give?")
    assert "article=a+b" in answer.location


@pytest.mark.parametrize("path", ["//evil.example/a", "/\\evil.example"])
def test_no_link_of_a_page_that_is_not_there_leads_to_another_site(
    client: FlaskClient, path: str
) -> None:
    answer = client.open(
        path="/", headers={"Accept": "text/html"}, environ_overrides={"PATH_INFO": path}
    )
    assert answer.status_code == 404
    assert "hreflang" in answer.text
    assert 'href="//' not in answer.text
    assert 'href="/\\' not in answer.text


@pytest.mark.parametrize(
    "path", ["/give", "/give/thanks?session_id=cs_1", "/pledge", "/account", "/vote"]
)
def test_what_names_a_person_is_kept_by_no_cache(client: FlaskClient, path: str) -> None:
    signed_in(client, a_patron())
    assert "no-store" in client.get(path).headers.get("Cache-Control", "")


@pytest.mark.parametrize("path", ["/staff", "/staff/supporters", "/staff/rounds"])
def test_what_staff_read_is_kept_by_no_cache(client: FlaskClient, path: str) -> None:
    signed_in(client, a_staff_member())
    assert "no-store" in client.get(path).headers.get("Cache-Control", "")


def test_the_form_of_a_stranger_is_kept_by_no_shared_cache(client: FlaskClient) -> None:
    assert "private" in client.get("/give").headers.get("Cache-Control", "")


@pytest.mark.parametrize("email", ["İvan@example.org", "ÉLISE@example.org", "елена@example.org"])
def test_an_address_that_no_letter_reaches_is_refused(client: FlaskClient, email: str) -> None:
    values: dict[str, Any] = form_of(client.get("/give"))
    values |= {"interval": "month", "amount": "5", "name": "Ann", "email": email}
    assert client.post("/give", data=values).status_code == 422


@pytest.mark.parametrize("value", ["Bearer é", "é", ""])
def test_metrics_are_refused_to_whoever_sends_no_token_of_ours(
    client: FlaskClient, app: Flask, value: str
) -> None:
    kept = app.extensions["settings"]
    app.extensions["settings"] = kept.model_copy(update={"metrics_token": SecretStr("a token")})
    try:
        assert client.get("/metrics", headers={"Authorization": value}).status_code == 403
    finally:
        app.extensions["settings"] = kept


@pytest.mark.parametrize(
    ("address", "key"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("unknown", "unknown"),
    ],
)
def test_a_whole_network_of_addresses_counts_as_one_reader(
    app: Flask, address: str, key: str
) -> None:
    with app.test_request_context(environ_overrides={"REMOTE_ADDR": address}):
        assert network_of_reader() == key


@pytest.mark.parametrize("path", ["/embed/v1/nothing.js", "/embed/v1/none.js?lang=uk"])
def test_an_error_for_a_machine_holds_nothing_of_a_reader(client: FlaskClient, path: str) -> None:
    signed_in(client, a_patron())
    answer = client.get(path, headers={"Accept": "text/html"})
    assert answer.status_code == 404
    assert answer.mimetype == "application/json"
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Set-Cookie" not in answer.headers
