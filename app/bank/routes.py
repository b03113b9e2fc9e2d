"""Bank statements as staff read them: uploaded, looked at, taken."""

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from app.accounts.access import current_account, staff_only
from app.accounts.models import Role
from app.bank import imports, lines, matching, words
from app.bank.columns import Column
from app.bank.forms import MappingForm, UploadForm
from app.bank.imports import Preview, ReadBefore, UnknownImport
from app.bank.models import StatementImport
from app.bank.statement import NotAStatement
from app.bank.tables import Encoding
from app.clock import utcnow
from app.extensions import limiter

bp = Blueprint("bank_staff", __name__, url_prefix="/staff/bank")

#: The largest file that is taken; a year of a busy account is smaller.
LARGEST_FILE = 5 * 1024 * 1024
#: Statements and lines that one page lists.
NEWEST, SAMPLE, MOST_LINES = 20, 20, 500


def _find(import_id: int) -> StatementImport:
    try:
        return imports.find(import_id)
    except UnknownImport:
        abort(404)


def _to(import_id: int) -> ResponseReturnValue:
    return redirect(url_for("bank_staff.show", import_id=import_id), 303)


@bp.get("")
@staff_only(Role.FINANCE)
def index() -> ResponseReturnValue:
    """The lines that wait for a person, and the statements they came from. Finance, owner."""
    page = lines.waiting(request.args.get("page", 1, type=int))
    return render_template(
        "bank/index.html",
        page=page,
        page_url=lambda number: url_for("bank_staff.index", page=number),
        suggested={key: found[0] for key, found in matching.suggest(page.rows).items() if found},
        bookable=lines.bookable,
        imports=imports.latest(NEWEST),
        words=words,
    )


@bp.route("/new", methods=["GET", "POST"])
@staff_only(Role.FINANCE)
@limiter.limit("60 per hour", methods=["POST"])
def new() -> ResponseReturnValue:
    """Upload a statement. Nothing is taken yet."""
    form = UploadForm()
    if form.validate_on_submit():
        try:
            draft = imports.upload(
                form.file.data.filename or "",
                form.file.data.read(),
                by=current_account().id,
                now=utcnow(),
            )
        except NotAStatement as refused:
            form.file.errors = [words.flaw(refused)]
        else:
            return _to(draft.id)
    page = render_template("bank/new.html", form=form, largest=LARGEST_FILE // 1024 // 1024)
    return page, 422 if form.errors else 200


@bp.get("/<key:import_id>")
@staff_only(Role.FINANCE)
def show(import_id: int) -> ResponseReturnValue:
    """One statement: as it would be taken while it is a draft, else what became of its lines."""
    found = _find(import_id)
    if found.read_at is None:
        return _draft(found)
    return render_template(
        "bank/statement.html",
        statement=found,
        counts=lines.count(import_id),
        groups=[
            (status, lines.of_import(import_id, status, MOST_LINES))
            for status in ("waiting", "set_aside", "booked")
        ],
        words=words,
    )


@bp.post("/<key:import_id>")
@staff_only(Role.FINANCE)
def read(import_id: int) -> ResponseReturnValue:
    """Look again at a draft with other columns, or take its lines."""
    found = _find(import_id)
    if found.read_at is not None:
        flash(_("The lines of this statement have been taken already."), "warn")
        return _to(import_id)
    return _draft(found)


def _draft(draft: StatementImport) -> ResponseReturnValue:
    """Show a draft as it would be taken; take it when that is what was asked and seen."""
    form = MappingForm() if draft.format == "table" else None
    try:
        found = imports.preview(draft, now=utcnow(), encoding=_asked_encoding())
        if form is None:
            if request.method == "POST":
                return _take(draft, None)
            return _draft_page(draft, found, None)
        form.offer(found)
        if form.is_submitted() and form.validate():
            if "take" in request.form and form.seen.data == form.said():
                return _take(draft, form)
            found = imports.preview(
                draft, now=utcnow(), mapping=form.mapping(), encoding=found.encoding
            )
    except NotAStatement as refused:
        flash(words.flaw(refused), "bad")
        return _to(draft.id)
    except ReadBefore:
        flash(_("The lines of this statement have been taken already."), "warn")
        return _to(draft.id)
    return _draft_page(draft, found, form)


def _asked_encoding() -> Encoding | None:
    asked = request.form.get("encoding", "")
    return Encoding(asked) if asked in set(Encoding) else None


def _draft_page(
    draft: StatementImport, found: Preview, form: MappingForm | None
) -> ResponseReturnValue:
    changed = form is not None and "take" in request.form
    if form is not None:
        form.seen.data = form.said()
    page = render_template(
        "bank/draft.html",
        draft=draft,
        found=found,
        form=form,
        columns=list(Column),
        sample=SAMPLE,
        same=imports.same_file(draft),
        changed=changed and not (form and form.errors),
        words=words,
    )
    return page, 422 if form and form.errors else 200


def _take(draft: StatementImport, form: MappingForm | None) -> ResponseReturnValue:
    taken = imports.take(
        draft.id,
        by=current_account().id,
        now=utcnow(),
        mapping=form.mapping() if form else None,
        encoding=Encoding(form.encoding.data) if form else None,
    )
    flash(
        ngettext("%(num)s new line waits for you.", "%(num)s new lines wait for you.", taken.taken)
    )
    return _to(draft.id)


@bp.post("/<key:import_id>/discard")
@staff_only(Role.FINANCE)
def discard(import_id: int) -> ResponseReturnValue:
    """Throw a draft away; none of its lines was taken."""
    try:
        imports.discard(import_id, by=current_account().id, now=utcnow())
    except UnknownImport:
        abort(404)
    except ReadBefore:
        flash(_("The lines of this statement have been taken already."), "warn")
        return _to(import_id)
    flash(_("The file is deleted. No line of it was taken."))
    return redirect(url_for("bank_staff.index"), 303)
