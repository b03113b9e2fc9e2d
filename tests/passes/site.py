"""The newsroom's own site as these tests play it: asks, comes back with a code, hands it in."""

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

import jwt
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.pages import form_of

SITE = "https://vilnyi-holos.example"
OTHER = "https://news.example.org"
ARTICLE = f"{SITE}/river?p=7"
VERIFIER = "v" * 21 + "-._~" + "A" * 30
STATE = "state-of-this-page-0123456789"


def challenge_of(verifier: str) -> str:
    """RFC 7636, section 4.2."""
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


@dataclass(frozen=True)
class Came:
    """How the reader came back to the site's page."""

    page: str
    code: str
    state: str


def ask(client: FlaskClient, return_to: str = ARTICLE, **changed: str) -> TestResponse:
    """Lead the reader to Hromada."""
    asked = {"return_to": return_to, "challenge": challenge_of(VERIFIER), "state": STATE}
    return client.get("/pass", query_string={**asked, **changed})


def came(answer: TestResponse) -> Came:
    """Read the address that the reader was led back to."""
    assert answer.status_code == 303, answer.text
    parts = urlsplit(answer.location)
    query = parse_qs(parts.query)
    page = answer.location.split("&hromada_code")[0].split("?hromada_code")[0]
    return Came(page, query["hromada_code"][0], query["hromada_state"][0])


def let(client: FlaskClient, return_to: str = ARTICLE) -> Came:
    """Ask for the first time, and let the reader press the button."""
    page = ask(client, return_to)
    assert page.status_code == 200, page.text
    return came(client.post("/pass", data=form_of(page, action="/pass")))


def hand_in(
    client: FlaskClient, fields: Mapping[str, str], *, origin: str | None = SITE
) -> TestResponse:
    """Send what a page of the site sends, as a browser does it: no cookie goes with it."""
    headers = {"Origin": origin} if origin is not None else {}
    return client.post("/pass/token", data=fields, headers=headers)


def redeem(
    client: FlaskClient, code: str, *, origin: str | None = SITE, **changed: str
) -> TestResponse:
    """Hand a code in."""
    fields = {"code": code, "verifier": VERIFIER, "return_to": ARTICLE}
    return hand_in(client, {**fields, **changed}, origin=origin)


def checked(client: FlaskClient, token: str, *, audience: str = SITE) -> dict[str, object]:
    """Check a token as a site does it, with nothing but the published keys, and read it."""
    header = jwt.get_unverified_header(token)
    keys = jwt.PyJWKSet.from_dict(client.get("/.well-known/jwks.json").get_json())
    found: dict[str, object] = jwt.decode(
        token,
        keys[header["kid"]].key,
        algorithms=["EdDSA"],
        audience=audience,
        issuer="http://localhost",
        # The tests' moments are not now.
        options={"verify_exp": False, "verify_iat": False, "require": ["exp", "iat", "aud", "iss"]},
    )
    return found
