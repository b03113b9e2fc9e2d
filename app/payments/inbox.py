"""The inbox: keep each event once, ask for it to be settled, and forget what it said in time."""

from datetime import datetime

from sqlalchemy import text

from app import jobs, pool
from app.extensions import db
from app.jobs import Job
from app.payments.facts import Envelope

# Written by hand and carried out by the driver: Stripe delivers in bursts, and to build, compile
# and unpack the same statement for each event took longer than to keep it.
KEEP = """
INSERT INTO inbox_event (id, type, stripe_object_id, body, received_at, due_at, attempts)
VALUES (%s, %s, %s, %s, %s, %s, 0) ON CONFLICT DO NOTHING
"""

#: A body that tells of somebody is longer than this; what is left of one is not.
BARE = 500
#: Which event it was and about which object stays, so it can be settled again from what Stripe
#: says then. Its stored size is read from the row, so nothing is unpacked to find what is left.
EMPTY = """
UPDATE inbox_event
SET body = (body - 'data' - 'request') || jsonb_build_object('data', jsonb_build_object('object',
    jsonb_strip_nulls(jsonb_build_object('id', body #> '{data,object,id}',
    'object', body #> '{data,object,object}'))))
WHERE id IN (
    SELECT id FROM inbox_event
    WHERE received_at < :before AND due_at IS NULL AND pg_column_size(body) > :bare
        AND (body #> '{data,object}') - 'id' - 'object' <> '{}'
    LIMIT 1000
)
"""


def keep(envelope: Envelope, *, now: datetime) -> bool:
    """Keep a verified event and commit; False when it was kept before.

    One statement that commits itself, so one exchange with the database.
    """
    values = (envelope.event_id, envelope.type, envelope.object_id, envelope.body, now, now)
    kept = pool.at_once().execute(KEEP, values).rowcount == 1
    if kept:
        jobs.enqueue(Job.SETTLE_EVENTS)
    return kept


def forget(*, before: datetime) -> int:
    """Empty what events said that came before a moment and are done with; return how many.

    Commits by sets. An empty one is left as it is.
    """
    gone = 0
    while True:
        taken = db.session.execute(text(EMPTY), {"before": before, "bare": BARE})
        db.session.commit()
        count = int(taken.rowcount)  # type: ignore[attr-defined]
        gone += count
        if not count:
            return gone
