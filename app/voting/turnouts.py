"""Turnout: how many could vote in a round, and how many did."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, case, func, select

from app.accounts.models import Account
from app.extensions import db
from app.voting import roll
from app.voting.models import Participation, RollEntry, Round, RoundStatus


@dataclass(frozen=True, slots=True)
class Turnout:
    """How many could vote and how many did: people, not pledges."""

    eligible: int
    voted: int

    @property
    def share(self) -> float:
        """The part that voted, from 0 to 1."""
        return self.voted / self.eligible if self.eligible else 0.0


def turnout(round_id: int, *, now: datetime) -> Turnout:
    """Return how many may vote in a round and how many have; one statement.

    While a round is open that is who may vote now; after its close, who could then.
    """
    row = db.session.execute(
        select(eligible(now), voted()).select_from(Round).where(Round.id == round_id)
    ).one_or_none()
    return Turnout(*row) if row else Turnout(0, 0)


def eligible(now: datetime) -> ColumnElement[int]:
    """How many could vote in `Round`; before its count, who may now."""
    could = (
        select(func.count())
        .select_from(RollEntry)
        .where(RollEntry.round_id == Round.id, RollEntry.eligible)
        .correlate(Round)
        .scalar_subquery()
    )
    may = (
        select(func.count())
        .select_from(Account)
        .where(roll.patrons(now))
        .correlate(Round)
        .scalar_subquery()
    )
    counted = (RoundStatus.TALLIED, RoundStatus.PUBLISHED)
    return case((Round.status.in_(counted), could), else_=may)


def voted() -> ColumnElement[int]:
    """How many have voted in `Round`, but for those whose ballots turned out void."""
    took_part = (
        select(func.count())
        .select_from(Participation)
        .where(Participation.round_id == Round.id)
        .correlate(Round)
        .scalar_subquery()
    )
    could_not = (
        select(func.count())
        .select_from(RollEntry)
        .join(
            Participation,
            (Participation.round_id == RollEntry.round_id)
            & (Participation.account_id == RollEntry.account_id),
        )
        .where(RollEntry.round_id == Round.id, ~RollEntry.eligible)
        .correlate(Round)
        .scalar_subquery()
    )
    return took_part - could_not


def listing(now: datetime) -> list[tuple[Round, Turnout]]:
    """Return every round with its turnout, drafts first, then the newest; for staff."""
    rows = db.session.execute(
        select(Round, eligible(now), voted()).order_by(
            Round.frozen_at.desc().nulls_first(), Round.id.desc()
        )
    )
    return [(round_, Turnout(eligible, voted)) for round_, eligible, voted in rows]
