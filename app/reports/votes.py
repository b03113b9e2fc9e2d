"""Who could vote in counted rounds and who took part: never what anybody chose."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, func, select

from app.extensions import db
from app.reports.shape import Asked
from app.voting.models import Participation, RollEntry, Round, RoundStatus

#: A round is counted once its roll is frozen and its ballots are added up.
COUNTED = (RoundStatus.TALLIED, RoundStatus.PUBLISHED)
#: So many of the newest rounds tell who votes again and again, and so many of them it takes.
LATEST, AGAIN = 3, 2

#: That somebody on the roll took part.
TOOK_PART = and_(
    Participation.round_id == RollEntry.round_id,
    Participation.account_id == RollEntry.account_id,
)


@dataclass(frozen=True, slots=True)
class Held:
    """One round that closed: how many could vote, and how many of them did.

    One that was declared void, or is not counted yet, has no roll that could be relied on.
    """

    id: int
    title: str
    closed_at: datetime
    void: bool
    counted: bool
    roll: int
    voted: int


def held(asked: Asked) -> Sequence[Held]:
    """List the rounds that closed in the period, by their close."""
    rows = db.session.execute(
        select(
            Round.id,
            Round.title,
            Round.closes_at,
            Round.status == RoundStatus.VOID,
            Round.status.in_(COUNTED),
            func.count(RollEntry.account_id),
            func.count(Participation.account_id),
        )
        .outerjoin(RollEntry, and_(RollEntry.round_id == Round.id, RollEntry.eligible))
        .outerjoin(Participation, TOOK_PART)
        .where(
            Round.status != RoundStatus.DRAFT,
            Round.closes_at >= asked.since,
            Round.closes_at < asked.until,
        )
        .group_by(Round.id)
        .order_by(Round.closes_at, Round.id)
    )
    return [Held(*row) for row in rows]


def of_roll(round_id: int) -> Sequence[tuple[str, bool]]:
    """List everyone on a round's frozen roll, without names: why they were, whether they voted."""
    rows = db.session.execute(
        select(RollEntry.reason, Participation.account_id.is_not(None))
        .outerjoin(Participation, TOOK_PART)
        .where(RollEntry.round_id == round_id, RollEntry.eligible)
        .order_by(Participation.account_id.is_(None), RollEntry.reason)
    )
    return [(reason, took_part) for reason, took_part in rows]


def again(until: datetime) -> Sequence[int] | None:
    """Tell of each person on the rolls of the latest three counted rounds in how many they voted.

    Return how many people voted in none, in one, two and all three; None with fewer rounds.
    """
    latest = db.session.scalars(
        select(Round.id)
        .where(Round.status.in_(COUNTED), Round.closes_at < until)
        .order_by(Round.closes_at.desc(), Round.id.desc())
        .limit(LATEST)
    ).all()
    if len(latest) < LATEST:
        return None
    each = (
        select(func.count(Participation.account_id).label("times"))
        .select_from(RollEntry)
        .outerjoin(Participation, TOOK_PART)
        .where(RollEntry.round_id.in_(latest), RollEntry.eligible)
        .group_by(RollEntry.account_id)
        .having(func.count() == LATEST)
        .subquery()
    )
    counts = dict.fromkeys(range(LATEST + 1), 0)
    for times, people in db.session.execute(
        select(each.c.times, func.count()).group_by(each.c.times)
    ):
        counts[times] = people
    return list(counts.values())
