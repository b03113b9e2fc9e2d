"""Pledges: what each of them stands at, and whether an account is a patron."""

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, or_, select, true, update

from app.accounts.models import Account
from app.current import settings
from app.extensions import db
from app.giving.books import movements
from app.giving.models import Pledge, PledgeChange
from app.giving.rules import FINAL, ChangeKind, EndReason, Interval, PledgeStatus
from app.giving.wishes import news
from app.letters import letters
from app.money import Money
from app.payments.facts import Card, DonationPaid, Ending, PledgeSeen, Standing

STATUSES = {
    Standing.INCOMPLETE: PledgeStatus.PENDING,
    Standing.PAYING: PledgeStatus.ACTIVE,
    Standing.PAST_DUE: PledgeStatus.PAST_DUE,
    Standing.PAUSED: PledgeStatus.PAUSED,
    Standing.ENDED: PledgeStatus.ENDED,
}
END_REASONS = {
    Ending.BY_WISH: EndReason.LEFT,
    Ending.UNPAID: EndReason.UNPAID,
    Ending.DISPUTED: EndReason.DISPUTED,
    Ending.OTHER: EndReason.UNKNOWN,
}


class UnknownPledge(LookupError):
    """The provider speaks of a pledge that is not in this database."""


def standing_at(now: datetime | ColumnElement[Any]) -> ColumnElement[bool]:
    """The pledges in standing: what makes a patron.

    Money has come, and it is paid up, paused within its paid time (or at all, where the newsroom
    wants it so), or past due for less than the grace during which Stripe still tries.
    """
    grace = timedelta(days=settings().grace_days)
    voting = Pledge.paid_until > now if settings().vote_while_paused == "paid_period" else true()
    return and_(
        Pledge.started_at.is_not(None),
        or_(
            Pledge.status == PledgeStatus.ACTIVE,
            and_(Pledge.status == PledgeStatus.PAUSED, voting),
            and_(Pledge.status == PledgeStatus.PAST_DUE, Pledge.past_due_since > now - grace),
        ),
    )


def in_standing(account_id: int, now: datetime) -> Sequence[Pledge]:
    """Return an account's pledges in standing, the oldest first. A patron has at least one."""
    return db.session.scalars(
        select(Pledge)
        .where(Pledge.account_id == account_id, standing_at(now))
        .order_by(Pledge.started_at)
    ).all()


def is_patron(account_id: int, now: datetime) -> bool:
    """Whether the account has a pledge in standing."""
    return bool(
        db.session.scalar(
            select(
                select(Pledge.id).where(Pledge.account_id == account_id, standing_at(now)).exists()
            )
        )
    )


def given_by(account_id: int) -> Sequence[Pledge]:
    """Return every pledge of an account that ever brought money, the oldest first."""
    return db.session.scalars(
        select(Pledge)
        .where(Pledge.account_id == account_id, Pledge.started_at.is_not(None))
        .order_by(Pledge.started_at)
    ).all()


def going_on(account_id: int) -> list[Pledge]:
    """Return the pledges of an account that have begun and not ended, in standing or not."""
    return [pledge for pledge in given_by(account_id) if pledge.status not in FINAL]


def own(account_id: int, pledge_id: uuid.UUID) -> Pledge:
    """Return an account's own pledge, begun or ended. Raises `UnknownPledge` for any other."""
    pledge = db.session.get(Pledge, pledge_id)
    if pledge is None or pledge.account_id != account_id or pledge.started_at is None:
        raise UnknownPledge(str(pledge_id))
    return pledge


def make(
    account_id: int, amount: Money, interval: Interval, *, article: str | None, now: datetime
) -> Pledge:
    """Write a pledge that waits for its first money. The caller commits."""
    pledge = Pledge(
        id=uuid.uuid4(),
        account_id=account_id,
        status=PledgeStatus.PENDING,
        interval=interval,
        amount_minor=amount.minor,
        currency=amount.currency,
        article=article,
        created_at=now,
    )
    db.session.add(pledge)
    return pledge


def locked(pledge_id: uuid.UUID) -> Pledge:
    """Return the pledge under a row lock until the caller commits. Raises `UnknownPledge`."""
    pledge = db.session.get(Pledge, pledge_id, with_for_update=True, populate_existing=True)
    if pledge is None:
        raise UnknownPledge(str(pledge_id))
    return pledge


def money_came(paid: DonationPaid, *, now: datetime) -> Pledge:
    """Note on the pledge that money came for it, under its row lock. The caller commits.

    A payment never brings an ended pledge back: it may be the event of an earlier month.
    """
    assert paid.pledge_id is not None
    pledge = locked(paid.pledge_id)
    pledge.stripe_subscription_id = pledge.stripe_subscription_id or paid.subscription_id
    pledge.stripe_customer_id = pledge.stripe_customer_id or paid.customer_id
    if paid.paid_until and (pledge.paid_until is None or paid.paid_until > pledge.paid_until):
        pledge.paid_until = paid.paid_until
    if pledge.started_at is None or paid.received_at < pledge.started_at:
        first = pledge.started_at is None
        pledge.started_at = paid.received_at
        if first:
            _begin(pledge, now)
        movements.follow(pledge, now=now)
    return pledge


def _begin(pledge: Pledge, now: datetime) -> None:
    if pledge.status in (PledgeStatus.PENDING, PledgeStatus.ABANDONED):
        pledge.status = PledgeStatus.ACTIVE
    # Two pledges that begin at once wait for each other, or neither would see the other.
    db.session.get_one(Account, pledge.account_id, with_for_update={"key_share": True})
    # One that is paused counts: it will be charged again.
    others = [p for p in going_on(pledge.account_id) if p.id != pledge.id]
    if others:
        # The page that took it could not say so: it would have told a stranger who is a patron.
        letters.owe("second_pledge", pledge.id, pledge.account_id, now=now)


def apply(seen: PledgeSeen, *, now: datetime) -> None:
    """Set a pledge to what the provider said of it, under its row lock. The caller commits.

    Answers may overtake each other: one that was asked for before the newest applied changes
    nothing, and nothing follows on an end. What is new is confirmed by a letter, wherever the wish
    was spoken. Raises `UnknownPledge`.
    """
    pledge = locked(seen.pledge_id)
    if pledge.status in FINAL or (pledge.seen_at is not None and seen.seen_at < pledge.seen_at):
        return
    if seen.standing is Standing.ENDED and pledge.stripe_subscription_id not in (
        None,
        seen.subscription_id,
    ):
        # Another subscription that bears this pledge's id has ended; its own goes on.
        return
    news.owe_letters(pledge, seen)
    pledge.seen_at = seen.seen_at
    pledge.stripe_subscription_id = seen.subscription_id
    pledge.stripe_customer_id = seen.customer_id
    pledge.amount_minor, pledge.currency = seen.amount.minor, seen.amount.currency
    pledge.cover_minor = seen.cover_minor
    pledge.interval = seen.interval
    pledge.next_payment_at, pledge.resumes_at = seen.next_payment_at, seen.resumes_at
    pledge.ends_at = seen.ends_at
    pledge.status = STATUSES[seen.standing]
    if seen.standing is Standing.PAST_DUE:
        pledge.past_due_since = pledge.past_due_since or _unpaid_since(pledge, seen)
    else:
        pledge.past_due_since = None
    _take_card(pledge, seen.card)
    if seen.standing is Standing.ENDED:
        _end(pledge, seen)
    movements.follow(pledge, now=now)


def _unpaid_since(pledge: Pledge, seen: PledgeSeen) -> datetime:
    """Return when the period that is not paid began: when the paid one ended, or a pause after it.

    Grace is counted from then, so months of rest must not have used it up.
    """
    known = [at for at in (pledge.paid_until, seen.period_began_at) if at is not None]
    return max(known, default=seen.seen_at)


def _take_card(pledge: Pledge, card: Card | None) -> None:
    pledge.card_brand = card.brand if card else None
    pledge.card_last4 = card.last4 if card else None
    pledge.card_exp_year = card.exp_year if card else None
    pledge.card_exp_month = card.exp_month if card else None


def _end(pledge: Pledge, seen: PledgeSeen) -> None:
    reason = END_REASONS[seen.ending or Ending.OTHER]
    if reason is EndReason.LEFT and _ended_by_rule(pledge):
        reason = EndReason.DISPUTED
    pledge.ended_at = seen.ended_at or seen.seen_at
    pledge.ends_at = pledge.resumes_at = pledge.next_payment_at = None
    pledge.end_reason = reason
    if reason in (EndReason.UNPAID, EndReason.DISPUTED):
        pledge.status = PledgeStatus.LAPSED
    # What was still owed of it, an end that nobody could carry out above all, is owed no more.
    db.session.execute(
        update(PledgeChange)
        .where(PledgeChange.pledge_id == pledge.id, PledgeChange.due_at.is_not(None))
        .values(due_at=None, error=None)
    )


def _ended_by_rule(pledge: Pledge) -> bool:
    """Whether the house asked for the end, which the provider tells like the patron's own wish."""
    wish = select(PledgeChange.id).where(
        PledgeChange.pledge_id == pledge.id,
        PledgeChange.kind == ChangeKind.LEAVE_NOW,
        PledgeChange.via == "rule",
    )
    return bool(db.session.scalar(select(wish.exists())))
