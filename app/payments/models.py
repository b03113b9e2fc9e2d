"""The inbox: every event of the payment provider as it came, kept once."""

from enum import StrEnum
from typing import Any

from sqlalchemy import Index, String, func
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions import Base, Moment
from app.owed import Owed


class Outcome(StrEnum):
    """What came of a settled event."""

    APPLIED = "applied"
    #: Of another application on the same Stripe account.
    NOT_OURS = "not_ours"
    #: Of a type we do not act on; kept for staff to see.
    UNKNOWN = "unknown"


class InboxEvent(Owed, Base):
    """One event, verified and kept before it is acted on."""

    __tablename__ = "inbox_event"
    __table_args__ = (
        Index("ix_inbox_event_owed", "due_at", postgresql_where="due_at IS NOT NULL"),
        # How staff look into it: the newest first, and all that was told of one object.
        Index("ix_inbox_event_received", "received_at", "id"),
        Index("ix_inbox_event_object", "stripe_object_id"),
    )

    #: Stripe's id of the event.
    id: Mapped[str] = mapped_column(String(255), primary_key=True)
    type: Mapped[str] = mapped_column(String(100))
    #: The object the event is about; null for the few that have none.
    stripe_object_id: Mapped[str | None] = mapped_column(String(255))
    #: The event as it came; fetched only where it is looked at.
    body: Mapped[dict[str, Any]] = mapped_column(JSONB, deferred=True)
    received_at: Mapped[Moment] = mapped_column(server_default=func.now())
    #: When it was acted on; null while it was not.
    settled_at: Mapped[Moment | None]
    outcome: Mapped[str | None] = mapped_column(String(20))
