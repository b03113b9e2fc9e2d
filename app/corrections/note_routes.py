"""Notes of the public log as staff write them: with a correction, on their own, amended."""

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.accounts.access import current_account, staff_only
from app.accounts.models import Role
from app.clock import utcnow
from app.corrections import answers, groups, notes, public_log
from app.corrections.groups import Moved, UnknownGroup
from app.corrections.notes import Overtaken, UnknownNote
from app.corrections.public_log import Entry
from app.corrections.rules import OPEN, Kind
from app.corrections.staff_forms import FoundForm, NoteForm
from app.current import zone
from app.localisation import current_locale

bp = Blueprint("correction_notes", __name__, url_prefix="/staff/corrections")


@bp.route("/<key:group_id>/correct", methods=["GET", "POST"])
@staff_only(Role.EDITOR)
def correct(group_id: int) -> ResponseReturnValue:
    """Say that a passage is corrected, and write the public note. Editor, owner."""
    try:
        group = groups.find(group_id)
    except UnknownGroup:
        abort(404)
    now = utcnow()
    today = now.astimezone(zone()).date()
    form = NoteForm(
        today,
        seen=group.state,
        kind=Kind.CORRECTION.value,
        title=group.title,
        stood=group.passage,
        stands=group.passage,
        day=today,
        language=group.locale,
    )
    if group.state not in OPEN:
        return _overtaken(group_id)
    if form.validate_on_submit() and _says_something(form):
        seen, by = form.seen.data or "", current_account().id
        try:
            notes.correct(group_id, form.draft, seen=seen, by=by, now=now)
        except Moved:
            return _overtaken(group_id)
        flash(_("The note stands in the log of corrections, for everybody to read."))
        there = "answer" if answers.waiting(group_id) else "show"
        return redirect(url_for(f"corrections_staff.{there}", group_id=group_id), 303)
    page = render_template("corrections/staff_note.html", form=form, group=group, entry=None)
    return page, 422 if form.errors else 200


def _says_something(form: NoteForm) -> bool:
    if form.stood.data != form.stands.data:
        return True
    form.stands.errors = [_("Write what changed: the two halves are the same.")]
    return False


def _overtaken(group_id: int) -> ResponseReturnValue:
    flash(_("Nothing was changed: somebody else has changed it meanwhile."), "warn")
    return redirect(url_for("corrections_staff.show", group_id=group_id), 303)


@bp.route("/notes/new", methods=["GET", "POST"])
@staff_only(Role.EDITOR)
def new() -> ResponseReturnValue:
    """Write a note about what the newsroom found itself. Editor, owner."""
    now = utcnow()
    today = now.astimezone(zone()).date()
    form = FoundForm(today, kind=Kind.CORRECTION.value, day=today, language=current_locale())
    if form.validate_on_submit() and form.article.article and _says_something(form):
        note = notes.enter(form.article.article, form.draft, by=current_account().id, now=now)
        flash(_("The note stands in the log of corrections, for everybody to read."))
        return redirect(url_for("corrections.note", note_id=note.id), 303)
    page = render_template("corrections/staff_note.html", form=form, group=None, entry=None)
    return page, 422 if form.errors else 200


@bp.route("/notes/<key:note_id>", methods=["GET", "POST"])
@staff_only(Role.EDITOR)
def amend(note_id: int) -> ResponseReturnValue:
    """Write another version of a note; the one before stays in the log. Editor, owner."""
    entry = _entry(note_id)
    if entry.note.withdrawn_at is not None:
        return _gone(note_id)
    now, version = utcnow(), entry.now
    form = NoteForm(
        now.astimezone(zone()).date(),
        seen=str(version.number),
        kind=version.kind,
        title=entry.note.title,
        stood=version.stood,
        stands=version.stands,
        day=version.day,
        language=entry.note.locale,
    )
    if form.validate_on_submit() and _says_something(form):
        seen = form.seen.data or ""
        try:
            notes.amend(
                note_id,
                form.draft,
                seen=int(seen) if seen.isascii() and seen.isdecimal() else 0,
                by=current_account().id,
                now=now,
            )
        except Overtaken:
            return _gone(note_id)
        flash(_("Both versions stand in the log."))
        return redirect(url_for("corrections.note", note_id=note_id), 303)
    page = render_template("corrections/staff_note.html", form=form, group=None, entry=entry)
    return page, 422 if form.errors else 200


def _entry(note_id: int) -> Entry:
    try:
        return public_log.entry(note_id)
    except UnknownNote:
        abort(404)


def _gone(note_id: int) -> ResponseReturnValue:
    flash(_("Nothing was changed: somebody else has changed it meanwhile."), "warn")
    return redirect(url_for("corrections.note", note_id=note_id), 303)
