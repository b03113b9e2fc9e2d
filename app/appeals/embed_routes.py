"""What the newsroom's own pages ask for: the elements' script, what they show, what was seen."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from flask import Blueprint, Response, abort, current_app, request
from flask_babel import force_locale

from app.appeals import feeds, views
from app.clock import utcnow
from app.embed import FEED_SECONDS, feed, public
from app.extensions import csrf, limiter, network_of_reader
from app.giving.arrivals import touches
from config.newsroom import LANGUAGES

bp = Blueprint("embed", __name__, url_prefix="/embed")

#: How long a browser keeps a module. Those of two releases meet meanwhile, so what one module
#: asks of another changes only with the number of the version.
SCRIPT_SECONDS = 3600
#: What a module says only to who reads it here: lines of comment, and how others are set in.
ASIDE = re.compile(rb"^[ \t]*(?://[^\n]*\n|/\*\*(?:(?!\*/).)*\*/\n)|^\s+", re.M | re.S)
#: How often one network may ask for a feed, which caches answer for most readers, and tell a view.
OFTEN = "600 per minute"
#: What tells of a view is a few names.
LARGEST_NOTE = 4096


@bp.get("/v1.js")
@limiter.exempt
def script() -> Response:
    """What finds the elements on a page and loads the module of each. Public."""
    return _module("v1.js")


@bp.get("/v1/<name>.js")
@limiter.exempt
def module(name: str) -> Response:
    """The module of one element. Public."""
    return _module(f"v1/{name}.js")


@bp.get("/appeal.json")
@limiter.limit(OFTEN)
def appeal() -> Response:
    """The appeal of a page. Public."""
    with _language():
        article = touches.named(request.args.get("article", ""))
        section, currency = (request.args.get(n, "")[:500].strip() for n in ("section", "currency"))
        return feed(feeds.appeal(article, section, currency, now=utcnow()))


@bp.get("/round.json")
@limiter.limit(OFTEN)
def round_() -> Response:
    """The open round, or the newest result. Public."""
    with _language():
        return feed(feeds.round_(now=utcnow()))


@bp.get("/goal.json")
@limiter.limit(OFTEN)
def goal() -> Response:
    """A goal and how far it is. Public."""
    with _language():
        named = request.args.get("goal", "")
        asked = int(named) if named.isdecimal() and len(named) < 10 else None
        told = feeds.goal(asked, now=utcnow())
        return feed(told, seconds=FEED_SECONDS - feeds.KEPT_SECONDS)


@bp.post("/seen")
@csrf.exempt
@limiter.limit(OFTEN)
def seen() -> Response:
    """Count that an appeal was on somebody's screen; 403 unless on a page of a site of ours.

    Public; 204 whatever such a page sends.
    """
    request.max_content_length = LARGEST_NOTE
    # What a browser says of itself; a page of another site cannot say otherwise.
    page = request.headers.get("Origin", "")
    if not views.may_tell(page):
        return Response(status=403, headers={"Vary": "Origin"})
    note, browser = request.get_data(cache=False), request.user_agent.string
    views.count(note, browser, network_of_reader(), now=utcnow())
    return Response(status=204, headers={"Vary": "Origin", "Access-Control-Allow-Origin": page})


@contextmanager
def _language() -> Iterator[None]:
    """Speak the language that the address names."""
    asked = request.args.get("lang", "")
    with force_locale(asked if asked in LANGUAGES else next(iter(LANGUAGES))):
        yield


def _module(path: str) -> Response:
    folder = Path(current_app.static_folder or "", "embed")
    if path not in _modules(folder):
        abort(404)
    file = folder / path
    return public(_text(file, file.stat().st_mtime_ns), "text/javascript", seconds=SCRIPT_SECONDS)


@cache
def _modules(folder: Path) -> frozenset[str]:
    return frozenset(file.relative_to(folder).as_posix() for file in folder.rglob("*.js"))


@cache
def _text(file: Path, _changed: int) -> bytes:
    return ASIDE.sub(b"", file.read_bytes())
