"""Promises as staff see to them: planned, written about, begun, published, dropped, put right."""

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.accounts.access import current_account, staff_only
from app.accounts.models import Role
from app.clock import utcnow
from app.promises import lists, promises, words
from app.promises.forms import PlanForm, PublishForm, ReasonForm, UpdateForm
from app.promises.lists import Story
from app.promises.models import Promise
from app.promises.promises import NotAnEditor, NoWay, UnknownPromise
from app.promises.rules import OPEN, Standing, State

bp = Blueprint("promises_staff", __name__, url_prefix="/staff/promises")


def _find(promise_id: int) -> Story:
    try:
        return lists.story(promise_id, now=utcnow())
    except UnknownPromise:
        abort(404)


def _to(promise_id: int) -> ResponseReturnValue:
    return redirect(url_for(".show", promise_id=promise_id), 303)


def _overtaken(promise_id: int) -> ResponseReturnValue:
    flash(_("Nothing was changed: somebody else has changed it meanwhile."), "warn")
    return _to(promise_id)


@bp.get("")
@staff_only(Role.EDITOR)
def index() -> ResponseReturnValue:
    """All promises, what is to be done first. Editor, owner."""
    found = lists.rows(now=utcnow())
    open_ = [row for row in found if row.promise.state in OPEN]
    urgent = {Standing.LATE: 0, Standing.UNDATED: 1}
    open_.sort(key=lambda row: (urgent.get(row.standing, 2), str(row.promise.due_on)))
    return render_template(
        "promises/staff_index.html",
        open=open_,
        done=[row for row in found if row.promise.state not in OPEN],
        editors={one.id: one.name for one in promises.editors()},
        figures=lists.figures(found),
        words=words,
    )


@bp.get("/<key:promise_id>")
@staff_only(Role.EDITOR)
def show(promise_id: int) -> ResponseReturnValue:
    """One promise and what can be done. Editor, owner."""
    story = _find(promise_id)
    return _page(story, _plan_form(story.row.promise), UpdateForm())


def _plan_form(promise: Promise, *, sent: bool = False) -> PlanForm:
    editors = [(one.id, one.name or one.email) for one in promises.editors()]
    form = PlanForm(editors, promise.due_on)
    if not sent:
        form.editor.data = str(promise.editor_id or "")
        form.due_on.data = promise.due_on
    return form


def _page(
    story: Story, plan_form: PlanForm, update: UpdateForm, status: int = 200
) -> ResponseReturnValue:
    promise = story.row.promise
    page = render_template(
        "promises/staff_promise.html",
        story=story,
        promise=promise,
        round=story.row.round,
        plan=plan_form,
        update=update,
        before=promises.before(promise),
        record=words.record(story.record),
        words=words,
        State=State,
        OPEN=OPEN,
    )
    return page, status


@bp.post("/<key:promise_id>/plan")
@staff_only(Role.EDITOR)
def plan(promise_id: int) -> ResponseReturnValue:
    """Say who sees to it and by when. Editor, owner."""
    story = _find(promise_id)
    form = _plan_form(story.row.promise, sent=True)
    if not form.validate_on_submit():
        return _page(story, form, UpdateForm(formdata=None), 422)
    try:
        promises.plan(
            promise_id,
            editor_id=form.editor_id,
            due_on=form.due_on.data,
            by=current_account().id,
            now=utcnow(),
        )
    except (NoWay, NotAnEditor):
        return _overtaken(promise_id)
    flash(_("Noted. A date stands on the public page."))
    return _to(promise_id)


@bp.post("/<key:promise_id>/update")
@staff_only(Role.EDITOR)
def write(promise_id: int) -> ResponseReturnValue:
    """Write an update for readers. Editor, owner."""
    story, form = _find(promise_id), UpdateForm()
    if not form.validate_on_submit():
        return _page(story, _plan_form(story.row.promise), form, 422)
    promises.write(promise_id, form.text.data, by=current_account().id, now=utcnow())
    flash(_("Everybody can read it now."))
    return _to(promise_id)


@bp.post("/<key:promise_id>/begin")
@staff_only(Role.EDITOR)
def begin(promise_id: int) -> ResponseReturnValue:
    """Say that work has begun. Editor, owner."""
    _find(promise_id)
    try:
        promises.begin(promise_id, by=current_account().id, now=utcnow())
    except NoWay:
        return _overtaken(promise_id)
    flash(_("The public page says that work has begun."))
    return _to(promise_id)


@bp.route("/<key:promise_id>/publish", methods=["GET", "POST"])
@staff_only(Role.EDITOR)
def publish(promise_id: int) -> ResponseReturnValue:
    """Enter the published story; patrons are told. Editor, owner."""
    story, now = _find(promise_id), utcnow()
    form = PublishForm(lists.today(now))
    if story.row.promise.state not in OPEN:
        return _overtaken(promise_id)
    if form.validate_on_submit():
        try:
            promises.publish(
                promise_id,
                title=form.title.data,
                url=form.url.data,
                published_on=form.published_on.data,
                by=current_account().id,
                now=now,
            )
        except NoWay:
            return _overtaken(promise_id)
        flash(
            _("The promise is kept. Whoever suggested the topic or chose to be told gets a letter.")
        )
        return _to(promise_id)
    page = render_template(
        "promises/staff_publish.html", form=form, promise=story.row.promise, story=story
    )
    return page, 422 if form.errors else 200


@bp.route("/<key:promise_id>/<any('drop', 'put-right'):act>", methods=["GET", "POST"])
@staff_only(Role.EDITOR)
def give_reason(promise_id: int, act: str) -> ResponseReturnValue:
    """Drop a promise, or take its last state back, with a public reason. Editor, owner."""
    promise = _find(promise_id).row.promise
    back = promises.before(promise)
    if (promise.state not in OPEN) if act == "drop" else (back is None):
        return _overtaken(promise_id)
    form = ReasonForm(seen=promise.state)
    if form.validate_on_submit():
        by, now = current_account().id, utcnow()
        try:
            if act == "drop":
                promises.drop(promise_id, form.text.data, by=by, now=now)
            else:
                seen = form.seen.data or ""
                promises.put_right(promise_id, form.text.data, seen=seen, by=by, now=now)
        except NoWay:
            return _overtaken(promise_id)
        flash(_("Done. The reason stands on the public page."))
        return _to(promise_id)
    page = render_template(
        "promises/staff_reason.html",
        form=form,
        promise=promise,
        act=act,
        back=words.state(back)[0] if back else "",
        published=promise.state == State.PUBLISHED,
    )
    return page, 422 if form.errors else 200
