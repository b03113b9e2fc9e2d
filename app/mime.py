"""The bytes of a letter, as mail servers take them (RFC 5322, MIME). Pure.

The standard library's `EmailMessage` parses and folds every header and line as if they had come
from elsewhere, which costs more than setting the PDF that goes with the letter. Ours have one
shape: text and HTML of the same matter, then attachments.
"""

import base64
from collections.abc import Iterable, Mapping
from email.header import Header
from email.utils import formataddr

#: The longest line a mail server must take (RFC 5321 4.5.3.1.6), and of a header worth folding.
LONGEST_LINE, LONGEST_HEADER = 998, 76


def letter(
    headers: Mapping[str, str], text: str, html: str, files: Iterable[tuple[str, str, bytes]]
) -> bytes:
    """Return a whole letter; `files` are (name, MIME type, content).

    Headers may hold words of any language; `Message-ID` must be among them. Raises `ValueError`
    for a header of more than one line, which could smuggle in another.
    """
    mark = headers["Message-ID"].strip("<>").partition("@")[0]
    words = _several("alternative", f"={mark}-words", [_words("plain", text), _words("html", html)])
    parts = [_file(*file) for file in files]
    matter = _several("mixed", f"={mark}-letter", [words, *parts]) if parts else words
    head = "".join(_header(name, value) for name, value in headers.items())
    return (head + "MIME-Version: 1.0\r\n").encode() + matter


def person(name: str, address: str) -> str:
    """Return a name with its address as a header holds them."""
    return formataddr((name, address))


def _header(name: str, value: str) -> str:
    if "\r" in value or "\n" in value:
        raise ValueError(f"{name} has more than one line")
    long = len(name) + 2 + len(value) > LONGEST_HEADER
    # An id or address has no blank to fold at: it would stand below an empty line, where some
    # servers do not look for it.
    if not value.isascii() or (long and " " in value):
        charset = "us-ascii" if value.isascii() else "utf-8"
        folded = Header(value, charset, LONGEST_HEADER, name)
        value = folded.encode(linesep="\r\n")
    return f"{name}: {value}\r\n"


def _several(kind: str, boundary: str, parts: Iterable[bytes]) -> bytes:
    edge = f"--{boundary}".encode()
    head = f'Content-Type: multipart/{kind}; boundary="{boundary}"\r\n\r\n'.encode()
    whole = b"".join(edge + b"\r\n" + part + b"\r\n" for part in parts)
    return head + whole + edge + b"--\r\n"


def _words(kind: str, text: str) -> bytes:
    lines = text.splitlines()
    plain = text.isascii() and all(len(line) <= LONGEST_LINE for line in lines)
    head = (
        f'Content-Type: text/{kind}; charset="utf-8"\r\n'
        f"Content-Transfer-Encoding: {'7bit' if plain else 'base64'}\r\n\r\n"
    ).encode()
    whole = "\r\n".join(lines).encode() + b"\r\n"
    return head + (whole if plain else _base64(whole))


def _file(name: str, kind: str, content: bytes) -> bytes:
    head = (
        f"Content-Type: {kind}\r\n"
        "Content-Transfer-Encoding: base64\r\n"
        f'Content-Disposition: attachment; filename="{name}"\r\n\r\n'
    ).encode("ascii")
    return head + _base64(content)


def _base64(content: bytes) -> bytes:
    return base64.encodebytes(content).replace(b"\n", b"\r\n")
