"""The inbox: keep each event once, and ask for it to be settled."""

from datetime import datetime

from app import jobs
from app.extensions import db
from app.jobs import Job
from app.payments.gateway import Envelope

#: Written by hand: building the same statement anew for each event took longer than keeping it.
KEEP = """
INSERT INTO inbox_event (id, type, stripe_object_id, body, received_at, due_at, attempts)
VALUES (%s, %s, %s, %s, %s, %s, 0) ON CONFLICT DO NOTHING RETURNING id
"""


def keep(envelope: Envelope, *, now: datetime) -> bool:
    """Keep a verified event and commit; False when it was kept before.

    One statement that commits itself, one exchange with the database.
    """
    with db.engine.connect() as connection:
        kept = (
            connection.execution_options(isolation_level="AUTOCOMMIT")
            .exec_driver_sql(
                KEEP,
                (
                    envelope.event_id,
                    envelope.type,
                    envelope.object_id,
                    envelope.body,
                    now,
                    now,
                ),
            )
            .scalar()
        )
    if kept is not None:
        jobs.enqueue(Job.SETTLE_EVENTS)
    return kept is not None
