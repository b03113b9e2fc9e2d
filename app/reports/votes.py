"""Who could vote in counted rounds and who took part: never what anybody chose."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, func, select

from app.extensions import db
from app.reports.rollups import round_rows, sources
from app.reports.rollups.round_rows import COUNTED, TOOK_PART
from app.reports.rollups.round_tables import Turnout, TurnoutAgain
from app.reports.shape import Asked
from app.voting.models import Participation, RollEntry, Round, RoundStatus

#: So many of the newest rounds tell who votes again and again, and so many of them it takes.
LATEST, AGAIN = 3, 2


@dataclass(frozen=True, slots=True)
class Held:
    """One round that closed: how many could vote, and how many of them did.

    One that was declared void, or is not counted yet, has no roll that could be relied on: none.
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
    turnout = sources.read(Turnout)
    rows = db.session.execute(
        select(
            Round.id,
            Round.title,
            Round.closes_at,
            Round.status == RoundStatus.VOID,
            Round.status.in_(COUNTED),
            func.coalesce(turnout.c.roll, 0),
            func.coalesce(turnout.c.voted, 0),
        )
        .outerjoin(turnout, turnout.c.round_id == Round.id)
        .where(
            Round.status != RoundStatus.DRAFT,
            Round.closes_at >= asked.since,
            Round.closes_at < asked.until,
        )
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
    counts = dict.fromkeys(range(LATEST + 1), 0)
    slow = round_rows.again(list(reversed(latest))).subquery()
    for times, people in (
        _kept(latest) or db.session.execute(select(slow.c.times, slow.c.people)).all()
    ):
        counts[times] = people
    return list(counts.values())


def _kept(latest: Sequence[int]) -> Sequence[Row[Any, Any]]:
    """What is kept of three rounds; nothing of those that were counted a moment ago."""
    if sources.is_raw():
        return ()
    again = sources.read(TurnoutAgain)
    return db.session.execute(
        select(again.c.times, again.c.people).where(
            again.c.round_id == latest[0],
            again.c.middle_id == latest[1],
            again.c.first_id == latest[2],
        )
    ).all()
