"""Stories driven through the services as Stripe would tell them, and reports read as values."""

import uuid
from collections.abc import Iterator
from datetime import date
from typing import Any

from app.current import zone
from app.extensions import db
from app.giving import settlement
from app.giving.books import movements
from app.giving.models import Pledge
from app.money import Money
from app.payments.facts import Ending, Fact, Standing
from app.reports.shape import Answer, Asked, Behind, Report, Value
from tests.builders import a_pledge, a_reader
from tests.giving.facts import paid, seen
from tests.reports.stories import (
    DAY,
    NOW,
    Act,
    Amount,
    Begun,
    End,
    Fail,
    Interval,
    Pause,
    Resume,
    Story,
)

__all__ = ["DAY", "NOW", "asked", "cells", "live", "opened", "plain"]


def live(story: Story) -> None:
    """Let everything of a story happen, each act settled when it happens."""
    people = [a_reader(name=f"Patron {place}") for place in range(story.people)]
    pledges: dict[tuple[int, int], Pledge] = {}
    for act in story.acts:
        key = act.person, act.pledge
        if isinstance(act.what, Begun):
            pledges[key] = a_pledge(
                people[act.person],
                amount_minor=act.what.amount_minor,
                currency=act.what.currency,
                interval=act.what.interval,
                article=act.what.article,
                status="pending",
                started_at=None,
                # Of two that meet the lesser id counts: told again, a story is the same.
                key=uuid.UUID(int=(1 + act.person * 10 + act.pledge) << 96, version=4),
            )
        movements.grace_over(now=act.at)
        settlement.apply([_told(pledges[key], act)], now=act.at)
        db.session.commit()
    movements.grace_over(now=NOW)


def _told(pledge: Pledge, act: Act) -> Fact:
    """What Stripe says of a pledge after an act; what was not changed stays as it is."""
    at = act.at
    over: dict[str, Any] = {
        "seen_at": at,
        "paid_until": at + 20 * DAY,
        "amount": pledge.amount,
        "interval": pledge.interval,
    }
    standing = Standing.PAYING
    match act.what:
        case Begun():
            return paid(pledge, received_at=at, paid_until=at + 31 * DAY)
        case Amount(minor):
            over["amount"] = Money(minor, pledge.currency)
        case Interval(name):
            over["interval"] = name
        case Pause(days):
            standing = Standing.PAUSED
            over["paid_until"] = at + days * DAY
        case Fail():
            standing = Standing.PAST_DUE
        case End(why):
            standing = Standing.ENDED
            over |= {"ended_at": at, "ending": Ending(why)}
        case Resume():
            pass
    return seen(pledge, standing, **over)


def asked(first: str = "2026-01", last: str = "2026-08", currency: str | None = None) -> Asked:
    """Months of 2026, looked at from `NOW`."""
    begin, end = date.fromisoformat(f"{first}-01"), date.fromisoformat(f"{last}-01")
    return Asked(begin, end, NOW, zone(), currency)


def plain(value: Value) -> Any:
    """A value without the key of its list."""
    return value.value if isinstance(value, Behind) else value


def cells(answer: Answer) -> list[list[list[Any]]]:
    """The rows of every table, without the keys of their lists."""
    return [[[plain(value) for value in row] for row in table.rows] for table in answer.tables]


def opened(report: Report, of: Asked, answer: Answer) -> Iterator[tuple[Behind, list[list[Any]]]]:
    """Open every list that a report offers."""
    values = [value for figure in answer.figures for value in figure.values]
    values += [value for table in answer.tables for row in table.rows for value in row]
    assert report.listed is not None
    for value in values:
        if isinstance(value, Behind):
            rows = list(report.listed(of, value.key).rows.each())
            yield value, [[plain(cell) for cell in row] for row in rows]
