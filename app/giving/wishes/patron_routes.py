"""A patron's own pledge, its card, history and receipts; and the way back."""

import uuid

from flask import Response, abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user, login_required

from app.accounts.access import current_account
from app.clock import utcnow
from app.current import gateway, settings
from app.extensions import limiter
from app.giving.books import history, history_words, receipts
from app.giving.gift.routes import bp
from app.giving.wishes import cards, comebacks, pledge_views, wish_words
from app.giving.wishes.changes import NotPossible
from app.giving.wishes.wish_answers import back, mine, refused
from app.localisation import current_locale
from app.payments.gateway import GatewayError

#: What stands on the page of the pledge; the whole history has its own.
RECENT = 6


@bp.get("/pledge")
@login_required
def pledge() -> ResponseReturnValue:
    """One's own pledges, how each stands, and what was given."""
    account, now = current_account(), utcnow()
    recent = history.page(account.id)
    return render_template(
        "giving/pledge.html",
        views=pledge_views.of(account.id, now=now),
        listed=account.listed,
        lines=history_words.lines(recent.entries[:RECENT]),
        more=recent.total > RECENT,
    )


@bp.post("/pledge/<uuid:pledge_id>/card")
@login_required
@limiter.limit("20 per hour")
def card(pledge_id: uuid.UUID) -> ResponseReturnValue:
    """Lead on to the provider's page for a new card."""
    pledge = mine(pledge_id)
    returns_to = settings().site_url + url_for("giving.adopt_card", pledge_id=pledge.id)
    try:
        page = cards.page(pledge, gateway(), return_url=returns_to, locale=current_locale())
    except (NotPossible, GatewayError) as error:
        return refused(error)
    return redirect(page, 303)


@bp.get("/pledge/<uuid:pledge_id>/card")
@login_required
@limiter.limit("30 per hour")
def adopt_card(pledge_id: uuid.UUID) -> ResponseReturnValue:
    """Use the new card of who comes back from the provider's page; opened again, nothing new."""
    pledge = mine(pledge_id)
    try:
        adopted = cards.adopt(pledge, gateway(), now=utcnow())
    except (NotPossible, GatewayError) as error:
        return refused(error)
    flash(wish_words.card_news(adopted), "bad" if adopted.refused else "message")
    return back()


@bp.post("/pledge/<uuid:pledge_id>/return")
@login_required
@limiter.limit("20 per hour")
def come_back(pledge_id: uuid.UUID) -> ResponseReturnValue:
    """Lead on to the page that begins a pledge like the one that has ended.

    Pressed again, it leads to the same page, also where the first answer was lost on the way.
    """
    mine(pledge_id)
    gift_id = uuid.uuid5(pledge_id, "come back")
    try:
        page = comebacks.begin(pledge_id, gift_id, gateway(), now=utcnow())
    except (NotPossible, GatewayError) as error:
        return refused(error)
    return redirect(page, 303)


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
