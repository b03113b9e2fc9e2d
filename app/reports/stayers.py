"""Who was still a patron some time after a vote closed, of those on its roll."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import ColumnElement, Select, and_, case, func, select

from app.accounts.models import Account
from app.extensions import db
from app.giving.models import Pledge
from app.reports.shape import Asked
from app.reports.spans import spans, stood_at
from app.reports.votes import COUNTED
from app.voting.models import Participation, RollEntry, Round
from app.voting.roll import Reason

#: So long after the close of a vote it is asked who is still a patron.
AFTER = timedelta(days=90)
#: What a patron gave at the close: monthly or yearly, or nothing that is known of. The last had
#: voted and left before the close, so that nobody who did not vote can be like them.
PLANS = MONTH, YEAR, UNKNOWN, GONE = "month", "year", "unknown", "gone"
#: For how long they had been patrons by then.
TENURES = NEW, FIRST_YEAR, LONGER, NEVER = "new", "first_year", "longer", "never"
#: Up to here somebody is a new patron, and in the first year.
SHORT, YEAR_LONG = timedelta(days=90), timedelta(days=365)


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
    each = _each(asked).subquery()
    rows = db.session.execute(
        select(
            each.c.plan,
            each.c.tenure,
            each.c.voted,
            func.count(),
            func.count().filter(each.c.stays),
        ).group_by(each.c.plan, each.c.tenure, each.c.voted)
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
    each = _each(asked).subquery()
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


def _each(asked: Asked) -> Select[Any]:
    """Select everyone on a roll with what they gave, since when, whether they voted and stayed."""
    span = spans(asked.now).subquery()
    at_close = stood_at(span, cast("ColumnElement[datetime]", Round.closes_at))
    tells = (
        select(
            RollEntry.round_id,
            RollEntry.account_id,
            RollEntry.reason,
            Round.closes_at,
            func.min(span.c.came_at).filter(span.c.came_at <= Round.closes_at).label("first"),
            # A yearly pledge beside a monthly one binds for longer, so it is what counts.
            func.max(Pledge.interval).filter(at_close).label("plan"),
            func.coalesce(func.bool_or(stood_at(span, Round.closes_at + AFTER)), False).label(
                "stays"
            ),
        )
        .join(Round, Round.id == RollEntry.round_id)
        .outerjoin(span, span.c.account_id == RollEntry.account_id)
        .outerjoin(Pledge, Pledge.id == span.c.id)
        .where(
            RollEntry.eligible,
            Round.status.in_(COUNTED),
            Round.closes_at >= asked.since,
            Round.closes_at < asked.until,
            Round.closes_at + AFTER <= asked.now,
        )
        .group_by(RollEntry.round_id, RollEntry.account_id, RollEntry.reason, Round.closes_at)
        .subquery()
    )
    age = tells.c.closes_at - tells.c.first
    return select(
        tells.c.round_id,
        tells.c.account_id,
        tells.c.stays,
        Participation.account_id.is_not(None).label("voted"),
        case(
            (tells.c.reason == Reason.LEFT_SINCE, GONE), else_=func.coalesce(tells.c.plan, UNKNOWN)
        ).label("plan"),
        case(
            (tells.c.first.is_(None), NEVER),
            (age < SHORT, NEW),
            (age < YEAR_LONG, FIRST_YEAR),
            else_=LONGER,
        ).label("tenure"),
    ).outerjoin(
        Participation,
        and_(
            Participation.round_id == tells.c.round_id,
            Participation.account_id == tells.c.account_id,
        ),
    )
