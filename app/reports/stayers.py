"""Who was still a patron some time after a vote closed, of those on its roll."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Integer, Select, cast, func, select

from app.accounts.models import Account
from app.extensions import db
from app.reports.rollups import round_rows, sources
from app.reports.rollups.people_tables import Span
from app.reports.rollups.round_rows import AFTER, COUNTED, GONE, PLANS, TENURES
from app.reports.rollups.round_tables import StayerCount
from app.reports.shape import Asked
from app.voting.models import Round


@dataclass(frozen=True, slots=True)
class Part:
    """People on rolls who have one thing in common, once for each round, and who stayed."""

    plan: str
    tenure: str
    voted: bool
    people: int
    stayed: int


def ripe(asked: Asked) -> tuple[int, int]:
    """Return how many counted rounds of the period are old enough to tell, and how many not."""
    old = Round.closes_at + AFTER <= asked.now
    row = db.session.execute(
        select(func.count().filter(old), func.count().filter(~old))
        .select_from(Round)
        .where(
            Round.status.in_(COUNTED),
            Round.closes_at >= asked.since,
            Round.closes_at < asked.until,
        )
    ).one()
    return row[0], row[1]


def parts(asked: Asked) -> list[Part]:
    """Count everyone on the rolls of the period's rounds; one statement."""
    kept = sources.read(StayerCount)
    keys = (kept.c.plan, kept.c.tenure, kept.c.voted)
    rows = db.session.execute(
        select(
            *keys,
            cast(func.sum(kept.c.people), Integer),
            cast(func.sum(kept.c.stayed), Integer),
        )
        .join(Round, Round.id == kept.c.round_id)
        .where(*_ripe(asked))
        .group_by(*keys)
    )
    found = [Part(*row) for row in rows]
    return sorted(
        found, key=lambda one: (PLANS.index(one.plan), TENURES.index(one.tenure), not one.voted)
    )


def people(
    asked: Asked, plan: str | None, tenure: str | None, voted: bool, *, stayed: bool
) -> Select[int, str, str, datetime, bool]:
    """Select whom a cell counts, by the round's close, the latest first.

    No plan and tenure: all who had not left before the close.
    """
    each = round_rows.on_rolls(sources.read(Span), *_ripe(asked)).subquery()
    asked_for: list[ColumnElement[bool]] = [each.c.voted.is_(voted)]
    if stayed:
        asked_for.append(each.c.stays)
    if plan is None:
        asked_for.append(each.c.plan != GONE)
    else:
        asked_for += [each.c.plan == plan, each.c.tenure == tenure]
    return (
        select(each.c.account_id, Account.name, Round.title, Round.closes_at, each.c.stays)
        .join(Account, Account.id == each.c.account_id)
        .join(Round, Round.id == each.c.round_id)
        .where(*asked_for)
        .order_by(Round.closes_at.desc(), Round.id, Account.name, Account.id)
    )


def _ripe(asked: Asked) -> tuple[ColumnElement[bool], ...]:
    """The counted rounds of the period that are old enough to tell."""
    return (
        Round.status.in_(COUNTED),
        Round.closes_at >= asked.since,
        Round.closes_at < asked.until,
        Round.closes_at + AFTER <= asked.now,
    )
