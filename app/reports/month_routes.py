"""What an accountant needs of a month: the ledger's sums by currency, and its entries as a file."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from flask import Blueprint, abort, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.accounts.access import staff_only
from app.clock import utcnow
from app.current import zone
from app.export import Format
from app.extensions import limiter
from app.giving.books import totals
from app.reports import downloads, month_words, months
from app.reports.contents import BOOKS, Kind, Wanted

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
@staff_only(*BOOKS)
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
        file_url=lambda form: url_for("month.entries_file", form=form, month=span.name),
        words=month_words,
    )


@bp.route("/entries.<any(csv, xlsx):form>", methods=["GET", "POST"])
@staff_only(*BOOKS)
@limiter.limit(downloads.ASKED_FOR, methods=["POST"])
def entries_file(form: str) -> ResponseReturnValue:
    """Every entry of a month as a file; a long one is asked for. Finance, owner."""
    span = _asked(utcnow())
    return downloads.answer(Wanted(Kind.ENTRIES, "", {"month": span.name}), Format(form))


def _asked(now: datetime) -> Span:
    """Read which month is asked for; 404 for one that is none or has not begun."""
    running = months.first_day(now, zone())
    first = (running - timedelta(days=1)).replace(day=1)
    if text := request.args.get("month", ""):
        try:
            first = months.read(text)
            following = months.following(first)
        except ValueError:
            abort(404)
    else:
        following = running
    if first > running:
        abort(404)
    return Span(first, months.start_of(first, zone()), months.start_of(following, zone()))
