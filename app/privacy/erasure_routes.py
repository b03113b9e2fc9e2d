"""Erasing one's own data: asked for, confirmed from a letter, taken back."""

import uuid

from flask import Blueprint, Response, flash, g, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import login_required
from flask_wtf import FlaskForm

from app.accounts.access import current_account
from app.clock import utcnow
from app.extensions import limiter
from app.privacy import erasure_links, erasure_words, erasures
from app.privacy.erasure_links import Purpose
from app.privacy.erasure_models import Erasure, ErasureState
from app.privacy.erasures import CannotErase, TooLate, UnknownErasure

bp = Blueprint("erasure", __name__)


@bp.after_request
def _keep_to_ourselves(response: Response) -> Response:
    """No page of these is kept by browsers or proxies."""
    response.headers["Cache-Control"] = "no-store"
    return response


@bp.get("/account/erase")
@login_required
def show() -> ResponseReturnValue:
    """What goes, what stays and why, and how far a wish has come. About the own account."""
    account = current_account()
    return render_template(
        "privacy/erase.html",
        account=account,
        erasure=erasures.open_of(account.id),
        goes=erasure_words.goes(),
        stays=erasure_words.stays(),
        days=erasures.cooling_off().days,
    )


@bp.post("/account/erase")
@login_required
@limiter.limit("5 per day", key_func=lambda: f"erase {current_account().id}")
def ask() -> ResponseReturnValue:
    """Ask for the letter that confirms it. About the own account."""
    if FlaskForm().validate_on_submit():
        try:
            erasures.ask(current_account().id, now=utcnow())
        except CannotErase:
            flash(_("An account of the staff is not erased before an owner ends its role."), "warn")
    return redirect(url_for("erasure.show"), 303)


@bp.post("/account/erase/undo")
@login_required
def undo() -> ResponseReturnValue:
    """Take one's wish back. About the own account."""
    found = erasures.open_of(current_account().id)
    if FlaskForm().validate_on_submit() and found is not None:
        _undo(found.id)
    return redirect(url_for("erasure.show"), 303)


def _undo(erasure_id: uuid.UUID) -> bool:
    try:
        erasures.undo(erasure_id, now=utcnow())
    except TooLate:
        flash(_("It is too late to take it back: it has been begun."), "bad")
        return False
    flash(_("Nothing is erased. Everything stays as it is."))
    return True


@bp.get("/erase/<any(confirm, undo):purpose>/<token>")
@limiter.limit("60 per hour")
def link(purpose: str, token: str) -> ResponseReturnValue:
    """Show what the letter's link is about, and the button. Public; looking changes nothing."""
    g.referrer_policy = "same-origin"
    found = _of(token, Purpose(purpose))
    if found is None:
        return render_template("privacy/erase_dead.html"), 404
    return render_template(
        "privacy/erase_link.html",
        erasure=found,
        purpose=purpose,
        works=_works(found, Purpose(purpose)),
        days=erasures.cooling_off().days,
    )


@bp.post("/erase/<any(confirm, undo):purpose>/<token>")
@limiter.limit("20 per hour")
def use(purpose: str, token: str) -> ResponseReturnValue:
    """Confirm an erasure, or take it back. Public; whoever has the letter. Twice is once."""
    g.referrer_policy = "same-origin"
    found = _of(token, Purpose(purpose))
    if found is None:
        return render_template("privacy/erase_dead.html"), 404
    if not FlaskForm().validate_on_submit():
        return redirect(url_for("erasure.link", purpose=purpose, token=token), 303)
    if purpose == Purpose.CONFIRM:
        try:
            erasures.confirm(found.id, now=utcnow())
        except TooLate:
            return redirect(url_for("erasure.link", purpose=purpose, token=token), 303)
    else:
        _undo(found.id)
    return redirect(url_for("erasure.link", purpose=purpose, token=token), 303)


def _of(token: str, purpose: Purpose) -> Erasure | None:
    key = erasure_links.read(token, purpose)
    try:
        return erasures.find(key) if key else None
    except UnknownErasure:
        return None


def _works(erasure: Erasure, purpose: Purpose) -> bool:
    if purpose is Purpose.CONFIRM:
        return erasures.works(erasure, utcnow())
    return erasure.state in (ErasureState.ASKED, ErasureState.COMING)
