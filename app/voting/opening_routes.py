"""Opening a round, by one member of staff or by two; and making it a draft again."""

from flask import Blueprint, abort, flash, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_wtf import FlaskForm

from app.accounts.access import current_account, staff_only
from app.accounts.approvals import AlreadyDecided, AskedAnew, MayNotApprove
from app.accounts.models import Role
from app.clock import utcnow
from app.voting import openings, rounds, words
from app.voting.forms import RoundForm, typed_from
from app.voting.models import Round, RoundStatus
from app.voting.rounds import NotADraft, Unready
from app.voting.staff_pages import found, seen_request, to_round

bp = Blueprint("voting_staff_opening", __name__, url_prefix="/staff/rounds")


def _tell(round_: Round) -> None:
    """Say what came of it."""
    if round_.status != RoundStatus.OPEN:
        flash(_("A colleague is asked to look at it. It opens once one of them agrees."))
    elif rounds.takes_ballots(round_, utcnow()):
        flash(_("The round is open."))
    else:
        flash(_("The round will open by itself."))


@bp.route("/<key:round_id>/open", methods=["GET", "POST"])
@staff_only(Role.EDITOR)
def confirm_open(round_id: int) -> ResponseReturnValue:
    """Show what will be fixed for good, then open the round or ask a colleague to."""
    round_, now = found(round_id), utcnow()
    if round_.status != RoundStatus.DRAFT:
        return to_round(round_id)
    lacks = rounds.problem(round_, now)
    if request.method == "POST" and lacks is None:
        try:
            _tell(openings.ask_or_open(round_id, by=current_account().id, now=now))
        except NotADraft:
            return to_round(round_id)
        except Unready as unready:
            lacks = unready.problem
        else:
            return to_round(round_id)
    if lacks is not None:
        flash(words.problem(lacks), "bad")
        return to_round(round_id)
    form = RoundForm(formdata=None, data=typed_from(round_))
    return render_template(
        "voting/staff_confirm.html", act="open", round=round_, now=now, form=form
    )


@bp.post("/<key:round_id>/agree")
@staff_only(Role.EDITOR)
def agree(round_id: int) -> ResponseReturnValue:
    """Agree to open a round that a colleague asked for, or decline."""
    found(round_id)
    answer = request.form.get("answer")
    if not FlaskForm().validate_on_submit() or answer not in ("approve", "decline"):
        abort(400)
    try:
        round_ = openings.decide(
            round_id,
            approved=answer == "approve",
            seen=seen_request(),
            by=current_account().id,
            now=utcnow(),
        )
    except AskedAnew:
        flash(_("Nothing was decided: it was changed since. Look at it as it is now."), "warn")
    except (AlreadyDecided, NotADraft):
        flash(_("A colleague has decided this before you."), "warn")
    except MayNotApprove:
        flash(_("You asked for this yourself, so a colleague decides."), "warn")
    except Unready as unready:
        flash(words.problem(unready.problem), "bad")
    else:
        if answer == "approve":
            _tell(round_)
        else:
            flash(_("Declined. The round stays a draft and can be changed."))
    return to_round(round_id)


@bp.post("/<key:round_id>/ask-back")
@staff_only(Role.EDITOR)
def ask_back(round_id: int) -> ResponseReturnValue:
    """Take the request to open a draft back, so that it can be changed."""
    found(round_id)
    openings.take_back(round_id, by=current_account().id, now=utcnow())
    flash(_("Nobody is asked any more. The draft can be changed."))
    return to_round(round_id)


@bp.post("/<key:round_id>/take-back")
@staff_only(Role.EDITOR)
def take_back(round_id: int) -> ResponseReturnValue:
    """Make a round that is to open later a draft again."""
    found(round_id)
    try:
        rounds.take_back(round_id, by=current_account().id, now=utcnow())
    except NotADraft:
        flash(_("The round has opened, so it cannot be changed any more."), "warn")
    else:
        flash(_("The round is a draft again."))
    return to_round(round_id)
