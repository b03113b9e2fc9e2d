"""What an accountant needs of a month: the ledger's sums by currency, and its entries as a file."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from flask import Blueprint, Response, abort, render_template, request, stream_with_context, url_for
from flask.typing import ResponseReturnValue

from app.accounts.access import staff_only
from app.accounts.models import Role
from app.clock import utcnow
from app.current import zone
from app.export import Cell, lines
from app.giving.books import totals
from app.reports import entries, month_words, months

bp = Blueprint("month", __name__, url_prefix="/staff/month")

#: So many months can be chosen from the page; earlier ones by the address.
OFFERED = 36


@dataclass(frozen=True, slots=True)
class Span:
    """One month of the newsroom's: its first day, and the moments it lasts from and to."""

    first: date
    since: datetime
    until: datetime

    @property
    def name(self) -> str:
        """The month as addresses name it, such as 2026-08."""
        return f"{self.first:%Y-%m}"


@bp.get("")
@staff_only(Role.FINANCE)
def show() -> ResponseReturnValue:
    """The ledger's sums of a month, by default of the last that is over. Finance, owner."""
    now = utcnow()
    span = _asked(now)
    return render_template(
        "reports/month.html",
        span=span,
        over=span.until <= now,
        totals=totals.between(span.since, span.until),
        choices=list(reversed(months.latest(OFFERED, now, zone()))),
        csv_url=url_for("month.entries_csv", month=span.name),
        words=month_words,
    )


@bp.get("/entries.csv")
@staff_only(Role.FINANCE)
def entries_csv() -> ResponseReturnValue:
    """Every entry of a month as a file, in rows as they are read. Finance, owner."""
    span = _asked(utcnow())
    response = Response(stream_with_context(lines(_rows(span))), mimetype="text/csv")
    response.headers["Content-Disposition"] = f'attachment; filename="ledger-{span.name}.csv"'
    # What staff read is kept by no cache.
    response.headers["Cache-Control"] = "no-store"
    return response


def _rows(span: Span) -> Iterator[list[Cell]]:
    yield month_words.csv_head()
    for entry in entries.between(span.since, span.until):
        yield month_words.csv_row(entry, zone())


def _asked(now: datetime) -> Span:
    """Read which month is asked for; 404 for one that is none or has not begun."""
    running = months.first_day(now, zone())
    first = (running - timedelta(days=1)).replace(day=1)
    if text := request.args.get("month", ""):
        try:
            first = date.fromisoformat(f"{text}-01")
            following = months.following(first)
        except ValueError:
            abort(404)
    else:
        following = running
    if first > running:
        abort(404)
    return Span(first, months.start_of(first, zone()), months.start_of(following, zone()))
