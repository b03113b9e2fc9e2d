"""The desk of corrections: what readers report, by passage, and what staff do with it."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from app.accounts.access import current_account, staff_only
from app.accounts.models import Role
from app.clock import utcnow
from app.corrections import answers, groups, intake, joining, lists, words
from app.corrections.answers import NobodyWaits, TextMissing
from app.corrections.groups import Moved, NoReason, NotAnEditor, UnknownGroup
from app.corrections.joining import CannotJoin, OnlyOne, UnknownLetter
from app.corrections.lists import LONGEST_SEARCH, NOBODY, TO_DO, Question, Whole
from app.corrections.models import CorrectionGroup
from app.corrections.rules import ANSWERED, LONGEST_URL, OPEN, State
from app.corrections.staff_forms import AnswerForm, AssignForm, NoMistakeForm, ReasonForm

bp = Blueprint("corrections_staff", __name__, url_prefix="/staff/corrections")

#: What the list may be narrowed down to; an address without a state asks for what is to be done.
FILTERS = (TO_DO, *State)
ALL = "all"


@bp.app_context_processor
def _count_for_the_navigation() -> dict[str, Callable[[], int]]:
    """Give the frame of staff pages the count of what nobody has looked at; only it asks."""
    return {"corrections_waiting": intake.waiting}


def _asked() -> Question:
    """Read what the list is asked for; what nobody offered is passed over."""
    args = request.args
    text = "".join(sign for sign in args.get("q", "") if sign.isprintable())
    article = "".join(sign for sign in args.get("article", "") if sign.isprintable())
    state, who = args.get("state", TO_DO), args.get("who", "")
    number = args.get("page", 1, type=int)
    return Question(
        state=state if state in FILTERS else "" if state == ALL else TO_DO,
        article=article[:LONGEST_URL],
        assignee_id={"me": current_account().id, "nobody": NOBODY}.get(who, _key(who)),
        text=text.strip()[:LONGEST_SEARCH],
        oldest_first=args.get("sort") == "oldest",
        number=number if 0 < number < 10**6 else 1,
    )


def _key(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else None


def _kept(asked: Question) -> dict[str, Any]:
    """Return what an address says to ask the same again, its page left out."""
    return {
        "state": asked.state or ALL,
        "article": asked.article or None,
        "who": {None: None, NOBODY: "nobody"}.get(asked.assignee_id, asked.assignee_id),
        "q": asked.text or None,
        "sort": "oldest" if asked.oldest_first else None,
    }


def _find(group_id: int) -> CorrectionGroup:
    try:
        return groups.find(group_id)
    except UnknownGroup:
        abort(404)


def _to(group_id: int) -> ResponseReturnValue:
    return redirect(url_for(".show", group_id=group_id), 303)


def _overtaken(group_id: int) -> ResponseReturnValue:
    flash(_("Nothing was changed: somebody else has changed it meanwhile."), "warn")
    return _to(group_id)


@bp.get("")
@staff_only(Role.EDITOR)
def index() -> ResponseReturnValue:
    """What readers report, one row for each passage. Editor, owner."""
    asked = _asked()
    return render_template(
        "corrections/staff_index.html",
        asked=asked,
        page=lists.page(asked),
        url=lambda number: url_for(".index", **_kept(asked), page=number),
        kept=_kept(asked),
        filters=FILTERS,
        counts=lists.counts(),
        editors=groups.editors(),
        article_name=lists.article_name(asked.article) if asked.article else "",
        words=words,
        NOBODY=NOBODY,
        TO_DO=TO_DO,
    )


@bp.get("/<key:group_id>")
@staff_only(Role.EDITOR)
def show(group_id: int) -> ResponseReturnValue:
    """One passage, what every reader said about it, and what can be done. Editor, owner."""
    group = _find(group_id)
    if group.joined_into_id is not None:
        return _to(group.joined_into_id)
    whole = lists.whole(group_id)
    return render_template(
        "corrections/staff_group.html",
        whole=whole,
        group=group,
        assign=_assign_form(group),
        history=words.history(whole.history, whole.names),
        is_open=group.state in OPEN,
        may_answer=bool(whole.waiting) and group.state in ANSWERED,
        others=len(lists.others(group)),
        words=words,
        State=State,
    )


def _assign_form(group: CorrectionGroup) -> AssignForm:
    form = AssignForm([(one.id, one.name or one.email) for one in groups.editors()])
    if not form.is_submitted():
        form.assignee.data = str(group.assignee_id or "")
    return form


@bp.post("/<key:group_id>/<any(take, spam, look):act>")
@staff_only(Role.EDITOR)
def do(group_id: int, act: str) -> ResponseReturnValue:
    """Take it in hand, call it spam, or leave a decision as it is. Editor, owner."""
    _find(group_id)
    seen, by, now = request.form.get("seen", ""), current_account().id, utcnow()
    try:
        match act:
            case "take":
                groups.take(group_id, seen=seen, by=by, now=now)
                flash(_("You see to it."))
            case "spam":
                groups.spam(group_id, seen=seen, by=by, now=now)
                flash(_("It is off the list. You find it under “Spam”, should you be wrong."))
            case _:
                groups.look(group_id, by=by, now=now)
                flash(_("It stays as it was decided."))
    except Moved:
        return _overtaken(group_id)
    return _to(group_id)


@bp.post("/<key:group_id>/assign")
@staff_only(Role.EDITOR)
def assign(group_id: int) -> ResponseReturnValue:
    """Say who sees to it. Editor, owner."""
    form = _assign_form(_find(group_id))
    if not form.validate_on_submit():
        return _overtaken(group_id)
    try:
        groups.assign(group_id, form.assignee_id, by=current_account().id, now=utcnow())
    except (Moved, NotAnEditor):
        return _overtaken(group_id)
    flash(_("Noted."))
    return _to(group_id)


@bp.route("/<key:group_id>/no-mistake", methods=["GET", "POST"])
@staff_only(Role.EDITOR)
def no_mistake(group_id: int) -> ResponseReturnValue:
    """Settle that the passage stays as it is, and why. Editor, owner."""
    group = _find(group_id)
    form = NoMistakeForm(seen=group.state)
    if group.state not in OPEN:
        return _overtaken(group_id)
    if form.validate_on_submit():
        by, seen = current_account().id, form.seen.data or ""
        try:
            groups.no_mistake(group_id, form.reason.data, seen=seen, by=by, now=utcnow())
        except Moved:
            return _overtaken(group_id)
        return _settled(group_id)
    page = render_template("corrections/staff_no_mistake.html", form=form, group=group)
    return page, 422 if form.errors else 200


def _settled(group_id: int) -> ResponseReturnValue:
    """Lead on to the answer where somebody waits for one."""
    waiting = len(answers.waiting(group_id))
    if not waiting:
        flash(_("Done."))
        return _to(group_id)
    flash(
        ngettext(
            "Done. %(num)s reader left an address: answer them here.",
            "Done. %(num)s readers left an address: answer them here.",
            waiting,
        )
    )
    return redirect(url_for(".answer", group_id=group_id), 303)


@bp.route("/<key:group_id>/reopen", methods=["GET", "POST"])
@staff_only(Role.EDITOR)
def reopen(group_id: int) -> ResponseReturnValue:
    """Take back what it was decided as; a public note is withdrawn with a reason. Editor, owner."""
    group = _find(group_id)
    form = ReasonForm(seen=group.state)
    if group.state in OPEN:
        return _overtaken(group_id)
    if form.validate_on_submit():
        by, seen = current_account().id, form.seen.data or ""
        try:
            groups.reopen(group_id, form.reason.data, seen=seen, by=by, now=utcnow())
        except Moved:
            return _overtaken(group_id)
        except NoReason:
            form.reason.errors = [_("Write why the note is withdrawn; it stands in the log.")]
        else:
            flash(_("It is to be decided again."))
            return _to(group_id)
    note = groups.standing_note(group_id)
    page = render_template("corrections/staff_reopen.html", form=form, group=group, note=note)
    return page, 422 if form.errors else 200


@bp.route("/<key:group_id>/answer", methods=["GET", "POST"])
@staff_only(Role.EDITOR)
def answer(group_id: int) -> ResponseReturnValue:
    """Answer by letter whoever left an address, each once. Editor, owner."""
    group, waiting = _find(group_id), answers.waiting(group_id)
    if group.state not in ANSWERED or not waiting:
        return _overtaken(group_id)
    form = _answer_form(lists.whole(group_id))
    if form.validate_on_submit():
        by, seen = current_account().id, form.seen.data or ""
        try:
            count = answers.write(group_id, form.texts, seen=seen, by=by, now=utcnow())
        except (Moved, NobodyWaits, TextMissing):
            return _overtaken(group_id)
        flash(ngettext("%(num)s letter goes out.", "%(num)s letters go out.", count))
        return _to(group_id)
    page = render_template(
        "corrections/staff_answer.html", form=form, group=group, waiting=waiting, words=words
    )
    return page, 422 if form.errors else 200


def _answer_form(whole: Whole) -> AnswerForm:
    form = AnswerForm(sorted(set(whole.waiting)), seen=whole.group.state)
    note = next((version for note, version in whole.notes if note.withdrawn_at is None), None)
    if not form.is_submitted():
        for code, field in form.fields():
            field.data = words.default_answer(whole.group, note, code)
    return form


@bp.route("/<key:group_id>/join", methods=["GET", "POST"])
@staff_only(Role.EDITOR)
def join(group_id: int) -> ResponseReturnValue:
    """Choose the passage of the same article that this one goes on in. Editor, owner."""
    group = _find(group_id)
    if group.joined_into_id is not None:
        return _to(group.joined_into_id)
    if request.method == "POST":
        kept_id = _find(_key(request.form.get("into", "")) or 0).id
        try:
            joining.join(kept_id, group_id, by=current_account().id, now=utcnow())
        except (CannotJoin, Moved):
            flash(_("Nothing was joined: one of the two was decided or joined meanwhile."), "warn")
            return _to(group_id)
        flash(_("The two are one now. What readers send about either comes here."))
        return _to(kept_id)
    return render_template(
        "corrections/staff_join.html", group=group, others=lists.others(group), words=words
    )


@bp.post("/<key:group_id>/split")
@staff_only(Role.EDITOR)
def split(group_id: int) -> ResponseReturnValue:
    """Make one reader's letter a passage of its own. Editor, owner."""
    _find(group_id)
    letter_id = _key(request.form.get("letter", "")) or 0
    try:
        made = joining.split(group_id, letter_id, by=current_account().id, now=utcnow())
    except (Moved, UnknownLetter, OnlyOne):
        return _overtaken(group_id)
    flash(_("The letter stands alone now."))
    return _to(made)
