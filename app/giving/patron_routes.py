"""A patron's own pledge, history and receipts."""

import uuid

from flask import Response, abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user, login_required

from app.clock import utcnow
from app.current import gateway
from app.extensions import limiter
from app.giving import history, pledges, receipts, words
from app.giving.pledges import NotInStanding, UnknownPledge
from app.giving.routes import bp
from app.giving.rules import PledgeStatus
from app.localisation import format_day
from app.payments.gateway import GatewayError


@bp.get("/pledge")
@login_required
def pledge() -> ResponseReturnValue:
    """One's own pledges and what was given."""
    now = utcnow()
    standing = pledges.in_standing(current_user.id, now)
    entries = history.donations(current_user.id)
    return render_template(
        "giving/pledge.html",
        pledges=[(one, *words.state(one)) for one in standing],
        card=words.last_card(entries),
        listed=current_user.listed,
        history=[
            (
                entry.received_at,
                words.donation(entry),
                url_for("giving.receipt", donation_id=entry.id),
                _("Receipt %(number)s", number=reference),
            )
            for entry, reference in entries
        ],
    )


@bp.get("/pledge/<uuid:pledge_id>/leave")
@login_required
def confirm_leave(pledge_id: uuid.UUID) -> ResponseReturnValue:
    """Say to what date everything lasts before a pledge is ended. One's own only."""
    mine = {one.id: one for one in pledges.in_standing(current_user.id, utcnow())}
    if pledge_id not in mine:
        abort(404)
    leaving = mine[pledge_id]
    at_once = leaving.status == PledgeStatus.PAST_DUE
    return render_template("giving/leave.html", at_once=at_once, ends_on=leaving.paid_until)


@bp.post("/pledge/<uuid:pledge_id>/leave")
@login_required
@limiter.limit("20 per hour")
def leave(pledge_id: uuid.UUID) -> ResponseReturnValue:
    """End a pledge with its paid time. One's own only."""
    try:
        left = pledges.leave(current_user.id, pledge_id, gateway(), now=utcnow())
    except (UnknownPledge, NotInStanding):
        abort(404)
    except GatewayError:
        return _try_again()
    flash(_("Your pledge ends on %(day)s. Thank you.", day=format_day(left.ends_at or utcnow())))
    return redirect(url_for("giving.pledge"), 303)


@bp.post("/pledge/<uuid:pledge_id>/stay")
@login_required
@limiter.limit("20 per hour")
def stay(pledge_id: uuid.UUID) -> ResponseReturnValue:
    """Take a wish to leave back. One's own only."""
    try:
        pledges.stay(current_user.id, pledge_id, gateway(), now=utcnow())
    except (UnknownPledge, NotInStanding):
        abort(404)
    except GatewayError:
        return _try_again()
    flash(_("Good to have you with us. Your pledge goes on as before."))
    return redirect(url_for("giving.pledge"), 303)


@bp.get("/pledge/receipts/<key:donation_id>.pdf")
@login_required
@limiter.limit("60 per hour")
def receipt(donation_id: int) -> ResponseReturnValue:
    """Download a receipt. One's own only."""
    found = receipts.find(donation_id)
    if found is None or found[1].account_id != current_user.id:
        abort(404)
    return Response(
        receipts.pdf(*found),
        mimetype="application/pdf",
        headers={"Content-Disposition": f'attachment; filename="receipt-{found[0].reference}.pdf"'},
    )


def _try_again() -> ResponseReturnValue:
    flash(_("Stripe did not answer, so nothing has changed. Please try again in a minute."), "bad")
    return redirect(url_for("giving.pledge"), 303)
