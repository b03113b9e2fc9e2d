"""Which gifts are past due, and what is done about each; for staff."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, String, and_, cast, func, select

from app.accounts.models import Account
from app.current import settings
from app.extensions import db
from app.giving.failing.failures import KIND, WAITING
from app.giving.models import FailedPayment, Pledge
from app.giving.rules import Interval, PledgeStatus, grace_ends
from app.letters.models import Letter
from app.money import Money
from app.payments.facts import Remedy

SINCE_EVER = datetime.min.replace(tzinfo=UTC)
#: An attempt that failed before the pledge was past due is of another invoice. What is paid lasts
#: to the very moment the next is due, and clocks differ.
GRAIN = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Recovery:
    """A gift that is past due while Stripe still tries to take it."""

    account_id: int
    name: str
    email: str
    pledge_id: uuid.UUID
    #: What could not be taken: of the newest failed attempt, or the pledge's where none is known.
    amount: Money
    interval: Interval
    past_due_since: datetime
    #: To when the patron keeps standing; past for one whose grace is over.
    grace_ends_at: datetime
    in_grace: bool
    #: Failed attempts so far; 0 while no attempt has been told of.
    attempts: int
    remedy: Remedy | None
    decline_code: str | None
    next_attempt_at: datetime | None
    #: Letters about this invoice that a mail server took.
    letters_sent: int


def listed(now: datetime, *, limit: int, after_grace: bool = True) -> Sequence[Recovery]:
    """List the gifts past due, those whose grace ends the soonest first.

    `after_grace` also lists those whose grace is over and whom Stripe still tries.
    """
    grace = timedelta(days=settings().grace_days)
    asked = past_due(Pledge.past_due_since > (SINCE_EVER if after_grace else now - grace))
    return [read(row, now) for row in db.session.execute(asked.limit(limit))]


def past_due(*which: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    """Select the gifts past due of which all conditions hold; `read` tells what a row says."""
    newest = (
        select(FailedPayment)
        .where(FailedPayment.pledge_id == Pledge.id)
        .order_by(FailedPayment.failed_at.desc(), FailedPayment.attempt.desc())
        .limit(1)
        .lateral("newest")
    )
    matter = func.concat(
        FailedPayment.stripe_invoice_id, ":", cast(FailedPayment.attempt, String), type_=String
    )
    # Only this invoice's: a pledge that recovered last year begins anew.
    sent = (
        select(func.count())
        .select_from(FailedPayment)
        .join(
            Letter,
            and_(
                Letter.kind == KIND,
                Letter.matter.in_((matter, matter.concat(f":{WAITING}"))),
            ),
        )
        .where(
            FailedPayment.stripe_invoice_id == newest.c.stripe_invoice_id,
            Letter.sent_at.is_not(None),
        )
        .scalar_subquery()
    )
    return (
        select(Account, Pledge, newest, sent.label("letters_sent"))
        .join(Account, Account.id == Pledge.account_id)
        .outerjoin(newest, newest.c.failed_at >= Pledge.past_due_since - GRAIN)
        .where(
            Pledge.status == PledgeStatus.PAST_DUE,
            Pledge.started_at.is_not(None),
            Pledge.past_due_since.is_not(None),
            *which,
        )
        .order_by(Pledge.past_due_since, Pledge.id)
    )


def read(row: Row[Any], now: datetime) -> Recovery:
    """Return what a row of `past_due` says."""
    grace = timedelta(days=settings().grace_days)
    pledge: Pledge = row.Pledge
    assert pledge.past_due_since is not None, "asked for"
    ends_at = grace_ends(pledge.past_due_since, grace)
    known = row.attempt is not None
    return Recovery(
        account_id=pledge.account_id,
        name=row.Account.name,
        email=row.Account.email,
        pledge_id=pledge.id,
        amount=Money(row.amount_minor, row.currency) if known else pledge.amount,
        interval=Interval(pledge.interval),
        past_due_since=pledge.past_due_since,
        grace_ends_at=ends_at,
        in_grace=ends_at > now,
        attempts=row.attempt or 0,
        remedy=Remedy(row.remedy) if known else None,
        decline_code=row.decline_code,
        next_attempt_at=row.next_attempt_at,
        letters_sent=row.letters_sent,
    )
