"""Which addresses are the newsroom's own sites, and which only look so."""

import pytest
from flask import Flask

from app import sites

OWN = (
    "https://новини.укр",
    "https://news.example.org",
    "https://blog.example.org:8443/",
    "http://localhost:*",
)


@pytest.fixture(autouse=True)
def _own_sites(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = app.extensions["settings"]
    monkeypatch.setitem(app.extensions, "settings", kept.model_copy(update={"site_origins": OWN}))


@pytest.mark.parametrize(
    "address",
    [
        "https://vilnyi-holos.example/2026/river",
        "https://www.vilnyi-holos.example",
        "https://news.example.org:443/a?b=c",
        "https://NEWS.example.org/a",
        "https://blog.example.org:8443/a",
        "http://localhost:40123/article",
        "https://xn--b1amarcd.xn--j1amh/a",
        "https://новини.укр/річка",
    ],
)
def test_a_page_of_the_newsrooms_own_sites_is_ours(address: str) -> None:
    assert sites.is_ours(address)


@pytest.mark.parametrize(
    "address",
    [
        "",
        "null",
        "news.example.org",
        "http://news.example.org",
        "https://news.example.org:8443",
        "https://blog.example.org",
        "https://news.example.org.evil.example",
        "https://news.example.org@evil.example/",
        "https://me@news.example.org/",
        "https://other.news.example.org",
        "https://localhost:40123",
        "https://news.example.org:port",
        "https://[news.example.org",
    ],
)
def test_what_only_looks_like_one_is_not(address: str) -> None:
    assert not sites.is_ours(address)
