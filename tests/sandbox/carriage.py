"""Bodies carried over HTTP: signed as Stripe's webhooks are, over connections that are kept."""

from __future__ import annotations

import hashlib
import hmac
import http.client
import threading
import time
from urllib.parse import urlsplit

_TIMEOUT = 10.0


def signature(body: bytes, secret: str, at: int) -> str:
    """Sign a body the way Stripe's webhooks are signed."""
    digest = hmac.new(secret.encode(), b"%d." % at + body, hashlib.sha256).hexdigest()
    return f"t={at},v1={digest}"


def headers(body: bytes, secret: str) -> dict[str, str]:
    """Give the headers a body would be delivered with at this moment."""
    return {
        "Content-Type": "application/json; charset=utf-8",
        "User-Agent": "Stripe/1.0 (+https://stripe.com/docs/webhooks)",
        "Stripe-Signature": signature(body, secret, int(time.time())),
    }


class Carriage:
    """Connections to endpoints, each thread's own."""

    def __init__(self) -> None:
        self._local = threading.local()

    def post(self, url: str, body: bytes, secret: str) -> int:
        """POST over this thread's kept connection and give the status.

        Tries once more if the other side had closed the connection meanwhile. Raises
        OSError or HTTPException when there is no answer.
        """
        address = urlsplit(url)
        kept: dict[str, http.client.HTTPConnection] = self._local.__dict__.setdefault("kept", {})
        path = address.path + (f"?{address.query}" if address.query else "")
        connection = kept.pop(address.netloc, None)
        while True:
            known = connection is not None
            connection = connection or _connection(address.scheme, address.netloc)
            try:
                connection.request("POST", path, body, headers(body, secret))
                response = connection.getresponse()
                response.read()
            except (OSError, http.client.HTTPException) as failure:
                connection.close()
                if not known or isinstance(failure, TimeoutError):
                    raise
                connection = None  # It was closed while it lay idle.
                continue
            if response.will_close:
                connection.close()
            else:
                kept[address.netloc] = connection
            return response.status

    def hang_up(self) -> None:
        """Close this thread's connections."""
        for connection in self._local.__dict__.pop("kept", {}).values():
            connection.close()


def _connection(scheme: str, netloc: str) -> http.client.HTTPConnection:
    kind = http.client.HTTPSConnection if scheme == "https" else http.client.HTTPConnection
    return kind(netloc, timeout=_TIMEOUT)
