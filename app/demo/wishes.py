"""What the made-up patrons wished of their pledges: to leave, and to stay after all."""

import uuid
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from random import Random
from typing import Any

from sqlalchemy import insert

from app.demo.story import Life, PledgeStory
from app.extensions import db
from app.giving.models import PledgeChange
from app.giving.rules import ChangeKind, EndReason, LeaveReason, PledgeStatus
from app.money import Money

#: Why they leave, each as often as people say it; most say nothing.
REASONS = (
    (None, 34),
    (LeaveReason.TOO_EXPENSIVE, 28),
    (LeaveReason.FOR_A_WHILE, 14),
    (LeaveReason.OTHER, 9),
    (LeaveReason.CONTENT, 8),
    (LeaveReason.MEANT_ONCE, 4),
    (LeaveReason.TECHNICAL, 3),
)
#: How long before the end they say so, at most; and how long they think about it.
AHEAD, THINKS = timedelta(days=20), timedelta(days=1)


def fill(
    rng: Random, lives: Sequence[Life], accounts: Mapping[str, int], *, until: datetime
) -> None:
    """Enter what was wished of every pledge before `until`. The caller commits."""
    rows = [
        row | {"by_account_id": accounts[life.person.email]}
        for life in lives
        for pledge in life.pledges
        for row in _wishes(rng, pledge, until)
    ]
    db.session.execute(insert(PledgeChange), rows)


def _wishes(rng: Random, pledge: PledgeStory, until: datetime) -> Iterator[dict[str, Any]]:
    end = pledge.ended_at or (until if pledge.ends_at is not None else None)
    left = pledge.end_reason is EndReason.LEFT or pledge.ends_at is not None
    last = pledge.payments[-1]
    # Some end their pledge at Stripe itself, of which the newsroom learns without a reason.
    if left and end is not None and (pledge.ends_at is not None or rng.random() < 0.85):
        at = max(last[0] + timedelta(minutes=5), end - AHEAD * rng.random())
        yield _wish(rng, pledge, ChangeKind.LEAVE, min(at, end), last[1], reason=_reason(rng))
        return
    for (_at, before), (paid_at, amount) in zip(pledge.payments, pledge.payments[1:], strict=False):
        if amount.minor < before.minor:
            yield from _stays(rng, pledge, paid_at - 3 * THINKS, before)
            at = paid_at - 2 * THINKS + timedelta(minutes=3)
            yield _wish(rng, pledge, ChangeKind.AMOUNT, at, before, after=amount)
            return
    if pledge.status is PledgeStatus.ACTIVE and rng.random() < 0.05:
        at = pledge.started_at + (until - 2 * THINKS - pledge.started_at) * rng.random()
        yield from _stays(rng, pledge, max(at, pledge.started_at), _amount(pledge, at))


def _stays(
    rng: Random, pledge: PledgeStory, at: datetime, amount: Money
) -> Iterator[dict[str, Any]]:
    """A wish to leave, and the change of mind a day later."""
    yield _wish(rng, pledge, ChangeKind.LEAVE, at, amount, reason=_reason(rng))
    yield _wish(rng, pledge, ChangeKind.STAY, at + THINKS, amount)


def _amount(pledge: PledgeStory, at: datetime) -> Money:
    """What the pledge gave at a moment."""
    paid = [amount for paid_at, amount in pledge.payments if paid_at <= at]
    return paid[-1] if paid else pledge.payments[0][1]


def _reason(rng: Random) -> LeaveReason | None:
    return rng.choices([one for one, _weight in REASONS], [often for _one, often in REASONS])[0]


def _wish(
    rng: Random,
    pledge: PledgeStory,
    kind: ChangeKind,
    at: datetime,
    before: Money,
    *,
    reason: LeaveReason | None = None,
    after: Money | None = None,
) -> dict[str, Any]:
    return {
        "id": uuid.UUID(int=rng.getrandbits(128), version=4),
        "pledge_id": pledge.id,
        "kind": kind,
        "via": "page",
        "asked_at": at,
        "applied_at": at + timedelta(seconds=1),
        "amount_before": before.minor,
        "interval_before": pledge.interval,
        "amount_after": after.minor if after else None,
        "interval_after": pledge.interval if after else None,
        "reason": reason,
    }
