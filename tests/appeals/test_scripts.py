"""The elements' script as the newsroom's own pages get it."""

import gzip
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from app import ROOT

SCRIPTS = Path(ROOT, "app", "static", "embed")
MODULES = [*SCRIPTS.rglob("*.js")]


@pytest.mark.parametrize("path", [file.relative_to(SCRIPTS).as_posix() for file in MODULES])
def test_any_site_may_load_a_module_and_keep_it_for_an_hour(client: FlaskClient, path: str) -> None:
    answer = client.get(f"/embed/{path}", headers={"Origin": "https://news.example"})
    assert answer.status_code == 200
    assert answer.mimetype == "text/javascript"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert answer.cache_control.public
    assert answer.cache_control.max_age == 3600
    assert "Set-Cookie" not in answer.headers
    assert "Vary" not in answer.headers


def test_a_module_that_did_not_change_is_not_sent_again(client: FlaskClient) -> None:
    tag = client.get("/embed/v1.js").headers["ETag"]
    again = client.get("/embed/v1.js", headers={"If-None-Match": tag})
    assert (again.status_code, again.data) == (304, b"")
    assert again.headers["Access-Control-Allow-Origin"] == "*"


def test_a_module_travels_without_its_comments(client: FlaskClient) -> None:
    sent = client.get("/embed/v1/parts.js").text
    assert "/**" not in sent
    assert "\n//" not in sent
    # An address is no comment.
    assert all(line in sent for line in ("export class Piece extends HTMLElement {", "new URL("))


@pytest.mark.parametrize("path", ["v1/nothing.js", "v1/../../js/give.js", "v1/v1.js", "v2.js"])
def test_nothing_but_the_modules_is_served(client: FlaskClient, path: str) -> None:
    assert client.get(f"/embed/{path}").status_code == 404


def test_all_modules_together_are_small(
    client: FlaskClient, capsys: pytest.CaptureFixture[str]
) -> None:
    paths = [file.relative_to(SCRIPTS).as_posix() for file in MODULES]
    sizes = {path: len(gzip.compress(client.get(f"/embed/{path}").data, 6)) for path in paths}
    with capsys.disabled():
        print(f"\nthe embed, gzip: {sum(sizes.values())} bytes {sizes}")
    assert sum(sizes.values()) < 10_000
