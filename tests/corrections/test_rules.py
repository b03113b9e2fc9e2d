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
        ("https://a.example/?1234", "https://a.example/?1235"),
        ("https://a.example/?2026/river", "https://a.example/?2026/bridge"),
        ("https://a.example/?2026/river", "https://a.example/"),
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
        "https://a.example/" + "a" * 2000,
    ],
)
def test_what_is_no_address_of_an_article_is_refused(text: str) -> None:
    assert articles.read(text) is None


@pytest.mark.parametrize(
    "address",
    [
        "https://a.example/хто-річку/",
        "https://a.example/%D1%85%D1%82%D0%BE-%D1%80%D1%96%D1%87%D0%BA%D1%83",
        "https://a.example/%d1%85%d1%82%d0%be-%d1%80%d1%96%d1%87%d0%ba%d1%83/",
        # A part in letters, a part in escapes; an escape where none is needed.
        "https://a.example/хто%2D%D1%80%d1%96чку",
        "https://a.example:443/хто-річку/amp?fbclid=1",
    ],
)
def test_an_address_in_ukrainian_letters_is_one_however_it_is_encoded(address: str) -> None:
    found, typed = articles.read(address), articles.read("https://a.example/хто-річку")
    assert found is not None
    assert typed is not None
    assert found.key == typed.key
    assert found.key.isascii()


def test_a_long_address_in_letters_is_taken_though_its_escapes_take_six_times_as_much() -> None:
    slug = "річка-яку-отруїли-" * 15
    found = articles.read(f"https://a.example/2026/11/{slug}")
    assert found is not None
    assert found == articles.read(found.url)


def test_what_an_escape_keeps_apart_stays_apart() -> None:
    keys = [
        found.key if (found := articles.read(f"https://a.example/{path}")) else None
        for path in ("a/b", "a%2Fb", "a%252Fb", "a%3Fb", "a?b=1", "100%25", "%FF", "%00")
    ]
    assert None not in keys
    assert len(set(keys)) == len(keys)


@pytest.mark.parametrize(
    "carried",
    [
        "fbclid=x",
        "gclid=x&gad_source=1&gbraid=y",
        "utm_source=a&utm_id=b",
        "mc_cid=a&mc_eid=b",
        "igshid=a",
        "igsh=a",
        "yclid=a",
        "ysclid=a",
        "ref_src=twsrc%5Etfw",
        "REF=a",
        "_ga=1.2&_gl=3",
        "srsltid=a",
        "mtm_campaign=a&pk_kwd=b",
        "mkt_tok=a",
        "_hsenc=a&_hsmi=b",
        "ttclid=a",
        "twclid=a",
        "msclkid=a",
        "sfmc_id=a",
    ],
)
def test_what_only_tells_how_a_reader_came_is_no_part_of_the_article(carried: str) -> None:
    found = articles.read(f"https://a.example/?p=12&{carried}")
    assert found is not None
    assert (found.key, found.url) == ("a.example?p=12", "https://a.example/?p=12")


@pytest.mark.parametrize(
    "query", ["p=12", "id=ref", "reference=4", "page=2", "story_fbid=7", "12", "2026/river"]
)
def test_what_names_the_article_stays(query: str) -> None:
    found = articles.read(f"https://a.example/?{query}")
    assert found is not None
    assert found.key == f"a.example?{query}"
    # It is found by the address as it stands in the browser.
    assert articles.searched(f"a.example/?{query}") in found.url


def test_what_is_searched_is_written_as_addresses_are() -> None:
    found = articles.read("https://a.example/хто-річку?p=12")
    assert found is not None
    for text in ("хто-річку?p=12", "%d1%85%d1%82%D0%BE-", "РІЧКУ".casefold(), "?p=12"):
        assert articles.searched(text) in found.url


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
