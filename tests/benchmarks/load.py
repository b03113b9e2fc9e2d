"""A client that costs little: it sends prepared requests over a few kept connections.

One thread and a selector; what it costs stands in the way of the server on a small machine.
"""

import selectors
import socket
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from config.local.ports import LOOPBACK

_END = b"\r\n\r\n"


@dataclass(slots=True)
class Poured:
    """What came of a run: how long it took, and of each answer its seconds and status."""

    seconds: float = 0.0
    latencies: list[float] = field(default_factory=list)
    statuses: dict[int, int] = field(default_factory=dict)

    @property
    def rate(self) -> float:
        """Requests answered each second."""
        return len(self.latencies) / self.seconds


@dataclass(slots=True)
class _Line:
    link: socket.socket
    sent_at: float = 0.0
    heard: bytes = b""


def pour(port: int, requests: Sequence[bytes], *, connections: int) -> Poured:
    """Send every request once, each connection its next one when it has its answer."""
    poured, upcoming = Poured(), iter(requests)
    with selectors.DefaultSelector() as selector:
        lines = [_Line(socket.create_connection((LOOPBACK, port))) for _ in range(connections)]
        began = time.perf_counter()
        for line in lines:
            line.link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            selector.register(line.link, selectors.EVENT_READ, line)
            _ask(line, next(upcoming))
        waiting = len(lines)
        while waiting:
            for key, _ in selector.select():
                line = key.data
                if not _answered(line, poured):
                    continue
                request = next(upcoming, None)
                if request is None:
                    waiting -= 1
                else:
                    _ask(line, request)
        poured.seconds = time.perf_counter() - began
        for line in lines:
            line.link.close()
    return poured


def post(path: str, body: bytes, headers: dict[str, str]) -> bytes:
    """Return the bytes of a POST over a connection that is kept."""
    lines = [f"POST {path} HTTP/1.1", f"Host: {LOOPBACK}", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode() + _END + body


def get(path: str, headers: dict[str, str]) -> bytes:
    """Return the bytes of a GET over a connection that is kept."""
    lines = [f"GET {path} HTTP/1.1", f"Host: {LOOPBACK}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode() + _END


def _ask(line: _Line, request: bytes) -> None:
    line.heard, line.sent_at = b"", time.perf_counter()
    line.link.sendall(request)


def _answered(line: _Line, poured: Poured) -> bool:
    piece = line.link.recv(262144)
    if not piece:
        raise ConnectionError("the server closed a connection that was to be kept")
    line.heard += piece
    head, end, body = line.heard.partition(_END)
    if not end or len(body) < _length(head):
        return False
    poured.latencies.append(time.perf_counter() - line.sent_at)
    status = int(head[9:12])
    poured.statuses[status] = poured.statuses.get(status, 0) + 1
    return True


def _length(head: bytes) -> int:
    lowered = head.lower()
    at = lowered.find(b"content-length:")
    return 0 if at < 0 else int(lowered[at + 15 :].split(b"\r\n", 1)[0])
