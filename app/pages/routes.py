"""The front page, the newsroom's colours, and what machines ask: health, readiness, metrics."""

import hmac
from functools import cache
from urllib.parse import urlencode

from alembic.script import ScriptDirectory
from flask import Blueprint, Response, abort, current_app, redirect, request, url_for
from flask.typing import ResponseReturnValue
from redis import RedisError
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from app import observability
from app.current import newsroom, settings
from app.extensions import db, limiter, migrate

bp = Blueprint("pages", __name__)


@bp.get("/")
def front() -> ResponseReturnValue:
    """Lead on to the appeal. Public."""
    # Put together by hand: to `url_for` a name such as "_scheme" would be an order.
    kept = urlencode(list(request.args.items(multi=True)))
    return redirect(url_for("giving.give") + (f"?{kept}" if kept else ""), 302)


@bp.get("/theme.css")
def theme() -> ResponseReturnValue:
    """The newsroom's colours as custom properties. Public."""
    colours = newsroom().colours
    sheet = (
        f":root{{--accent:{colours.accent};--highlight:{colours.highlight}}}\n"
        f"@media(prefers-color-scheme:dark){{:root{{--accent:{colours.accent_dark}}}}}\n"
    )
    response = Response(sheet, mimetype="text/css")
    response.cache_control.public = True
    response.cache_control.max_age = 3600
    return response


@bp.get("/healthz")
@limiter.exempt
def healthz() -> ResponseReturnValue:
    """Whether this process is alive. Public."""
    return {"status": "alive"}


@bp.get("/readyz")
@limiter.exempt
def readyz() -> ResponseReturnValue:
    """Whether database, broker and schema are fit: 200, or 503 with what is not. Public."""
    parts = {"database": _database(), "broker": _broker(), "migrations": _migrations()}
    ready = all(parts.values())
    return {"status": "ready" if ready else "not ready", **parts}, 200 if ready else 503


@bp.get("/metrics")
@limiter.exempt
def metrics() -> ResponseReturnValue:
    """Metrics for Prometheus, for who has the token where one is set."""
    token = settings().metrics_token
    if token is not None:
        expected = f"Bearer {token.get_secret_value()}"
        given = request.headers.get("Authorization", "")
        if not hmac.compare_digest(given.encode(), expected.encode()):
            abort(403)
    return Response(observability.exposition(), mimetype="text/plain; version=0.0.4")


def _database() -> bool:
    try:
        return db.session.scalar(text("SELECT 1")) == 1
    except SQLAlchemyError:
        db.session.rollback()
        return False


def _broker() -> bool:
    try:
        return bool(current_app.extensions["redis"].ping())
    except RedisError:
        return False


def _migrations() -> bool:
    try:
        return db.session.scalar(text("SELECT version_num FROM alembic_version")) == _head()
    except SQLAlchemyError:
        db.session.rollback()
        return False


@cache
def _head() -> str | None:
    return ScriptDirectory.from_config(migrate.get_config()).get_current_head()
