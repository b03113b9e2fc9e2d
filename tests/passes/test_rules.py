"""What addresses are taken, and what proves a verifier."""

import pytest

from app.passes.rules import Ask, answered, is_plain, origin_of, proves

VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


def test_the_example_of_rfc_7636_proves_itself() -> None:
    assert proves(VERIFIER, CHALLENGE)
    assert not proves(VERIFIER[:-1] + "l", CHALLENGE)
    # A plain challenge, which the standard allows and we do not, proves nothing.
    assert not proves(CHALLENGE, CHALLENGE)


@pytest.mark.parametrize("verifier", ["", "a" * 42, "a" * 129, "a" * 50 + "!", "é" * 50])
def test_what_is_no_verifier_proves_nothing(verifier: str) -> None:
    assert not proves(verifier, CHALLENGE)


@pytest.mark.parametrize(
    "address",
    [
        "",
        "/article",
        "//example.org",
        "example.org",
        "javascript:alert(1)",
        "data:text/html,x",
        "ftp://example.org/",
        "https:///path",
        "https://",
        "https://example.org@evil.example/",
        "https://user:word@example.org/",
        "https://example.org\\@evil.example/",
        "https://example.org/a b",
        "https://example.org/\tx",
        "https://example.org/\r\nLocation: https://evil.example",
        "https://example.org/a#b",
        "https://example.org:99999/",
        "https://example.org:port/",
        "https://пошук.example/",
        "https://example.org/" + "a" * 2000,
    ],
)
def test_an_address_that_browsers_may_read_otherwise_is_not_taken(address: str) -> None:
    assert not is_plain(address)


@pytest.mark.parametrize(
    ("address", "origin"),
    [
        ("https://Example.ORG/a", "https://example.org"),
        ("https://example.org:443/a", "https://example.org"),
        ("http://example.org:80", "http://example.org"),
        ("https://example.org:8443/a", "https://example.org:8443"),
        ("http://[::1]:8000/", "http://[::1]:8000"),
    ],
)
def test_an_origin_is_written_as_browsers_write_it(address: str, origin: str) -> None:
    assert is_plain(address)
    assert origin_of(address) == origin


@pytest.mark.parametrize(
    ("page", "back"),
    [
        ("https://a.example/x", "https://a.example/x?hromada_code=C&hromada_state=S"),
        ("https://a.example/?a&b=&c=%D1%8F", "https://a.example/?a&b=&c=%D1%8F&hromada_code=C&hromada_state=S"),
        ("https://a.example/?hromada_code=old&p=7", "https://a.example/?p=7&hromada_code=C&hromada_state=S"),
    ],
)  # fmt: skip
def test_the_page_is_gone_back_to_as_it_was_with_the_answer(page: str, back: str) -> None:
    assert answered(page, "C", "S") == back


@pytest.mark.parametrize(
    ("challenge", "state"),
    [("", "s" * 16), ("a" * 42, "s" * 16), ("a" * 43, "short"), ("a" * 43, "s" * 129)],
)
def test_a_question_without_challenge_or_state_is_not_whole(challenge: str, state: str) -> None:
    assert not Ask("https://a.example/", challenge, state).is_whole
