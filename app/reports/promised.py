"""Promises by the date first named for them, and how long stories took after their vote."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from statistics import median

from sqlalchemy import or_, select

from app.extensions import db
from app.promises import rules
from app.promises.models import Promise
from app.promises.rules import Standing, State
from app.reports import months
from app.reports.shape import Asked
from app.voting.models import Round

#: How a promise whose first date has come counts: the last is its own row and in no rate.
KEPT, LATE, MISSED, DROPPED, OVERTAKEN = "kept", "late", "missed", "dropped", "overtaken"
#: All that were due; the rate is `KEPT` of these.
DUE = (KEPT, LATE, MISSED, DROPPED)


@dataclass(frozen=True, slots=True)
class Promised:
    """One promise. `days` from the close of the vote to the story; null without a story."""

    id: int
    title: str
    due_on: date | None
    published_on: date | None
    way: str | None
    days: int | None


def due(asked: Asked) -> list[Promised]:
    """List the promises whose first date came in the period and is over, by that date."""
    until = asked.until.astimezone(asked.zone).date()
    return [
        one for one in _all(asked) if one.due_on is not None and asked.first <= one.due_on < until
    ]


def published(asked: Asked) -> list[Promised]:
    """List the promises whose story came out in the period, by its day."""
    ends = min(months.following(asked.last), asked.now.astimezone(asked.zone).date())
    found = [
        one
        for one in _all(asked)
        if one.published_on is not None
        and asked.first <= one.published_on < months.following(asked.last)
        and one.published_on <= ends
    ]
    return sorted(found, key=lambda one: (one.published_on or date.min, one.id))


def middle(found: Sequence[Promised]) -> str | None:
    """Return the median of the days from vote to story; None without a story."""
    days = [one.days for one in found if one.days is not None]
    if not days:
        return None
    return f"{median(days):g}"


def _all(asked: Asked) -> list[Promised]:
    """Read the promises that have a date or a story; a newsroom makes a few each month."""
    rows = db.session.execute(
        select(Promise, Round.closes_at)
        .join(Round, Round.id == Promise.round_id)
        .where(or_(Promise.first_due_on.is_not(None), Promise.published_on.is_not(None)))
        .order_by(Promise.first_due_on, Promise.id)
    )
    today = asked.now.astimezone(asked.zone).date()
    return [
        Promised(
            promise.id,
            promise.title,
            promise.first_due_on,
            promise.published_on,
            _way(promise, today),
            (promise.published_on - closed_at.astimezone(asked.zone).date()).days
            if promise.published_on
            else None,
        )
        for promise, closed_at in rows
    ]


def _way(promise: Promise, today: date) -> str | None:
    """Return how a promise counts, null where it is not due yet or was given no date."""
    if promise.overtaken_at is not None and promise.state != State.PUBLISHED:
        return OVERTAKEN
    return {
        Standing.IN_TIME: KEPT,
        Standing.KEPT_LATE: LATE,
        Standing.LATE: MISSED,
        Standing.DROPPED: DROPPED,
    }.get(
        Standing(rules.standing(promise.state, promise.first_due_on, promise.published_on, today))
    )
