"""Differences from Stripe as staff see them: looked for, repaired."""

from datetime import timedelta
from itertools import groupby

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from app.accounts import audit
from app.accounts.access import current_account, staff_only
from app.accounts.models import Role
from app.clock import utcnow
from app.current import gateway
from app.desk import comparisons, differences, payment_words
from app.desk.differences import UnknownDifference
from app.extensions import db, limiter
from app.payments.gateway import GatewayUnavailable
from app.payments.orders import SurveyKind

bp = Blueprint("desk_differences", __name__, url_prefix="/staff/differences")

#: Days a comparison may look back; disputes and refunds come months after their gift.
WINDOWS = (7, 35, 100, 400)
#: Comparisons listed, and differences shown of one kind.
NEWEST, MOST = 5, 50


@bp.get("")
@staff_only(Role.FINANCE)
def index() -> ResponseReturnValue:
    """What differs, and the newest comparisons. Finance, owner."""
    standing = groupby(differences.standing(), key=lambda row: SurveyKind(row.kind))
    newest = comparisons.latest(NEWEST)
    return render_template(
        "desk/differences.html",
        groups=[(kind, list(rows)) for kind, rows in standing],
        most=MOST,
        newest=newest,
        running=next((one for one in newest if one.finished_at is None), None),
        kinds=len(SurveyKind),
        windows=WINDOWS,
        words=payment_words,
    )


def _back() -> ResponseReturnValue:
    return redirect(url_for("desk_differences.index"), 303)


@bp.post("/run")
@staff_only(Role.FINANCE)
@limiter.limit("30 per hour")
def run() -> ResponseReturnValue:
    """Ask for a comparison now. Finance, owner."""
    days = request.form.get("days", type=int)
    if days not in WINDOWS:
        abort(400)
    now, by = utcnow(), current_account().id
    comparison = comparisons.ask(by, now - timedelta(days=days), now=now)
    if comparison.asked_at != now:
        flash(_("A comparison is running already. It is shown below."), "warn")
    return _back()


@bp.post("/<key:comparison_id>/call-off")
@staff_only(Role.FINANCE)
def call_off(comparison_id: int) -> ResponseReturnValue:
    """Call a comparison off. Finance, owner."""
    if comparisons.call_off(comparison_id, now=utcnow()):
        flash(_("The comparison is called off. What it has found is kept."))
    return _back()


@bp.post("/<key:difference_id>/repair")
@staff_only(Role.FINANCE)
@limiter.limit("120 per hour")
def repair(difference_id: int) -> ResponseReturnValue:
    """Repair one difference. Finance, owner."""
    _note("difference_repaired", difference_id)
    try:
        gone = differences.repair(difference_id, gateway(), now=utcnow())
    except UnknownDifference:
        flash(_("This difference is gone already."))
    except GatewayUnavailable:
        flash(_("Stripe does not answer, so nothing has changed. Try again in a minute."), "warn")
    else:
        if gone:
            flash(_("Repaired: what is here is now what Stripe has."))
        else:
            flash(_("It could not be repaired. The reason stands beside it."), "warn")
    return _back()


@bp.post("/repair/<kind>")
@staff_only(Role.FINANCE)
@limiter.limit("20 per hour")
def repair_all(kind: str) -> ResponseReturnValue:
    """Have every difference of a kind repaired by a worker. Finance, owner."""
    if kind not in set(SurveyKind):
        abort(404)
    _note("differences_repaired", kind)
    count = differences.want_all(SurveyKind(kind), now=utcnow())
    flash(
        ngettext(
            "%(num)s difference is being repaired. Reload this page to see.",
            "%(num)s differences are being repaired. Reload this page to see.",
            count,
        )
    )
    return _back()


def _note(act: str, subject: object) -> None:
    """Enter the act and commit: no transaction stays open while Stripe answers."""
    audit.note(current_account().id, act, "difference", subject, now=utcnow())
    db.session.commit()
