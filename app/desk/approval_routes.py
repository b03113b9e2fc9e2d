"""Acts that wait for a second member of staff: who asked, what, why; then yes or no."""

import uuid
from dataclasses import dataclass
from datetime import timedelta

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user
from flask_wtf import FlaskForm

from app.accounts import approvals
from app.accounts.access import current_account, staff_only
from app.accounts.approvals import AlreadyDecided, MayNotApprove
from app.accounts.models import Account, Approval, Role
from app.clock import utcnow
from app.desk import deed_words
from app.extensions import db
from app.giving.models import Donation, Refund
from app.giving.reversals import refunds, reversal_words

bp = Blueprint("approvals", __name__, url_prefix="/staff/approvals")

#: Acts about people and money, which all who look after those may see.
MONEY = frozenset({"refund", "erasure"})
LOOK = frozenset({Role.FUNDRAISER, Role.FINANCE, Role.OWNER})
#: Decided requests are shown for so long.
RECENT = timedelta(days=60)


@dataclass(frozen=True, slots=True)
class View:
    """One request with what it is about. `refund` and the rest are of a refund."""

    approval: Approval
    what: str
    asked_by: str
    decided_by: str
    #: Why who looks may not decide; empty for who may.
    why_not: str
    #: The page on which it is decided, for an act that has its own; None for one decided here.
    place: str | None
    refund: Refund | None
    donation: Donation | None
    giver: Account | None
    why: str


@bp.app_context_processor
def _badge() -> dict[str, object]:
    # A function: only the pages of the newsroom ask the database for it.
    return {"approvals_waiting": _waiting}


def _waiting() -> int:
    """How many requests wait for whoever is signed in."""
    if not current_user.is_authenticated:
        return 0
    reader = current_account()
    return sum(approvals.may_decide(one, reader) for one in approvals.waiting())


@bp.get("")
@staff_only()
def index() -> ResponseReturnValue:
    """The requests that wait, and those decided lately. Any staff, each of what concerns them."""
    decided = approvals.decided_since(utcnow() - RECENT)
    return render_template(
        "desk/approvals.html",
        waiting=[_view(one) for one in approvals.waiting() if _may_see(one)],
        decided=[_view(one) for one in decided if _may_see(one)],
    )


def _may_see(approval: Approval) -> bool:
    """Whether a request concerns who looks: by role, or as the one who asked."""
    reader = current_account()
    if approval.asked_by_id == reader.id or reader.role in approvals.APPROVERS[approval.act]:
        return True
    return approval.act in MONEY and reader.role in LOOK


@bp.get("/<key:approval_id>")
@staff_only()
def show(approval_id: int) -> ResponseReturnValue:
    """One request: who asks, for what and why, and what a yes does. Whom it concerns."""
    return render_template("desk/approvals_one.html", one=_found(approval_id))


@bp.post("/<key:approval_id>")
@staff_only()
def decide(approval_id: int) -> ResponseReturnValue:
    """Agree or decline, by the role each act asks for and never one's own request."""
    one = _found(approval_id)
    answer = request.form.get("answer")
    if not FlaskForm().validate_on_submit() or answer not in ("approve", "decline"):
        abort(400)
    if one.refund is None:
        flash(_("This is decided on a page of its own."), "warn")
        return redirect(url_for("approvals.show", approval_id=approval_id), 303)
    try:
        refunds.decide(
            uuid.UUID(one.approval.subject_id),
            approved=answer == "approve",
            by=current_account().id,
            now=utcnow(),
        )
    except AlreadyDecided:
        db.session.rollback()
        flash(_("A colleague has decided this before you."), "warn")
    except MayNotApprove:
        db.session.rollback()
        flash(one.why_not or _("You may not decide this."), "warn")
    else:
        flash(
            _("Approved. The refund is on its way to Stripe.")
            if answer == "approve"
            else _("Declined. No money moves.")
        )
    return redirect(url_for("approvals.show", approval_id=approval_id), 303)


def _found(approval_id: int) -> View:
    approval = db.session.get(Approval, approval_id)
    if approval is None or not _may_see(approval):
        abort(404)
    return _view(approval)


def _view(approval: Approval) -> View:
    refund = donation = giver = None
    if approval.act == "refund":
        refund = db.session.get(Refund, uuid.UUID(approval.subject_id))
    if refund is not None:
        donation = db.session.get_one(Donation, refund.donation_id)
        giver = db.session.get_one(Account, donation.account_id)
    decided_by = db.session.get(Account, approval.decided_by_id) if approval.decided_by_id else None
    return View(
        approval,
        what=deed_words.approved(approval.act),
        asked_by=db.session.get_one(Account, approval.asked_by_id).name,
        decided_by=decided_by.name if decided_by else "",
        why_not=_why_not(approval),
        place=_place(approval),
        refund=refund,
        donation=donation,
        giver=giver,
        why=reversal_words.reason_label(refund.reason) if refund else "",
    )


def _place(approval: Approval) -> str | None:
    if approval.act == "erasure":
        return url_for("erasures.show", erasure_id=approval.subject_id)
    if approval.act == "round_opening" and approval.subject_id.isdecimal():
        return url_for("voting_staff.show", round_id=int(approval.subject_id))
    return None


def _why_not(approval: Approval) -> str:
    if approvals.may_decide(approval, current_account()):
        return ""
    if approval.asked_by_id == current_account().id:
        return _("You asked for this yourself, so a colleague decides.")
    roles = sorted(deed_words.role(one) for one in approvals.APPROVERS[approval.act])
    return _("Only these roles decide this: %(roles)s.", roles=", ".join(roles))
