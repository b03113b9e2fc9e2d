"""Changes of a pledge: a wish is written down, Stripe is asked, and what it answers is kept."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.extensions import db
from app.giving import pledges
from app.giving.models import Pledge, PledgeChange
from app.giving.rules import (
    FINAL,
    ChangeKind,
    Interval,
    LeaveReason,
    PledgeStatus,
    check_amount,
    fee_cover,
)
from app.giving.wishes import cycles, links
from app.giving.wishes.links import Link
from app.money import Money
from app.payments.facts import PledgeSeen, Reading
from app.payments.gateway import GatewayUnavailable, PaymentGateway
from app.payments.orders import Terms

TERMS = frozenset({ChangeKind.AMOUNT, ChangeKind.INTERVAL})
ENDS = frozenset({ChangeKind.LEAVE, ChangeKind.LEAVE_NOW})
#: What may be asked where a pledge stands so. The period waits until an open payment is made: to
#: move the next one would make Stripe forget that this one is owed.
POSSIBLE = {
    PledgeStatus.ACTIVE: TERMS | ENDS | {ChangeKind.PAUSE},
    PledgeStatus.PAUSED: ENDS | {ChangeKind.AMOUNT, ChangeKind.RESUME},
    PledgeStatus.PAST_DUE: frozenset({ChangeKind.AMOUNT, ChangeKind.LEAVE_NOW}),
}


class NotPossible(ValueError):
    """As the pledge stands, this cannot be asked of it."""


@dataclass(frozen=True, slots=True)
class Asker:
    """Who wants a change, and where it was said: "page", "letter", "staff" or "rule".

    The link of a letter works once: its change has an id of its own, so that the same link pressed
    again, after an answer was lost, asks Stripe for the same thing.
    """

    account_id: int | None
    via: str = "page"
    link: Link | None = None


def possible(pledge: Pledge, now: datetime) -> frozenset[ChangeKind]:
    """Return what may be asked of a pledge as it stands."""
    if pledge.started_at is None or pledge.status in FINAL:
        return frozenset()
    if pledge.ends_at is not None:
        return frozenset({ChangeKind.STAY, ChangeKind.LEAVE_NOW})
    kinds = POSSIBLE.get(PledgeStatus(pledge.status), frozenset())
    if pledge.paid_until is None or pledge.paid_until <= now:
        # There is no paid time left that the pledge could end with.
        return kinds - {ChangeKind.LEAVE}
    return kinds


def due_at(pledge: Pledge) -> datetime:
    """Return when money would be taken next where nothing is changed."""
    found = pledge.next_payment_at or pledge.paid_until
    assert found is not None, "a pledge that has begun is paid to some day"
    return found


def pause_ends(pledge: Pledge, months: int) -> datetime:
    """Return when money is taken again where a pledge is paused for some months."""
    return cycles.returns_at(due_at(pledge), months, pledge.started_at)


def due_after_pause(pledge: Pledge, now: datetime) -> datetime:
    """Return when money is taken next where a pledge is resumed now."""
    paid_until = pledge.paid_until or now
    return cycles.due_after_pause(paid_until, Interval(pledge.interval), pledge.started_at, now)


def with_cover(amount: Money, *, covers: bool) -> tuple[Money, int]:
    """Return the whole to be paid for an amount, and what of it covers the fee, in minor units."""
    if not covers:
        return amount, 0
    cover = fee_cover(amount)
    return amount + cover, cover.minor


# Each of the following writes the wish down, asks Stripe and applies what it answers: two commits,
# and no transaction open between them. Each raises `UnknownPledge`, `NotPossible`, and
# `GatewayError` with the wish unfulfilled. The letter that confirms it is owed by `pledges.apply`.


def set_terms(
    pledge_id: uuid.UUID,
    amount: Money,
    interval: Interval,
    asker: Asker,
    gateway: PaymentGateway,
    *,
    cover_minor: int = 0,
    now: datetime,
) -> Pledge:
    """Give another amount, `cover_minor` of it for the fee, or another period, from the next gift.

    Nothing is charged now. Raises `AmountOutOfRange` as well; the same terms are `NotPossible`.
    """
    check_amount(Money(amount.minor - cover_minor, amount.currency))
    moves = db.session.get_one(Pledge, pledge_id).interval != interval
    kind = ChangeKind.INTERVAL if moves else ChangeKind.AMOUNT
    pledge = _wanted(pledge_id, kind, now)
    if amount.currency != pledge.currency or (amount == pledge.amount and not moves):
        raise NotPossible("these are its terms already")
    after = {"amount_after": amount.minor, "interval_after": interval, "cover_after": cover_minor}
    return _carry(_write(pledge, kind, asker, now, **after), pledge, asker, gateway, now)


def pause(
    pledge_id: uuid.UUID, months: int, asker: Asker, gateway: PaymentGateway, *, now: datetime
) -> Pledge:
    """Take no money for some months, counted from the next payment."""
    if months not in cycles.PAUSES:
        raise NotPossible("a pause lasts some of those months")
    pledge = _wanted(pledge_id, ChangeKind.PAUSE, now)
    resumes_at = pause_ends(pledge, months)
    change = _write(pledge, ChangeKind.PAUSE, asker, now, resumes_at=resumes_at)
    return _carry(change, pledge, asker, gateway, now)


def resume(pledge_id: uuid.UUID, asker: Asker, gateway: PaymentGateway, *, now: datetime) -> Pledge:
    """End a pause before its day; money is taken next as `due_after_pause` says."""
    pledge = _wanted(pledge_id, ChangeKind.RESUME, now)
    return _carry(_write(pledge, ChangeKind.RESUME, asker, now), pledge, asker, gateway, now)


def leave(
    pledge_id: uuid.UUID,
    asker: Asker,
    gateway: PaymentGateway,
    *,
    at_once: bool = False,
    reason: LeaveReason | None = None,
    comment: str | None = None,
    now: datetime,
) -> Pledge:
    """Let a pledge end with its paid time; at once where that is wished or no paid time is left.

    One that is past due ends at once too: Stripe would otherwise go on trying what is owed. Asked
    twice, it still lasts to the day it was to end on.
    """
    pledge = _wanted(pledge_id, ChangeKind.LEAVE_NOW, now)
    if pledge.ends_at is not None and not at_once:
        db.session.commit()
        return pledge
    at_once = at_once or ChangeKind.LEAVE not in possible(pledge, now)
    kind = ChangeKind.LEAVE_NOW if at_once else ChangeKind.LEAVE
    change = _write(pledge, kind, asker, now, reason=reason, comment=comment)
    return _carry(change, pledge, asker, gateway, now)


def stay(pledge_id: uuid.UUID, asker: Asker, gateway: PaymentGateway, *, now: datetime) -> Pledge:
    """Take a wish to leave back, while the paid time lasts."""
    pledge = _wanted(pledge_id, ChangeKind.STAY, now)
    return _carry(_write(pledge, ChangeKind.STAY, asker, now), pledge, asker, gateway, now)


def carry_out(change_id: uuid.UUID, gateway: PaymentGateway, *, now: datetime) -> None:
    """Ask Stripe for a change that is owed; commits. Safe to run twice.

    Where Stripe does not answer it stays owed, for as long as it takes. Raises `GatewayError` where
    Stripe refuses.
    """
    change = db.session.get_one(PledgeChange, change_id, populate_existing=True)
    pledge = db.session.get_one(Pledge, change.pledge_id)
    if change.applied_at is None and pledge.status not in FINAL:
        try:
            _carry(change, pledge, Asker(change.by_account_id, change.via), gateway, now)
        except GatewayUnavailable as error:
            db.session.rollback()
            change.unanswered(f"{type(error).__name__}: {error}")
            db.session.commit()
    elif change.due_at is not None:
        change.done()
        db.session.commit()


def notice(link: Link, pledge: Pledge, *, now: datetime) -> None:
    """Note that a link's wish was carried out although Stripe's answer was lost; commits.

    Its event has told what became of the pledge; pressed again, the link would ask for more.
    """
    change = db.session.get(PledgeChange, link.act_id)
    if change is not None and change.applied_at is None and _has_come_true(change, pledge):
        change.applied_at = now
        links.spend(link, now=now)
        db.session.commit()


def _has_come_true(change: PledgeChange, pledge: Pledge) -> bool:
    match ChangeKind(change.kind):
        case ChangeKind.AMOUNT | ChangeKind.INTERVAL:
            after = (change.amount_after, change.interval_after)
            return (pledge.amount_minor, pledge.interval) == after
        case ChangeKind.PAUSE:
            return pledge.status == PledgeStatus.PAUSED
        case ChangeKind.LEAVE:
            return pledge.ends_at is not None or pledge.status in FINAL
        case ChangeKind.LEAVE_NOW:
            return pledge.status in FINAL
    return False


def _wanted(pledge_id: uuid.UUID, kind: ChangeKind, now: datetime) -> Pledge:
    """Return the pledge, locked, where such a change may be asked of it."""
    pledge = pledges.locked(pledge_id)
    if kind not in possible(pledge, now) or pledge.stripe_subscription_id is None:
        db.session.rollback()
        raise NotPossible(f"{kind} of a pledge that is {pledge.status}")
    return pledge


def _write(
    pledge: Pledge, kind: ChangeKind, asker: Asker, now: datetime, **after: Any
) -> PledgeChange:
    """Write a wish down. A link's wish that was not fulfilled is written over."""
    key = asker.link.act_id if asker.link else uuid.uuid4()
    change = db.session.get(PledgeChange, key) or PledgeChange(id=key, pledge_id=pledge.id)
    change.kind, change.asked_at = kind, now
    change.by_account_id, change.via = asker.account_id, asker.via
    change.amount_before, change.interval_before = pledge.amount_minor, pledge.interval
    change.attempts = 0
    for name, value in after.items():
        setattr(change, name, value)
    db.session.add(change)
    return change


def _carry(
    change: PledgeChange, pledge: Pledge, asker: Asker, gateway: PaymentGateway, now: datetime
) -> Pledge:
    db.session.commit()
    reading = _ask(change, pledge, gateway)
    for fact in reading.facts:
        if isinstance(fact, PledgeSeen):
            pledges.apply(fact, now=now)
    change.applied_at = now
    change.done()
    if asker.link is not None:
        links.spend(asker.link, now=now)
    db.session.commit()
    ended_instead = pledge.status in FINAL and change.kind not in ENDS
    if ended_instead:
        raise NotPossible("it has ended meanwhile")
    return pledge


def _ask(change: PledgeChange, pledge: Pledge, gateway: PaymentGateway) -> Reading:
    """Ask Stripe for what a change says, keyed by the change's id."""
    subscription, key = pledge.stripe_subscription_id, str(change.id)
    assert subscription is not None, "a pledge that has begun has a subscription"
    match ChangeKind(change.kind):
        case ChangeKind.AMOUNT | ChangeKind.INTERVAL:
            assert change.amount_after is not None, "terms are written whole"
            assert change.interval_after is not None, "terms are written whole"
            amount = Money(change.amount_after, pledge.currency)
            terms = Terms(amount, change.interval_after, change.cover_after or 0)
            return gateway.change_terms(subscription, terms, key)
        case ChangeKind.PAUSE:
            assert change.resumes_at is not None, "a pause has an end"
            return gateway.pause(subscription, change.resumes_at, key)
        case ChangeKind.RESUME:
            return gateway.resume(subscription, pledge.paid_until or change.asked_at, key)
        case ChangeKind.LEAVE:
            assert pledge.paid_until is not None, "it ends with its paid time"
            return gateway.end_at(subscription, pledge.paid_until, key, change.reason)
        case ChangeKind.LEAVE_NOW:
            return gateway.end_now(subscription, change.reason)
        case ChangeKind.STAY:
            return gateway.keep(subscription, key)
