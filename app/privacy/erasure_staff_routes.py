"""Erasures as staff see them: asked for on somebody's behalf, agreed to by a second, followed."""

import uuid

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import RadioField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired

from app.accounts import approvals
from app.accounts.access import current_account, staff_only
from app.accounts.approvals import AlreadyDecided, MayNotApprove, NobodyToApprove
from app.accounts.models import Account, Role
from app.clock import utcnow
from app.extensions import db
from app.privacy import erasure_lists, erasure_words, erasures
from app.privacy.erasure_models import OVER, Erasure, ErasureState
from app.privacy.erasures import CannotErase, TooLate, UnknownErasure

bp = Blueprint("erasures", __name__, url_prefix="/staff/erasures")

LOOK = (Role.FUNDRAISER, Role.FINANCE)
ACT = (Role.FUNDRAISER,)
#: The page shows so many.
MOST = 200


class WishForm(FlaskForm):
    """How somebody asked to be erased."""

    when = RadioField(
        _l("When"),
        choices=[
            SelectChoice("later", _l("After some days, in which the person can take it back")),
            SelectChoice("at_once", _l("At once: the person asked for that in writing")),
        ],
        default="later",
        validators=[InputRequired()],
    )


@bp.app_context_processor
def _on_pages_of_people() -> dict[str, object]:
    # A function: only a person's page asks the database for it.
    return {"erasure_of": _erasure_of}


def _erasure_of(account_id: int) -> Erasure | None:
    """The erasure of a person that is under way or done; what staff want before the own wish."""
    matters = [
        one
        for one in erasure_lists.of_account(account_id)
        if one.state not in OVER or one.state == ErasureState.DONE
    ]
    return min(matters, key=lambda one: one.state == ErasureState.ASKED, default=None)


@bp.get("")
@staff_only(*LOOK)
def index() -> ResponseReturnValue:
    """Every erasure and how far it has come; who they were is gone. Fundraiser, finance, owner."""
    return render_template(
        "privacy/erasures.html",
        erasures=erasure_lists.latest(limit=MOST),
        state=erasure_words.state,
    )


@bp.route("/of/<key:account_id>", methods=["GET", "POST"])
@staff_only(*ACT)
def ask(account_id: int) -> ResponseReturnValue:
    """Say what an erasure does, and ask a colleague to agree to it. Fundraiser, owner."""
    account = db.session.get(Account, account_id)
    if account is None or account.merged_into_id is not None:
        abort(404)
    found = _erasure_of(account_id)
    if found is not None and found.state != ErasureState.ASKED:
        return redirect(url_for("erasures.show", erasure_id=found.id))
    form = WishForm()
    if form.validate_on_submit():
        return _asked(account_id, at_once=form.when.data == "at_once")
    page = render_template(
        "privacy/erase_for.html",
        account=account,
        form=form,
        goes=erasure_words.goes(),
        stays=erasure_words.stays(),
        days=erasures.cooling_off().days,
    )
    return page, 422 if form.errors else 200


def _asked(account_id: int, *, at_once: bool) -> ResponseReturnValue:
    try:
        found = erasures.ask_for(account_id, at_once=at_once, by=current_account().id, now=utcnow())
    except CannotErase:
        flash(_("An account of the staff is not erased before an owner ends its role."), "warn")
        return redirect(url_for("people.show", account_id=account_id), 303)
    except NobodyToApprove:
        db.session.rollback()
        flash(_("Nobody else here may agree to it. Let the owner invite a second person."), "warn")
        return redirect(url_for("people.show", account_id=account_id), 303)
    return redirect(url_for("erasures.show", erasure_id=found.id), 303)


@bp.get("/<uuid:erasure_id>")
@staff_only(*LOOK)
def show(erasure_id: uuid.UUID) -> ResponseReturnValue:
    """One erasure: who asked, its day, what was done, what holds it up. Whoever may look."""
    erasure = _found(erasure_id)
    approval = approvals.awaited(erasures.ACT, erasure_id)
    account = db.session.get_one(Account, erasure.account_id)
    state, tag = erasure_words.state(erasure.state)
    return render_template(
        "privacy/erasure.html",
        erasure=erasure,
        account=account,
        state=state,
        tag=tag,
        approval=approval,
        may_decide=approval is not None and approvals.may_decide(approval, current_account()),
        may_undo=current_account().role in (*ACT, Role.OWNER),
        asked_by=db.session.get(Account, erasure.asked_by_id) if erasure.asked_by_id else None,
        steps=erasure_words.steps(erasure_lists.steps_of(erasure_id)),
        stays=erasure_words.stays(),
    )


@bp.post("/<uuid:erasure_id>")
@staff_only(*LOOK)
def decide(erasure_id: uuid.UUID) -> ResponseReturnValue:
    """Agree, decline or take back. Agreeing: a second one who may; taking back: who may ask."""
    _found(erasure_id)
    answer = request.form.get("answer", "")
    if not FlaskForm().validate_on_submit() or answer not in ("approve", "decline", "undo"):
        abort(400)
    me, now = current_account(), utcnow()
    if answer == "undo" and me.role not in (*ACT, Role.OWNER):
        abort(403)
    try:
        if answer == "undo":
            erasures.undo(erasure_id, by=me.id, now=now)
        else:
            erasures.decide(erasure_id, approved=answer == "approve", by=me.id, now=now)
    except (TooLate, AlreadyDecided):
        db.session.rollback()
        flash(_("It has been decided or begun meanwhile."), "warn")
    except MayNotApprove:
        db.session.rollback()
        flash(_("You asked for this yourself, so a colleague decides."), "warn")
    return redirect(url_for("erasures.show", erasure_id=erasure_id), 303)


def _found(erasure_id: uuid.UUID) -> Erasure:
    try:
        return erasures.find(erasure_id)
    except UnknownErasure:
        abort(404)
