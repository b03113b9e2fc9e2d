"""Events of Stripe about somebody who was erased: emptied, also those that come afterwards."""

import json
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import func, select, text

from app.extensions import db
from app.owed import MAX_ATTEMPTS
from app.payments.models import InboxEvent
from app.privacy import erasure_outside
from app.privacy.erasure_models import Erasure

#: Stripe tells again for thirty days; a person may have it tell again for some more.
WATCHED = timedelta(days=60)

# What names the person is in the body; what has to be read again is known by the object's id.
# The id of a deleted customer is the person's, and there is nothing to be read of it any more.
EMPTY = """
UPDATE inbox_event
SET body = jsonb_build_object('id', id, 'type', type, 'erased', true),
    stripe_object_id = CASE WHEN stripe_object_id = ANY(:customers) THEN NULL
                            ELSE stripe_object_id END,
    error = NULL
WHERE received_at >= :since AND (settled_at IS NOT NULL OR attempts >= :most)
  AND NOT body ? 'erased'
  AND (body::text ILIKE ANY(:patterns)
       OR (type LIKE 'charge.dispute.%' AND body #>> '{data,object,charge}' IN (
             SELECT stripe_charge_id FROM donation WHERE account_id = ANY(:accounts))))
"""


def empty(
    customers: Sequence[str],
    account_ids: Sequence[int],
    *,
    since: datetime,
    addresses: Sequence[str] = (),
) -> int:
    """Empty the settled events that tell of customers, accounts or addresses; the caller commits.

    Of those received since a moment. Returns how many there were.
    """
    if not account_ids:
        return 0
    attempts = db.session.execute(
        text("SELECT id::text FROM checkout WHERE account_id = ANY(:ids)"),
        {"ids": list(account_ids)},
    ).scalars()
    # As they stand in the text of a JSON document, where nothing stands for anything else.
    words = [json.dumps(word, ensure_ascii=False)[1:-1] for word in addresses]
    found = [*customers, *attempts, *words]
    if not found:
        return 0
    done = db.session.execute(
        text(EMPTY + " RETURNING id"),
        {
            "customers": list(customers),
            "accounts": list(account_ids),
            "patterns": [f'%"{_literal(one)}"%' for one in found],
            "since": since,
            "most": MAX_ATTEMPTS,
        },
    )
    return len(done.all())


def _literal(word: str) -> str:
    return word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def watch(*, now: datetime) -> int:
    """Empty what has come since the last look about people erased lately; commits.

    Returns how many events that were. Once nothing more can come, what they were known by is
    forgotten too.
    """
    watched = db.session.scalars(
        select(Erasure).where(Erasure.watch_until.is_not(None)).with_for_update(skip_locked=True)
    ).all()
    over = [one for one in watched if one.watch_until is not None and one.watch_until <= now]
    for erasure in over:
        erasure.customers_sealed = erasure.watch_until = None
    going_on = [one for one in watched if one.watch_until is not None]
    emptied = 0
    if going_on:
        known = {customer for one in going_on for customer in erasure_outside.customers(one)}
        seen = [one.watched_at or one.asked_at for one in going_on]
        emptied = empty(sorted(known), [one.account_id for one in going_on], since=min(seen))
        upto = settled_up_to(now)
        for one in going_on:
            one.watched_at = upto
    db.session.commit()
    return emptied


def settled_up_to(now: datetime) -> datetime:
    """Up to when every event that came has been settled: those that wait are looked at later."""
    oldest = db.session.scalar(
        select(func.min(InboxEvent.received_at)).where(
            InboxEvent.due_at.is_not(None), InboxEvent.attempts < MAX_ATTEMPTS
        )
    )
    # What is received at this moment may not be committed yet.
    return min(oldest or now, now - timedelta(minutes=5))
