"""The inbox: keep each event once, and ask for it to be settled."""

from datetime import datetime

from sqlalchemy.dialects.postgresql import insert

from app.extensions import db
from app.jobs import Job, enqueue_after_commit
from app.payments.gateway import Envelope
from app.payments.models import InboxEvent


def keep(envelope: Envelope, *, now: datetime) -> bool:
    """Keep a verified event and commit; False when it was kept before."""
    kept = db.session.scalar(
        insert(InboxEvent)
        .values(
            id=envelope.event_id,
            type=envelope.type,
            stripe_object_id=envelope.object_id,
            body=envelope.body,
            received_at=now,
            due_at=now,
            attempts=0,
        )
        .on_conflict_do_nothing()
        .returning(InboxEvent.id)
    )
    if kept is not None:
        enqueue_after_commit(Job.SETTLE_EVENTS)
    db.session.commit()
    return kept is not None
