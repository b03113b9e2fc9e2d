"""Pledges that end because their money went back: owed at Stripe until it has been done."""

import uuid
from datetime import datetime

from sqlalchemy import select

from app.accounts import audit
from app.extensions import db
from app.giving.models import Pledge, PledgeChange
from app.giving.rules import FINAL, ChangeKind
from app.jobs import Job, enqueue_after_commit

#: Why the house itself ends a pledge; stands in `PledgeChange.reason`.
DISPUTED, FRAUD = "disputed", "fraud"
#: Why staff end one with a refund.
REFUNDED = "refunded"


def owe(
    pledge_id: uuid.UUID, *, reason: str, by_account_id: int | None = None, now: datetime
) -> None:
    """Owe the end of a pledge, at once and for good, once. The caller commits.

    `by_account_id` is the member of staff who ticked it, None for a rule of the house. Nothing
    happens to a pledge that has ended, or whose end is owed already.
    """
    pledge = db.session.get_one(Pledge, pledge_id)
    if pledge.status in FINAL or pledge.stripe_subscription_id is None or _owed(pledge_id):
        return
    db.session.add(
        PledgeChange(
            pledge_id=pledge_id,
            kind=ChangeKind.LEAVE_NOW,
            by_account_id=by_account_id,
            via="staff" if by_account_id else "rule",
            asked_at=now,
            amount_before=pledge.amount_minor,
            interval_before=pledge.interval,
            reason=reason,
            due_at=now,
        )
    )
    audit.note(
        by_account_id,
        "pledge_end_owed",
        "pledge",
        pledge_id,
        account_id=pledge.account_id,
        now=now,
        reason=reason,
    )
    enqueue_after_commit(Job.CARRY_OUT)


def _owed(pledge_id: uuid.UUID) -> bool:
    return bool(
        db.session.scalar(
            select(
                select(PledgeChange.id)
                .where(
                    PledgeChange.pledge_id == pledge_id,
                    PledgeChange.kind == ChangeKind.LEAVE_NOW,
                    PledgeChange.due_at.is_not(None) | PledgeChange.applied_at.is_not(None),
                )
                .exists()
            )
        )
    )
