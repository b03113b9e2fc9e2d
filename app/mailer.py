"""Hand a written letter to a mail server. Knows nothing of what letters say."""

import smtplib
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import unquote, urlsplit

from app import mime

#: Seconds a mail server may take to answer one command.
TIMEOUT = 15
#: Where whoever has no address has one: nobody can own it (RFC 2606), and no letter is sent there.
NOWHERE = "no-address.invalid"


class NotSent(Exception):
    """The mail server did not take the letter; it may be tried again."""


class Refused(NotSent):
    """The mail server refused this address for good."""


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file with a letter; `subtype` of application/, such as "pdf"."""

    filename: str
    content: bytes
    subtype: str


@dataclass(frozen=True, slots=True)
class Draft:
    """A written letter: the same matter as plain text and as HTML."""

    to: str
    subject: str
    text: str
    html: str
    locale: str
    attachments: tuple[Attachment, ...] = ()
    #: The address that ends letters of this kind at once; empty for those that nobody can end.
    unsubscribe: str = ""


class Mailer(Protocol):
    """Hands letters to the outside world."""

    def send(self, draft: Draft, message_id: str) -> None:
        """Send one letter under the given id, without angle brackets. Raises `NotSent`."""
        ...

    def greet(self) -> None:
        """Connect as for a letter and send none. Raises `NotSent`."""
        ...


class SmtpMailer:
    """`Mailer` over SMTP. Keeps its connection between letters; one per process and thread.

    `url` is smtp://[user:password@]host[:port], which is encrypted where the server offers it and
    always where there is a password, or smtps://... for a server that speaks TLS from the start.
    `sender_name` gives the sender's name in a language.
    """

    def __init__(self, url: str, sender: str, sender_name: Callable[[str], str]) -> None:
        self._url = urlsplit(url)
        if self._url.scheme not in ("smtp", "smtps") or not self._url.hostname:
            raise ValueError("SMTP_URL must be smtp://host:port or smtps://host:port")
        self._user, _, self._domain = sender.rpartition("@")
        self._sender_name = sender_name
        self._connection: smtplib.SMTP | None = None

    def send(self, draft: Draft, message_id: str) -> None:
        """See `Mailer`."""
        try:
            to = _for_smtp(draft.to)
        except UnicodeError:
            raise Refused("no mail server takes such an address") from None
        message = self._message(draft, to, message_id)
        kept = self._connection is not None
        try:
            self._hand_over(to, message)
        except smtplib.SMTPRecipientsRefused as error:
            self._hang_up()
            code = max(code for code, _ in error.recipients.values())
            raise (Refused if code >= 550 else NotSent)(f"SMTP {code}") from error
        except (smtplib.SMTPServerDisconnected, ConnectionError) as error:
            # A server may close a connection that stood idle; that says nothing of this letter.
            self._hang_up()
            if not kept:
                raise NotSent(type(error).__name__) from error
            self.send(draft, message_id)
        except (smtplib.SMTPException, OSError) as error:
            self._hang_up()
            raise NotSent(_reason(error)) from error

    def greet(self) -> None:
        """See `Mailer`. Over a connection of its own, so any thread may."""
        try:
            with self._connect() as server:
                server.noop()
        except (smtplib.SMTPException, OSError) as error:
            raise NotSent(_reason(error)) from error

    def _hand_over(self, to: str, message: bytes) -> None:
        if self._connection is None:
            self._connection = self._connect()
        self._connection.sendmail(f"{self._user}@{self._domain}", [to], message)

    def _connect(self) -> smtplib.SMTP:
        host, port = self._url.hostname or "", self._url.port
        tls = ssl.create_default_context()
        if self._url.scheme == "smtps":
            server: smtplib.SMTP = smtplib.SMTP_SSL(host, port or 465, timeout=TIMEOUT, context=tls)
        else:
            server = smtplib.SMTP(host, port or 587, timeout=TIMEOUT)
            server.ehlo()
            if server.has_extn("starttls"):
                server.starttls(context=tls)
                server.ehlo()
            elif self._url.password:
                server.close()
                raise smtplib.SMTPNotSupportedError("no password is sent without encryption")
        if self._url.username and self._url.password:
            server.login(unquote(self._url.username), unquote(self._url.password))
        return server

    def _hang_up(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _message(self, draft: Draft, to: str, message_id: str) -> bytes:
        sender = mime.person(self._sender_name(draft.locale), f"{self._user}@{self._domain}")
        headers = {
            "From": sender,
            "To": to,
            "Subject": draft.subject,
            "Message-ID": f"<{message_id}@{self._domain}>",
            "Content-Language": draft.locale,
            # Asks vacation responders and list servers not to answer (RFC 3834).
            "Auto-Submitted": "auto-generated",
        }
        if draft.unsubscribe:
            # The button "Unsubscribe" of mail programs (RFC 2369), which acts at once (RFC 8058).
            headers["List-Unsubscribe"] = f"<{draft.unsubscribe}>"
            headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
        files = [
            (attachment.filename, f"application/{attachment.subtype}", attachment.content)
            for attachment in draft.attachments
        ]
        return mime.letter(headers, draft.text, draft.html, files)


def _for_smtp(address: str) -> str:
    """An address as every mail server takes it: its domain in ASCII. Raises `UnicodeError`."""
    local, _, domain = address.rpartition("@")
    return f"{local.encode('ascii').decode()}@{domain.encode('idna').decode()}"


def _reason(error: Exception) -> str:
    """An error without the server's words, which may repeat the address."""
    code = getattr(error, "smtp_code", None)
    return f"SMTP {code}" if code else type(error).__name__
