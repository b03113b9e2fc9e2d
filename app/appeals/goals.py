"""Goals: stated by staff, and the one that a page shows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select

from app.accounts import audit
from app.appeals.models import Goal
from app.appeals.progress import ends
from app.appeals.rules import GoalKind
from app.extensions import db


class UnknownGoal(LookupError):
    """There is no such goal."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What staff state of a goal; see the columns of `Goal`."""

    titles: Mapping[str, str]
    kind: GoalKind
    target: int
    currency: str | None = None
    starts_on: date | None = None
    ends_on: date | None = None
    is_shown: bool = True


def everything() -> Sequence[Goal]:
    """Return every goal, the newest first."""
    return db.session.scalars(select(Goal).order_by(Goal.id.desc())).all()


def find(goal_id: int) -> Goal:
    """Return a goal. Raises `UnknownGoal`."""
    found = db.session.get(Goal, goal_id)
    if found is None:
        raise UnknownGoal(str(goal_id))
    return found


def add(terms: Terms, *, by: int, now: datetime) -> Goal:
    """State a goal; commits."""
    goal = Goal(created_at=now)
    _write(goal, terms)
    db.session.add(goal)
    db.session.flush()
    audit.note(by, "goal_stated", "goal", goal.id, now=now, goal_name=_called(goal))
    db.session.commit()
    return goal


def change(goal_id: int, terms: Terms, *, by: int, now: datetime) -> None:
    """State a goal anew; commits. Raises `UnknownGoal`."""
    goal = db.session.get(Goal, goal_id, with_for_update=True, populate_existing=True)
    if goal is None:
        raise UnknownGoal(str(goal_id))
    _write(goal, terms)
    audit.note(by, "goal_changed", "goal", goal.id, now=now, goal_name=_called(goal))
    db.session.commit()


def shown(goal_id: int | None, *, now: datetime) -> Goal | None:
    """Return the goal that a page shows: the one it names, if that is shown at all.

    Of all the others the one that ends first, then the newest without an end; where all are over,
    the one that ended last.
    """
    known = db.session.scalars(select(Goal).where(Goal.is_shown)).all()
    if goal_id is not None:
        return next((goal for goal in known if goal.id == goal_id), None)
    return min(known, key=lambda goal: _turn(goal, now), default=None)


def _turn(goal: Goal, now: datetime) -> tuple[int, float, int]:
    """Where a goal stands among those shown: the least is the one to show."""
    over = ends(goal)
    if over is None:
        return 1, 0, -goal.id
    return (0, over.timestamp(), goal.id) if over > now else (2, -over.timestamp(), -goal.id)


def _write(goal: Goal, terms: Terms) -> None:
    goal.titles, goal.kind, goal.target = dict(terms.titles), terms.kind, terms.target
    goal.currency, goal.starts_on, goal.ends_on = terms.currency, terms.starts_on, terms.ends_on
    goal.is_shown = terms.is_shown


def _called(goal: Goal) -> str:
    return next(iter(goal.titles.values()))
