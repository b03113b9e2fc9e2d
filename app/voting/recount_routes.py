"""Staff count a published round again, and correct it where the rules of counting were wrong."""

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.accounts.access import current_account, staff_only
from app.accounts.models import Role
from app.clock import utcnow
from app.voting import recounts, rounds
from app.voting.forms import ReasonForm
from app.voting.models import RoundStatus
from app.voting.rounds import UnknownRound

bp = Blueprint("voting_recount", __name__, url_prefix="/staff/rounds")


@bp.route("/<key:round_id>/recount", methods=["GET", "POST"])
@staff_only(Role.EDITOR)
def recount(round_id: int) -> ResponseReturnValue:
    """Ask for a reason, then count the ballots anew and say what came of it."""
    try:
        round_ = rounds.find(round_id)
    except UnknownRound:
        abort(404)
    back = url_for("voting_staff.show", round_id=round_id)
    if round_.status != RoundStatus.PUBLISHED:
        return redirect(back, 303)
    form = ReasonForm()
    if not form.validate_on_submit():
        page = render_template("voting/audit_recount.html", form=form, round=round_)
        return page, 422 if form.errors else 200
    try:
        came = recounts.again(
            round_id, by=current_account().id, reason=form.reason.data, now=utcnow()
        )
    except recounts.NotCounted:
        flash(_("This round was counted in an older way and cannot be compared."), "warn")
    else:
        flash(*_told(came))
    return redirect(back, 303)


def _told(came: recounts.Again) -> tuple[str, str]:
    if came.identical:
        return _("Counted again: ballots and result are the same to the last byte."), "good"
    if came.correction is not None:
        return _("The count differed. The corrected one is published with your reason."), "warn"
    if came.same_ballots:
        return (
            _(
                "The ballots are those of the close, but the record of the count was changed. "
                "Nothing was published: somebody must find out who changed the database."
            ),
            "bad",
        )
    return (
        _(
            "The ballots are not those of the close. Nothing was published: somebody must find "
            "out who changed the database."
        ),
        "bad",
    )
