"""The keys that sign: published before they do, and until what they signed has ended."""

import threading
from datetime import datetime, timedelta

import jwt
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.extensions import db
from app.passes import keys, tokens
from app.passes.models import PassKey
from app.passes.rules import KEY_LEAD, KEY_PERIOD, KEY_REST, TOKEN_LIFE
from app.passes.tokens import Known
from tests.builders import AUGUST
from tests.passes.site import SITE, checked

KNOWN = Known(patron=True, since="2026-08", lang="en")
HOUR = timedelta(hours=1)


def signer(now: datetime) -> str:
    """The name of the key that signs a token now."""
    token = tokens.sign(KNOWN, SITE, now=now)
    return str(jwt.get_unverified_header(token)["kid"])


def names() -> list[str]:
    return list(db.session.scalars(select(PassKey.id).order_by(PassKey.signs_from)))


def test_the_first_key_is_made_when_it_is_needed_and_by_one_alone(app: Flask) -> None:
    barrier = threading.Barrier(4)

    def need() -> None:
        with app.app_context():
            barrier.wait()
            keys.signing(now=AUGUST)
            db.session.remove()

    threads = [threading.Thread(target=need) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(names()) == 1


def test_a_new_key_is_published_a_day_before_it_signs(app: Flask) -> None:
    first = signer(AUGUST)
    keys.turn(now=AUGUST + KEY_PERIOD - KEY_LEAD - HOUR)
    assert names() == [first]
    keys.turn(now=AUGUST + KEY_PERIOD - KEY_LEAD)
    _, second = names()
    assert signer(AUGUST + KEY_PERIOD - HOUR) == first
    assert signer(AUGUST + KEY_PERIOD) == second


def test_an_old_key_is_published_until_its_last_token_has_ended(app: Flask) -> None:
    first = signer(AUGUST)
    keys.turn(now=AUGUST + KEY_PERIOD - KEY_LEAD)
    turned = AUGUST + KEY_PERIOD
    keys.turn(now=turned + TOKEN_LIFE)
    assert first in names()
    keys.turn(now=turned + TOKEN_LIFE + KEY_REST)
    assert first not in names()
    assert len(names()) == 1


def test_after_a_long_rest_of_the_job_the_old_key_signs_until_the_new_one_is_known(
    app: Flask,
) -> None:
    first = signer(AUGUST)
    late = AUGUST + 3 * KEY_PERIOD
    keys.turn(now=late)
    keys.turn(now=late)
    assert len(names()) == 2
    assert signer(late + KEY_LEAD - HOUR) == first
    assert signer(late + KEY_LEAD) != first


def test_what_the_old_and_the_new_key_signed_is_checked_alike(
    app: Flask, client: FlaskClient
) -> None:
    old = tokens.sign(KNOWN, SITE, now=AUGUST)
    keys.turn(now=AUGUST + KEY_PERIOD - KEY_LEAD)
    new = tokens.sign(KNOWN, SITE, now=AUGUST + KEY_PERIOD)
    for token in (old, new):
        assert checked(client, token)["patron"] is True


def test_the_private_half_lies_sealed_and_is_never_published(
    app: Flask, client: FlaskClient
) -> None:
    name, private = keys.signing(now=AUGUST)
    kept = db.session.get_one(PassKey, name)
    assert private.private_bytes_raw() not in kept.private_sealed
    answer = client.get("/.well-known/jwks.json")
    (published,) = answer.get_json()["keys"]
    assert sorted(published) == ["alg", "crv", "kid", "kty", "use", "x"]
    assert answer.headers["Cache-Control"] == "public, max-age=3600"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert "Set-Cookie" not in answer.headers


def test_a_key_is_named_by_its_thumbprint(app: Flask, client: FlaskClient) -> None:
    keys.signing(now=AUGUST)
    (published,) = client.get("/.well-known/jwks.json").get_json()["keys"]
    assert len(published["kid"]) == 43
    assert jwt.PyJWK.from_dict(published).key_type == "OKP"
