"""Who may see a page: guards for routes, and the way to the sign-in page for who may not yet."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec
from urllib.parse import urlsplit

from flask import abort, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from app.accounts import sessions
from app.accounts.models import Account, Role
from app.clock import utcnow
from app.extensions import login_manager, network_of_reader
from app.sealing import keyed_hash

P = ParamSpec("P")
View = Callable[P, ResponseReturnValue]

#: The longest path that is remembered through a sign-in.
LONGEST_PATH = 300

# A patron on a train changes address between two stations; that is no reason to doubt a session.
login_manager.session_protection = None


def staff_only(*roles: Role) -> Callable[[View[P]], View[P]]:
    """Let only staff with one of the roles see a page; the owner sees all. No role: any staff.

    Who is signed out is led to the sign-in page; who is signed in without the role gets 403. Stands
    below the route's own decorator. `view.staff_roles` tells tests which roles may enter.
    """

    def guard(view: View[P]) -> View[P]:
        @wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> ResponseReturnValue:
            if not current_user.is_authenticated:
                return to_sign_in()
            if not _may_enter(current_account(), roles):
                abort(403)
            return view(*args, **kwargs)

        guarded.staff_roles = frozenset({*(roles or Role), Role.OWNER})  # type: ignore[attr-defined]
        return guarded

    return guard


def _may_enter(account: Account, roles: tuple[Role, ...]) -> bool:
    if not account.is_staff:
        return False
    return not roles or account.role == Role.OWNER or account.role in roles


def current_account() -> Account:
    """Return who is signed in; for views behind `login_required` or `staff_only`."""
    account = current_user._get_current_object()
    assert isinstance(account, Account), "the view is guarded"
    return account


@login_manager.unauthorized_handler
def to_sign_in() -> ResponseReturnValue:
    """Lead to the sign-in page and back to this one; a form that was sent is not sent again."""
    if request.method not in ("GET", "HEAD"):
        return redirect(url_for("accounts.sign_in"), 303)
    asked = local_path(request.full_path.removesuffix("?"))
    return redirect(url_for("accounts.sign_in", next=asked or None), 303)


def local_path(text: str | None) -> str:
    """Return the text when it is a path on this site, and an empty text for anything else.

    Browsers read two slashes, or a slash and a backslash, as the start of another site's address,
    and they drop control characters.
    """
    if not text or len(text) > LONGEST_PATH or not text.startswith("/"):
        return ""
    if text.startswith("//") or "\\" in text or not text.isprintable():
        return ""
    try:
        parts = urlsplit(text)
    except ValueError:
        return ""
    return "" if parts.scheme or parts.netloc else text


def typed_address() -> str:
    """Return the key of a limit by the address typed into a form, whoever sends it from wherever.

    Hashed: the limiter's store and logs hold no address.
    """
    typed = request.form.get("email", "").strip().lower()[:254]
    return "address:" + keyed_hash(typed, "rate limit").hex()


def typed_address_from_there() -> str:
    """Return the key of a limit by the address typed and by where the request comes from.

    A stranger who uses such a limit up stands in nobody's way but the own.
    """
    return f"{network_of_reader()} {typed_address()}"


@login_manager.user_loader
def _load(session_id: str) -> Account | None:
    return sessions.account_of(session_id, now=utcnow())
