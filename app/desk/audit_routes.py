"""The audit log as staff read it."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from flask import Blueprint, Response, render_template, request, stream_with_context, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.accounts import audit
from app.accounts.access import current_account, staff_only
from app.accounts.models import Role
from app.clock import utcnow
from app.current import zone
from app.desk import audit_log, deed_details, deed_words, timeline
from app.desk.audit_log import Question
from app.export import Cell, lines
from app.extensions import db

bp = Blueprint("audit", __name__, url_prefix="/staff")

LONGEST = 254


@bp.get("/audit")
@staff_only(Role.FINANCE)
def index() -> ResponseReturnValue:
    """Who did what to whom, filtered, by pages. Finance, owner."""
    asked = _asked(request.args)
    page = audit_log.page(asked, request.args.get("page", 1, type=int))
    kept: dict[str, Any] = {
        "by": asked.by,
        "act": asked.act or None,
        "person": asked.person or None,
        "day": asked.day.isoformat() if asked.day else None,
    }
    keys = [key for one in page.entries for key in (one.by_account_id, one.account_id)]
    return render_template(
        "desk/audit.html",
        asked=asked,
        page=page,
        names=timeline.names_of(keys),
        words=deed_words,
        details=deed_details.write,
        actors=audit_log.actors(),
        acts=[(act, deed_words.act(act)) for act in audit_log.acts()],
        page_url=lambda number: url_for("audit.index", page=number, **kept),
        csv_url=url_for("audit.download", **kept) if current_account().role == Role.OWNER else None,
    )


@bp.get("/audit.csv")
@staff_only(Role.OWNER)
def download() -> ResponseReturnValue:
    """What was asked for as a file, whole; that it was downloaded is entered. Owner."""
    now, asked = utcnow(), _asked(request.args)
    audit.note(current_account().id, "audit_downloaded", "audit", "all", now=now)
    db.session.commit()
    day = now.astimezone(zone()).date()
    response = Response(stream_with_context(lines(_rows(asked))), mimetype="text/csv")
    response.headers["Content-Disposition"] = f'attachment; filename="audit-{day}.csv"'
    response.headers["Cache-Control"] = "no-store"
    return response


def _rows(asked: Question) -> Iterator[list[Cell]]:
    yield [
        _("When (UTC)"),
        _("Account of who acted"),
        _("Act"),
        _("On what"),
        _("Its key"),
        _("Account concerned"),
        _("Details"),
    ]
    for entry in audit_log.each(asked):
        yield [
            entry.at.isoformat(timespec="seconds"),
            entry.by_account_id,
            entry.act,
            entry.subject_kind,
            entry.subject_id,
            entry.account_id,
            deed_details.write(entry),
        ]


def _asked(args: Mapping[str, str]) -> Question:
    """Read what is asked of the log; what it does not know is left out."""
    by = args.get("by", "")
    person = "".join(letter for letter in args.get("person", "") if letter.isprintable())
    return Question(
        by=int(by) if by.isdecimal() and len(by) < 19 else None,
        act="".join(letter for letter in args.get("act", "") if letter.isprintable())[:40],
        person=person.strip()[:LONGEST],
        day=_day(args.get("day", "")),
    )


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    # A day after it is looked at too, so the last day of the calendar is none.
    return day if day < date.max else None
