"""Letters handed over by SMTP and read in the mailbox."""

from __future__ import annotations

import smtplib
import time
from collections.abc import Callable
from email.message import EmailMessage
from email.policy import SMTP

import pytest

from tests.test_sandbox.shop import Shop, free_port


@pytest.fixture
def post_office(opened: Callable[..., Shop]) -> tuple[Shop, int]:
    port = free_port()
    return opened(smtp_port=port, keep_letters=50), port


def receipt(to: str = "reader@example.org", subject: str = "Ваша квитанція") -> EmailMessage:
    letter = EmailMessage(policy=SMTP)
    letter["From"], letter["To"], letter["Subject"] = "news@example.org", to, subject
    letter["Message-ID"] = "<receipt-1@example.org>"
    letter.set_content("Дякуємо!\n.\nA line with one dot stood above.\n")
    letter.add_alternative("<p>Дякуємо! <a href='https://example.org/'>x</a></p>", subtype="html")
    letter.add_attachment(
        b"%PDF-1.7 ...", maintype="application", subtype="pdf", filename="receipt.pdf"
    )
    return letter


def test_a_letter_is_kept_with_its_parts(post_office: tuple[Shop, int]) -> None:
    shop, port = post_office
    with smtplib.SMTP("127.0.0.1", port) as server:
        server.send_message(receipt())
    [letter] = shop.web.get(f"{shop.url}/mailbox.json?to=READER@example.org").json()["letters"]
    assert letter["subject"] == "Ваша квитанція"
    assert letter["message_id"] == "<receipt-1@example.org>"
    assert letter["text"] == "Дякуємо!\n.\nA line with one dot stood above.\n"
    assert letter["html"].startswith("<p>Дякуємо!")
    [attached] = letter["attachments"]
    pdf = shop.web.get(shop.url + attached["url"])
    assert (pdf.content, pdf.headers["Content-Type"]) == (b"%PDF-1.7 ...", "application/pdf")
    assert "filename=receipt.pdf" in pdf.headers["Content-Disposition"]
    assert shop.web.get(f"{shop.url}/mailbox.json?to=other@example.org").json() == {"letters": []}


def test_a_letter_can_be_read_in_the_browser_without_running_anything(
    post_office: tuple[Shop, int],
) -> None:
    shop, port = post_office
    with smtplib.SMTP("127.0.0.1", port) as server:
        server.send_message(receipt(subject="<script>"))
    listed = shop.web.get(f"{shop.url}/mailbox").text
    assert "&lt;script&gt;" in listed
    page = shop.web.get(f"{shop.url}/mailbox/1").text
    assert 'sandbox="allow-popups' in page
    assert "Дякуємо!" in page
    html = shop.web.get(f"{shop.url}/mailbox/1/html")
    assert "default-src 'none'" in html.headers["Content-Security-Policy"]
    source = shop.web.get(f"{shop.url}/mailbox/1/source")
    assert source.headers["Content-Type"].startswith("text/plain")
    assert "Message-ID: <receipt-1@example.org>" in source.text
    assert shop.web.get(f"{shop.url}/mailbox/2").status_code == 404
    assert shop.web.get(f"{shop.url}/mailbox/1/attachments/5").status_code == 404


def test_letters_are_refused_as_often_as_asked_for(post_office: tuple[Shop, int]) -> None:
    shop, port = post_office
    shop.control("mailbox/fail", letters=2)
    with smtplib.SMTP("127.0.0.1", port) as server:
        for _ in range(2):
            with pytest.raises(smtplib.SMTPDataError) as refused:
                server.send_message(receipt())
            assert refused.value.smtp_code == 451
        server.send_message(receipt())
    assert shop.look("mailbox")["taken"] == 1


def test_only_the_newest_letters_are_kept(post_office: tuple[Shop, int]) -> None:
    shop, port = post_office
    with smtplib.SMTP("127.0.0.1", port) as server:
        for number in range(60):
            server.sendmail("a@example.org", ["b@example.org"], f"Subject: {number}\r\n\r\nHi")
    box = shop.look("mailbox")
    assert (box["kept"], box["taken"], box["letters"][0]["subject"]) == (50, 60, "59")
    assert box["letters"][0]["raw"] == "Subject: 59\r\n\r\nHi\r\n"
    shop.control("mailbox/clear")
    assert shop.look("mailbox")["kept"] == 0


def test_a_conversation_out_of_order_is_refused(post_office: tuple[Shop, int]) -> None:
    _, port = post_office
    with smtplib.SMTP("127.0.0.1", port) as server:
        assert server.docmd("DATA")[0] == 503
        assert server.docmd("RCPT", "TO:<a@example.org>")[0] == 503
        assert server.docmd("JUMP")[0] == 500
        assert server.docmd("NOOP")[0] == 250
        assert server.docmd("RSET")[0] == 250


def test_hundreds_of_large_letters_are_taken_each_second(post_office: tuple[Shop, int]) -> None:
    _, port = post_office
    letter = b"Subject: x\r\n\r\n" + (b"x" * 76 + b"\r\n") * 520
    started = time.monotonic()
    with smtplib.SMTP("127.0.0.1", port) as server:
        for _ in range(200):
            server.sendmail("a@example.org", ["b@example.org"], letter)
    assert time.monotonic() - started < 2
