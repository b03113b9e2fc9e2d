"""Who could vote in counted rounds and who took part: never what anybody chose."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, func, select

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


def of_roll(round_id: int, *, only_voted: bool) -> Select[int, str, bool]:
    """Select everyone on a round's frozen roll without names: number, why they were, who voted.

    Those who voted come first.
    """
    voted = Participation.account_id.is_not(None)
    # Stable from page to page, and no trace of who joined before whom.
    mixed = func.md5(func.concat(RollEntry.round_id, ":", RollEntry.account_id))
    place = func.row_number().over(order_by=(voted.desc(), RollEntry.reason, mixed))
    found = (
        select(place.label("place"), RollEntry.reason, voted.label("voted"))
        .outerjoin(Participation, TOOK_PART)
        .where(RollEntry.round_id == round_id, RollEntry.eligible)
    )
    return (found.where(voted) if only_voted else found).order_by(place)


def again(until: datetime) -> Sequence[int] | None:
    """Tell of each person on the rolls of the latest three counted rounds in how many they voted.

    Return how many people voted in none, in one, two and all three; None with fewer rounds.
    """
    latest = _latest(until)
    if len(latest) < LATEST:
        return None
    counts = dict.fromkeys(range(LATEST + 1), 0)
    slow = round_rows.again(list(reversed(latest))).subquery()
    for times, people in (
        _kept(latest) or db.session.execute(select(slow.c.times, slow.c.people)).all()
    ):
        counts[times] = people
    return list(counts.values())


def voting_again(until: datetime) -> Select[int, int]:
    """Select the people whom `again` counts as voting again, numbered, and in how many rounds."""
    each = _times(_latest(until)).subquery()
    mixed = func.md5(func.concat(until, ":", each.c.account_id))
    place = func.row_number().over(order_by=(each.c.times.desc(), mixed))
    return select(place.label("place"), each.c.times).where(each.c.times >= AGAIN).order_by(place)


def _latest(until: datetime) -> Sequence[int]:
    return db.session.scalars(
        select(Round.id)
        .where(Round.status.in_(COUNTED), Round.closes_at < until)
        .order_by(Round.closes_at.desc(), Round.id.desc())
        .limit(LATEST)
    ).all()


def _times(latest: Sequence[int]) -> Select[int, int]:
    """In how many of these rounds each person who could vote in all of them did."""
    return (
        select(RollEntry.account_id, func.count(Participation.account_id).label("times"))
        .outerjoin(Participation, TOOK_PART)
        .where(RollEntry.round_id.in_(latest), RollEntry.eligible)
        .group_by(RollEntry.account_id)
        .having(func.count() == LATEST)
    )


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
