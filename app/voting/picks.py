"""What the newsroom decides itself: which of level topics it takes up, with a public reason."""

from collections.abc import Collection
from datetime import datetime

from app.extensions import db
from app.voting import results
from app.voting.models import EditorialPick
from app.voting.rounds import locked


class NotToBeDecided(ValueError):
    """The round has no tie to decide, it is decided already, or the number of topics is wrong."""


def decide(
    slug: str, numbers: Collection[int], reason: str, *, by: int, now: datetime
) -> results.Published:
    """Take up some of the level topics of a published round; commits. Raises `NotToBeDecided`."""
    found = results.published(slug, now=now)
    if found is None:
        raise NotToBeDecided(slug)
    locked(found.round.id)
    outcome = found.outcome
    decided = db.session.query(EditorialPick).filter_by(round_id=found.round.id).count()
    wrong = set(numbers) - set(outcome.undecided) or len(set(numbers)) != outcome.undecided_seats
    if decided or wrong or not outcome.undecided:
        db.session.rollback()
        raise NotToBeDecided(slug)
    for number in sorted(set(numbers)):
        db.session.add(
            EditorialPick(
                round_id=found.round.id, number=number, reason=reason, picked_by=by, picked_at=now
            )
        )
    db.session.commit()
    return found
