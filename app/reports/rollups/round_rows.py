"""The statements that define the rollups of counted rounds: turnouts, and who stayed after a vote.

Only who was on a roll and who took part is read here; never what anybody chose.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, cast

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    FromClause,
    Integer,
    Select,
    and_,
    case,
    func,
    select,
)
from sqlalchemy import cast as cast_
from sqlalchemy.dialects.postgresql import ARRAY

from app.reports.rollups.people_rows import of
from app.reports.spans import stood_at
from app.voting.models import Participation, RollEntry, Round, RoundStatus
from app.voting.roll import Reason

#: A round is counted once its roll is frozen and its ballots are added up.
COUNTED = (RoundStatus.TALLIED, RoundStatus.PUBLISHED)
#: So long after the close of a vote it is asked who is still a patron.
AFTER = timedelta(days=90)
#: What a patron gave at the close: monthly or yearly, or nothing that is known of. The last had
#: voted and left before the close, so that nobody who did not vote can be like them.
PLANS = MONTH, YEAR, UNKNOWN, GONE = "month", "year", "unknown", "gone"
#: For how long they had been patrons by then.
TENURES = NEW, FIRST_YEAR, LONGER, NEVER = "new", "first_year", "longer", "never"
#: Up to here somebody is a new patron, and in the first year.
SHORT, YEAR_LONG = timedelta(days=90), timedelta(days=365)

#: That somebody on the roll took part.
TOOK_PART = and_(
    Participation.round_id == RollEntry.round_id,
    Participation.account_id == RollEntry.account_id,
)


def turnouts(*which: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    """Define `Turnout`; `which` narrows the rounds."""
    return (
        select(
            Round.id.label("round_id"),
            func.count(RollEntry.account_id).label("roll"),
            func.count(Participation.account_id).label("voted"),
        )
        .outerjoin(RollEntry, and_(RollEntry.round_id == Round.id, RollEntry.eligible))
        .outerjoin(Participation, TOOK_PART)
        .where(Round.status.in_(COUNTED), *which)
        .group_by(Round.id)
    )


def again(rounds: Sequence[int]) -> Select[Any]:
    """Count of every three of these rounds in a row in how many of them people voted.

    Of those on all three rolls. The columns are the place of the last of the three, from 1, times
    and people. The rounds come in the order of their close.
    """
    place = func.array_position(cast_(list(rounds), ARRAY(BigInteger)), RollEntry.round_id)
    each = (
        select(
            RollEntry.account_id,
            place.label("place"),
            cast_(Participation.account_id.is_not(None), Integer).label("voted"),
        )
        .outerjoin(Participation, TOOK_PART)
        .where(RollEntry.round_id.in_(rounds), RollEntry.eligible)
        .subquery()
    )
    in_a_row: dict[str, Any] = {
        "partition_by": each.c.account_id,
        "order_by": each.c.place,
        "range_": (-2, 0),
    }
    three = select(
        each.c.place,
        func.count().over(**in_a_row).label("rolls"),
        func.sum(each.c.voted).over(**in_a_row).label("times"),
    ).subquery()
    return (
        select(three.c.place, three.c.times, func.count().label("people"))
        .where(three.c.rolls == 3)
        .group_by(three.c.place, three.c.times)
    )


def stayers(
    span: FromClause, accounts: Sequence[int] | None = None, *which: ColumnElement[bool]
) -> Select[Any]:
    """Define `StayerCount`; `which` narrows the rounds."""
    each = on_rolls(span, *of(RollEntry.account_id, accounts), *which).subquery()
    keys = (each.c.round_id, each.c.plan, each.c.tenure, each.c.voted)
    return select(
        *keys, func.count().label("people"), func.count().filter(each.c.stays).label("stayed")
    ).group_by(*keys)


def on_rolls(span: FromClause, *which: ColumnElement[bool]) -> Select[Any]:
    """Select everyone on a counted roll with what they gave, since when, whether they stayed.

    Of a round whose time after the close is not over the last is not known yet.
    """
    at_close = stood_at(span, cast("ColumnElement[Any]", Round.closes_at))
    tells = (
        select(
            RollEntry.round_id,
            RollEntry.account_id,
            RollEntry.reason,
            Round.closes_at,
            func.min(span.c.came_at).filter(span.c.came_at <= Round.closes_at).label("first"),
            # A yearly pledge beside a monthly one binds for longer, so it is what counts.
            func.max(span.c.interval).filter(at_close).label("plan"),
            func.coalesce(func.bool_or(stood_at(span, Round.closes_at + AFTER)), False).label(
                "stays"
            ),
        )
        .join(Round, Round.id == RollEntry.round_id)
        .outerjoin(span, span.c.account_id == RollEntry.account_id)
        .where(RollEntry.eligible, Round.status.in_(COUNTED), *which)
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
