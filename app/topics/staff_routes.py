"""Topics as staff decide about them: moved with a reason, merged, hidden; and published stories."""

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.accounts.access import current_account, staff_only
from app.accounts.models import Role
from app.clock import utcnow
from app.topics import abuse, credit, lists, merging, proposals, similar, steps, stories, words
from app.topics.forms import HideForm, MoveForm, StoryForm
from app.topics.lists import Question, Sort
from app.topics.merging import CannotMerge
from app.topics.models import Proposal
from app.topics.routes import asked, kept
from app.topics.rules import KEEPS, MOVES, UNDECIDED, State
from app.topics.steps import Hidden, NoReason, NoWay, UnknownProposal

bp = Blueprint("topics_staff", __name__, url_prefix="/staff/topics")

#: What a search for the other half of a merge shows.
MOST_FOUND = 10


def _find(proposal_id: int) -> Proposal:
    try:
        return proposals.find(proposal_id)
    except UnknownProposal:
        abort(404)


def _to(proposal_id: int) -> ResponseReturnValue:
    return redirect(url_for(".show", proposal_id=proposal_id), 303)


@bp.get("")
@staff_only(Role.EDITOR)
def index() -> ResponseReturnValue:
    """All suggestions, hidden ones too, by state. Editor, owner."""
    question = asked(request.args, tuple(State))
    return render_template(
        "topics/staff_index.html",
        asked=question,
        page=lists.page(question, hidden=True),
        url=lambda number: url_for(".index", **{**kept(question), "page": number}),
        states=tuple(State),
        counts=lists.counts(hidden=True),
        reported=abuse.waiting(),
        sorts=Sort,
        words=words,
    )


@bp.get("/<key:proposal_id>")
@staff_only(Role.EDITOR)
def show(proposal_id: int) -> ResponseReturnValue:
    """One suggestion, what resembles it, and what can be done. Editor, owner."""
    proposal = _find(proposal_id)
    return _page(proposal, MoveForm(seen=proposal.state))


def _page(proposal: Proposal, form: MoveForm, status: int = 200) -> ResponseReturnValue:
    # A suggestion as everybody sees it: the desk names nobody who chose to stay unnamed.
    page = render_template(
        "topics/staff_proposal.html",
        proposal=proposal,
        state=words.state(proposal.state),
        credit=words.credit(credit.of([proposal.id])[proposal.id]),
        wanted=words.wanted(credit.wanted_by(proposal.id)),
        history=words.history(steps.of(proposal.id)),
        links=[(url, *words.link(url)) for url in proposal.links],
        others=lists.joined_with(proposal.id),
        found=similar.to(proposal.title, but=proposal.id),
        reports=abuse.of(proposal.id),
        form=form,
        moves=MOVES[State(proposal.state)] if proposal.hidden_at is None else (),
        may_merge=proposal.state in UNDECIDED and proposal.hidden_at is None,
        words=words,
        State=State,
    )
    return page, status


@bp.post("/<key:proposal_id>/move")
@staff_only(Role.EDITOR)
def move(proposal_id: int) -> ResponseReturnValue:
    """Move a suggestion and tell its proposers. Editor, owner."""
    proposal, form = _find(proposal_id), MoveForm()
    to = next((state for state in State if state == request.form.get("to")), None)
    if to is None:
        abort(400)
    if not form.validate_on_submit():
        return _page(proposal, form, 422)
    try:
        steps.move(
            proposal_id,
            to,
            seen=form.seen.data or "",
            reason=form.reason.data,
            by=current_account().id,
            now=utcnow(),
        )
    except NoReason:
        form.reason.errors = [_("Write why you decline it; its author and everybody read it.")]
        return _page(_find(proposal_id), form, 422)
    except (NoWay, Hidden):
        flash(_("Nothing was changed: somebody else has decided about it meanwhile."), "warn")
    else:
        flash(_("Done. Whoever suggested it is told by letter."))
    return _to(proposal_id)


@bp.get("/<key:proposal_id>/merge")
@staff_only(Role.EDITOR)
def find_other(proposal_id: int) -> ResponseReturnValue:
    """Look for the suggestion that this one goes on in. Editor, owner."""
    proposal, question = _find(proposal_id), asked(request.args, ())
    if question.text:
        rows = lists.page(Question(text=question.text, sort=Sort.WANTED)).rows
        hits = [row.proposal for row in rows]
    else:
        hits = list(similar.to(proposal.title, but=proposal_id).proposals)
    fit = [one for one in hits if one.id != proposal_id and one.state in KEEPS]
    return render_template(
        "topics/staff_find.html",
        proposal=proposal,
        asked=question,
        hits=fit[:MOST_FOUND],
        words=words,
    )


@bp.route("/<key:proposal_id>/merge/<key:kept_id>", methods=["GET", "POST"])
@staff_only(Role.EDITOR)
def merge(proposal_id: int, kept_id: int) -> ResponseReturnValue:
    """Show what merging two suggestions does, then merge them. Editor, owner."""
    try:
        preview = merging.preview(kept_id, proposal_id)
        if request.method == "POST":
            merging.merge(kept_id, proposal_id, by=current_account().id, now=utcnow())
            flash(_("The two are one now. Whoever suggested them is named, and is told by letter."))
            return _to(kept_id)
    except UnknownProposal:
        abort(404)
    except CannotMerge:
        return _no_merge(proposal_id)
    if not preview.possible:
        return _no_merge(proposal_id)
    names = credit.of([kept_id, proposal_id])
    return render_template("topics/staff_merge.html", preview=preview, names=names, words=words)


def _no_merge(proposal_id: int) -> ResponseReturnValue:
    flash(_("Nothing was changed: one of the two is decided, hidden or joined already."), "warn")
    return _to(proposal_id)


@bp.route("/<key:proposal_id>/hide", methods=["GET", "POST"])
@staff_only(Role.EDITOR)
def hide(proposal_id: int) -> ResponseReturnValue:
    """Hide a suggestion with a reason for its author. Editor, owner."""
    proposal, form = _find(proposal_id), HideForm()
    if form.validate_on_submit():
        try:
            abuse.hide(proposal_id, form.reason.data, by=current_account().id, now=utcnow())
        except NoWay:
            flash(_("It was joined with another and has no page of its own."), "warn")
        else:
            flash(_("Only its author and the newsroom see it now."))
        return _to(proposal_id)
    page = render_template("topics/staff_hide.html", form=form, proposal=proposal)
    return page, 422 if form.errors else 200


@bp.post("/<key:proposal_id>/<any('show', 'dismiss'):act>")
@staff_only(Role.EDITOR)
def look_after(proposal_id: int, act: str) -> ResponseReturnValue:
    """Show a hidden suggestion again, or leave a reported one as it is. Editor, owner."""
    _find(proposal_id)
    if act == "show":
        abuse.show(proposal_id, by=current_account().id, now=utcnow())
        flash(_("Everybody sees it again."))
    else:
        abuse.dismiss(proposal_id, by=current_account().id, now=utcnow())
        flash(_("It stays as it is; the reports are settled."))
    return _to(proposal_id)


@bp.get("/reports")
@staff_only(Role.EDITOR)
def reports() -> ResponseReturnValue:
    """Suggestions that people find abusive. Editor, owner."""
    return render_template("topics/staff_reports.html", reported=abuse.reported(), words=words)


@bp.route("/stories", methods=["GET", "POST"])
@staff_only(Role.EDITOR)
def published() -> ResponseReturnValue:
    """The stories already published; entering one corrects the one at its address."""
    form = StoryForm()
    if form.validate_on_submit():
        stories.enter_by_hand(
            form.title.data,
            form.url.data,
            form.published_on.data,
            by=current_account().id,
            now=utcnow(),
        )
        flash(_("The story is on the list."))
        return redirect(url_for(".published"), 303)
    page = render_template("topics/staff_stories.html", form=form, stories=stories.newest())
    return page, 422 if form.errors else 200


@bp.post("/stories/<key:story_id>/remove")
@staff_only(Role.EDITOR)
def remove_story(story_id: int) -> ResponseReturnValue:
    """Take a story off the list. Editor, owner."""
    stories.remove(story_id, by=current_account().id, now=utcnow())
    flash(_("The story is off the list."))
    return redirect(url_for(".published"), 303)
