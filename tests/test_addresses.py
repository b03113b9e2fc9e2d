"""Addresses as people read them."""

import pytest

from app.addresses import readable


@pytest.mark.parametrize(
    ("address", "read"),
    [
        ("the-night-shift", "the-night-shift"),
        ("/2026/%D1%80%D1%96%D1%87%D0%BA%D0%B0/", "/2026/річка/"),
        ("%d1%80%d1%96%d1%87%d0%ba%d0%b0", "річка"),
        ("/a%2Db%41", "/a-bA"),
        # What has a meaning in an address keeps its escape.
        ("/a%2Fb%3Fc%25d%20e", "/a%2Fb%3Fc%25d%20e"),
        # So does what no page shows: the other direction of writing, a wide space.
        ("/%E2%80%AEx%E2%80%83y", "/%E2%80%AEx%E2%80%83y"),
        # A letter that was cut in half, and what is no escape at all.
        ("%D1%80%D1", "р%D1"),
        ("%D1%80%D", "р%D"),
        ("100%", "100%"),
        ("річка", "річка"),
        ("", ""),
    ],
)
def test_letters_stand_for_their_escapes(address: str, read: str) -> None:
    assert readable(address) == read
