"""The recovery list: whose payment failed and has not been made good yet."""

from collections.abc import Iterator, Sequence

from flask import Blueprint, Response, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.accounts import audit
from app.accounts.access import current_account, staff_only
from app.accounts.models import Role
from app.clock import utcnow
from app.current import zone
from app.desk import money_lines
from app.export import Cell, lines
from app.extensions import db
from app.giving.failing import recovery
from app.giving.failing.recovery import Recovery
from app.giving.wishes import wish_words
from app.money import Money

bp = Blueprint("recovery", __name__, url_prefix="/staff")

#: Who looks after gifts at risk, beside the owner.
LOOK = (Role.FUNDRAISER, Role.FINANCE)
#: More than a newsroom can look after at once; the file has them too.
MOST = 2000


@bp.get("/recovery")
@staff_only(*LOOK)
def index() -> ResponseReturnValue:
    """List the gifts past due, whose grace ends the soonest first. Fundraiser, finance, owner."""
    now = utcnow()
    rows = recovery.listed(now, limit=MOST)
    return render_template(
        "desk/recovery.html",
        rows=rows,
        at_risk=at_risk(rows),
        # A test clock at Stripe may run ahead of ours.
        days=lambda row: max(0, (now - row.past_due_since).days),
        remedy=lambda row: money_lines.remedy(row.remedy) if row.remedy else "",
        bank=lambda row: money_lines.bank(row.decline_code),
        terms=wish_words.terms,
    )


def at_risk(rows: Sequence[Recovery]) -> list[Money]:
    """Return what could not be taken in all, one sum for each currency."""
    sums: dict[str, int] = {}
    for row in rows:
        sums[row.amount.currency] = sums.get(row.amount.currency, 0) + row.amount.minor
    return [Money(minor, currency) for currency, minor in sorted(sums.items())]


@bp.get("/recovery.csv")
@staff_only(*LOOK)
def download() -> ResponseReturnValue:
    """The same list as a file; that it was downloaded is entered. Fundraiser, finance, owner."""
    now = utcnow()
    rows = recovery.listed(now, limit=MOST)
    audit.note(
        current_account().id, "recovery_downloaded", "recovery", "all", now=now, rows=len(rows)
    )
    db.session.commit()
    day = now.astimezone(zone()).date()
    return Response(
        "".join(lines(_cells(rows))),
        mimetype="text/csv",
        headers={
            "Content-Disposition": f'attachment; filename="recovery-{day}.csv"',
            "Cache-Control": "no-store",
        },
    )


def _cells(rows: Sequence[Recovery]) -> Iterator[list[Cell]]:
    yield [
        _("Name"),
        _("E-mail"),
        _("Amount"),
        _("Currency"),
        _("How often"),
        _("Failed since"),
        _("Attempts"),
        _("What helps"),
        _("The bank's word"),
        _("Next attempt"),
        _("Grace ends"),
        _("Letters sent"),
    ]
    for row in rows:
        yield _row(row)


def _row(row: Recovery) -> list[Cell]:
    local = zone()
    return [
        row.name,
        row.email,
        str(row.amount.major),
        row.amount.currency,
        row.interval.value,
        row.past_due_since.astimezone(local).date(),
        row.attempts,
        money_lines.remedy(row.remedy) if row.remedy else "",
        row.decline_code or "",
        row.next_attempt_at.astimezone(local).date() if row.next_attempt_at else None,
        row.grace_ends_at.astimezone(local).date(),
        row.letters_sent,
    ]
