"""What a person has given, page by page, and the papers for it."""

from flask import Blueprint, Response, abort, render_template, request
from flask.typing import ResponseReturnValue
from flask_login import current_user, login_required

from app.clock import utcnow
from app.extensions import limiter
from app.giving.books import history, history_words, statements, years
from app.giving.rules import CURRENCIES
from app.localisation import current_locale

bp = Blueprint("history", __name__)


@bp.get("/pledge/history")
@login_required
def timeline() -> ResponseReturnValue:
    """One's own gifts and what went back, newest first, and the statements of each year."""
    number = request.args.get("page", 1, type=int)
    page = history.page(current_user.id, number)
    return render_template(
        "giving/history.html",
        page=page,
        lines=history_words.lines(page.entries),
        statements=years.available(current_user.id),
    )


@bp.get("/pledge/statements/<int:year>-<currency>.pdf")
@login_required
@limiter.limit("60 per hour")
def statement(year: int, currency: str) -> ResponseReturnValue:
    """Download a yearly statement. One's own only."""
    if currency not in CURRENCIES or year > utcnow().year + 1:
        abort(404)
    found = years.find(current_user.id, year, currency, now=utcnow())
    if found is None:
        abort(404)
    return Response(
        statements.pdf(found, current_locale()),
        mimetype="application/pdf",
        headers={"Content-Disposition": f'attachment; filename="{statements.file_name(found)}"'},
    )
