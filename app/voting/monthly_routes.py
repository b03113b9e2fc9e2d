"""The template of the monthly round, as staff set it and agree to it."""

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_wtf import FlaskForm

from app.accounts import approvals
from app.accounts.access import current_account, staff_only
from app.accounts.approvals import AlreadyDecided, AskedAnew, MayNotApprove
from app.accounts.models import Account, Role
from app.clock import utcnow
from app.extensions import db
from app.voting import monthly, words
from app.voting.staff_forms import MonthlyForm, typed_from
from app.voting.staff_pages import seen_request

bp = Blueprint("voting_staff_monthly", __name__, url_prefix="/staff/rounds/monthly")


def _here() -> ResponseReturnValue:
    return redirect(url_for("voting_staff_monthly.show"), 303)


@bp.route("", methods=["GET", "POST"])
@staff_only(Role.EDITOR)
def show() -> ResponseReturnValue:
    """The template: when rounds open and close, what they offer, how they are counted."""
    template, now = monthly.find(), utcnow()
    form = MonthlyForm(data=typed_from(template))
    if form.validate_on_submit():
        saved = monthly.save(form.plan(), by=current_account().id, now=now)
        if saved.is_on and saved.opens_alone and saved.alone_since is None:
            flash(_("Saved. A colleague is asked to agree that its rounds open by themselves."))
        else:
            flash(_("The monthly round is saved."))
        return _here()
    waiting = monthly.awaited()
    page = render_template(
        "voting/staff_monthly.html",
        form=form,
        template=template,
        zone=words.zone_name(),
        next_opening=monthly.next_opening(template, now=now)
        if template and template.is_on
        else None,
        waiting=waiting,
        asked_by=db.session.get_one(Account, waiting.asked_by_id).name if waiting else "",
        may_decide=waiting is not None and approvals.may_decide(waiting, current_account()),
    )
    return page, 422 if form.errors else 200


@bp.post("/agree")
@staff_only(Role.EDITOR)
def agree() -> ResponseReturnValue:
    """Agree that the template's rounds open by themselves, or decline."""
    answer = request.form.get("answer")
    if not FlaskForm().validate_on_submit() or answer not in ("approve", "decline"):
        abort(400)
    try:
        monthly.decide(
            approved=answer == "approve",
            seen=seen_request(),
            by=current_account().id,
            now=utcnow(),
        )
    except AskedAnew:
        flash(_("Nothing was decided: it was changed since. Look at it as it is now."), "warn")
    except AlreadyDecided:
        flash(_("A colleague has decided this before you."), "warn")
    except MayNotApprove:
        flash(_("You asked for this yourself, so a colleague decides."), "warn")
    else:
        flash(
            _("Agreed. Its rounds open by themselves from now on.")
            if answer == "approve"
            else _("Declined. Each of its rounds waits until staff open it.")
        )
    return _here()
