"""The pages and JSON of what went wrong, in words that say what to do."""

from math import ceil

import structlog
from flask import Flask, Response, g, make_response, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import force_locale
from flask_babel import gettext as _
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException, InternalServerError, MethodNotAllowed

from app.clock import utcnow
from app.extensions import db, limiter
from app.localisation import COOKIE, browser_locale
from app.machines import FOR_MACHINES

log = structlog.get_logger()


def init_app(app: Flask) -> None:
    """Answer every error with a page of ours."""
    app.register_error_handler(CSRFError, _stale_form)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(InternalServerError, _broken)


def _words(code: int) -> tuple[str, str]:
    """The headline of an error and what to do about it."""
    table = {
        400: (_("That did not arrive whole"), _("Go back, reload the page and send it again.")),
        403: (
            _("You may not open this page"),
            _("If your work needs it, ask the owner of the site for the role it takes."),
        ),
        404: (
            _("There is no such page"),
            _("The address may be mistyped, or the page has moved. The front page leads on."),
        ),
        405: (_("That is not how this page works"), _("Go back and use the page's own buttons.")),
        413: (_("That is too large"), _("Shorten it and send it again.")),
        429: (
            _("That was tried very often"),
            _("Wait a few minutes, then try again. Nothing was lost and nothing was charged."),
        ),
    }
    return table.get(code, table[400] if code < 500 else _broken_words())


def _broken_words() -> tuple[str, str]:
    return (
        _("Something broke on our side"),
        _("Nothing was charged by this page. Try again in a few minutes, or write to us."),
    )


def _answer(code: int, headline: str, advice: str) -> ResponseReturnValue:
    if request.accept_mimetypes.best_match(["text/html", "application/json"]) != "text/html":
        return {"error": headline, "request_id": g.get("request_id")}, code
    page = render_template(
        "errors/error.html",
        code=code,
        title=headline,
        text=advice,
        request_id=g.get("request_id"),
    )
    return page, code


def _bare(code: int, name: str) -> Response:
    """An error for a machine: of no reader, in no language, and kept by no cache."""
    answer = make_response({"error": name, "request_id": g.get("request_id")}, code)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _stale_form(_error: CSRFError) -> ResponseReturnValue:
    return _answer(
        400,
        _("This form has been open for too long"),
        _("Go back, reload the page and send it again; what you typed is kept by most browsers."),
    )


def _http_error(error: HTTPException) -> ResponseReturnValue:
    if error.code is None or error.code < 400:
        return error
    if request.endpoint in FOR_MACHINES:
        answer = _bare(error.code, error.name)
    else:
        answer = make_response(_answer(error.code, *_words(error.code)))
    if isinstance(error, MethodNotAllowed) and error.valid_methods:
        answer.allow.update(error.valid_methods)
    if error.code == 429 and limiter.current_limit is not None:
        wait = limiter.current_limit.reset_at - utcnow().timestamp()
        answer.headers["Retry-After"] = str(max(1, ceil(wait)))
    return answer


def _broken(error: InternalServerError) -> ResponseReturnValue:
    db.session.rollback()
    log.error("request_failed", endpoint=request.endpoint, exc_info=error.original_exception)
    if request.endpoint in FOR_MACHINES:
        return _bare(500, error.name)
    # Who is signed in, and so their language, may be what cannot be found out.
    with force_locale(request.cookies.get(COOKIE, "") or browser_locale()):
        return _answer(500, *_broken_words())
