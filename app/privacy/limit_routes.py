"""The staff's page on time limits: each with its period, its last run and what went."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from app.accounts.access import staff_only
from app.accounts.models import Role
from app.clock import utcnow
from app.current import settings
from app.privacy import forgetting, limits, words
from app.privacy.inventory import catalogue

bp = Blueprint("limits", __name__, url_prefix="/staff/limits")


@bp.get("")
@staff_only(Role.FINANCE)
def index() -> ResponseReturnValue:
    """Every time limit and how it stands. Finance, owner."""
    return render_template(
        "privacy/limits.html",
        standings=forgetting.standings(now=utcnow()),
        alone=[catalogue.named(key) for key in sorted(limits.BY_ITSELF)],
        kept=lambda kind: words.kept(kind.kept, settings()),
    )
