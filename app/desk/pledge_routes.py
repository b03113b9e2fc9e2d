"""What staff do with a patron's pledge: end it, give it other terms, let it go on."""

import uuid
from collections.abc import Callable

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_wtf import FlaskForm

from app.accounts.access import current_account, staff_only
from app.clock import utcnow
from app.current import gateway
from app.desk import acts, person
from app.desk.people_forms import EndForm, TermsForm
from app.desk.people_routes import ACT, back, found
from app.desk.person import UnknownPerson
from app.giving.models import Pledge
from app.giving.rules import ChangeKind, Interval, PledgeStatus
from app.giving.wishes import changes, wish_words
from app.giving.wishes.changes import NotPossible
from app.money import Money
from app.payments.gateway import GatewayError, GatewayUnavailable

bp = Blueprint(
    "people_pledges",
    __name__,
    url_prefix="/staff/people/<key:account_id>/pledges/<uuid:pledge_id>",
)


@bp.route("/end", methods=["GET", "POST"])
@staff_only(*ACT)
def end(account_id: int, pledge_id: uuid.UUID) -> ResponseReturnValue:
    """Say what ending a pledge does, then end it. Fundraiser, owner."""
    pledge = _pledge(account_id, pledge_id, ChangeKind.LEAVE_NOW)
    at_once = ChangeKind.LEAVE not in changes.possible(pledge, utcnow())
    form = EndForm()
    form.offer(pledge, at_once=at_once)
    if form.validate_on_submit():
        return _act(
            account_id,
            lambda: acts.end(
                pledge,
                gateway(),
                at_once=form.when.data == "now",
                reason=form.why,
                comment=(form.comment.data or "").strip() or None,
                by=current_account().id,
                now=utcnow(),
            ),
            _ended,
        )
    page = render_template(
        "desk/person_end.html",
        account=found(account_id),
        pledge=pledge,
        terms=wish_words.terms(pledge.amount, pledge.interval),
        form=form,
        past_due=pledge.status == PledgeStatus.PAST_DUE,
    )
    return page, 422 if form.errors else 200


def _ended(pledge: Pledge) -> str:
    if pledge.ends_at is not None:
        return _("The pledge will end with its paid time, and a letter tells the patron.")
    return _("The pledge has ended, and a letter tells the patron.")


@bp.route("/terms", methods=["GET", "POST"])
@staff_only(*ACT)
def terms(account_id: int, pledge_id: uuid.UUID) -> ResponseReturnValue:
    """Ask for other terms, show both, then let them hold. Fundraiser, owner."""
    pledge = _pledge(account_id, pledge_id, ChangeKind.AMOUNT)
    form = TermsForm()
    form.offer(pledge, may_move=ChangeKind.INTERVAL in changes.possible(pledge, utcnow()))
    if not form.validate_on_submit() or "change" in request.form:
        return _terms_page(account_id, pledge, form)
    amount, cover_minor = form.whole
    interval = Interval(form.interval.data)
    if (amount, interval) == (pledge.amount, pledge.interval):
        form.amount.errors = [_("This is what the patron gives now.")]
        return _terms_page(account_id, pledge, form)
    if "yes" not in request.form:
        return render_template(
            "desk/person_terms_confirm.html",
            account=found(account_id),
            pledge=pledge,
            form=form,
            before=wish_words.terms(pledge.amount, pledge.interval),
            after=wish_words.terms(amount, interval),
            amount=amount,
            starts_on=changes.due_at(pledge),
            past_due=pledge.status == PledgeStatus.PAST_DUE,
        )
    return _act(
        account_id,
        lambda: acts.set_terms(
            pledge,
            amount,
            interval,
            gateway(),
            cover_minor=cover_minor,
            by=current_account().id,
            now=utcnow(),
        ),
        lambda changed: _(
            "The patron gives %(terms)s from the next payment on, and a letter says so.",
            terms=wish_words.terms(changed.amount, changed.interval),
        ),
    )


def _terms_page(account_id: int, pledge: Pledge, form: TermsForm) -> ResponseReturnValue:
    page = render_template(
        "desk/person_terms.html",
        account=found(account_id),
        pledge=pledge,
        form=form,
        now=wish_words.terms(pledge.amount, pledge.interval),
        cover_hint=wish_words.cover_hint(
            Money(pledge.amount_minor - pledge.cover_minor, pledge.currency)
        ),
    )
    return page, 422 if form.errors else 200


@bp.route("/<any(resume, stay):act>", methods=["GET", "POST"])
@staff_only(*ACT)
def go_on(account_id: int, pledge_id: uuid.UUID, act: str) -> ResponseReturnValue:
    """Say what follows, then end a pause or take a wish to leave back. Fundraiser, owner."""
    kind = ChangeKind(act)
    pledge = _pledge(account_id, pledge_id, kind)
    if FlaskForm().validate_on_submit():
        return _act(
            account_id,
            lambda: acts.go_on(pledge, kind, gateway(), by=current_account().id, now=utcnow()),
            lambda _pledge: _("The pledge goes on, and a letter tells the patron."),
        )
    return render_template(
        "desk/person_go_on.html",
        account=found(account_id),
        pledge=pledge,
        terms=wish_words.terms(pledge.amount, pledge.interval),
        kind=kind,
        due_at=changes.due_after_pause(pledge, utcnow())
        if kind is ChangeKind.RESUME
        else changes.due_at(pledge),
        today=utcnow(),
    )


def _pledge(account_id: int, pledge_id: uuid.UUID, kind: ChangeKind) -> Pledge:
    """The pledge of a page; leads back to the person where this cannot be asked of it now."""
    try:
        pledge = person.pledge_of(account_id, pledge_id)
    except UnknownPerson:
        abort(404)
    if kind not in changes.possible(pledge, utcnow()):
        flash(_("As this pledge stands, this cannot be done."), "warn")
        abort(redirect(url_for("people.show", account_id=account_id), 303))
    return pledge


def _act(
    account_id: int, act: Callable[[], Pledge], said: Callable[[Pledge], str]
) -> ResponseReturnValue:
    """Do what was asked, say what came of it, and lead back to the person."""
    try:
        flash(said(act()))
    except NotPossible:
        flash(_("As this pledge stands, this cannot be done. Nothing has changed."), "warn")
    except GatewayUnavailable:
        flash(wish_words.no_answer(), "bad")
    except GatewayError:
        flash(
            _("Stripe would not do this, so nothing has changed. Look at the customer there."),
            "bad",
        )
    return back(account_id)
