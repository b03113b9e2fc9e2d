"""What the pages of wishes share: whose pledge it is, and what a person is told of a refusal."""

import uuid

from flask import abort, flash, redirect, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from app.accounts.access import current_account
from app.clock import utcnow
from app.giving import pledges
from app.giving.models import Pledge
from app.giving.pledges import UnknownPledge
from app.giving.rules import ChangeKind
from app.giving.wishes import changes, wish_words
from app.giving.wishes.changes import NotPossible
from app.payments.gateway import GatewayError, GatewayUnavailable


def mine(pledge_id: uuid.UUID, kind: ChangeKind | None = None) -> Pledge:
    """Return the pledge of who is signed in; any other is no page.

    Leads back to the pledge where what is wanted cannot be asked of it now.
    """
    try:
        pledge = pledges.own(current_account().id, pledge_id)
    except UnknownPledge:
        abort(404)
    if kind is not None and kind not in changes.possible(pledge, utcnow()):
        abort(refused(NotPossible()))
    return pledge


def refused(error: NotPossible | GatewayError) -> Response:
    """Say what to do where a wish was not carried out, and lead back to the pledge."""
    if isinstance(error, GatewayUnavailable):
        flash(wish_words.no_answer(), "bad")
    elif isinstance(error, GatewayError):
        flash(wish_words.refused(), "bad")
    else:
        flash(_("This cannot be done now. Here is how your pledge stands."), "warn")
    return back()


def back() -> Response:
    """Lead back to the pledge."""
    return redirect(url_for("giving.pledge"), 303)
