"""What a round owes as time passes: drafted, told at its opening, counted at its close, sealed."""

from datetime import datetime

from app.extensions import db
from app.voting import announcements, ballots, monthly, nudges, results
from app.voting.models import Round, RoundStatus
from app.voting.rounds import DISPUTE_WINDOW, locked


def turn(round_id: int, *, now: datetime) -> None:
    """Do what a round owes by now and make it due for what follows; commits. May run twice."""
    round_ = db.session.get_one(Round, round_id, populate_existing=True)
    if round_.status == RoundStatus.DRAFT:
        monthly.attend(round_id, now=now)
    elif round_.status == RoundStatus.OPEN and round_.opens_at and now < round_.opens_at:
        # Asked for early, as when staff try again what was given up: nobody is told yet.
        locked(round_id).ask_again(round_.opens_at)
        db.session.commit()
    elif round_.status == RoundStatus.OPEN and now < round_.closes_at:
        announcements.tell_opening(round_id, now=now)
        nudges.send_due(round_id, now=now)
    elif round_.status in (RoundStatus.OPEN, RoundStatus.CLOSED, RoundStatus.TALLIED):
        results.close_and_tally(round_id, now=now)
        _seal_unpublished(round_id, now)
    else:
        ballots.shred(round_id, now=now)


def _seal_unpublished(round_id: int, now: datetime) -> None:
    """Destroy the keys in time also of a round whose result staff have not published yet."""
    round_ = db.session.get_one(Round, round_id, populate_existing=True)
    counted = round_.status == RoundStatus.TALLIED and round_.closed_at is not None
    if counted and round_.closed_at and now >= round_.closed_at + DISPUTE_WINDOW:
        ballots.shred(round_id, now=now)
        if later := results.public_from(round_):
            # Counted so late that its delay ends after the keys: it is still to become public.
            locked(round_id).ask_again(later)
            db.session.commit()
