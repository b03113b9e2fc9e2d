"""Promises as they are read: all of them with how they count, and one with where it comes from."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select

from app.current import zone
from app.extensions import db
from app.promises import letters, rules
from app.promises.models import Promise, PromiseUpdate
from app.promises.promises import UnknownPromise
from app.topics import credit
from app.topics.credit import Credit
from app.topics.models import Proposal
from app.voting import results
from app.voting.models import Round, RoundStatus, RoundTopic
from app.voting.results import Published


@dataclass(frozen=True, slots=True)
class Row:
    """One promise, the round it comes from, and how it counts today."""

    promise: Promise
    round: Round
    standing: rules.Standing


@dataclass(frozen=True, slots=True)
class Story:
    """One promise with all that a reader may know of it."""

    row: Row
    topic: RoundTopic
    #: The round's result; None where the round is void.
    result: Published | None
    #: The patrons' proposal behind it, while it is not hidden; None for the newsroom's own topic.
    proposal: Proposal | None
    credit: Credit | None
    #: The newest first.
    record: Sequence[PromiseUpdate]


def today(now: datetime) -> date:
    """Return the day in the newsroom's zone."""
    return now.astimezone(zone()).date()


def rows(*, now: datetime, slug: str | None = None) -> list[Row]:
    """Return every promise, or those of one round, the newest round first."""
    asked = (
        select(Promise, Round)
        .join(Round, Round.id == Promise.round_id)
        .order_by(Promise.made_at.desc(), Promise.round_id.desc(), Promise.number)
    )
    if slug is not None:
        asked = asked.where(Round.slug == slug)
    day = today(now)
    return [
        Row(promise, round_, _standing(promise, day))
        for promise, round_ in db.session.execute(asked)
    ]


def _standing(promise: Promise, day: date) -> rules.Standing:
    return rules.Standing(
        rules.standing(promise.state, promise.first_due_on, promise.published_on, day)
    )


def figures(found: Sequence[Row]) -> rules.Figures:
    """Count promises by how they stand."""
    return rules.figures(row.standing for row in found)


def story(promise_id: int, *, now: datetime) -> Story:
    """Return one promise with the round, its result, who suggested it, and its record.

    Raises `UnknownPromise`.
    """
    found = db.session.execute(
        select(Promise, Round, RoundTopic)
        .join(Round, Round.id == Promise.round_id)
        .join(
            RoundTopic,
            (RoundTopic.round_id == Promise.round_id) & (RoundTopic.number == Promise.number),
        )
        .where(Promise.id == promise_id)
        .execution_options(populate_existing=True)
    ).one_or_none()
    if found is None:
        raise UnknownPromise(promise_id)
    promise, round_, topic = found
    proposal = letters.proposal_of(promise)
    if proposal is not None and proposal.hidden_at is not None:
        proposal = None
    counted = round_.status == RoundStatus.PUBLISHED and round_.slug
    return Story(
        row=Row(promise, round_, _standing(promise, today(now))),
        topic=topic,
        result=results.published(counted, now=now) if counted else None,
        proposal=proposal,
        credit=credit.of([proposal.id])[proposal.id] if proposal else None,
        record=db.session.scalars(
            select(PromiseUpdate)
            .where(PromiseUpdate.promise_id == promise_id)
            .order_by(PromiseUpdate.at.desc(), PromiseUpdate.id.desc())
        ).all(),
    )
