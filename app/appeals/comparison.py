"""What came of each wording of an appeal: shown, begun, patrons, and patrons who stayed."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, and_, case, func, or_, select

from app.appeals import rules
from app.appeals.chances import Between, difference, wilson
from app.appeals.models import Appeal
from app.extensions import db
from app.giving.arrivals.steps import Step
from app.giving.arrivals.touches import Turn
from app.giving.models import FunnelDay, Pledge, Touch

#: Who became a patron is looked at again after so long.
LATER = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one wording since readers see it as it is.

    Views and visits are counted; patrons are people. `old` of these became patrons ninety days
    ago or earlier, and `stayed` of those were still patrons ninety days after.
    """

    variant: str
    shown: int
    opened: int
    sent: int
    patrons: int
    old: int
    stayed: int

    @property
    def share(self) -> Between:
        """Patrons by view: where the true share lies."""
        return wilson(self.patrons, max(self.shown, self.patrons))

    @property
    def staying(self) -> Between:
        """Who stayed: where the true share lies."""
        return wilson(self.stayed, self.old)


def outcomes(appeal: Appeal, *, now: datetime) -> list[Outcome]:
    """Return what came of each wording of an appeal in its present edition; two statements.

    A patron belongs to the wording that was shown last before the gift.
    """
    tags = {rules.tag(appeal.id, appeal.edition, each): each for each in sorted(appeal.texts)}
    counts = {
        (tag, step): int(count)
        for tag, step, count in db.session.execute(
            select(FunnelDay.appeal, FunnelDay.step, func.sum(FunnelDay.count))
            .where(FunnelDay.appeal.in_(tags))
            .group_by(FunnelDay.appeal, FunnelDay.step)
        )
    }
    people = {tag: figures for tag, *figures in db.session.execute(_people(list(tags), now))}
    return [
        Outcome(
            variant,
            *(counts.get((tag, step), 0) for step in (Step.SHOWN, Step.SEEN, Step.SENT)),
            *people.get(tag, (0, 0, 0)),
        )
        for tag, variant in tags.items()
    ]


def _people(tags: list[str], now: datetime) -> Select[Any]:
    """Patrons by wording: each counts once, with the first pledge the wording led to."""
    after = Pledge.started_at + LATER
    one = (
        select(
            Touch.appeal,
            func.min(Pledge.started_at).label("began"),
            func.bool_or(or_(Pledge.ended_at.is_(None), Pledge.ended_at > after)).label("stayed"),
        )
        .join(Pledge, Pledge.id == Touch.pledge_id)
        .where(Touch.appeal.in_(tags), Touch.turn == Turn.LAST, Pledge.started_at.is_not(None))
        .group_by(Touch.appeal, Pledge.account_id)
        .subquery()
    )
    old = one.c.began <= now - LATER
    return select(
        one.c.appeal,
        func.count(),
        func.sum(case((old, 1), else_=0)),
        func.sum(case((and_(old, one.c.stayed), 1), else_=0)),
    ).group_by(one.c.appeal)


def told(first: Outcome, second: Outcome) -> Between:
    """Return by how much more views become patrons with the second wording; see `chances`."""
    return difference(
        (first.patrons, max(first.shown, first.patrons)),
        (second.patrons, max(second.shown, second.patrons)),
    )
