"""What a site gets for a code or a renewal, every way it is refused, and what a token says."""

import base64
import json
import threading
from datetime import timedelta

import jwt
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from app.accounts import accounts
from app.accounts.models import Account
from app.clock import utcnow
from app.extensions import db
from app.giving.models import Pledge
from app.passes import passes
from app.passes.models import PassCode, PassRenewal
from app.passes.passes import Refused
from app.passes.rules import CODE_LIFE, Ask
from tests.builders import a_reader, signed_in
from tests.passes.site import (
    ARTICLE,
    OTHER,
    SITE,
    STATE,
    VERIFIER,
    challenge_of,
    checked,
    hand_in,
    let,
    redeem,
)


def renewals() -> int:
    return db.session.scalar(select(func.count()).select_from(PassRenewal)) or 0


def test_a_token_says_patron_since_when_language_and_nothing_else(
    client: FlaskClient, code: str
) -> None:
    answer = redeem(client, code)
    assert answer.status_code == 200
    told = answer.get_json()
    assert (sorted(told), told["expires_in"]) == (["expires_in", "renewal", "token"], 3600)
    claims = checked(client, told["token"])
    assert {name: claims[name] for name in ("patron", "since", "lang", "aud", "iss")} == {
        "patron": True,
        "since": "2026-08",
        "lang": "uk",
        "aud": SITE,
        "iss": "http://localhost",
    }
    assert sorted(claims) == ["aud", "exp", "iat", "iss", "lang", "patron", "since"]
    header = jwt.get_unverified_header(told["token"])
    assert (header["alg"], header["typ"]) == ("EdDSA", "hromada-pass+jwt")
    for private in ("taras", "Koval"):
        assert private not in base64.b64decode(told["token"].split(".")[1] + "==").decode()


def test_only_the_newsrooms_own_pages_read_the_answer(client: FlaskClient, code: str) -> None:
    answer = redeem(client, code)
    assert answer.headers["Access-Control-Allow-Origin"] == SITE
    assert answer.headers["Vary"] == "Origin"
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Access-Control-Allow-Credentials" not in answer.headers
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize("origin", [None, "", "null", "https://evil.example", "http://localhost"])
def test_nobody_else_hands_a_code_in(client: FlaskClient, code: str, origin: str | None) -> None:
    answer = redeem(client, code, origin=origin)
    assert answer.status_code == 403
    assert "Access-Control-Allow-Origin" not in answer.headers
    assert redeem(client, code).status_code == 200


@pytest.mark.parametrize(
    "changed",
    [
        {"verifier": "w" * 43},
        {"verifier": ""},
        {"verifier": challenge_of(VERIFIER)},
        {"return_to": f"{SITE}/another"},
        {"return_to": ""},
    ],
)
def test_a_code_without_what_belongs_to_it_is_worth_nothing_and_spent(
    client: FlaskClient, code: str, changed: dict[str, str]
) -> None:
    answer = redeem(client, code, **changed)
    assert (answer.status_code, answer.get_json()) == (400, {"error": "invalid_grant"})
    assert redeem(client, code).status_code == 400
    assert renewals() == 0


def test_a_code_of_another_site_is_worth_nothing(client: FlaskClient, code: str) -> None:
    assert redeem(client, code, origin="https://www.vilnyi-holos.example").status_code == 400
    with pytest.raises(Refused):
        passes.redeem(code, VERIFIER, ARTICLE, OTHER, now=utcnow())


@pytest.mark.parametrize("code", ["", "a" * 43, "\0", "é", "x" * 5000])
def test_what_was_never_a_code_is_worth_nothing(app: Flask, client: FlaskClient, code: str) -> None:
    assert redeem(client, code).status_code == 400
    assert hand_in(client, {"renewal": code}).status_code == 400
    assert hand_in(client, {}).status_code == 400


def test_a_code_is_good_for_a_minute(client: FlaskClient, taras: Account, code: str) -> None:
    made = db.session.scalars(select(PassCode)).one().expires_at - CODE_LIFE
    late = made + CODE_LIFE
    with pytest.raises(Refused):
        passes.redeem(code, VERIFIER, ARTICLE, SITE, now=late)


def test_a_code_that_comes_twice_ends_what_came_of_it(client: FlaskClient, code: str) -> None:
    renewal = redeem(client, code).get_json()["renewal"]
    assert redeem(client, code).status_code == 400
    assert hand_in(client, {"renewal": renewal}).status_code == 400
    assert renewals() == 0


def test_of_the_same_code_at_the_same_moment_one_gives_a_token(
    app: Flask, client: FlaskClient, code: str
) -> None:
    barrier, given, refused = threading.Barrier(6), [], []

    def hand() -> None:
        with app.app_context():
            barrier.wait()
            try:
                given.append(passes.redeem(code, VERIFIER, ARTICLE, SITE, now=utcnow()))
            except Refused as why:
                refused.append(str(why))
            finally:
                db.session.remove()

    threads = [threading.Thread(target=hand) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(given), len(refused)) == (1, 5)


def test_a_code_made_before_signing_out_everywhere_is_worth_nothing(
    client: FlaskClient, taras: Account, code: str
) -> None:
    accounts.sign_out_everywhere(taras.id)
    assert redeem(client, code).status_code == 400


def test_who_is_a_patron_no_longer_is_said_to_be_none(
    client: FlaskClient, taras: Account, code: str
) -> None:
    renewal = redeem(client, code).get_json()["renewal"]
    pledge = db.session.scalars(select(Pledge).where(Pledge.account_id == taras.id)).one()
    pledge.status, pledge.ended_at = "ended", utcnow()
    db.session.commit()
    told = hand_in(client, {"renewal": renewal}).get_json()
    claims = checked(client, told["token"])
    assert (claims["patron"], claims["since"]) == (False, None)
    pledge.status, pledge.ended_at = "active", None
    db.session.commit()
    told = hand_in(client, {"renewal": told["renewal"]}).get_json()
    assert checked(client, told["token"])["patron"] is True


def test_who_never_was_a_patron_is_said_to_be_none(client: FlaskClient) -> None:
    back = let(signed_in(client, a_reader()))
    token = redeem(client, back.code).get_json()["token"]
    assert checked(client, token)["patron"] is False


def test_a_token_is_for_one_site_alone(client: FlaskClient, code: str) -> None:
    token = redeem(client, code).get_json()["token"]
    with pytest.raises(jwt.InvalidAudienceError):
        checked(client, token, audience=OTHER)


@pytest.mark.parametrize("alg", ["none", "HS256"])
def test_a_token_that_somebody_else_wrote_is_found_out(
    client: FlaskClient, code: str, alg: str
) -> None:
    token = redeem(client, code).get_json()["token"]
    header, claims, signature = token.split(".")
    forged = json.loads(base64.urlsafe_b64decode(header + "=="))
    forged["alg"] = alg
    head = base64.urlsafe_b64encode(json.dumps(forged).encode()).rstrip(b"=").decode()
    with pytest.raises(jwt.InvalidTokenError):
        checked(client, f"{head}.{claims}.{'' if alg == 'none' else signature}")
    other = base64.urlsafe_b64encode(b'{"patron":true}').rstrip(b"=").decode()
    with pytest.raises(jwt.InvalidTokenError):
        checked(client, f"{header}.{other}.{signature}")


def test_codes_and_renewals_are_kept_hashed_alone(client: FlaskClient, code: str) -> None:
    renewal = redeem(client, code).get_json()["renewal"]
    kept = [*db.session.scalars(select(PassCode.code_hash))]
    kept += db.session.scalars(select(PassRenewal.renewal_hash))
    assert all(len(one) == 32 for one in kept)
    # Nor is it kept under which article somebody let themselves be known.
    columns = {
        column.name
        for table in PassCode.metadata.sorted_tables
        if table.name in ("pass_grant", "pass_code", "pass_renewal")
        for column in table.columns
    }
    assert "return_to" not in columns
    assert db.session.scalars(select(PassCode.page_hash)).all() == [b""]
    for secret in (code, renewal):
        assert secret.encode() not in kept


def test_an_account_that_is_not_let_gets_no_code(app: Flask, taras: Account) -> None:
    ask = Ask(ARTICLE, challenge_of(VERIFIER), STATE)
    assert passes.answer(taras, ask, now=utcnow() + timedelta(days=1)) is None
