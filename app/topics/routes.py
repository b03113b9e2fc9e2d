"""Topics as readers and patrons see them: what is suggested, suggesting, seconding, reporting."""

import uuid
from collections.abc import Mapping
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user, login_required

from app.accounts.access import current_account
from app.clock import utcnow
from app.current import settings
from app.extensions import limiter, network_of_reader
from app.giving import pledges
from app.localisation import current_locale
from app.topics import abuse, credit, lists, proposals, similar, steps, words
from app.topics.forms import NAMED, UNNAMED, ProposalForm, ReportForm
from app.topics.lists import LONGEST_SEARCH, Question, Sort
from app.topics.models import Proposal
from app.topics.proposals import Draft, Enough, NotAPatron, NotToBeSeconded
from app.topics.rules import LONGEST_TITLE, UNDECIDED, State
from app.topics.steps import UnknownProposal

bp = Blueprint("topics", __name__, url_prefix="/topics")

#: The states a reader can choose from; one that was merged is read where it goes on.
PUBLIC = tuple(state for state in State if state is not State.MERGED)


def _who() -> str:
    if current_user.is_authenticated:
        return f"topics:{current_user.id}"
    return f"topics:{network_of_reader()}"


def asked(args: Mapping[str, str], states: tuple[State, ...]) -> Question:
    """Read what a list is asked for; what nobody offered is passed over."""
    text = "".join(letter for letter in args.get("q", "") if letter.isprintable())
    number = args.get("page", "1")
    return Question(
        state=next((state for state in states if state == args.get("state")), None),
        text=text.strip()[:LONGEST_SEARCH],
        sort=Sort.WANTED if args.get("sort") == Sort.WANTED else Sort.NEWEST,
        number=int(number) if number.isdecimal() and len(number) < len("1000000") else 1,
    )


def kept(question: Question) -> dict[str, Any]:
    """Return what an address says to ask the same again, its page left out."""
    said = {"q": question.text, "state": question.state or ""}
    said["sort"] = question.sort if question.sort is Sort.WANTED else ""
    return {key: str(value) for key, value in said.items() if value}


@bp.get("")
@limiter.limit("120 per minute", key_func=_who)
def index() -> ResponseReturnValue:
    """All suggestions everybody may see, filtered, searched, by pages."""
    question = asked(request.args, PUBLIC)
    return render_template(
        "topics/index.html",
        asked=question,
        page=lists.page(question),
        url=lambda number: url_for(".index", **{**kept(question), "page": number}),
        states=PUBLIC,
        sorts=Sort,
        words=words,
        mine=lists.suggested_by(current_user.id) if current_user.is_authenticated else (),
    )


@bp.route("/new", methods=["GET", "POST"])
@login_required
@limiter.limit("20 per hour", key_func=_who, methods=["POST"])
def new() -> ResponseReturnValue:
    """Suggest a topic; what resembles it is shown first."""
    account, now = current_account(), utcnow()
    left = proposals.left(account.id, now)
    if not settings().proposals_per_month:
        return render_template("topics/not_yet.html", reason="closed")
    if not pledges.is_patron(account.id, now):
        return render_template("topics/not_yet.html", reason="patron")
    form = ProposalForm(account.name)
    if not form.is_submitted():
        form.request_key.data = str(uuid.uuid4())
        form.credit.data = NAMED if account.listed and account.name else UNNAMED
        form.title.data = request.args.get("title", "")[:LONGEST_TITLE]
    if not form.validate_on_submit():
        return _form_page(form, left)
    found = similar.to(form.title.data)
    if not found.keys <= set((form.seen.data or "").split()):
        form.seen.data = " ".join(sorted(found.keys))
        return _form_page(form, left, found)
    draft = Draft(
        title=form.title.data,
        why=form.why.data,
        links=form.addresses,
        named=form.credit.data == NAMED,
        locale=current_locale(),
    )
    try:
        made = proposals.make(account.id, draft, request_key=_key(form.request_key.data), now=now)
    except (NotAPatron, Enough):
        return redirect(url_for(".new"), 303)
    flash(_("Thank you. Your suggestion is here for everybody; we write to you when we decide."))
    return redirect(url_for(".show", proposal_id=made.id), 303)


def _key(text: str | None) -> uuid.UUID:
    try:
        return uuid.UUID(text or "")
    except ValueError:
        abort(400)


def _form_page(
    form: ProposalForm, left: int, found: similar.Found | None = None
) -> ResponseReturnValue:
    if left <= 0 and not form.is_submitted():
        return render_template("topics/not_yet.html", reason="enough")
    page = render_template(
        "topics/new.html",
        form=form,
        left=words.left(left, settings().proposals_per_month),
        found=found,
        words=words,
    )
    return page, 422 if form.errors else 200


@bp.get("/similar")
@limiter.limit("120 per minute", key_func=_who)
def alike() -> ResponseReturnValue:
    """What resembles a title that is being typed; a part of the page, for its script."""
    typed = request.args.get("q", "")[:LONGEST_TITLE]
    return render_template("topics/similar.html", found=similar.to(typed), words=words)


@bp.get("/<key:proposal_id>")
def show(proposal_id: int) -> ResponseReturnValue:
    """One suggestion with its history; a merged one leads to where it goes on."""
    proposal = _find(proposal_id)
    if proposal.merged_into_id is not None:
        return redirect(url_for(".show", proposal_id=proposal.merged_into_id, joined=1))
    me = current_user.id if current_user.is_authenticated else None
    own = me is not None and me in proposals.proposers(proposal_id)
    if proposal.hidden_at is not None and not own:
        abort(404)
    return render_template(
        "topics/proposal.html",
        proposal=proposal,
        state=words.state(proposal.state),
        credit=words.credit(credit.of([proposal_id])[proposal_id]),
        wanted=words.wanted(credit.wanted_by(proposal_id)),
        history=words.history(steps.of(proposal_id)),
        links=[(url, *words.link(url)) for url in proposal.links],
        others=lists.joined_with(proposal_id),
        own=own,
        seconded=me is not None and proposals.seconds(proposal_id, me),
        undecided=proposal.state in UNDECIDED and proposal.hidden_at is None,
        is_patron=me is not None and pledges.is_patron(me, utcnow()),
        joined="joined" in request.args,
    )


def _find(proposal_id: int) -> Proposal:
    try:
        return proposals.find(proposal_id)
    except UnknownProposal:
        abort(404)


@bp.post("/<key:proposal_id>/second")
@login_required
@limiter.limit("60 per hour", key_func=_who)
def second(proposal_id: int) -> ResponseReturnValue:
    """Second somebody else's suggestion, or take that back."""
    undo = "undo" in request.form
    try:
        if undo:
            found = proposals.take_back(proposal_id, current_user.id)
        else:
            found = proposals.second(proposal_id, current_user.id, now=utcnow())
    except UnknownProposal:
        abort(404)
    except NotAPatron:
        flash(_("Only patrons second a topic; it takes a gift of any size."), "warn")
    except NotToBeSeconded:
        flash(_("Nothing was changed: it is decided already, or it is your own."), "warn")
    else:
        proposal_id = found.id
        flash(
            _("You second it no longer.")
            if undo
            else _("You second it. The newsroom sees how many do.")
        )
    return redirect(url_for(".show", proposal_id=proposal_id), 303)


@bp.route("/<key:proposal_id>/report", methods=["GET", "POST"])
@login_required
@limiter.limit("10 per hour", key_func=_who, methods=["POST"])
def report(proposal_id: int) -> ResponseReturnValue:
    """Say what is wrong with a suggestion."""
    proposal, form = _find(proposal_id), ReportForm()
    if proposal.hidden_at is not None:
        abort(404)
    if form.validate_on_submit():
        abuse.report(proposal_id, current_user.id, form.reason.data, now=utcnow())
        flash(_("Thank you. The newsroom looks at it."))
        return redirect(url_for(".show", proposal_id=proposal_id), 303)
    page = render_template("topics/report.html", form=form, proposal=proposal)
    return page, 422 if form.errors else 200
