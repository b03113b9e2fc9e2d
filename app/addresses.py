"""Addresses on the web as people read them: letters in place of their escapes. Pure."""

import re
from urllib.parse import quote, unquote_to_bytes

ESCAPES = re.compile(r"(?:%[0-9A-Fa-f]{2})+")
#: What says the same with and without its escape (RFC 3986, 2.3); every other sign of ASCII may be
#: a part of the address's own grammar.
UNRESERVED = frozenset("-._~")


def readable(address: str) -> str:
    """Write an address, a path or a slug with letters where they are percent-encoded.

    What would change its meaning stays encoded, and so does what no page shows, such as a space or
    what turns the direction of writing.
    """
    return ESCAPES.sub(lambda found: _letters(found[0]), address)


def _letters(escapes: str) -> str:
    # What is no UTF-8, such as a letter that was cut in half, comes through as it was.
    text = unquote_to_bytes(escapes).decode(errors="surrogateescape")
    return "".join(
        sign if _plain(sign) else quote(sign.encode(errors="surrogateescape"), safe="")
        for sign in text
    )


def _plain(sign: str) -> bool:
    if sign.isascii():
        return sign.isalnum() or sign in UNRESERVED
    return sign.isprintable()
