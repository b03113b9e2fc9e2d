"""The doctor's page: what works, what does not, and how to mend it."""

from flask import Blueprint, current_app, render_template
from flask.typing import ResponseReturnValue

from app.accounts.access import staff_only
from app.accounts.models import Role
from app.clock import utcnow
from app.current import gateway, mailer, settings
from app.desk import checkup, doctor
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
