"""The second factor of staff: asked for after the letter, set up the first time."""

import io

import segno
from flask import Blueprint, Response, abort, flash, redirect, render_template, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from app.accounts import second_factor, sessions
from app.accounts.forms import CodeForm, SecondFactorForm
from app.accounts.models import Account
from app.accounts.routes import landing
from app.accounts.second_factor import AlreadySetUp, WrongCode
from app.accounts.sessions import Awaited
from app.clock import utcnow
from app.current import newsroom
from app.extensions import limiter
from app.localisation import current_locale
from app.sealing import seal, unseal

bp = Blueprint("second_factor", __name__, url_prefix="/sign-in/second-factor")

_PURPOSE = "second factor being set up"


def _awaited_account() -> str:
    """Key of the limit by account."""
    return "factor:" + str(session.get("awaited", ""))


def _was_wrong(response: Response) -> bool:
    return response.status_code == 422


#: Wrong codes of one account, from however many browsers; right ones do not count.
wrong_codes = limiter.shared_limit(
    "5 per 15 minutes; 30 per day",
    scope="second factor",
    key_func=_awaited_account,
    deduct_when=_was_wrong,
)


@bp.after_request
def _keep_to_ourselves(response: Response) -> Response:
    """No page of this room is kept by browsers or proxies: one shows secrets."""
    response.headers["Cache-Control"] = "no-store"
    return response


@bp.get("")
def ask() -> ResponseReturnValue:
    """Ask staff for the second factor. For a browser whose first factor was right."""
    awaited = sessions.awaited(now=utcnow())
    if awaited is None:
        return _start_again()
    if awaited.account.totp_sealed is None:
        return redirect(url_for("second_factor.set_up"), 303)
    return render_template("accounts/second_factor.html", form=SecondFactorForm())


@bp.post("")
@limiter.limit("30 per minute")
@wrong_codes
def accept() -> ResponseReturnValue:
    """Sign staff in by a code of the app or a recovery code, each good once."""
    awaited = sessions.awaited(now=utcnow())
    if awaited is None:
        return _start_again()
    form = SecondFactorForm()
    if not form.validate_on_submit():
        return render_template("accounts/second_factor.html", form=form), 422
    try:
        left = second_factor.accept(awaited.account.id, form.code.data, now=utcnow())
    except WrongCode:
        form.code.errors = [
            _("This code is wrong or was used before. Wait for the app's next one and type it.")
        ]
        return render_template("accounts/second_factor.html", form=form), 422
    _welcome(awaited)
    if left is not None:
        flash(
            ngettext(
                "That recovery code is used up. %(num)s is left.",
                "That recovery code is used up. %(num)s are left.",
                left,
            ),
            "warn",
        )
    return redirect(landing(awaited.account, awaited.next_path), 303)


@bp.get("/set-up")
def set_up() -> ResponseReturnValue:
    """Show the secret for an app. For staff whose first factor was right and who have no second."""
    awaited = _without_factor()
    if awaited is None:
        return redirect(url_for("second_factor.ask"), 303)
    if "secret" not in session:
        sealed = seal(second_factor.new_secret().encode(), _PURPOSE)
        session["secret"] = sealed.decode()
    return _set_up_page(CodeForm())


@bp.get("/qr.svg")
def qr() -> ResponseReturnValue:
    """The QR code of the secret shown on the page before; for that browser only."""
    awaited = _without_factor()
    if awaited is None or "secret" not in session:
        abort(404)
    picture = io.BytesIO()
    segno.make(_for_app(awaited.account)).save(
        picture, kind="svg", scale=5, border=2, light="#fff", svgclass=None, lineclass=None
    )
    return Response(picture.getvalue(), mimetype="image/svg+xml")


@bp.post("/set-up")
@limiter.limit("30 per minute")
@wrong_codes
def turn_on() -> ResponseReturnValue:
    """Turn the second factor on by its first code, sign in, and show the recovery codes once."""
    awaited = _without_factor()
    if awaited is None or "secret" not in session:
        return redirect(url_for("second_factor.ask"), 303)
    form = CodeForm()
    if not form.validate_on_submit():
        return _set_up_page(form), 422
    try:
        codes = second_factor.set_up(awaited.account.id, _secret(), form.code.data, now=utcnow())
    except WrongCode:
        form.code.errors = [_("The app shows another code now. Check its clock and type the next.")]
        return _set_up_page(form), 422
    except AlreadySetUp:
        return redirect(url_for("second_factor.ask"), 303)
    _welcome(awaited)
    return render_template(
        "accounts/set_up_second_factor.html",
        form=None,
        recovery_codes=codes,
        next_url=landing(awaited.account, awaited.next_path),
    )


def _start_again() -> ResponseReturnValue:
    return redirect(url_for("accounts.sign_in"), 303)


def _without_factor() -> Awaited | None:
    awaited = sessions.awaited(now=utcnow())
    return awaited if awaited is not None and awaited.account.totp_sealed is None else None


def _welcome(awaited: Awaited) -> None:
    sessions.begin(awaited.account, second_factor=True, now=utcnow())


def _secret() -> str:
    """The secret being set up; sealed, for a session is signed but anyone can read it."""
    return unseal(session["secret"].encode(), _PURPOSE).decode()


def _for_app(account: Account) -> str:
    house = newsroom().name.within(current_locale())
    return second_factor.address_for_app(_secret(), account, house)


def _set_up_page(form: CodeForm) -> str:
    secret = _secret()
    return render_template(
        "accounts/set_up_second_factor.html",
        form=form,
        qr_url=url_for("second_factor.qr"),
        secret=" ".join(secret[i : i + 4] for i in range(0, len(secret), 4)),
        recovery_codes=None,
    )
