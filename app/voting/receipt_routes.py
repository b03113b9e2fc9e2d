"""What a voter is told after the cast: the receipt, once, and by letter for who asks."""

import secrets

from flask import (
    Blueprint,
    Response,
    abort,
    flash,
    make_response,
    redirect,
    render_template,
    session,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user, login_required

from app.clock import utcnow
from app.extensions import limiter
from app.voting import receipts, visits
from app.voting.models import Receipts
from app.voting.visits import Stage

bp = Blueprint("voting_receipt", __name__, url_prefix="/vote/<slug>")

#: The word that asks for a receipt by letter, drawn when it is shown.
WORD = "receipt_word"


@bp.after_request
def _keep_private(answer: Response) -> Response:
    """A receipt is not to be found in the cache of a browser that others use."""
    answer.cache_control.no_store = True
    return answer


def _voter() -> str:
    return f"voter:{current_user.get_id()}"


@bp.get("/thanks")
def thanks(slug: str) -> ResponseReturnValue:
    """Confirm the ballot just cast; its receipt is shown this once."""
    account_id = current_user.id if current_user.is_authenticated else None
    visit = visits.visit(slug, account_id, now=utcnow())
    if visit is None:
        abort(404)
    if account_id is None or not visit.has_voted:
        return redirect(url_for("voting.ballot", slug=slug))
    receipt = receipts.handed_over(visit.round, account_id)
    if receipt:
        session[WORD] = {"slug": slug, "word": secrets.token_urlsafe(9)}
    page = render_template(
        "voting/thanks.html",
        round=visit.round,
        receipt=receipt,
        by_letter=receipt is not None,
        listed=visit.round.receipts == Receipts.WITH_CHOICES,
        is_open=visit.stage is Stage.OPEN,
    )
    answer = make_response(page)
    receipts.take_back(answer, slug)
    return answer


@bp.post("/receipt")
@login_required
@limiter.limit("10 per minute", key_func=_voter)
def letter(slug: str) -> ResponseReturnValue:
    """Owe the voter a letter with the code of the ballot just cast, once."""
    visit = visits.visit(slug, current_user.id, now=utcnow())
    kept = session.get(WORD) or {}
    if visit is not None and visit.has_voted and kept.get("slug") == slug:
        receipts.send(visit.round.id, current_user.id, kept["word"], now=utcnow())
        session.pop(WORD)
        flash(_("The code comes to your mailbox in a minute or two."))
    return redirect(url_for("voting_receipt.thanks", slug=slug), 303)
