"""What each kind of delivery to the webhook gets, and what is kept of it."""

import hashlib
import hmac
import json
import time
from typing import Any

import pytest
import stripe
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.extensions import db
from app.payments.models import InboxEvent
from app.payments.stripe_gateway import StripeGateway

OLD, NEW = "whsec_demo-old", "whsec_demo-new"


@pytest.fixture(autouse=True)
def real_signatures(app: Flask) -> None:
    """Signatures are checked by the real gateway; nothing here reaches a network."""
    app.extensions["gateway"] = StripeGateway("sk_test_demo", [OLD, NEW], "http://127.0.0.1:1")


def event(**over: Any) -> bytes:
    body = {
        "id": "evt_1",
        "object": "event",
        "api_version": "2026-10-28.endive",
        "created": 1786000000,
        "data": {"object": {"id": "in_1", "object": "invoice"}},
        "livemode": False,
        "pending_webhooks": 1,
        "request": {"id": None, "idempotency_key": None},
        "type": "invoice.paid",
    }
    return json.dumps(body | over).encode()


def signature(body: bytes, secret: str = NEW, at: int | None = None) -> str:
    moment = int(time.time()) if at is None else at
    header: str = stripe.WebhookSignature.generate_signature_header(body.decode(), secret, moment)
    return header


def deliver(client: FlaskClient, body: bytes, header: str | None) -> TestResponse:
    headers = {} if header is None else {"Stripe-Signature": header}
    return client.post("/webhooks/stripe", data=body, headers=headers)


def kept() -> int:
    return db.session.query(InboxEvent).count()


@pytest.mark.parametrize("secret", [OLD, NEW])
def test_an_event_signed_with_any_secret_of_ours_is_kept_as_it_came(
    client: FlaskClient, secret: str
) -> None:
    body = event()
    assert deliver(client, body, signature(body, secret)).status_code == 204
    row = db.session.get_one(InboxEvent, "evt_1")
    assert row.body == json.loads(body)
    assert (row.type, row.stripe_object_id, row.settled_at) == ("invoice.paid", "in_1", None)
    assert row.due_at is not None


def test_an_event_delivered_three_times_is_kept_once_and_each_time_welcome(
    client: FlaskClient,
) -> None:
    body = event()
    answers = [deliver(client, body, signature(body)).status_code for _ in range(3)]
    assert answers == [204, 204, 204]
    assert kept() == 1


@pytest.mark.parametrize(
    "header",
    [
        pytest.param(None, id="no signature"),
        pytest.param("", id="an empty one"),
        pytest.param("t=1,v1=00", id="one of another time and key"),
        pytest.param("nonsense", id="nonsense"),
        pytest.param(signature(event(), "whsec_other"), id="one of another secret"),
        pytest.param(signature(event(), at=int(time.time()) - 301), id="one that is too old"),
        pytest.param(signature(event()).replace("v1=", "v0="), id="only an old scheme"),
        pytest.param(signature(event())[:-1] + "é", id="one with a letter none has"),
    ],
)
def test_what_stripe_did_not_sign_just_now_is_refused_and_not_kept(
    client: FlaskClient, header: str | None
) -> None:
    assert deliver(client, event(), header).status_code == 400
    assert kept() == 0


def test_a_body_changed_on_the_way_is_refused(client: FlaskClient) -> None:
    assert deliver(client, event(id="evt_2"), signature(event())).status_code == 400
    assert kept() == 0


@pytest.mark.parametrize("body", [b"not json", b"[]", b'{"id": "evt_1"}', b"\xff\xfe"])
def test_signed_bytes_that_are_no_event_are_refused(client: FlaskClient, body: bytes) -> None:
    at = int(time.time())
    digest = hmac.new(NEW.encode(), b"%d." % at + body, hashlib.sha256).hexdigest()
    header = f"t={at},v1={digest}"
    assert deliver(client, body, header).status_code == 400
    assert kept() == 0


@pytest.mark.parametrize(
    "over", [{"livemode": True}, {"account": "acct_other"}], ids=["live", "another account's"]
)
def test_an_event_that_is_not_for_us_is_welcome_but_not_kept(
    client: FlaskClient, over: dict[str, Any]
) -> None:
    body = event(**over)
    assert deliver(client, body, signature(body)).status_code == 204
    assert kept() == 0


def test_an_event_of_an_unknown_type_is_kept_too(client: FlaskClient) -> None:
    body = event(type="new.thing.happened")
    assert deliver(client, body, signature(body)).status_code == 204
    assert kept() == 1


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        (r"A\u0000nn", "Ann"),
        (r"A\\u0000nn", r"A\u0000nn"),
        (r"A\\\u0000nn", "A\\nn"),
        (r"\ud83d\udc99", "💙"),
        (r"\ud83d", "?"),
    ],
)
def test_an_event_with_what_no_database_holds_is_kept_without_it(
    client: FlaskClient, typed: str, stored: str
) -> None:
    body = event(type="charge.succeeded", note="NOTE").replace(b"NOTE", typed.encode())
    assert deliver(client, body, signature(body)).status_code == 204
    assert db.session.query(InboxEvent).one().body["note"] == stored


def test_an_event_about_an_object_without_an_id_is_kept(client: FlaskClient) -> None:
    body = event(type="invoice.upcoming", data={"object": {"object": "invoice"}})
    assert deliver(client, body, signature(body)).status_code == 204
    assert db.session.get_one(InboxEvent, "evt_1").stripe_object_id is None


def test_a_body_of_more_than_a_mebibyte_is_refused_unread(client: FlaskClient) -> None:
    body = b"x" * (1024 * 1024 + 1)
    assert deliver(client, body, "t=1,v1=00").status_code == 413


def test_only_a_post_is_an_event(client: FlaskClient) -> None:
    assert client.get("/webhooks/stripe").status_code == 405
