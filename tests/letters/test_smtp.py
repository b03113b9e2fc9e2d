"""Letters as they reach a mail server: whole, to whom they are for, whatever people are called."""

import smtplib
from collections.abc import Iterator
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP

import pytest

from app.mailer import Attachment, Draft, Refused, SmtpMailer
from tests.sandbox.smtp import MailServer


@dataclass
class Kept:
    """Keeps each letter a mail server is handed: to whom, and what."""

    letters: list[tuple[list[str], EmailMessage]] = field(default_factory=list)

    def take(self, _sender: str, to: list[str], content: bytes) -> bool:
        """Keep one."""
        read = message_from_bytes(content, policy=SMTP)
        assert isinstance(read, EmailMessage)
        self.letters.append((to, read))
        return True


@pytest.fixture
def kept() -> Kept:
    """What the mail server of this test was handed."""
    return Kept()


@pytest.fixture
def mailer(kept: Kept) -> Iterator[SmtpMailer]:
    """A mailer connected to that server."""
    server = MailServer(kept, 0)  # type: ignore[arg-type]
    url = f"smtp://127.0.0.1:{server.server_address[1]}"
    connected = SmtpMailer(url, "newsroom@example.org", lambda locale: f"Громада {locale}")
    yield connected
    connected._hang_up()
    server.close()


def letter(to: str = "ann@example.org", subject: str = "Your receipt") -> Draft:
    pdf = Attachment("receipt.pdf", b"%PDF", "pdf")
    return Draft(to, subject, "Дякуємо.\n.\nA dot.\n", "<p>Дякуємо.</p>", "uk", (pdf,))


def test_a_letter_arrives_whole_in_both_forms_with_its_file(mailer: SmtpMailer, kept: Kept) -> None:
    mailer.send(letter(), "1")
    ((to, read),) = kept.letters
    assert to == ["ann@example.org"]
    assert read["From"] == "Громада uk <newsroom@example.org>"
    assert read["Message-ID"] == "<1@example.org>"
    text, html = read.get_body(("plain",)), read.get_body(("html",))
    assert text is not None
    assert html is not None
    assert text.get_content().split() == ["Дякуємо.", ".", "A", "dot."]
    assert "<p>Дякуємо.</p>" in html.get_content()
    assert [file.get_filename() for file in read.iter_attachments()] == ["receipt.pdf"]


def test_a_domain_in_other_letters_is_written_as_mail_servers_know_it(
    mailer: SmtpMailer, kept: Kept
) -> None:
    mailer.send(letter("olena@приклад.укр"), "1")
    ((to, read),) = kept.letters
    assert to == ["olena@xn--80aikifvh.xn--j1amh"] == [read["To"]]


def test_an_address_no_server_takes_is_refused_for_good_and_stops_no_other_letter(
    mailer: SmtpMailer, kept: Kept
) -> None:
    mailer.send(letter(), "1")
    with pytest.raises(Refused):
        mailer.send(letter("олена@example.org"), "2")
    mailer.send(letter(), "3")
    assert [read["Message-ID"] for _to, read in kept.letters] == [
        "<1@example.org>",
        "<3@example.org>",
    ]


def test_a_connection_the_server_has_closed_is_opened_anew(mailer: SmtpMailer, kept: Kept) -> None:
    mailer.send(letter(), "1")
    connection = mailer._connection
    assert isinstance(connection, smtplib.SMTP)
    connection.close()
    mailer.send(letter(), "2")
    assert len(kept.letters) == 2
