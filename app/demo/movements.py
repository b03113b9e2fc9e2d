"""The movements of the made-up pledges, as the product would have entered them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import insert

from app.demo.story import Life, PledgeStory
from app.extensions import db
from app.giving.books.movements import ENDS
from app.giving.models import PledgeMovement
from app.giving.rules import FINAL, MovementCause, MovementKind, PledgeStatus, yearly_minor


@dataclass(frozen=True, slots=True)
class Turn:
    """What a pledge comes to by the year from a moment on, and what brought that about."""

    at: datetime
    pledge: PledgeStory
    yearly: int
    cause: str


def fill(
    lives: Sequence[Life], accounts: Mapping[str, int], *, grace: timedelta, now: datetime
) -> None:
    """Enter the movements of every life. The caller commits."""
    rows = [
        _row(accounts[life.person.email], turn, kind, by)
        for life in lives
        for turn, kind, by in _moved(life, grace, now)
    ]
    rows.sort(key=lambda row: (row["at"], row["pledge_id"], row["yearly_minor"] < 0))
    db.session.execute(insert(PledgeMovement), rows)


def _moved(life: Life, grace: timedelta, now: datetime) -> Iterator[tuple[Turn, MovementKind, int]]:
    turns = sorted(
        (turn for pledge in life.pledges for turn in _turns(pledge, grace, now)),
        key=lambda turn: turn.at,
    )
    stands: dict[Any, int] = {}
    for turn in turns:
        before = stands.get(turn.pledge.id, 0)
        others = sum(stands.values()) - before
        yield turn, _kind(turn, before, others, known=bool(stands)), turn.yearly - before
        stands[turn.pledge.id] = turn.yearly


def _turns(pledge: PledgeStory, grace: timedelta, now: datetime) -> Iterator[Turn]:
    value = 0
    for at, amount in pledge.payments:
        yearly = yearly_minor(amount.minor, pledge.interval)
        if yearly != value:
            cause = MovementCause.TERMS if value else MovementCause.FIRST_GIFT
            yield Turn(at, pledge, yearly, cause)
        value = yearly
    last = pledge.payments[-1][0]
    if pledge.status in FINAL and pledge.ended_at is not None and pledge.end_reason is not None:
        yield Turn(pledge.ended_at, pledge, 0, pledge.end_reason)
    elif pledge.status is PledgeStatus.PAUSED:
        yield Turn(last, pledge, 0, MovementCause.PAUSE)
    elif pledge.past_due_since is not None and pledge.past_due_since + grace <= now:
        yield Turn(pledge.past_due_since + grace, pledge, 0, MovementCause.GRACE_OVER)


def _kind(turn: Turn, before: int, others: int, *, known: bool) -> MovementKind:
    if turn.cause == MovementCause.PAUSE:
        return MovementKind.PAUSED
    if turn.yearly > before:
        if before or others:
            return MovementKind.UP
        return MovementKind.RETURNING if known else MovementKind.NEW
    if turn.yearly or others:
        return MovementKind.DOWN
    if turn.pledge.end_reason is not None:
        return ENDS[turn.pledge.end_reason]
    return MovementKind.LAPSED


def _row(account_id: int, turn: Turn, kind: MovementKind, by: int) -> dict[str, Any]:
    return {
        "account_id": account_id,
        "pledge_id": turn.pledge.id,
        "kind": kind,
        "cause": turn.cause,
        "yearly_minor": by,
        "currency": turn.pledge.amount.currency,
        "interval": turn.pledge.interval,
        "at": turn.at,
        "entered_at": turn.at,
    }
