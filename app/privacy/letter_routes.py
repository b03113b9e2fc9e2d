"""Choosing letters: on a page of one's own, beside other things, and by the link of a letter."""

from flask import abort, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import login_required

from app.accounts import accounts
from app.accounts.access import current_account, local_path
from app.accounts.models import Account
from app.clock import utcnow
from app.extensions import csrf, db, limiter
from app.letters import consents, unsubscribing, wordings
from app.letters.categories import CONSENTED, Category
from app.letters.consents import Act, How, Said
from app.letters.unsubscribing import BadToken
from app.localisation import current_locale
from app.privacy import words
from app.privacy.routes import bp


@bp.get("/account/letters")
@login_required
def letters() -> ResponseReturnValue:
    """Which letters one gets, and what one agreed to when. About the own account."""
    found = consents.newest(current_account().id)
    return render_template(
        "privacy/letters.html",
        choices=[(each, found.get(each)) for each in CONSENTED],
        history=consents.history(current_account().id),
        wordings=wordings,
        words=words,
        lets=consents.LETS,
    )


@bp.post("/account/letters")
@login_required
@limiter.limit("30 per minute")
def choose_letters() -> ResponseReturnValue:
    """Agree to the categories that are ticked and end the others."""
    ticked = set(request.form.getlist("agree"))
    for category in CONSENTED:
        _say(Act.GIVEN if category.value in ticked else Act.WITHDRAWN, category)
    db.session.commit()
    flash(_("Your choice of letters is saved."))
    return redirect(url_for(".letters"), 303)


@bp.post("/account/letters/agree")
@login_required
@limiter.limit("30 per minute")
def agree() -> ResponseReturnValue:
    """Agree to what is ticked beside something else; what is not ticked stays as it is."""
    ticked = set(request.form.getlist("agree"))
    entered = [_say(Act.GIVEN, each) for each in CONSENTED if each.value in ticked]
    db.session.commit()
    if any(entered):
        flash(_("Your choice of letters is saved."))
    return redirect(local_path(request.form.get("next")) or url_for(".letters"), 303)


def _say(act: Act, category: Category) -> bool:
    now = utcnow()
    wording = wordings.CURRENT[category] if act is Act.GIVEN else ""
    said = Said(act, How.PAGE, now, current_locale(), wording)
    return consents.enter(current_account().id, category, said, now=now)


def _token() -> str:
    return f"unsubscribe {(request.view_args or {})['token']}"


@bp.get("/unsubscribe/<token>")
@limiter.limit("60 per minute")
def unsubscribe(token: str) -> ResponseReturnValue:
    """Show the button that ends letters of a kind. Public; changes nothing, as scanners open it."""
    category, _account = _of(token)
    return _page(token, category, ended=False)


@bp.post("/unsubscribe/<token>")
@csrf.exempt
@limiter.limit("20 per minute", key_func=_token)
def end_letters(token: str) -> ResponseReturnValue:
    """End letters of a kind at once, for mail programs (RFC 8058) and the button. Public.

    The token alone says who asks: no session, no cookie. Pressed twice, it is entered once. A mail
    provider sends for all of its people from a few networks, so these are not counted.
    """
    category, account = _of(token)
    now = utcnow()
    said = Said(Act.WITHDRAWN, How.LETTER, now, current_locale())
    # Who was erased gets no letters, and what they wanted is kept no more.
    if not account.is_erased:
        consents.enter(account.id, category, said, now=now)
    db.session.commit()
    return _page(token, category, ended=True)


@bp.post("/unsubscribe/<token>/undo")
@csrf.exempt
@limiter.limit("20 per minute")
def undo(token: str) -> ResponseReturnValue:
    """Take back what a letter's link ended: letters of this kind go on. Public, like the end.

    What was ended on a page by who was signed in stays so.
    """
    category, account = _of(token)
    if account.is_erased:
        return _page(token, category, ended=True)
    consents.take_back(account.id, category, now=utcnow())
    db.session.commit()
    return _page(token, category, ended=False, undone=True)


def _of(token: str) -> tuple[Category, Account]:
    """Return what a token ends, and whose letters: of who was merged, the account that is kept."""
    g.referrer_policy = "no-referrer"
    try:
        category, account_id = unsubscribing.read(token)
    except BadToken:
        abort(404)
    account = db.session.get(Account, account_id)
    if account is None:
        abort(404)
    return category, accounts.kept(account)


def _page(
    token: str, category: Category, *, ended: bool, undone: bool = False
) -> ResponseReturnValue:
    page = render_template(
        "privacy/unsubscribe.html",
        token=token,
        title=wordings.title(category),
        text=wordings.text(wordings.CURRENT[category]),
        ended=ended,
        undone=undone,
    )
    return page, 200, {"Cache-Control": "no-store", "X-Robots-Tag": "noindex"}
