"""The inbox: keep each event once, and ask for it to be settled."""

from datetime import datetime

from app import jobs, pool
from app.jobs import Job
from app.payments.facts import Envelope

# Written by hand and carried out by the driver: Stripe delivers in bursts, and to build, compile
# and unpack the same statement for each event took longer than to keep it.
KEEP = """
INSERT INTO inbox_event (id, type, stripe_object_id, body, received_at, due_at, attempts)
VALUES (%s, %s, %s, %s, %s, %s, 0) ON CONFLICT DO NOTHING
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
