"""Taking one's own data: asked for, fetched while its time lasts."""

import uuid

from flask import (
    Blueprint,
    Response,
    abort,
    flash,
    redirect,
    render_template,
    stream_with_context,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import login_required
from flask_wtf import FlaskForm

from app.accounts.access import current_account
from app.clock import utcnow
from app.extensions import limiter
from app.localisation import current_locale
from app.privacy import takeouts
from app.privacy.takeouts import TooMany, UnknownTakeout

bp = Blueprint("takeout", __name__, url_prefix="/account/data")


@bp.after_request
def _keep_to_ourselves(response: Response) -> Response:
    """No page of these is kept by browsers or proxies."""
    response.headers["Cache-Control"] = "no-store"
    return response


@bp.get("")
@login_required
def show() -> ResponseReturnValue:
    """What is in the file, and the files there are. About the own account."""
    account, now = current_account(), utcnow()
    found = [one for one in takeouts.of(account.id) if not one.expires_at or one.expires_at > now]
    return render_template(
        "privacy/takeout.html",
        account=account,
        takeouts=found,
        hours=int(takeouts.lasts().total_seconds()) // 3600,
    )


@bp.post("")
@login_required
@limiter.limit("10 per day", key_func=lambda: f"takeout {current_account().id}")
def ask() -> ResponseReturnValue:
    """Ask for a file. About the own account."""
    if FlaskForm().validate_on_submit():
        try:
            takeouts.ask(current_account().id, locale=current_locale(), now=utcnow())
        except TooMany:
            flash(_("You have asked for enough files today. Fetch one of them."), "warn")
    return redirect(url_for("takeout.show"), 303)


@bp.get("/<uuid:takeout_id>.zip")
@login_required
def file(takeout_id: uuid.UUID) -> ResponseReturnValue:
    """Fetch a file of one's own."""
    try:
        parts = takeouts.fetch(takeout_id, current_account().id, now=utcnow())
    except UnknownTakeout:
        abort(404)
    return Response(
        stream_with_context(parts),
        mimetype="application/zip",
        headers={"Content-Disposition": 'attachment; filename="your-data.zip"'},
    )
