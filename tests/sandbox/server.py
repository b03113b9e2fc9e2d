"""The sandbox put together and served: one process, one thread for each connection."""

from __future__ import annotations

import threading
from typing import Any

from flask import Flask, Response
from werkzeug.serving import BaseWSGIServer, ThreadedWSGIServer, WSGIRequestHandler

from tests.sandbox import (
    api,
    charging,
    control,
    desk,
    invoice_pages,
    objects,
    pages,
    portal_pages,
    post,
    steering,
    testclocks,
    timeline,
    troubles,
)
from tests.sandbox.smtp import MailServer
from tests.sandbox.world import Options, World


class _Handler(WSGIRequestHandler):
    #: Connections are kept: opening one for each call would cost more than the call.
    protocol_version = "HTTP/1.1"
    #: Answers are written in one piece; two small ones would wait for one another.
    wbufsize = 64 * 1024
    disable_nagle_algorithm = True

    def log_request(self, *args: Any) -> None:
        """Stay silent; the delivery log and the pages show what happened."""


class _Server(ThreadedWSGIServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128


def create_app(world: World) -> Flask:
    """Make the web application of a world."""
    app = Flask(__name__)
    app.extensions["sandbox"] = world
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    for room in (api, control, troubles, pages, desk, post, steering, portal_pages, invoice_pages):
        app.register_blueprint(room.bp)

    @app.get("/healthz")
    def healthz() -> Response:
        return Response("ok", content_type="text/plain")

    return app


class Sandbox:
    """A running sandbox: its world, its web server, its mail server."""

    def __init__(self, options: Options) -> None:
        self.world = World(options)
        objects.configure_endpoint(self.world)
        timeline.resume(self.world)
        testclocks.resume(self.world)
        charging.settle_leftover(self.world)
        self._stop = threading.Event()
        app = create_app(self.world)
        self._web: BaseWSGIServer = _Server("127.0.0.1", options.port, app, _Handler)
        self._mail: MailServer | None = None
        if options.smtp_port is not None:
            self._mail = MailServer(self.world.mailbox, options.smtp_port)
        watcher = threading.Thread(
            target=timeline.watch, args=(self.world, self._stop), name="timeline", daemon=True
        )
        watcher.start()

    def serve(self) -> None:
        """Answer until `close` is called from another thread."""
        self._web.serve_forever(poll_interval=0.03)

    def close(self) -> None:
        """Stop answering and write everything down."""
        self._stop.set()
        self._web.shutdown()
        self._web.server_close()
        if self._mail is not None:
            self._mail.close()
        self.world.close()
