"""Answers to the newsroom's own pages: for anybody, about nobody, kept by caches for a while."""

import hashlib
import json
from collections.abc import Mapping

from flask import Response, request

#: How long a feed is kept at most; what it shows is at most this old.
FEED_SECONDS = 60


def feed(told: Mapping[str, object], *, seconds: int = FEED_SECONDS) -> Response:
    """Answer a page of any site with what was found out; nothing in it may be about a person."""
    body = json.dumps(told, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    return public(body.encode(), "application/json", seconds=seconds)


def public(body: bytes, mimetype: str, *, seconds: int) -> Response:
    """Answer any site and let every cache keep it: 304 where the asker has the same.

    The view must not touch the session: what it answers is for everybody.
    """
    response = Response(body, mimetype=mimetype)
    response.cache_control.public = True
    response.cache_control.max_age = seconds
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.set_etag(hashlib.blake2b(body, digest_size=12).hexdigest())
    response.make_conditional(request)
    return response
