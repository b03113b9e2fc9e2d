"""A lean SMTP server: takes letters in as fast as they are handed over.

It reads a letter in large pieces and not line by line, because benchmarks send
thousands of letters of tens of kilobytes through it.
"""

from __future__ import annotations

import socket
import socketserver
import threading

from tests.sandbox.letters import Mailbox

_SIZE_LIMIT = 64 * 1024 * 1024
_END = b"\r\n.\r\n"
_HELLO = f"250-mailbox\r\n250-SIZE {_SIZE_LIMIT}\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250-PIPELINING\r\n250 HELP"  # noqa: E501


class _Conversation(socketserver.BaseRequestHandler):
    server: MailServer
    request: socket.socket

    def setup(self) -> None:
        self.request.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._read = bytearray()
        self._sender: str | None = None
        self._to: list[str] = []

    def handle(self) -> None:
        try:
            self._say("220 mailbox ESMTP")
            while (line := self._until(b"\r\n")) is not None:
                if not self._answer(line.decode("utf-8", "replace")):
                    return
        except OSError:
            return  # The sender hung up; a letter cut short is not kept.

    def _answer(self, line: str) -> bool:
        verb, _, rest = line.partition(" ")
        match verb.upper():
            case "EHLO":
                self._say(_HELLO)
            case "HELO" | "NOOP" | "VRFY":
                self._say("250 OK")
            case "MAIL":
                self._sender, self._to = _address(rest), []
                self._say("250 OK")
            case "RCPT" if self._sender is not None:
                self._to.append(_address(rest))
                self._say("250 OK")
            case "DATA" if self._to:
                return self._take()
            case "RSET":
                self._sender, self._to = None, []
                self._say("250 OK")
            case "QUIT":
                self._say("221 Bye")
                return False
            case "RCPT" | "DATA":
                self._say("503 Bad sequence of commands")
            case _:
                self._say("500 Command not known")
        return True

    def _take(self) -> bool:
        self._say("354 End with a line holding only a dot")
        # The line that ends an empty letter has no line before it.
        self._read[:0] = b"\r\n"
        raw = self._until(_END)
        if raw is None:
            return False
        content = bytes(raw[2:]).replace(b"\r\n..", b"\r\n.") + b"\r\n"
        sender, to, self._sender, self._to = self._sender or "", self._to, None, []
        taken = self.server.mailbox.take(sender, to, content)
        self._say("250 OK" if taken else "451 The mailbox was told to refuse this letter")
        return True

    def _until(self, mark: bytes) -> bytearray | None:
        """Read up to a mark and past it; None when the connection ends before."""
        start = 0
        while (at := self._read.find(mark, start)) < 0:
            start = max(0, len(self._read) - len(mark) + 1)
            piece = self.request.recv(262144)
            if not piece or len(self._read) > _SIZE_LIMIT:
                return None
            self._read += piece
        found = self._read[:at]
        del self._read[: at + len(mark)]
        return found

    def _say(self, line: str) -> None:
        self.request.sendall(line.encode() + b"\r\n")


def _address(argument: str) -> str:
    """Take the address out of `FROM:<a@example.org> SIZE=123`."""
    _, _, rest = argument.partition("<")
    return rest.partition(">")[0]


class MailServer(socketserver.ThreadingTCPServer):
    """Listens on 127.0.0.1 and hands each letter to the mailbox."""

    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 64

    def __init__(self, mailbox: Mailbox, port: int) -> None:
        super().__init__(("127.0.0.1", port), _Conversation)
        self.mailbox = mailbox
        threading.Thread(target=self.serve_forever, args=(0.03,), name="smtp", daemon=True).start()

    def close(self) -> None:
        """Take in no more letters."""
        self.shutdown()
        self.server_close()
