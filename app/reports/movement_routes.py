"""Setting movements right that do not add up to what the pledges promise."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import ngettext

from app.accounts.access import current_account, staff_only
from app.accounts.models import Role
from app.clock import utcnow
from app.extensions import limiter
from app.giving.books import movement_checks
from app.reports import queries, report_words
from app.reports.figures import sources

bp = Blueprint("movements", __name__, url_prefix="/staff/movements")


@bp.get("")
@staff_only(Role.FINANCE)
def show() -> ResponseReturnValue:
    """Show which pledges differ and what setting them right will do. Finance, owner."""
    found = movement_checks.differing(queries.up_to(utcnow()))
    return render_template(
        "reports/movements.html", table=sources.table_of(found), words=report_words
    )


@bp.post("")
@staff_only(Role.FINANCE)
@limiter.limit("20 per hour")
def set_right() -> ResponseReturnValue:
    """Enter a correction for every pledge that differs. Finance, owner."""
    count = movement_checks.set_right(by=current_account().id, now=queries.up_to(utcnow()))
    flash(
        ngettext(
            "%(num)s correction is entered, and the movements were proven again.",
            "%(num)s corrections are entered, and the movements were proven again.",
            count,
        )
    )
    return redirect(url_for("figures.show", name=sources.REPORT.name), 303)
