"""The shield as staff see it."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from redis import RedisError

from app.accounts.access import current_account, staff_only
from app.accounts.models import Role
from app.clock import utcnow
from app.current import settings
from app.shield import gate, watch
from app.shield.rules import Mode

bp = Blueprint("shield", __name__, url_prefix="/staff/shield")

ACTS = {"raise": watch.raise_by_hand, "lower": watch.lower_by_hand}


@bp.get("")
@staff_only(Role.FUNDRAISER, Role.FINANCE)
def show() -> ResponseReturnValue:
    """The shield now, and the log of it."""
    return render_template(
        "shield/staff_shield.html",
        mode=gate.mode(),
        entry=watch.current(),
        entries=[entry for entry in watch.entries() if entry.lowered_at],
        quiet_minutes=settings().shield_quiet_minutes,
        may_act=current_account().role in (Role.FINANCE, Role.OWNER),
    )


@bp.get("/<any(raise, lower):act>")
@staff_only(Role.FINANCE)
def confirm(act: str) -> ResponseReturnValue:
    """Say what raising or lowering does before it is done."""
    return render_template("shield/staff_confirm.html", act=act)


@bp.post("/<any(raise, lower):act>")
@staff_only(Role.FINANCE)
def do(act: str) -> ResponseReturnValue:
    """Raise or lower the shield."""
    if gate.mode() is Mode.BLIND:
        return _blind()
    try:
        ACTS[act](current_account().id, now=utcnow())
    except RedisError:
        return _blind()
    if act == "raise":
        flash(_("The shield is up. New gifts are confirmed by letter first."))
    else:
        flash(_("The shield is down. It goes up again by itself when it is needed."))
    return redirect(url_for("shield.show"), 303)


def _blind() -> ResponseReturnValue:
    flash(_("Nothing was changed: the counters do not answer. Ask whoever runs the server."), "bad")
    return redirect(url_for("shield.show"), 303)
