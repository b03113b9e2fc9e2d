"""What the newsroom decides itself: between level topics, or against the order; publicly why."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select

from app.accounts import audit
from app.extensions import db
from app.voting import chosen, results, tally
from app.voting.models import EditorialPick, Round, RoundStatus, Tally
from app.voting.rounds import locked


class NotToBeDecided(ValueError):
    """The round has no tie to decide, it is decided already, or the number of topics is wrong."""


class NotToBePicked(ValueError):
    """The topic won, is withdrawn or picked already, or takes the place of one that did not win."""


def decide(
    slug: str, numbers: Collection[int], reason: str, *, by: int, now: datetime
) -> results.Published:
    """Take up some of the level topics of a published round; commits. Raises `NotToBeDecided`."""
    found = results.published(slug, now=now)
    if found is None:
        raise NotToBeDecided(slug)
    locked(found.round.id)
    # Read again: a corrected count may have been published while this waited.
    found = results.published(slug, now=now)
    if found is None:
        db.session.rollback()
        raise NotToBeDecided(slug)
    outcome = found.outcome
    decided = {pick.number for pick in _made(found.round.id)} & set(outcome.undecided)
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
    _settle(found.round, outcome, now)
    audit.note(by, "tie_decided", "round", found.round.id, now=now, topics=sorted(set(numbers)))
    db.session.commit()
    return found


def take_up(
    round_id: int, number: int, instead_of: int | None, reason: str, *, by: int, now: datetime
) -> None:
    """Take up a topic against the order, in a winner's place or as a further one; commits.

    The reason is public, and so is the order that patrons voted for. Before the publication and
    after it. Raises `UnknownRound`, `NotToBePicked`.
    """
    round_ = locked(round_id)
    outcome = counted(round_)
    if outcome is None:
        db.session.rollback()
        raise NotToBePicked(number)
    made = _made(round_id)
    won, standing = set(outcome.winners), {t.number for t in round_.topics if not t.withdrawn_at}
    open_tie = set(outcome.undecided) - {pick.number for pick in made}
    replaced = {pick.instead_of for pick in made}
    if number not in standing - won - {pick.number for pick in made} - open_tie or (
        instead_of is not None and instead_of not in won - replaced
    ):
        db.session.rollback()
        raise NotToBePicked(number)
    db.session.add(
        EditorialPick(
            round_id=round_id,
            number=number,
            instead_of=instead_of,
            reason=reason,
            picked_by=by,
            picked_at=now,
        )
    )
    if round_.status == RoundStatus.PUBLISHED:
        _settle(round_, outcome, now)
    audit.note(by, "topic_picked", "round", round_id, now=now, topic=number, instead_of=instead_of)
    db.session.commit()


def taken_up(found: results.Published) -> list[int]:
    """Return the numbers of the topics the newsroom takes up: winners, then its own picks."""
    return chosen.taken_up(found.outcome.winners, found.picks)


def counted(round_: Round) -> tally.Outcome | None:
    """Return the newest count of a round, public or not yet; None before there is one."""
    if round_.status not in (RoundStatus.TALLIED, RoundStatus.PUBLISHED):
        return None
    result = db.session.scalars(
        select(Tally.result)
        .where(Tally.round_id == round_.id)
        .order_by(Tally.revision.desc())
        .limit(1)
    ).one()
    return tally.from_json(result)


def _made(round_id: int) -> Collection[EditorialPick]:
    return db.session.scalars(
        select(EditorialPick)
        .where(EditorialPick.round_id == round_id)
        .order_by(EditorialPick.number)
        .execution_options(populate_existing=True)
    ).all()


def _settle(round_: Round, outcome: tally.Outcome, now: datetime) -> None:
    db.session.flush()
    taken = chosen.taken_up(outcome.winners, _made(round_.id))
    chosen.settle(round_, taken, now=now)
