"""Rounds as staff run them: drafted, checked, opened, closed, declared void."""

from collections.abc import Sequence
from contextlib import suppress

from flask import Blueprint, Response, abort, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_wtf import FlaskForm

from app.accounts import approvals
from app.accounts.access import current_account, staff_only
from app.accounts.models import Account, Approval, Role
from app.clock import utcnow
from app.extensions import db
from app.topics.models import Proposal
from app.voting import (
    candidates,
    nudges,
    openings,
    picks,
    pictures,
    results,
    round_words,
    rounds,
    secrecy,
    turnouts,
    words,
)
from app.voting.forms import MOST_TOPICS, BallotForm, RoundForm, typed_from
from app.voting.models import Round, RoundStatus
from app.voting.pictures import NotAPicture, TooLarge
from app.voting.rounds import Awaited, NotADraft
from app.voting.staff_forms import PictureForm
from app.voting.staff_pages import found, to_round

bp = Blueprint("voting_staff", __name__, url_prefix="/staff/rounds")


@bp.get("")
@staff_only(Role.EDITOR)
def index() -> ResponseReturnValue:
    """All rounds, drafts first."""
    now = utcnow()
    listed = [
        (round_, words.state(round_, now), turnout) for round_, turnout in turnouts.listing(now)
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
    round_ = found(round_id)
    if round_.status != RoundStatus.DRAFT:
        return _round_page(round_)
    if waiting := openings.awaited(round_id):
        return _awaited_page(round_, waiting)
    form = RoundForm(data=typed_from(round_))
    if _one_more_topic(form) or not form.validate_on_submit():
        return _form_page(form, round_)
    try:
        rounds.edit(round_id, form.draft(), now=utcnow())
    except Awaited:
        flash(_("Nothing was changed: a colleague is asked to open the round."), "warn")
        return to_round(round_id)
    except NotADraft:
        flash(_("Nothing was changed: the round has been opened meanwhile."), "warn")
        return to_round(round_id)
    return _saved(round_id)


def _saved(round_id: int) -> ResponseReturnValue:
    """Go on to what the button said: check and open, preview, or stay with the draft."""
    pages = {"open": "voting_staff_opening.confirm_open", "preview": "voting_staff.preview"}
    if page := pages.get(request.form.get("next", "")):
        return redirect(url_for(page, round_id=round_id), 303)
    flash(_("The draft is saved."))
    return to_round(round_id)


def _one_more_topic(form: RoundForm) -> bool:
    """Whether a further row was asked for rather than the draft saved."""
    if not form.is_submitted() or not {"add_topic", "add_proposal"} & set(request.form):
        return False
    if len(form.topics) < MOST_TOPICS:
        form.topics.append_entry(_from_shortlist(form))
    return True


def _from_shortlist(form: RoundForm) -> dict[str, object] | None:
    """Return the row of the shortlisted proposal that was asked for; None: an empty row."""
    asked = request.form.get("add_proposal", "")
    for proposal in _shortlist(form):
        if str(proposal.id) == asked:
            topic = candidates.from_proposal(proposal)
            return {"title": topic.title, "summary": topic.summary, "proposal": proposal.id}
    return None


def _shortlist(form: RoundForm) -> Sequence[Proposal]:
    """The shortlisted proposals that the draft does not offer yet."""
    return candidates.shortlist({entry.form.proposal.data for entry in form.topics})


def _form_page(form: RoundForm, round_: Round | None) -> ResponseReturnValue:
    page = render_template(
        "voting/staff_draft.html",
        form=form,
        round=round_,
        zone=words.zone_name(),
        more=len(form.topics) < MOST_TOPICS,
        added=bool({"add_topic", "add_proposal"} & set(request.form)),
        shortlist=_shortlist(form),
    )
    return page, 422 if form.errors else 200


def _awaited_page(round_: Round, waiting: Approval) -> ResponseReturnValue:
    """The draft as a colleague is asked to open it, to read only."""
    return render_template(
        "voting/staff_awaited.html",
        round=round_,
        waiting=waiting,
        asked_by=db.session.get_one(Account, waiting.asked_by_id).name,
        may_decide=approvals.may_decide(waiting, current_account()),
        form=RoundForm(formdata=None, data=typed_from(round_)),
        credits=round_words.suggested(round_),
        now=utcnow(),
    )


def _round_page(round_: Round) -> ResponseReturnValue:
    now = utcnow()
    label, kind = words.state(round_, now)
    is_open = rounds.takes_ballots(round_, now)
    turnout = turnouts.turnout(round_.id, now=now)
    public = None
    if round_.status == RoundStatus.PUBLISHED:
        public = results.published(round_.slug or "", now=now)
    outcome = picks.counted(round_)
    return render_template(
        "voting/staff_round.html",
        round=round_,
        label=label,
        kind=kind,
        is_open=is_open,
        turnout=turnout,
        turnout_sentence=words.turnout(turnout),
        result=words.result(public) if public else None,
        counted=round_words.counted(round_, outcome) if outcome and not public else (),
        undecided=public is not None and bool(public.outcome.undecided) and not public.decided,
        silent=nudges.recipients(round_.id, now=now) if is_open else 0,
        notes=round_words.notes(round_),
    )


@bp.get("/<key:round_id>/preview")
@staff_only(Role.EDITOR)
def preview(round_id: int) -> ResponseReturnValue:
    """The ballot as a patron will see it; nothing can be cast here."""
    round_ = found(round_id)
    return render_template(
        "voting/staff_preview.html",
        form=BallotForm(formdata=None),
        round=round_,
        counting=words.rules(round_),
        credits=round_words.suggested(round_),
        topics=[
            (topic, False)
            for topic in secrecy.shuffled(round_.topics, round_.id, current_account().id)
        ],
    )


@bp.route("/<key:round_id>/topics/<key:number>/picture", methods=["GET", "POST"])
@staff_only(Role.EDITOR)
def picture(round_id: int, number: int) -> ResponseReturnValue:
    """Give a topic of a draft a picture, or take it off."""
    round_, form = found(round_id), PictureForm()
    topic = next((topic for topic in round_.topics if topic.number == number), None)
    if topic is None:
        abort(404)
    if round_.status != RoundStatus.DRAFT or openings.awaited(round_id):
        return to_round(round_id)
    by, now = current_account().id, utcnow()
    if "remove" in request.form and FlaskForm().validate_on_submit():
        with suppress(NotADraft, Awaited):
            pictures.take_off(round_id, number, by=by, now=now)
        return to_round(round_id)
    if form.validate_on_submit():
        body = form.picture.data.read() if form.picture.data else b""
        try:
            pictures.put(round_id, number, body, form.alt.data, by=by, now=now)
        except NotAPicture:
            form.picture.errors = [_("Choose a picture: PNG, JPEG or WebP.")]
        except TooLarge:
            form.picture.errors = [_("The picture is larger than 1 MB. Choose a smaller one.")]
        except (NotADraft, Awaited):
            return to_round(round_id)
        else:
            flash(_("The picture is saved."))
            return to_round(round_id)
    page = render_template("voting/staff_picture.html", form=form, round=round_, topic=topic)
    return page, 422 if form.errors else 200


@bp.get("/pictures/<key:picture_id>")
@staff_only(Role.EDITOR)
def draft_picture(picture_id: int) -> ResponseReturnValue:
    """A picture, of a draft too."""
    shown = pictures.find(picture_id, drafts=True)
    if shown is None:
        abort(404)
    g.is_uploaded = True
    return Response(shown.body, content_type=shown.content_type)
