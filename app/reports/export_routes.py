"""Files that a job makes: how far each is, where it can be fetched, and asking for it again."""

import uuid

from flask import (
    Blueprint,
    Response,
    abort,
    redirect,
    render_template,
    request,
    stream_with_context,
    url_for,
)
from flask.typing import ResponseReturnValue

from app.accounts.access import current_account, staff_only
from app.accounts.models import Role
from app.clock import utcnow
from app.current import settings
from app.export import Format
from app.extensions import db, limiter
from app.reports import downloads, exports, words
from app.reports.exports import UnknownExport
from app.reports.models import ExportFile

bp = Blueprint("exports", __name__, url_prefix="/staff/exports")


@bp.get("")
@staff_only()
def index() -> ResponseReturnValue:
    """List the files that who is signed in has asked for. Any staff."""
    rows = exports.asked_by(current_account().id, utcnow())
    return render_template(
        "reports/exports.html", rows=rows, hours=settings().export_hours, words=words
    )


@bp.get("/<uuid:export_id>")
@staff_only()
def show(export_id: uuid.UUID) -> ResponseReturnValue:
    """How far a file is, or the link to it. Who may see what is in it."""
    return render_template("reports/export.html", row=_allowed(export_id), words=words)


@bp.get("/<uuid:export_id>/file")
@staff_only()
def file(export_id: uuid.UUID) -> ResponseReturnValue:
    """The file itself, while it lives. Who may see what is in it; that it was taken is entered."""
    row, now = _allowed(export_id), utcnow()
    if row.ready_at is None:
        return redirect(url_for("exports.show", export_id=export_id), 303)
    by = current_account().id
    if request.method == "GET":
        wanted, form = exports.wanted_by(row), Format(row.format)
        exports.enter("export_downloaded", wanted, form, rows=row.rows_all, by=by, now=now)
        db.session.commit()
    response = Response(stream_with_context(exports.body(row.id, row.parts)))
    response.content_length = row.size
    return downloads.attached(response, f"{row.stem}.{row.format}", Format(row.format))


@bp.post("/<uuid:export_id>/again")
@staff_only()
@limiter.limit(downloads.ASKED_FOR)
def again(export_id: uuid.UUID) -> ResponseReturnValue:
    """Ask for the same file anew. Who may see what is in it."""
    row = _allowed(export_id)
    try:
        fresh = exports.ask(
            exports.wanted_by(row),
            Format(row.format),
            by=current_account().id,
            locale=row.locale,
            now=utcnow(),
        )
    except KeyError:
        abort(404)
    return redirect(url_for("exports.show", export_id=fresh), 303)


def _allowed(export_id: uuid.UUID) -> ExportFile:
    """Return a file: 404 where there is none any more, 403 for who may not see what is in it."""
    try:
        row = exports.find(export_id, utcnow())
        roles = exports.wanted_by(row).roles()
    except (UnknownExport, KeyError):
        abort(404)
    if current_account().role not in (*roles, Role.OWNER):
        abort(403)
    return row
