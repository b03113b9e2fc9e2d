"""Rounds as staff run them: drafted, checked, opened, closed, declared void."""

import structlog
from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.accounts.access import current_account, staff_only
from app.accounts.models import Role
from app.clock import utcnow
from app.voting import picks, results, rounds, secrecy, words
from app.voting.forms import (
    MOST_TOPICS,
    BallotForm,
    DecisionForm,
    ReasonForm,
    RoundForm,
    typed_from,
)
from app.voting.models import Round, RoundStatus
from app.voting.rounds import NotADraft, NotOpen, NotWithdrawable, UnknownRound, Unready

log = structlog.get_logger()

bp = Blueprint("voting_staff", __name__, url_prefix="/staff/rounds")


def _find(round_id: int) -> Round:
    try:
        return rounds.find(round_id)
    except UnknownRound:
        abort(404)


def _note(act: str, round_id: int) -> None:
    """Say in the log which member of staff did what."""
    log.info(act, round=round_id, by=current_account().id)


def _to(round_id: int) -> ResponseReturnValue:
    return redirect(url_for("voting_staff.show", round_id=round_id), 303)


@bp.get("")
@staff_only(Role.EDITOR)
def index() -> ResponseReturnValue:
    """All rounds, drafts first."""
    now = utcnow()
    listed = [
        (round_, words.state(round_, now), turnout) for round_, turnout in results.listing(now)
    ]
    return render_template("voting/staff_rounds.html", rounds=listed, percent=words.percent)


@bp.route("/new", methods=["GET", "POST"])
@staff_only(Role.EDITOR)
def new() -> ResponseReturnValue:
    """Draft a round. What was typed stays when something needs correcting."""
    form = RoundForm()
    if _one_more_topic(form) or not form.validate_on_submit():
        return _form_page(form, None)
    made = rounds.make(form.draft(), by=current_account().id, now=utcnow())
    return _saved(made.id)


@bp.route("/<key:round_id>", methods=["GET", "POST"])
@staff_only(Role.EDITOR)
def show(round_id: int) -> ResponseReturnValue:
    """One round: a form while it is a draft, else how it stands."""
    round_ = _find(round_id)
    if round_.status != RoundStatus.DRAFT:
        return _round_page(round_)
    form = RoundForm(data=typed_from(round_))
    if _one_more_topic(form) or not form.validate_on_submit():
        return _form_page(form, round_)
    try:
        rounds.edit(round_id, form.draft())
    except NotADraft:
        flash(_("Nothing was changed: the round has been opened meanwhile."), "warn")
        return _to(round_id)
    return _saved(round_id)


def _saved(round_id: int) -> ResponseReturnValue:
    """Go on to what the button said: check and open, preview, or stay with the draft."""
    pages = {"open": "voting_staff.confirm_open", "preview": "voting_staff.preview"}
    if page := pages.get(request.form.get("next", "")):
        return redirect(url_for(page, round_id=round_id), 303)
    flash(_("The draft is saved."))
    return _to(round_id)


def _one_more_topic(form: RoundForm) -> bool:
    """Whether a further row was asked for rather than the draft saved."""
    if not form.is_submitted() or "add_topic" not in request.form:
        return False
    if len(form.topics) < MOST_TOPICS:
        form.topics.append_entry()
    return True


def _form_page(form: RoundForm, round_: Round | None) -> ResponseReturnValue:
    page = render_template(
        "voting/staff_draft.html",
        form=form,
        round=round_,
        zone=words.zone_name(),
        more=len(form.topics) < MOST_TOPICS,
        added="add_topic" in request.form,
    )
    return page, 422 if form.errors else 200


def _round_page(round_: Round) -> ResponseReturnValue:
    now = utcnow()
    label, kind = words.state(round_, now)
    turnout = results.turnout(round_.id, now=now)
    found = None
    if round_.status == RoundStatus.PUBLISHED:
        found = results.published(round_.slug or "", now=now)
    return render_template(
        "voting/staff_round.html",
        round=round_,
        label=label,
        kind=kind,
        is_open=rounds.takes_ballots(round_, now),
        turnout=turnout,
        turnout_sentence=words.turnout(turnout),
        result=words.result(found) if found else None,
    )


@bp.get("/<key:round_id>/preview")
@staff_only(Role.EDITOR)
def preview(round_id: int) -> ResponseReturnValue:
    """The ballot as a patron will see it; nothing can be cast here."""
    round_ = _find(round_id)
    return render_template(
        "voting/staff_preview.html",
        form=BallotForm(formdata=None),
        round=round_,
        topics=[
            (topic, False)
            for topic in secrecy.shuffled(round_.topics, round_.id, current_account().id)
        ],
    )


@bp.route("/<key:round_id>/open", methods=["GET", "POST"])
@staff_only(Role.EDITOR)
def confirm_open(round_id: int) -> ResponseReturnValue:
    """Show what will be fixed for good, then open the round."""
    round_, now = _find(round_id), utcnow()
    if round_.status != RoundStatus.DRAFT:
        return _to(round_id)
    found = rounds.problem(round_, now)
    if request.method == "POST" and found is None:
        try:
            opened = rounds.open_(round_id, now=now)
        except NotADraft:
            return _to(round_id)
        except Unready as unready:
            found = unready.problem
        else:
            _note("round_opened", round_id)
            later = opened.opens_at is not None and opened.opens_at > now
            flash(_("The round will open by itself.") if later else _("The round is open."))
            return _to(round_id)
    if found is not None:
        flash(words.problem(found), "bad")
        return _to(round_id)
    return render_template("voting/staff_confirm.html", act="open", round=round_, now=now)


@bp.post("/<key:round_id>/take-back")
@staff_only(Role.EDITOR)
def take_back(round_id: int) -> ResponseReturnValue:
    """Make a round that is to open later a draft again."""
    _find(round_id)
    try:
        rounds.take_back(round_id)
    except NotADraft:
        flash(_("The round has opened, so it cannot be changed any more."), "warn")
    else:
        _note("round_taken_back", round_id)
        flash(_("The round is a draft again."))
    return _to(round_id)


@bp.route("/<key:round_id>/close", methods=["GET", "POST"])
@staff_only(Role.EDITOR)
def confirm_close(round_id: int) -> ResponseReturnValue:
    """Ask once more, then close the round at this moment."""
    round_ = _find(round_id)
    if not rounds.takes_ballots(round_, utcnow()):
        return _to(round_id)
    if request.method == "POST":
        try:
            rounds.close_now(round_id, now=utcnow())
        except NotOpen:
            flash(_("The round had closed already."), "warn")
        else:
            _note("round_closed", round_id)
            flash(_("The round is closed and is being counted."))
        return _to(round_id)
    return render_template("voting/staff_confirm.html", act="close", round=round_)


@bp.route("/<key:round_id>/void", methods=["GET", "POST"])
@staff_only(Role.EDITOR)
def void(round_id: int) -> ResponseReturnValue:
    """Declare a round void, with a reason everybody can read."""
    round_, form = _find(round_id), ReasonForm()
    if round_.status in (RoundStatus.DRAFT, RoundStatus.VOID):
        return _to(round_id)
    if form.validate_on_submit():
        try:
            rounds.void(round_id, form.reason.data, now=utcnow())
        except NotOpen:
            return _to(round_id)
        _note("round_voided", round_id)
        flash(_("The round is void. Readers see your reason."))
        return _to(round_id)
    page = render_template("voting/staff_reason.html", form=form, round=round_, topic=None)
    return page, 422 if form.errors else 200


@bp.route("/<key:round_id>/topics/<key:number>/withdraw", methods=["GET", "POST"])
@staff_only(Role.EDITOR)
def withdraw(round_id: int, number: int) -> ResponseReturnValue:
    """Take a topic out of an open round, with a reason everybody can read."""
    round_, form = _find(round_id), ReasonForm()
    topic = next((topic for topic in round_.topics if topic.number == number), None)
    if topic is None:
        abort(404)
    if form.validate_on_submit():
        try:
            rounds.withdraw_topic(round_id, number, form.reason.data, now=utcnow())
        except NotOpen:
            flash(_("The round has closed; its topics stay as they are."), "warn")
        except NotWithdrawable:
            flash(_("This topic is withdrawn already, or it is the last one."), "warn")
        else:
            _note("topic_withdrawn", round_id)
            flash(_("The topic is withdrawn. Readers see your reason."))
        return _to(round_id)
    page = render_template("voting/staff_reason.html", form=form, round=round_, topic=topic)
    return page, 422 if form.errors else 200


@bp.route("/<key:round_id>/decide", methods=["GET", "POST"])
@staff_only(Role.EDITOR)
def decide(round_id: int) -> ResponseReturnValue:
    """Choose between topics that are level, with a reason everybody can read."""
    round_, form, now = _find(round_id), DecisionForm(), utcnow()
    found = results.published(round_.slug or "", now=now)
    if found is None or not found.outcome.undecided or found.picks:
        return _to(round_id)
    if form.validate_on_submit():
        try:
            picks.decide(
                round_.slug or "",
                form.numbers.data or [],
                form.reason.data,
                by=current_account().id,
                now=now,
            )
        except picks.NotToBeDecided:
            form.numbers.errors = [_("Choose as many topics as there are places left.")]
        else:
            _note("tie_decided", round_id)
            flash(_("Your choice is published."))
            return _to(round_id)
    level = [topic for topic in round_.topics if topic.number in found.outcome.undecided]
    page = render_template(
        "voting/staff_decide.html",
        form=form,
        round=round_,
        level=level,
        places=found.outcome.undecided_seats,
    )
    return page, 422 if form.errors else 200
