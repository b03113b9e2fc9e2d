"""What came of each wording of an appeal: shown, begun, patrons, and patrons who stayed."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, and_, func, or_, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import aliased

from app.appeals import rules
from app.appeals.chances import Between, part, wilson
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
    """Patrons by wording: each counts once, with the first pledge that one of them led to.

    Still a patron is who has a pledge then, be it another one, whatever led to that.
    """
    one = (
        select(Touch.appeal, Pledge.account_id, Pledge.started_at.label("began"))
        .ext(distinct_on(Pledge.account_id))
        .join(Pledge, Pledge.id == Touch.pledge_id)
        .where(Touch.appeal.in_(tags), Touch.turn == Turn.LAST, Pledge.started_at.is_not(None))
        .order_by(Pledge.account_id, Pledge.started_at, Pledge.id)
        .subquery()
    ).c
    old, then = one.began <= now - LATER, one.began + LATER
    any_ = aliased(Pledge)
    stayed = (
        select(any_.id)
        .where(
            any_.account_id == one.account_id,
            any_.started_at <= then,
            or_(any_.ended_at.is_(None), any_.ended_at > then),
        )
        .exists()
    )
    return select(
        one.appeal, func.count(), func.count().filter(old), func.count().filter(and_(old, stayed))
    ).group_by(one.appeal)


def told(first: Outcome, second: Outcome) -> Between:
    """Return which part of both wordings' patrons is the second's; see `chances.part`.

    Views are not looked at: the wordings are drawn alike often, and a view can be told by anybody.
    """
    return part(first.patrons, second.patrons)
