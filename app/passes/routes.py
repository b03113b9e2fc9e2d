"""Passes: the reader's side, on our pages, and what the newsroom's site asks from its own."""

import uuid

from flask import Blueprint, Response, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user, login_required
from flask_wtf import FlaskForm
from wtforms import HiddenField

from app import sites
from app.accounts.access import current_account
from app.clock import utcnow
from app.embed import feed
from app.extensions import csrf, limiter
from app.passes import keys, passes
from app.passes.passes import Refused
from app.passes.rules import TOKEN_LIFE, Ask

bp = Blueprint("passes", __name__)

#: How long anybody keeps the list of keys; a new one is published a day before it signs.
KEYS_SECONDS = 3600
#: A code, a verifier and an address are no longer.
LARGEST_ASK = 8 * 1024


class LetForm(FlaskForm):
    """What a page asked, carried through the question whether it may know."""

    return_to = HiddenField()
    challenge = HiddenField()
    state = HiddenField()


@bp.after_request
def _keep_to_ourselves(response: Response) -> Response:
    """Let nobody keep what holds a code or a token."""
    response.headers.setdefault("Cache-Control", "no-store")
    return response


@bp.get("/pass")
@limiter.limit("30 per minute; 300 per hour")
def ask() -> ResponseReturnValue:
    """A page of the newsroom's site asks whether its reader is a patron. Public.

    Whoever is not signed in signs in first; whoever has let the site know them goes straight back.
    """
    asked = Ask(*(request.args.get(name, "") for name in ("return_to", "challenge", "state")))
    if not passes.may_ask(asked):
        return _refused()
    if current_user.is_authenticated:
        return _answer(asked)
    ask_id = passes.keep(asked, now=utcnow())
    back = url_for(".ask_again", ask_id=ask_id)
    return redirect(url_for("accounts.sign_in", next=back), 303)


@bp.get("/pass/<uuid:ask_id>")
@login_required
@limiter.limit("30 per minute; 300 per hour")
def ask_again(ask_id: uuid.UUID) -> ResponseReturnValue:
    """The same, once its reader has signed in."""
    asked = passes.kept(ask_id, now=utcnow())
    if asked is None or not passes.may_ask(asked):
        return _refused()
    return _answer(asked)


@bp.post("/pass")
@login_required
@limiter.limit("30 per hour")
def let() -> ResponseReturnValue:
    """Let the site know the reader from now on, and go back to its page."""
    form = LetForm()
    asked = Ask(form.return_to.data or "", form.challenge.data or "", form.state.data or "")
    if not form.validate_on_submit() or not passes.may_ask(asked):
        return _refused()
    passes.let(current_account().id, asked.origin, now=utcnow())
    return _answer(asked)


def _answer(asked: Ask) -> ResponseReturnValue:
    """Lead back with a code; ask the reader first where the site does not know them yet."""
    account = current_account()
    back = passes.answer(account, asked, now=utcnow())
    if back is not None:
        return redirect(back, 303)
    form = LetForm(
        formdata=None,
        data={
            "return_to": asked.return_to,
            "challenge": asked.challenge,
            "state": asked.state,
        },
    )
    site = asked.origin.partition("://")[2]
    return render_template("passes/let.html", form=form, site=site, back=asked.return_to)


def _refused() -> ResponseReturnValue:
    """Say that the question is not one we answer; never lead anywhere it names."""
    return render_template("passes/refused.html"), 400


@bp.get("/account/pages")
@login_required
def pages() -> ResponseReturnValue:
    """The sites that may know whether the person is a patron. For whoever is signed in."""
    return render_template("passes/pages.html", grants=passes.of(current_user.id))


@bp.post("/account/pages/<key:grant_id>/revoke")
@login_required
@limiter.limit("30 per minute")
def revoke(grant_id: int) -> ResponseReturnValue:
    """Let a site know the person no more."""
    passes.revoke(current_user.id, grant_id)
    flash(_("It is told nothing more. What it was told last holds for an hour at most."))
    return redirect(url_for(".pages"), 303)


@bp.post("/pass/token")
@csrf.exempt
@limiter.limit("120 per minute")
def token() -> ResponseReturnValue:
    """Give a page of the newsroom's site a token for a code or a renewal. Public, by its secret.

    A form that browsers send without asking first. `code`, `verifier` and `return_to`, or
    `renewal`; the answer has `token`, `renewal` and `expires_in` (seconds), or `error`.
    """
    request.max_content_length = LARGEST_ASK
    # What a browser says of itself; a page of another site cannot say otherwise.
    origin = request.headers.get("Origin", "")
    if not sites.is_ours(origin):
        return _told({"error": "unknown_origin"}, 403, None)
    form, now = request.form, utcnow()
    try:
        if "renewal" in form:
            given = passes.renew(form["renewal"], origin, now=now)
        else:
            code, verifier, return_to = (
                form.get(name, "") for name in ("code", "verifier", "return_to")
            )
            given = passes.redeem(code, verifier, return_to, origin, now=now)
    except Refused:
        return _told({"error": "invalid_grant"}, 400, origin)
    told = {"token": given.token, "renewal": given.renewal}
    return _told({**told, "expires_in": int(TOKEN_LIFE.total_seconds())}, 200, origin)


def _told(told: dict[str, object], status: int, origin: str | None) -> ResponseReturnValue:
    response = jsonify(told)
    response.status_code = status
    if origin is not None:
        response.headers["Access-Control-Allow-Origin"] = origin
    response.headers["Vary"] = "Origin"
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


@bp.get("/.well-known/jwks.json")
@limiter.limit("600 per minute")
def published() -> ResponseReturnValue:
    """The keys by which anybody may check a token (RFC 7517). Public."""
    now = utcnow()
    return feed(
        {"keys": [keys.as_jwk(key) for key in keys.published(now=now)]}, seconds=KEYS_SECONDS
    )
