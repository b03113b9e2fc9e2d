"""Answers with files: a short one at once, a long one after a page on which it is asked for."""

from io import BytesIO

from flask import Response, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.accounts.access import current_account
from app.clock import utcnow
from app.current import settings
from app.export import TYPES, Format, write
from app.extensions import db
from app.localisation import current_locale
from app.reports import contents, exports, words
from app.reports.contents import Contents, Wanted

#: How often somebody may ask for a long file: each takes a worker minutes.
ASKED_FOR = "30 per hour"


def answer(wanted: Wanted, form: Format) -> ResponseReturnValue:
    """Answer with a file, or with the page that asks for a long one; a POST asks.

    404 for what there is not. That it was taken or asked for is entered in the audit log.
    """
    now, by = utcnow(), current_account().id
    try:
        found = contents.of(wanted, now)
        if request.method == "POST":
            locale = str(current_locale())
            export_id = exports.ask(wanted, form, by=by, locale=locale, now=now)
            return redirect(url_for("exports.show", export_id=export_id), 303)
    except KeyError:
        abort(404)
    rows = found.count()
    if rows > settings().export_at_once:
        return render_template(
            "reports/export_ask.html",
            title=found.title,
            rows=rows,
            form=form,
            hours=settings().export_hours,
            words=words,
        )
    exports.enter(contents.TAKEN[wanted.kind], wanted, form, rows=rows, by=by, now=now)
    db.session.commit()
    return attached(Response(_written(found, form)), f"{found.stem}.{form}", form)


def attached(response: Response, name: str, form: Format) -> Response:
    """Let a response be kept as a file by whoever asked, and by no cache."""
    response.content_type = TYPES[form]
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["Cache-Control"] = "no-store"
    return response


def _written(found: Contents, form: Format) -> bytes:
    """Write a file whole, so that no cursor is held while a slow reader takes it.

    It has no more rows than may be taken at once, and is no larger than a page with a picture.
    """
    file = BytesIO()
    write(contents.with_a_word(found.rows()), form, found.title, file)
    return file.getvalue()
