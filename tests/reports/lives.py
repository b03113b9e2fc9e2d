"""Random lives of pledges, driven through the services as Stripe would tell them."""

import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

from app.accounts.models import Account
from app.current import zone
from app.extensions import db
from app.giving import settlement
from app.giving.books import movements
from app.giving.models import Pledge
from app.money import Money
from app.payments.facts import Ending, Fact, Standing
from app.reports import months
from app.reports.shape import Answer, Asked, Behind, Report, Value
from tests.builders import a_pledge, a_reader
from tests.giving.facts import paid, seen

DAY = timedelta(days=1)
#: Lives begin in 2026 and are looked at in the middle of a month.
FIRST = datetime(2026, 1, 1, tzinfo=UTC)
NOW = datetime(2026, 8, 20, 12, 30, tzinfo=UTC)
ENDINGS = (Ending.BY_WISH, Ending.BY_WISH, Ending.UNPAID, Ending.DISPUTED, Ending.OTHER)
TURNS = ("amount", "amount", "interval", "pause", "resume", "past_due", "end", "end")


def live(seed: int, people: int = 10) -> None:
    """Let people give, change their minds, pause, fail to pay, go and come back; all by `NOW`."""
    chance = random.Random(seed)
    facts: list[tuple[datetime, Fact]] = []
    for _person in range(people):
        account = a_reader(name=f"Patron {_person}")
        for _pledge in range(chance.choice([1, 1, 2, 3])):
            facts += _story(chance, account)
    facts.sort(key=lambda told: told[0])
    for at, fact in facts:
        movements.grace_over(now=at)
        settlement.apply([fact], now=at)
        db.session.commit()
    movements.grace_over(now=NOW)


def _story(chance: random.Random, account: Account) -> list[tuple[datetime, Fact]]:
    pledge = a_pledge(
        account,
        amount_minor=chance.choice([300, 500, 500, 1000, 2500]),
        currency=chance.choice(["EUR", "EUR", "EUR", "USD"]),
        interval=chance.choice(["month", "month", "year"]),
        status="pending",
        started_at=None,
    )
    at = _moment(chance, FIRST, 180)
    told: list[tuple[datetime, Fact]] = [
        (at, paid(pledge, received_at=at, paid_until=at + 31 * DAY))
    ]
    terms: dict[str, Any] = {"amount": pledge.amount, "interval": pledge.interval}
    for turn in chance.choices(TURNS, k=chance.randrange(5)):
        at = _moment(chance, at, 50)
        if at >= NOW:
            break
        told.append((at, _turn(chance, pledge, turn, at, terms)))
        if turn == "end":
            break
    return [one for one in told if one[0] < NOW]


def _turn(
    chance: random.Random, pledge: Pledge, turn: str, at: datetime, terms: dict[str, Any]
) -> Fact:
    """What Stripe says of a pledge when it is asked; another amount or period stays in `terms`."""
    over: dict[str, Any] = {"seen_at": at, "paid_until": at + 20 * DAY}
    standing = Standing.PAYING
    match turn:
        case "amount":
            terms["amount"] = Money(chance.choice([200, 500, 800, 3000]), pledge.currency)
        case "interval":
            terms["interval"] = chance.choice(["month", "year"])
        case "pause":
            standing = Standing.PAUSED
            over["paid_until"] = at + chance.randrange(25) * DAY
        case "past_due":
            standing = Standing.PAST_DUE
        case "end":
            standing = Standing.ENDED
            over |= {"ended_at": at, "ending": chance.choice(ENDINGS)}
    return seen(pledge, standing, **(over | terms))


def _moment(chance: random.Random, after: datetime, within: int) -> datetime:
    """A later moment; now and then the very first instant of one of the newsroom's months."""
    at = after + timedelta(minutes=chance.randrange(1, within * 24 * 60))
    first = months.start_of(months.first_day(at, zone()), zone())
    return first if first > after and chance.random() < 0.2 else at


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
