"""Serves the pages of a newsroom's own site, as WordPress would, from an origin of its own."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

PAGES = Path(__file__).parent / "pages"
KINDS = {".html": "text/html; charset=utf-8", ".css": "text/css", ".js": "text/javascript"}
#: What a strict site allows; `docs/embedding.md` names what of it is for Hromada.
POLICY = (
    "default-src 'none'; script-src 'self' {hromada}; connect-src {hromada}; style-src 'self'; "
    "img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'"
)


class Site:
    """The newsroom's own site, running in a thread; a context manager.

    A page is asked for by its file's name without the ending: `site.url + "/article"`. In its
    text $HROMADA stands for the address of Hromada; pages named strict* have a strict policy.
    """

    def __init__(self, hromada: str) -> None:
        self.hromada = hromada
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(hromada))
        # By name and not by number: for a browser this is another site, not only another port.
        self.url = f"http://localhost:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._server.server_close()


def _handler(hromada: str) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            name = urlsplit(self.path).path.strip("/")
            file = PAGES / (name if Path(name).suffix else f"{name}.html")
            if file.parent != PAGES or not file.is_file():
                self.send_error(404)
                return
            body = file.read_text().replace("$HROMADA", hromada).encode()
            self.send_response(200)
            self.send_header("Content-Type", KINDS.get(file.suffix, "text/plain"))
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Referrer-Policy", "strict-origin-when-cross-origin")
            if name.startswith("strict"):
                self.send_header("Content-Security-Policy", POLICY.format(hromada=hromada))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Say nothing: the tests' own output is long enough."""

    return Handler
