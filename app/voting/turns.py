"""What a round owes as time passes: told at its opening, counted at its close, then sealed."""

from datetime import datetime

from app.extensions import db
from app.voting import announcements, ballots, results
from app.voting.models import Round, RoundStatus


def turn(round_id: int, *, now: datetime) -> None:
    """Do what a round owes by now and make it due for what follows; commits. May run twice."""
    round_ = db.session.get_one(Round, round_id, populate_existing=True)
    if round_.status == RoundStatus.OPEN and now < round_.closes_at:
        announcements.tell_opening(round_id, now=now)
    elif round_.status in (RoundStatus.OPEN, RoundStatus.CLOSED, RoundStatus.TALLIED):
        results.close_and_tally(round_id, now=now)
    else:
        ballots.shred(round_id, now=now)
