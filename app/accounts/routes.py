"""Signing in by a letter and out again, and one's own account."""

import hashlib
import uuid

from flask import (
    Blueprint,
    Response,
    flash,
    g,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user, login_required, logout_user
from flask_wtf import FlaskForm

from app.accounts import accounts, sessions, sign_ins
from app.accounts.access import (
    current_account,
    local_path,
    typed_address,
    typed_address_from_there,
)
from app.accounts.forms import AccountForm, CodeForm, SignInForm
from app.accounts.models import Account
from app.accounts.sign_ins import Ended, Proved, WrongCode
from app.clock import utcnow
from app.extensions import limiter

bp = Blueprint("accounts", __name__)

MINUTES = int(sign_ins.LIFETIME.total_seconds() // 60)


def _link() -> str:
    """Key of the limit by link."""
    token = str((request.view_args or {}).get("token", ""))
    return "link:" + hashlib.sha256(token.encode()).hexdigest()


@bp.after_request
def _keep_to_ourselves(response: Response) -> Response:
    """No page of this room is kept by browsers or proxies."""
    response.headers["Cache-Control"] = "no-store"
    return response


@bp.get("/sign-in")
def sign_in() -> ResponseReturnValue:
    """Ask for the address a sign-in letter goes to. Public."""
    if current_user.is_authenticated:
        return redirect(landing(current_account(), local_path(request.args.get("next"))))
    return render_template("accounts/sign_in.html", form=SignInForm())


@bp.post("/sign-in")
@limiter.limit("10 per minute; 60 per hour")
@limiter.limit("5 per 15 minutes; 30 per day", key_func=typed_address_from_there)
@limiter.limit("30 per hour; 90 per day", key_func=typed_address)
def ask_for_letter() -> ResponseReturnValue:
    """Owe a sign-in letter. Public; the answer is the same whether the address is known or not."""
    form = SignInForm()
    if not form.validate_on_submit():
        return render_template("accounts/sign_in.html", form=form), 422
    request_id = sign_ins.ask(
        form.email.data, next_path=local_path(request.args.get("next")), now=utcnow()
    )
    _bind(request_id, form.email.data)
    return redirect(url_for("accounts.code"), 303)


@bp.get("/sign-in/code")
def code() -> ResponseReturnValue:
    """Ask for the code of the letter this browser asked for. Public."""
    if _bound() is None:
        return redirect(url_for("accounts.sign_in"), 303)
    return _code_page(CodeForm())


@bp.post("/sign-in/code")
@limiter.limit("20 per minute; 100 per hour")
def use_code() -> ResponseReturnValue:
    """Sign in by a code, in the browser that asked for it and no other. Public."""
    request_id = _bound()
    if request_id is None:
        return redirect(url_for("accounts.sign_in"), 303)
    form = CodeForm()
    if not form.validate_on_submit():
        return _code_page(form), 422
    try:
        proved = sign_ins.use_code(request_id, form.code.data, now=utcnow())
    except WrongCode:
        form.code.errors = [_("This is not the code of the newest letter. Look again and retype.")]
        return _code_page(form), 422
    except Ended:
        session.pop("sign_in", None)
        flash(_("This code no longer works. Ask for a new letter."), "warn")
        return redirect(url_for("accounts.sign_in"), 303)
    return _welcome(proved)


@bp.get("/sign-in/link/<token>")
def link(token: str) -> ResponseReturnValue:
    """Show the button that uses a link. Public.

    Mail scanners open links, so opening changes nothing; and the page names nobody. Who is signed
    in already goes straight on to the page that the letter was about.
    """
    _hide_address()
    if current_user.is_authenticated and (page := sign_ins.leads(token, current_user.id)):
        return redirect(local_path(page) or url_for("accounts.account"))
    if not sign_ins.works(token, now=utcnow()):
        return _dead_link(token)
    return render_template("accounts/confirm_link.html", form=FlaskForm())


@bp.post("/sign-in/link/<token>")
@limiter.limit("20 per minute; 100 per hour")
def use_link(token: str) -> ResponseReturnValue:
    """Sign in by a link, once. Public."""
    _hide_address()
    try:
        proved = sign_ins.use_link(token, now=utcnow())
    except Ended:
        return _dead_link(token)
    return _welcome(proved)


@bp.post("/sign-in/link/<token>/again")
@limiter.limit("10 per minute; 60 per hour")
@limiter.limit("3 per hour", key_func=_link)
def ask_again(token: str) -> ResponseReturnValue:
    """Owe a new letter to whom a link that no longer works was sent. Public."""
    _hide_address()
    request_id = sign_ins.ask_again(token, now=utcnow())
    if request_id is None:
        return redirect(url_for("accounts.sign_in"), 303)
    _bind(request_id, "")
    return redirect(url_for("accounts.code"), 303)


@bp.post("/sign-out")
def sign_out() -> ResponseReturnValue:
    """End this browser's session. Public; without one there is nothing to end."""
    logout_user()
    session.clear()
    flash(_("You are signed out."))
    return redirect(url_for("giving.give"), 303)


@bp.get("/account")
@login_required
def account() -> ResponseReturnValue:
    """Name, language, letters and listing. For whoever is signed in, about the own account."""
    form = AccountForm(obj=current_account())
    form.listed.data = "listed" if current_account().listed else "anonymous"
    return _account_page(form)


@bp.post("/account")
@login_required
@limiter.limit("30 per minute")
def change_account() -> ResponseReturnValue:
    """Change name, language, letters and listing of the own account."""
    form = AccountForm()
    if not form.validate_on_submit():
        return _account_page(form), 422
    accounts.change(
        current_account().id,
        name=form.name.data,
        locale=form.locale.data,
        listed=form.listed.data == "listed",
        receipt_letters=form.receipt_letters.data,
        monday_letter=form.monday_letter.data,
    )
    # Said after the redirect, whose page is in the language just chosen.
    session["account_saved"] = True
    return redirect(url_for("accounts.account", lang=form.locale.data), 303)


@bp.post("/account/sign-out-everywhere")
@login_required
@limiter.limit("10 per minute")
def sign_out_everywhere() -> ResponseReturnValue:
    """End every session of the own account, this one too."""
    accounts.sign_out_everywhere(current_account().id)
    logout_user()
    session.clear()
    flash(_("You are signed out on every device."))
    return redirect(url_for("accounts.sign_in"), 303)


def landing(account: Account, next_path: str) -> str:
    """Return where to go once signed in: the page asked for, else what suits the person."""
    return next_path or url_for("reports.home" if account.is_staff else "giving.pledge")


def _welcome(proved: Proved) -> ResponseReturnValue:
    """Sign a reader in; ask staff for the second factor first."""
    if proved.account.is_staff:
        sessions.await_second_factor(proved.account, proved.next_path, now=utcnow())
        return redirect(url_for("second_factor.ask"), 303)
    sessions.begin(proved.account, second_factor=False, now=utcnow())
    return redirect(landing(proved.account, proved.next_path), 303)


def _bind(request_id: uuid.UUID, typed: str) -> None:
    """Let this browser, and no other, try the code of a request."""
    session["sign_in"] = str(request_id)
    session["sign_in_address"] = typed


def _bound() -> uuid.UUID | None:
    kept = session.get("sign_in")
    return uuid.UUID(kept) if kept else None


def _hide_address() -> None:
    """Keep this page's address, which holds a token, from other sites.

    Not "no-referrer": over HTTPS a form is only accepted with our own address as its referrer.
    """
    g.referrer_policy = "same-origin"


def _code_page(form: CodeForm) -> str:
    return render_template(
        "accounts/code.html",
        form=form,
        email=session.get("sign_in_address", ""),
        minutes=MINUTES,
    )


def _dead_link(token: str) -> ResponseReturnValue:
    return render_template("accounts/dead_link.html", token=token, minutes=MINUTES), 410


def _account_page(form: AccountForm) -> str:
    if session.pop("account_saved", False):
        flash(_("Your changes are saved."))
    return render_template("accounts/account.html", form=form, email=current_account().email)
