"""One person's page for staff: everything about the person, notes, corrections, gifts."""

import uuid

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm

from app.accounts.access import current_account, staff_only
from app.accounts.accounts import AddressTaken
from app.accounts.models import Account, Role
from app.clock import utcnow
from app.desk import acts, money_lines, notes, person, timeline
from app.desk.acts import NotHere
from app.desk.notes import IsErased, UnknownNote
from app.desk.people_forms import CorrectionForm, NoteForm
from app.desk.person import Gift, UnknownPerson
from app.desk.timeline import Kind
from app.giving.books import receipts
from app.giving.reversals import refundable
from app.giving.reversals.refundable import CannotRefund

bp = Blueprint("people", __name__, url_prefix="/staff/people/<key:account_id>")

#: Who may look, and who may act for a patron, beside the owner.
LOOK = (Role.FUNDRAISER, Role.FINANCE)
ACT = (Role.FUNDRAISER,)
REFUND = (Role.FINANCE,)
ERASED = _l("This person's data have been erased, and nothing is entered of them again.")


def may(roles: tuple[Role, ...]) -> bool:
    """Whether who is signed in has one of the roles, or owns the house."""
    return current_account().role in (*roles, Role.OWNER)


def found(account_id: int) -> Account:
    """Return the person of a page; 404 where there is none."""
    try:
        return person.find(account_id)
    except UnknownPerson:
        abort(404)


def back(account_id: int) -> ResponseReturnValue:
    """Lead back to the person's page."""
    return redirect(url_for("people.show", account_id=account_id), 303)


@bp.get("")
@staff_only(*LOOK)
def show(account_id: int) -> ResponseReturnValue:
    """Everything about one person. Fundraiser, finance, owner; that it was opened is entered."""
    account = found(account_id)
    if account.merged_into_id is not None:
        return redirect(url_for("people.show", account_id=account.merged_into_id))
    person.looked(account_id, by=current_account().id, now=utcnow())
    return _page(account, NoteForm())


def _page(account: Account, form: NoteForm) -> str:
    asked = request.args.get("kind", "")
    kind = Kind(asked) if asked in list(Kind) else Kind.ALL
    shown = timeline.page(
        person.accounts_of(account.id), kind, request.args.get("page", 1, type=int)
    )
    return render_template(
        "desk/person.html",
        account=account,
        merged=person.merged_into(account.id),
        pledges=person.pledges_of(account.id, now=utcnow()),
        sums=person.sums_of(account.id),
        notes=notes.standing(account.id),
        form=form,
        page=shown,
        kind=kind,
        kinds=timeline.kinds(),
        page_url=lambda number: url_for(
            "people.show", account_id=account.id, kind=kind, page=number, _anchor="timeline"
        ),
        may_act=may(ACT),
        may_refund=may(REFUND),
    )


@bp.post("/notes")
@staff_only(*ACT)
def write_note(account_id: int) -> ResponseReturnValue:
    """Keep a note about a person. Fundraiser, owner."""
    account = found(account_id)
    form = NoteForm()
    if not form.validate_on_submit():
        return _page(account, form), 422
    try:
        notes.write(account_id, form.text.data, by=current_account().id, now=utcnow())
    except IsErased:
        flash(str(ERASED), "warn")
    else:
        flash(_("The note is kept."))
    return back(account_id)


@bp.route("/notes/<key:note_id>/remove", methods=["GET", "POST"])
@staff_only(*ACT)
def remove_note(account_id: int, note_id: int) -> ResponseReturnValue:
    """Show a note and take it back. Fundraiser, owner."""
    account = found(account_id)
    try:
        note = notes.find(account_id, note_id)
        if FlaskForm().validate_on_submit():
            notes.remove(account_id, note_id, by=current_account().id, now=utcnow())
            flash(_("The note is removed."))
            return back(account_id)
    except UnknownNote:
        flash(_("This note is not there any more."), "warn")
        return back(account_id)
    return render_template("desk/person_note.html", account=account, note=note)


@bp.route("/correct", methods=["GET", "POST"])
@staff_only(*ACT)
def correct(account_id: int) -> ResponseReturnValue:
    """Correct name, address and language. Fundraiser, owner; never those of staff."""
    account = found(account_id)
    if account.is_staff or account.merged_into_id is not None:
        flash(_("This account is not changed here: it belongs to the staff."), "warn")
        return back(account_id)
    if account.is_erased:
        flash(str(ERASED), "warn")
        return back(account_id)
    form = CorrectionForm(obj=account)
    if not account.has_address and not form.is_submitted():
        form.email.data = ""
    if form.validate_on_submit() and _correct(account, form):
        return back(account_id)
    page = render_template("desk/person_correct.html", account=account, form=form)
    return page, 422 if form.errors else 200


def _correct(account: Account, form: CorrectionForm) -> bool:
    """Do what the form says; False with the reason beside the field where it cannot be."""
    try:
        changed = acts.correct(
            account.id,
            name=form.name.data,
            email=form.email.data or account.email,
            locale=form.locale.data,
            by=current_account().id,
            now=utcnow(),
        )
    except NotHere:
        form.name.errors = [str(ERASED)]
        return False
    except AddressTaken:
        form.email.errors = [
            _("Another account has this address. If it is the same person, merge the two.")
        ]
        return False
    if "email" in changed:
        flash(_("It is corrected. The person signs in with the new address from now on."))
    elif changed:
        flash(_("It is corrected."))
    else:
        flash(_("Nothing was different, so nothing has changed."), "warn")
    return True


def gift(account_id: int, donation_id: int) -> Gift:
    """Return a gift of the person of a page; 404 where there is none."""
    try:
        return person.gift_of(account_id, donation_id)
    except UnknownPerson:
        abort(404)


@bp.get("/gifts/<key:donation_id>")
@staff_only(*LOOK)
def show_gift(account_id: int, donation_id: int) -> ResponseReturnValue:
    """One gift, its receipt and what became of it. Fundraiser, finance, owner."""
    account, one = found(account_id), gift(account_id, donation_id)
    try:
        left = refundable.left(one.donation)
        refundable.check(one.donation, left)
        why_not = None
    except CannotRefund as obstacle:
        why_not = obstacle
    return render_template(
        "desk/person_gift.html",
        account=account,
        gift=one,
        how=money_lines.how(one.donation),
        lines=money_lines.of_gift(one.donation),
        can_refund=why_not is None,
        outside=one.donation.source != "stripe",
        may_act=may(ACT),
        may_refund=may(REFUND),
    )


@bp.get("/gifts/<key:donation_id>/receipt.pdf")
@staff_only(*LOOK)
def receipt(account_id: int, donation_id: int) -> ResponseReturnValue:
    """Download a gift's receipt. Fundraiser, finance, owner."""
    one = gift(account_id, donation_id)
    name = f"receipt-{one.receipt.reference}.pdf"
    return Response(
        receipts.pdf(one.receipt, one.donation),
        mimetype="application/pdf",
        headers={
            "Content-Disposition": f'attachment; filename="{name}"',
            "Cache-Control": "no-store",
        },
    )


@bp.route("/gifts/<key:donation_id>/receipt-again", methods=["GET", "POST"])
@staff_only(*ACT)
def receipt_again(account_id: int, donation_id: int) -> ResponseReturnValue:
    """Say what goes out, then send a receipt again. Fundraiser, owner."""
    account, one = found(account_id), gift(account_id, donation_id)
    home = redirect(
        url_for("people.show_gift", account_id=account_id, donation_id=donation_id), 303
    )
    if not account.has_address:
        flash(_("No letter reaches this person. Download the receipt instead."), "warn")
        return home
    if FlaskForm().validate_on_submit():
        acts.send_receipt_again(donation_id, _form_id(), by=current_account().id, now=utcnow())
        flash(_("The receipt goes out now, under the same number."))
        return home
    return render_template(
        "desk/person_receipt.html", account=account, gift=one, form_id=uuid.uuid4()
    )


def _form_id() -> uuid.UUID:
    """What names this very form; one that was not made here is as good as a new one."""
    try:
        return uuid.UUID(request.form.get("form_id", ""))
    except ValueError:
        return uuid.uuid4()
