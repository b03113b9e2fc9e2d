"""The elements' script as the newsroom's own pages ask for it."""

from functools import cache
from pathlib import Path

from flask import Blueprint, Response, abort, current_app

from app.embed import public
from app.extensions import limiter

bp = Blueprint("embed", __name__, url_prefix="/embed")

#: How long a browser keeps a module. Those of two releases meet meanwhile, so what one module
#: asks of another changes only with the number of the version.
SCRIPT_SECONDS = 3600


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
    return file.read_bytes()
