"""Results: a round is closed, counted once, made public and told, in steps that may be repeated."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy import exists, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import contains_eager

from app.accounts import audit
from app.extensions import db
from app.voting import announcements, chosen, counts, roll, tally, turnouts
from app.voting.models import (
    EditorialPick,
    Publication,
    RollEntry,
    Round,
    RoundStatus,
    RoundTopic,
    Tally,
)
from app.voting.rounds import DISPUTE_WINDOW, locked
from app.voting.turnouts import Turnout

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Published:
    """What everybody may read of a counted round."""

    round: Round
    counted: Tally
    outcome: tally.Outcome
    turnout: Turnout
    #: Topics the newsroom chose itself, with its reasons.
    picks: Sequence[EditorialPick]

    @property
    def winners(self) -> list[str]:
        """Titles of the topics that patrons chose, in their order."""
        return self.titles(self.outcome.winners)

    @property
    def picked(self) -> list[str]:
        """Titles of the level topics that the newsroom chose."""
        level = self.outcome.undecided
        return self.titles([pick.number for pick in self.picks if pick.number in level])

    @property
    def decided(self) -> bool:
        """Whether the newsroom has chosen between topics that were level at the last place."""
        return bool(self.picked)

    def titles(self, numbers: Sequence[int]) -> list[str]:
        """Return the titles of topics in the order of their numbers as given."""
        titles = {topic.number: topic.title for topic in self.round.topics}
        return [titles[number] for number in numbers]


def close_and_tally(round_id: int, *, now: datetime, tell: bool = True) -> None:
    """Close a round whose time is over, count it, publish the count and owe its letters; commits.

    Each step stands by itself and looks first whether it is still to be done, under a lock of the
    round's own: run it twice, at once or after a worker died between any two lines, and there is
    one count. Before `closes_at`, by the database's clock, it does nothing. Without `tell` no
    letters are owed.
    """
    _close(round_id, now)
    _freeze(round_id, now)
    _count(round_id, now)
    _publish(round_id, now, tell)


def _locked(round_id: int) -> Round:
    """The round as it is now, for one worker at a time until it commits.

    An advisory lock: a late ballot is to be refused at once, not to wait for the count.
    """
    name = f"voting_round:{round_id}"
    db.session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(name, 0))))
    return db.session.get_one(Round, round_id, populate_existing=True)


def _close(round_id: int, now: datetime) -> None:
    """Take no more ballots. The update waits for those that hold the round open."""
    db.session.execute(
        update(Round)
        .where(
            Round.id == round_id,
            Round.status == RoundStatus.OPEN,
            func.clock_timestamp() >= Round.closes_at,
        )
        .values(status=RoundStatus.CLOSED, closed_at=now)
        .execution_options(synchronize_session=False)
    )
    db.session.commit()


def _freeze(round_id: int, now: datetime) -> None:
    """Write the roll, once: who could vote at the close stays as it was found first."""
    round_ = _locked(round_id)
    found = db.session.scalar(select(exists().where(RollEntry.round_id == round_id)))
    if round_.status != RoundStatus.CLOSED or found:
        db.session.rollback()
        return
    roll.freeze(round_, now=now)
    db.session.commit()


def _count(round_id: int, now: datetime) -> None:
    round_ = _locked(round_id)
    if round_.status != RoundStatus.CLOSED:
        db.session.rollback()
        return
    values = counts.count(round_)
    db.session.execute(
        insert(Tally)
        .values(revision=1, reason="", created_at=now, **values)
        .on_conflict_do_nothing()
    )
    round_.ballots_root = values["input_root"]
    round_.tallied_at = now
    round_.status = RoundStatus.TALLIED
    db.session.commit()
    log.info("round_tallied", round=round_.slug, ballots=values["result"]["ballots"])


def publish(round_id: int, *, by: int, now: datetime) -> bool:
    """Make the count of a round public before its delay is over, as staff say; commits.

    Returns whether there was one to publish.
    """
    round_ = _held(round_id)
    if round_.status != RoundStatus.TALLIED:
        db.session.rollback()
        return False
    audit.note(by, "round_published", "round", round_id, now=now)
    _make_public(round_, now, tell=True)
    return True


def _publish(round_id: int, now: datetime, tell: bool) -> None:
    """Make the count public, unless staff look at it first: then come back when it is time."""
    round_ = _held(round_id)
    if round_.status != RoundStatus.TALLIED:
        db.session.rollback()
        return
    later = public_from(round_)
    if later is None or now < later:
        round_.ask_again(later or (round_.closed_at or now) + DISPUTE_WINDOW)
        announcements.owe_editors(round_id, announcements.WAITS, now=now)
        db.session.commit()
        return
    _make_public(round_, now, tell)


def _held(round_id: int) -> Round:
    """The round for one worker at a time, and for no pick or voiding meanwhile.

    A pick that is made while the result becomes public would else be part of neither.
    """
    _locked(round_id)
    return locked(round_id)


def public_from(round_: Round) -> datetime | None:
    """When the count becomes public by itself; None: when staff say so."""
    if round_.publish_after_hours is None or round_.tallied_at is None:
        return None
    return round_.tallied_at + timedelta(hours=round_.publish_after_hours)


def _make_public(round_: Round, now: datetime, tell: bool) -> None:
    round_id = round_.id
    newest = db.session.scalars(
        select(Tally).where(Tally.round_id == round_id).order_by(Tally.revision.desc()).limit(1)
    ).one()
    db.session.execute(
        insert(Publication)
        .values(round_id=round_id, tally_id=newest.id, published_at=now)
        .on_conflict_do_nothing()
    )
    round_.status, round_.published_at = RoundStatus.PUBLISHED, now
    # The next turn destroys what still ties ballots to voters.
    round_.ask_again((round_.closed_at or now) + DISPUTE_WINDOW)
    outcome = tally.from_json(newest.result)
    chosen.settle(round_, chosen.taken_up(outcome.winners, _picks(round_id)), now=now)
    if tell and outcome.undecided:
        announcements.owe_editors(round_id, announcements.TIED, now=now)
    if tell:
        announcements.owe_result(round_id, newest.revision, now=now)
    db.session.commit()


def published(slug: str, *, now: datetime) -> Published | None:
    """Return the result of a round that holds now; None where none was published.

    Two statements: the result, and what the newsroom chose itself.
    """
    newest = (
        select(func.max(Publication.id))
        .where(Publication.round_id == Round.id)
        .correlate(Round)
        .scalar_subquery()
    )
    rows = (
        db.session.execute(
            select(Round, Tally, turnouts.eligible(now), turnouts.voted())
            .join(Round.topics)
            .options(contains_eager(Round.topics))
            .join(Publication, Publication.id == newest)
            .join(Tally, Tally.id == Publication.tally_id)
            .where(Round.slug == slug, Round.status == RoundStatus.PUBLISHED)
            .order_by(RoundTopic.number)
        )
        .unique()
        .all()
    )
    if not rows:
        return None
    round_, counted, eligible, voted = rows[0]
    outcome = tally.from_json(counted.result)
    return Published(round_, counted, outcome, Turnout(eligible, voted), _picks(round_.id))


def _picks(round_id: int) -> Sequence[EditorialPick]:
    return db.session.scalars(
        select(EditorialPick)
        .where(EditorialPick.round_id == round_id)
        .order_by(EditorialPick.number)
    ).all()
