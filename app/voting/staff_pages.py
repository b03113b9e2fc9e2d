"""What every page of the staff's votes begins and ends with."""

from flask import abort, redirect, request, url_for
from flask.typing import ResponseReturnValue

from app.voting import rounds
from app.voting.fields import numbered
from app.voting.models import Round
from app.voting.rounds import UnknownRound


def found(round_id: int) -> Round:
    """Return a round with its topics, or answer that there is none."""
    try:
        return rounds.find(round_id)
    except UnknownRound:
        abort(404)


def seen_request() -> int:
    """Return the id of the request that the page has shown, as its form sent it."""
    return numbered(request.form.get("request")) or 0


def to_round(round_id: int) -> ResponseReturnValue:
    """Lead back to a round's own page."""
    return redirect(url_for("voting_staff.show", round_id=round_id), 303)
