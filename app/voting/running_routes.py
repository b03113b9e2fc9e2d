"""What staff may do with a round that is open: close, extend, correct, remind, withdraw, void."""

from flask import Blueprint, abort, flash, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_wtf import FlaskForm

from app.accounts.access import current_account, staff_only
from app.accounts.models import Role
from app.clock import utcnow
from app.voting import amendments, nudges, round_words, rounds, words
from app.voting.amendments import AnotherText, NotLater
from app.voting.forms import ReasonForm
from app.voting.models import RoundStatus
from app.voting.nudges import AlreadyReminded, NotWithin
from app.voting.rounds import NotOpen, NotWithdrawable
from app.voting.staff_forms import ExtensionForm, ReminderForm
from app.voting.staff_pages import found, to_round

bp = Blueprint("voting_staff_open", __name__, url_prefix="/staff/rounds")


@bp.route("/<key:round_id>/close", methods=["GET", "POST"])
@staff_only(Role.EDITOR)
def confirm_close(round_id: int) -> ResponseReturnValue:
    """Ask once more, then close the round at this moment."""
    round_ = found(round_id)
    if not rounds.takes_ballots(round_, utcnow()):
        return to_round(round_id)
    if request.method == "POST":
        try:
            rounds.close_now(round_id, by=current_account().id, now=utcnow())
        except NotOpen:
            flash(_("The round had closed already."), "warn")
        else:
            flash(_("The round is closed and is being counted."))
        return to_round(round_id)
    return render_template("voting/staff_confirm.html", act="close", round=round_)


@bp.route("/<key:round_id>/void", methods=["GET", "POST"])
@staff_only(Role.EDITOR)
def void(round_id: int) -> ResponseReturnValue:
    """Declare a round void, with a reason everybody can read."""
    round_, form = found(round_id), ReasonForm()
    if round_.status in (RoundStatus.DRAFT, RoundStatus.VOID):
        return to_round(round_id)
    if form.validate_on_submit():
        try:
            rounds.void(round_id, form.reason.data, by=current_account().id, now=utcnow())
        except NotOpen:
            return to_round(round_id)
        flash(_("The round is void. Readers see your reason."))
        return to_round(round_id)
    page = render_template("voting/staff_reason.html", form=form, round=round_, topic=None)
    return page, 422 if form.errors else 200


@bp.route("/<key:round_id>/topics/<key:number>/withdraw", methods=["GET", "POST"])
@staff_only(Role.EDITOR)
def withdraw(round_id: int, number: int) -> ResponseReturnValue:
    """Take a topic out of an open round, with a reason everybody can read."""
    round_, form = found(round_id), ReasonForm()
    topic = next((topic for topic in round_.topics if topic.number == number), None)
    if topic is None:
        abort(404)
    if form.validate_on_submit():
        try:
            rounds.withdraw_topic(
                round_id, number, form.reason.data, by=current_account().id, now=utcnow()
            )
        except NotOpen:
            flash(_("The round has closed; its topics stay as they are."), "warn")
        except NotWithdrawable:
            flash(_("This topic is withdrawn already, or it is the last one."), "warn")
        else:
            flash(_("The topic is withdrawn. Readers see your reason."))
        return to_round(round_id)
    page = render_template("voting/staff_reason.html", form=form, round=round_, topic=topic)
    return page, 422 if form.errors else 200


@bp.route("/<key:round_id>/extend", methods=["GET", "POST"])
@staff_only(Role.EDITOR)
def extend(round_id: int) -> ResponseReturnValue:
    """Put the close off, with a note everybody can read."""
    round_, form = found(round_id), ExtensionForm()
    if round_.status != RoundStatus.OPEN:
        return to_round(round_id)
    if form.validate_on_submit() and form.closes_at.data is not None:
        try:
            amendments.extend(
                round_id,
                form.closes_at.data,
                form.reason.data,
                by=current_account().id,
                now=utcnow(),
            )
        except NotOpen:
            flash(_("The round has closed; it cannot be extended any more."), "warn")
            return to_round(round_id)
        except NotLater:
            form.closes_at.errors = [_("Choose a later time, by 60 days at most.")]
        else:
            flash(_("The close is put off. Readers see your note."))
            return to_round(round_id)
    page = render_template(
        "voting/staff_extend.html", form=form, round=round_, zone=words.zone_name()
    )
    return page, 422 if form.errors else 200


@bp.route("/<key:round_id>/correct", methods=["GET", "POST"])
@staff_only(Role.EDITOR)
def correct(round_id: int) -> ResponseReturnValue:
    """Correct typing errors; both versions are kept, and readers see that there were any."""
    round_, form, error = found(round_id), FlaskForm(), ""
    if round_.status != RoundStatus.OPEN:
        return to_round(round_id)
    typed = {
        field: request.form.get(round_words.text_name(field), text).replace("\r\n", "\n").strip()
        for field, text in amendments.texts(round_).items()
    }
    if form.validate_on_submit():
        try:
            changed = amendments.correct(round_id, typed, by=current_account().id, now=utcnow())
        except NotOpen:
            flash(_("The round has closed; its texts stay as they are."), "warn")
            return to_round(round_id)
        except AnotherText as other:
            error = _(
                "“%(text)s” says something else. Only typing errors can be corrected.",
                text=typed[other.field] or "…",
            )
        else:
            if changed:
                flash(_("The correction is published; both versions are kept."))
            return to_round(round_id)
    rows = [
        (
            round_words.text_name(field),
            round_words.text_label(field),
            typed[field],
            field.name != "title",
        )
        for field, before in amendments.texts(round_).items()
        if before
    ]
    page = render_template(
        "voting/staff_correct.html", form=form, round=round_, rows=rows, error=error
    )
    return page, 422 if error else 200


@bp.route("/<key:round_id>/remind", methods=["GET", "POST"])
@staff_only(Role.EDITOR)
def remind(round_id: int) -> ResponseReturnValue:
    """Show how many have not voted, and choose when they are reminded, once."""
    round_, form, now = found(round_id), ReminderForm(), utcnow()
    if round_.status != RoundStatus.OPEN or round_.reminded_at is not None:
        return to_round(round_id)
    if form.validate_on_submit():
        try:
            nudges.plan(round_id, form.at.data, by=current_account().id, now=now)
        except (NotOpen, AlreadyReminded):
            return to_round(round_id)
        except NotWithin:
            form.at.errors = [_("Choose a time from now on and before the close.")]
        else:
            flash(_("The reminder is planned. You can cancel it until it goes out."))
            return to_round(round_id)
    count = nudges.recipients(round_id, now=now)
    page = render_template(
        "voting/staff_remind.html",
        form=form,
        round=round_,
        zone=words.zone_name(),
        silent=ngettext(
            "%(num)s patron who may vote has not yet voted.",
            "%(num)s patrons who may vote have not yet voted.",
            count,
        ),
    )
    return page, 422 if form.errors else 200


@bp.post("/<key:round_id>/remind/cancel")
@staff_only(Role.EDITOR)
def cancel_reminder(round_id: int) -> ResponseReturnValue:
    """Take the planned reminder back."""
    found(round_id)
    try:
        nudges.plan(round_id, None, by=current_account().id, now=utcnow())
    except AlreadyReminded:
        flash(_("The reminder has gone out already."), "warn")
    except NotOpen:
        flash(_("The round has closed; nobody is reminded."), "warn")
    else:
        flash(_("The reminder is cancelled."))
    return to_round(round_id)
