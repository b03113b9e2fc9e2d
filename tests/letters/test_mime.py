"""The bytes of a letter, read again by the standard library."""

import email
from email.message import EmailMessage
from email.policy import default

import pytest

from app import mime

HEADERS = {
    "From": mime.person("Громада, новини", "support@newsroom.example"),
    "To": "olena@example.org",
    "Subject": "Ваш внесок 5 € за серпень 2026 р.: квитанція 2026-000001, дякуємо щиро",
    "Message-ID": "<5f0c@newsroom.example>",
}
HTML = "<p>Дякуємо</p>\n"
PDF = bytes(range(256)) * 90


def read(raw: bytes) -> EmailMessage:
    return email.message_from_bytes(raw, policy=default)


def test_a_letter_is_read_as_it_was_written() -> None:
    letter = read(
        mime.letter(HEADERS, "Thank you.\nYours\n", HTML, [("r.pdf", "application/pdf", PDF)])
    )
    assert not letter.defects
    assert letter["Subject"] == HEADERS["Subject"]
    assert letter["From"].addresses[0].display_name == "Громада, новини"
    assert letter["From"].addresses[0].addr_spec == "support@newsroom.example"
    assert letter["Message-ID"] == HEADERS["Message-ID"]
    text = letter.get_body(preferencelist=("plain",))
    html = letter.get_body(preferencelist=("html",))
    assert text is not None
    assert text.get_content().splitlines() == ["Thank you.", "Yours"]
    assert html is not None
    assert html.get_content().splitlines() == HTML.splitlines()
    (attachment,) = letter.iter_attachments()
    assert attachment.get_filename() == "r.pdf"
    assert attachment.get_content_type() == "application/pdf"
    assert attachment.get_content() == PDF


def test_a_letter_without_attachments_holds_only_its_words() -> None:
    letter = read(mime.letter(HEADERS, "Дякуємо\n", HTML, []))
    assert letter.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in letter.iter_parts()] == ["text/plain", "text/html"]


def test_every_line_is_one_that_a_mail_server_takes() -> None:
    long = "word " * 400
    headers = HEADERS | {"Subject": "Receipt " * 40}
    raw = mime.letter(headers, long + "\n.\nend", f"<p>{long}</p>", [("r.pdf", "a/b", PDF)])
    lines = raw.split(b"\r\n")
    assert max(map(len, lines)) <= mime.LONGEST_LINE
    assert not any(b"\n" in line or b"\r" in line for line in lines)
    assert raw.isascii()
    assert read(raw)["Subject"].split() == ["Receipt"] * 40


def test_a_long_id_or_address_stays_on_the_line_of_its_header() -> None:
    domain = "community.very-long-newsroom.example.org"
    ids = {"Message-ID": f"<123e4567-e89b-12d3-a456-426614174000@{domain}>"}
    ids["To"] = f"a.very.long.name.of.somebody.with.many.parts@{domain}"
    lines = mime.letter(HEADERS | ids, "", "", []).decode().split("\r\n")
    for name, value in ids.items():
        assert f"{name}: {value}" in lines


@pytest.mark.parametrize("name", ["To", "Subject", "From"])
def test_a_header_of_two_lines_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match=name):
        mime.letter(HEADERS | {name: "a@example.org\r\nBcc: b@example.org"}, "", "", [])
