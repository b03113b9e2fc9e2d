"""The doctor's page: what works, what does not, and how to mend it."""

from flask import Blueprint, abort, current_app, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import ngettext

from app.accounts.access import current_account, staff_only
from app.accounts.models import Role
from app.clock import utcnow
from app.current import gateway, mailer, settings
from app.desk import again, checkup, doctor
from app.desk.diagnosis import Health
from app.extensions import limiter

bp = Blueprint("desk_doctor", __name__, url_prefix="/staff/doctor")


@bp.get("")
@staff_only(Role.FINANCE)
@limiter.limit("60 per hour")
def index() -> ResponseReturnValue:
    """How everything is that gifts depend on. Finance, owner."""
    app = current_app._get_current_object()  # type: ignore[attr-defined]
    signs = checkup.gather(app, settings(), gateway(), mailer(), now=utcnow())
    lines = doctor.examine(signs)
    return render_template(
        "desk/doctor.html",
        lines=sorted(lines, key=lambda line: list(Health).index(line.health), reverse=True),
        ill=sum(line.health is Health.ILL for line in lines),
        Health=Health,
        now=signs.now,
    )


@bp.post("/again/<work>")
@staff_only(Role.FINANCE)
def try_again(work: str) -> ResponseReturnValue:
    """Try again whatever of a kind was given up. Finance, owner; 404 for no such kind."""
    if work not in again.Work.__members__.values():
        abort(404)
    count = again.try_all(again.Work(work), by=current_account().id, now=utcnow())
    flash(
        ngettext(
            "%(num)s is tried again now. Reload in a minute to see what came of it.",
            "%(num)s are tried again now. Reload in a minute to see what came of them.",
            count,
        )
    )
    return redirect(url_for("desk_doctor.index"), 303)
