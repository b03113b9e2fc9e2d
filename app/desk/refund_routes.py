"""A refund as staff ask for it: what goes back, what follows, then yes."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.accounts.access import current_account, staff_only
from app.accounts.approvals import NobodyToApprove
from app.clock import utcnow
from app.desk import money_lines
from app.desk.people_forms import RefundForm
from app.desk.people_routes import REFUND, found, gift
from app.desk.person import Gift
from app.giving.models import Refund
from app.giving.reversals import refundable, refunds, reversal_words
from app.giving.reversals.refundable import CannotRefund, Contested, OutsideStripe, TooMuch
from app.giving.rules import RefundReason, RefundStatus
from app.localisation import format_money

bp = Blueprint(
    "people_refunds",
    __name__,
    url_prefix="/staff/people/<key:account_id>/gifts/<key:donation_id>/refund",
)


@bp.route("", methods=["GET", "POST"])
@staff_only(*REFUND)
def refund(account_id: int, donation_id: int) -> ResponseReturnValue:
    """Ask what goes back, say what follows, and ask for the refund. Finance, owner."""
    one = gift(account_id, donation_id)
    left = refundable.left(one.donation)
    form = RefundForm()
    form.offer(left)
    if not form.is_submitted():
        try:
            refundable.check(one.donation, left)
        except CannotRefund as obstacle:
            flash(why_not(obstacle), "warn")
            return _home(account_id, donation_id)
    if not form.validate_on_submit() or "change" in request.form:
        return _form_page(account_id, one, form)
    if "yes" not in request.form:
        return _confirm_page(account_id, one, form)
    return _ask(account_id, one, form)


def _ask(account_id: int, one: Gift, form: RefundForm) -> ResponseReturnValue:
    assert form.money is not None, "the form is valid"
    try:
        asked = refunds.ask(
            one.donation.id,
            form.money,
            reason=RefundReason(form.reason.data),
            note=form.note.data or "",
            tells=bool(form.tells.data),
            ends_pledge=bool(form.ends_pledge.data),
            by=current_account().id,
            refund_id=form.key,
            now=utcnow(),
        )
    except (CannotRefund, NobodyToApprove) as obstacle:
        form.amount.errors = [why_not(obstacle)]
        return _form_page(account_id, one, form)
    flash(_said(asked))
    return _home(account_id, one.donation.id)


def _said(asked: Refund) -> str:
    if asked.status == RefundStatus.ASKED:
        return _(
            "The refund of %(amount)s waits for a second member of staff, who gets a letter now. "
            "No money moves before.",
            amount=format_money(asked.amount),
        )
    return _(
        "The refund of %(amount)s is on its way to Stripe. This page tells how far it has come.",
        amount=format_money(asked.amount),
    )


def why_not(obstacle: Exception) -> str:
    """Write why a refund cannot be."""
    match obstacle:
        case OutsideStripe():
            return _("This gift did not come through Stripe. Send the money back by hand.")
        case Contested():
            return _(
                "The bank contests this gift and may return the money itself. Answer the dispute "
                "at Stripe first."
            )
        case TooMuch(left=left) if left.minor == 0:
            return _("Nothing is left of this gift to refund.")
        case TooMuch(left=left):
            return _("Only %(left)s are left of this gift.", left=format_money(left))
        case NobodyToApprove():
            return _(
                "This amount needs a second member of staff, and nobody else has the role finance "
                "or owner. Refund less, or invite a colleague."
            )
    return _("This refund is not possible.")


def _home(account_id: int, donation_id: int) -> ResponseReturnValue:
    return redirect(
        url_for("people.show_gift", account_id=account_id, donation_id=donation_id), 303
    )


def _form_page(account_id: int, one: Gift, form: RefundForm) -> ResponseReturnValue:
    page = render_template(
        "desk/refund.html",
        account=found(account_id),
        gift=one,
        how=money_lines.how(one.donation),
        left=refundable.left(one.donation),
        form=form,
    )
    return page, 422 if form.errors else 200


def _confirm_page(account_id: int, one: Gift, form: RefundForm) -> str:
    assert form.money is not None, "the form is valid"
    return render_template(
        "desk/refund_confirm.html",
        account=found(account_id),
        gift=one,
        how=money_lines.how(one.donation),
        form=form,
        why=reversal_words.reason_label(form.reason.data),
        second=refundable.needs_second(one.donation, form.money),
    )
