"""The inbox: keep each event once, and ask for it to be settled."""

from datetime import datetime
from typing import cast

import psycopg

from app import jobs
from app.extensions import db
from app.jobs import Job
from app.payments.gateway import Envelope

# Written by hand and carried out by the driver: Stripe delivers in bursts, and to build, compile
# and unpack the same statement for each event took longer than to keep it.
KEEP = """
INSERT INTO inbox_event (id, type, stripe_object_id, body, received_at, due_at, attempts)
VALUES (%s, %s, %s, %s, %s, %s, 0) ON CONFLICT DO NOTHING RETURNING id
"""


def keep(envelope: Envelope, *, now: datetime) -> bool:
    """Keep a verified event and commit; False when it was kept before.

    One statement that commits itself, so one exchange with the database.
    """
    values = (envelope.event_id, envelope.type, envelope.object_id, envelope.body, now, now)
    pooled = db.engine.raw_connection()
    try:
        connection = cast(psycopg.Connection, pooled.driver_connection)
        connection.autocommit = True
        kept = connection.execute(KEEP, values).fetchone() is not None
        connection.autocommit = False
    except BaseException:
        # Whatever state it was left in, no session may be given it.
        pooled.invalidate()
        raise
    finally:
        pooled.close()
    if kept:
        jobs.enqueue(Job.SETTLE_EVENTS)
    return kept
