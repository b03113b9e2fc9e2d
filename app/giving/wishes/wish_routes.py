"""What a patron does with the own pledge: change it, pause it, leave, stay."""

import uuid
from collections.abc import Callable

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import login_required

from app.accounts.access import current_account
from app.clock import utcnow
from app.current import gateway
from app.extensions import limiter
from app.giving.models import Pledge
from app.giving.rules import ChangeKind, Interval, LeaveReason, PledgeStatus
from app.giving.wishes import changes, lower, wish_words
from app.giving.wishes.changes import Asker, NotPossible
from app.giving.wishes.wish_answers import back, mine, refused
from app.giving.wishes.wish_forms import ChangeForm, LeaveForm, PauseForm, typed
from app.money import Money
from app.payments.gateway import GatewayError

bp = Blueprint("wishes", __name__, url_prefix="/pledge/<uuid:pledge_id>")

ACTS = "20 per hour"


@bp.get("/change")
@login_required
def change(pledge_id: uuid.UUID) -> ResponseReturnValue:
    """Ask for another amount or period. One's own pledge only, as everywhere here."""
    pledge = mine(pledge_id, ChangeKind.AMOUNT)
    form = ChangeForm()
    form.offer(pledge, _interval(pledge))
    return _change_page(pledge, form)


@bp.post("/change")
@login_required
def choose_terms(pledge_id: uuid.UUID) -> ResponseReturnValue:
    """Read the terms and lead on to the page that shows both; nothing changes yet."""
    pledge = mine(pledge_id, ChangeKind.AMOUNT)
    form = ChangeForm()
    form.offer(pledge, _interval(pledge))
    if not form.validate_on_submit() or form.wanted is None:
        return _change_page(pledge, form), 422
    address = url_for(
        "wishes.confirm_change",
        pledge_id=pledge.id,
        interval=form.wanted.interval.value,
        amount=form.wanted.typed,
        cover="y" if form.wanted.cover_minor else None,
    )
    return redirect(address, 303)


@bp.get("/change/confirm")
@login_required
def confirm_change(pledge_id: uuid.UUID) -> ResponseReturnValue:
    """Show both amounts and the day from which the new one holds."""
    pledge = mine(pledge_id, ChangeKind.AMOUNT)
    form = ChangeForm(formdata=request.args, meta={"csrf": False})
    form.offer(pledge, _interval(pledge))
    if not form.validate() or form.wanted is None:
        return redirect(url_for("wishes.change", pledge_id=pledge.id), 303)
    if (form.wanted.amount, form.wanted.interval) == (pledge.amount, pledge.interval):
        flash(_("This is what you give now, so there is nothing to change."), "warn")
        return redirect(url_for("wishes.change", pledge_id=pledge.id), 303)
    return render_template(
        "giving/confirm_change.html",
        pledge=pledge,
        wanted=form.wanted,
        before=wish_words.terms(pledge.amount, pledge.interval),
        after=wish_words.terms(form.wanted.amount, form.wanted.interval),
        starts_on=changes.due_at(pledge),
        past_due=pledge.status == PledgeStatus.PAST_DUE,
    )


@bp.post("/change/confirm")
@login_required
@limiter.limit(ACTS)
def set_terms(pledge_id: uuid.UUID) -> ResponseReturnValue:
    """Give other terms from the next payment on."""
    pledge = mine(pledge_id, ChangeKind.AMOUNT)
    form = ChangeForm()
    form.offer(pledge, _interval(pledge))
    if not form.validate_on_submit() or form.wanted is None:
        return redirect(url_for("wishes.change", pledge_id=pledge.id), 303)
    wanted = form.wanted
    if (wanted.amount, wanted.interval) == (pledge.amount, pledge.interval):
        # The button was pressed twice.
        flash(_given(pledge))
        return back()
    return _act(
        lambda asker: changes.set_terms(
            pledge_id,
            wanted.amount,
            wanted.interval,
            asker,
            gateway(),
            cover_minor=wanted.cover_minor,
            now=utcnow(),
        ),
        _given,
    )


@bp.get("/pause")
@login_required
def choose_pause(pledge_id: uuid.UUID) -> ResponseReturnValue:
    """Ask how long, and say what becomes of the vote."""
    pledge = mine(pledge_id, ChangeKind.PAUSE)
    form = PauseForm()
    form.offer(pledge)
    return _pause_page(pledge, form)


@bp.post("/pause")
@login_required
@limiter.limit(ACTS)
def pause(pledge_id: uuid.UUID) -> ResponseReturnValue:
    """Take no money for some months."""
    pledge = mine(pledge_id, ChangeKind.PAUSE)
    form = PauseForm()
    form.offer(pledge)
    if not form.validate_on_submit():
        return _pause_page(pledge, form), 422
    return _act(
        lambda asker: changes.pause(pledge_id, form.months.data, asker, gateway(), now=utcnow()),
        lambda paused: _("Your pledge is paused.") + " " + wish_words.next_gift(paused),
    )


@bp.post("/resume")
@login_required
@limiter.limit(ACTS)
def resume(pledge_id: uuid.UUID) -> ResponseReturnValue:
    """End a pause before its day."""
    mine(pledge_id, ChangeKind.RESUME)
    return _act(
        lambda asker: changes.resume(pledge_id, asker, gateway(), now=utcnow()),
        lambda resumed: _("Your pledge goes on.") + " " + wish_words.next_gift(resumed),
    )


@bp.get("/leave")
@login_required
def confirm_leave(pledge_id: uuid.UUID) -> ResponseReturnValue:
    """Say to what date everything lasts, ask why, and offer what fits. The second click ends it."""
    pledge = mine(pledge_id, ChangeKind.LEAVE_NOW)
    return _leave_page(pledge, LeaveForm())


@bp.post("/leave")
@login_required
@limiter.limit(ACTS)
def leave(pledge_id: uuid.UUID) -> ResponseReturnValue:
    """End a pledge: with its paid time, or at once."""
    pledge = mine(pledge_id, ChangeKind.LEAVE_NOW)
    if pledge.ends_at is not None and request.form.get("when") == "end":
        # The button was pressed twice.
        flash(wish_words.left(pledge))
        return back()
    form = LeaveForm()
    form.offer(pledge, at_once=_at_once(pledge))
    if not form.validate_on_submit():
        return _leave_page(pledge, form), 422
    return _act(
        lambda asker: changes.leave(
            pledge_id,
            asker,
            gateway(),
            at_once=form.when.data == "now",
            reason=LeaveReason(form.reason.data) if form.reason.data else None,
            comment=(form.comment.data or "").strip() or None,
            now=utcnow(),
        ),
        wish_words.left,
    )


@bp.post("/stay")
@login_required
@limiter.limit(ACTS)
def stay(pledge_id: uuid.UUID) -> ResponseReturnValue:
    """Take a wish to leave back."""
    mine(pledge_id, ChangeKind.STAY)
    return _act(
        lambda asker: changes.stay(pledge_id, asker, gateway(), now=utcnow()),
        lambda _pledge: _("Good to have you with us. Your pledge goes on as before."),
    )


def _act(act: Callable[[Asker], Pledge], said: Callable[[Pledge], str]) -> ResponseReturnValue:
    """Do what was asked and lead back to the pledge, which says what has become of it."""
    try:
        pledge = act(Asker(current_account().id))
    except (NotPossible, GatewayError) as error:
        return refused(error)
    flash(said(pledge))
    return back()


def _given(pledge: Pledge) -> str:
    terms = wish_words.terms(pledge.amount, pledge.interval)
    return _("You give %(terms)s from your next gift on.", terms=terms)


def _interval(pledge: Pledge) -> Interval:
    """The period asked for, the pledge's own where none is named.

    Leads back where another cannot be asked for now: an amount a year must not become one a month.
    """
    asked = request.values.get("interval", "")
    if asked not in ("month", "year") or asked == pledge.interval:
        return Interval(pledge.interval)
    if ChangeKind.INTERVAL not in changes.possible(pledge, utcnow()):
        abort(refused(NotPossible()))
    return Interval(asked)


def _at_once(pledge: Pledge) -> bool:
    return ChangeKind.LEAVE not in changes.possible(pledge, utcnow())


def _change_page(pledge: Pledge, form: ChangeForm) -> str:
    other = Interval.YEAR if form.interval.data == Interval.MONTH else Interval.MONTH
    return render_template(
        "giving/change.html",
        pledge=pledge,
        form=form,
        now=wish_words.terms(pledge.amount, pledge.interval),
        other_interval=other,
        may_move=ChangeKind.INTERVAL in changes.possible(pledge, utcnow()),
        cover_hint=wish_words.cover_hint(form.example(pledge)),
    )


def _pause_page(pledge: Pledge, form: PauseForm) -> str:
    return render_template(
        "giving/pause.html",
        pledge=pledge,
        form=form,
        now=wish_words.terms(pledge.amount, pledge.interval),
        vote=wish_words.vote_in_pause(pledge, utcnow()),
    )


def _leave_page(pledge: Pledge, form: LeaveForm) -> str:
    form.offer(pledge, at_once=_at_once(pledge))
    kinds = changes.possible(pledge, utcnow())
    net = pledge.amount_minor - pledge.cover_minor
    less = [
        (typed(one), wish_words.terms(one, pledge.interval))
        for one in lower.offers(Money(net, pledge.currency))
    ]
    return render_template(
        "giving/leave.html",
        pledge=pledge,
        form=form,
        says=wish_words.leaving(pledge, _at_once(pledge)),
        lower=less if ChangeKind.AMOUNT in kinds else [],
        may_pause=ChangeKind.PAUSE in kinds,
    )
