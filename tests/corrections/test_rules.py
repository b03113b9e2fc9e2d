"""What counts as the same article, and what as a link."""

import pytest

from app.corrections import articles
from app.corrections.rules import has_link


@pytest.mark.parametrize(
    "address",
    [
        "https://vilnyi-holos.example/2026/river",
        "https://vilnyi-holos.example/2026/river/",
        "http://vilnyi-holos.example/2026/river",
        "https://www.vilnyi-holos.example/2026/river?utm_source=letter&fbclid=x",
        "https://VILNYI-HOLOS.example/2026/river#comments",
        "  https://vilnyi-holos.example/2026/river/amp  ",
    ],
)
def test_one_article_has_one_name_however_its_address_was_shared(address: str) -> None:
    found = articles.read(address)
    assert found is not None
    assert found.key == "vilnyi-holos.example/2026/river"
    assert "utm" not in found.url
    assert "#" not in found.url


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://a.example/?p=12", "https://a.example/?p=13"),
        ("https://a.example/river", "https://a.example/bridge"),
        ("https://a.example/river", "https://b.example/river"),
        ("https://a.example/river", "https://a.example:8443/river"),
    ],
)
def test_two_articles_have_two_names(one: str, other: str) -> None:
    first, second = articles.read(one), articles.read(other)
    assert first is not None
    assert second is not None
    assert first.key != second.key


@pytest.mark.parametrize(
    "text",
    [
        "",
        "river",
        "vilnyi-holos.example/river",
        "javascript:alert(1)",
        "ftp://a.example/river",
        "https://",
        "https:///river",
        "https://me@a.example/river",
        "https://a.example/ri ver",
        'https://a.example/"onclick',
        "https://a.example:port/",
        "https://[a.example/",
        "https://a.example/" + "a" * 500,
    ],
)
def test_what_is_no_address_of_an_article_is_refused(text: str) -> None:
    assert articles.read(text) is None


def test_an_address_in_ukrainian_letters_is_one_with_its_quoted_form() -> None:
    typed, quoted = (
        articles.read("https://a.example/річка"),
        articles.read("https://a.example/%D1%80%D1%96%D1%87%D0%BA%D0%B0"),
    )
    assert typed is not None
    assert quoted is not None
    assert typed.key == quoted.key


@pytest.mark.parametrize(
    "text",
    [
        "See https://cheap.example",
        "see HTTP://CHEAP.EXAMPLE",
        "www.cheap.example",
        "[url=cheap]here[/url]",
        '<a href="x">',
        "cheap-pills.com/buy",
    ],
)
def test_a_link_is_known_in_whatever_shape(text: str) -> None:
    assert has_link(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "It is spelt “twenty”.",
        "Not 1.5 mg/l but 2.5 mg/l.",
        "The year is 2019/2020, i.e. the school year.",
        "Проф. Коваль працює в КПІ/НАН.",
        "Wrong:the name",
    ],
)
def test_plain_words_are_no_link(text: str) -> None:
    assert not has_link(text)
