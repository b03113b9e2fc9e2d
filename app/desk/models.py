"""Comparisons with Stripe, and the differences they found."""

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions import Base, Key, Moment
from app.owed import Owed


class Comparison(Owed, Base):
    """One comparison of what we have with what Stripe has; owed until it is finished."""

    __tablename__ = "comparison"
    __table_args__ = (
        # Two at once would only get in each other's way.
        Index(
            "uq_comparison_unfinished",
            text("(finished_at IS NULL)"),
            unique=True,
            postgresql_where="finished_at IS NULL",
        ),
        Index("ix_comparison_owed", "due_at", postgresql_where="due_at IS NOT NULL"),
    )

    id: Mapped[Key]
    asked_at: Mapped[Moment]
    #: The member of staff who asked for it; null for the nightly one.
    asked_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    #: What was made from then on is compared; subscriptions are all compared.
    since: Mapped[Moment]
    #: Null while it waits for a worker.
    started_at: Mapped[Moment | None]
    #: When it came to its end, was called off or given up.
    finished_at: Mapped[Moment | None]
    #: The kinds that are compared already, so that a worker's death costs one kind at most.
    compared: Mapped[list[str]] = mapped_column(
        ARRAY(String(40)), default=list, server_default="{}"
    )
    #: Objects looked at so far, here and at Stripe.
    looked_at: Mapped[int] = mapped_column(default=0, server_default="0")
    #: Differences that stood when it ended.
    found: Mapped[int] = mapped_column(default=0, server_default="0")


class Difference(Owed, Base):
    """One way in which an object here is not what it is at Stripe; owed while it is repaired.

    It is kept when it is gone, with the moment, for as long as what Stripe told.
    """

    __tablename__ = "difference"
    __table_args__ = (
        CheckConstraint("what IN ('missing_here', 'missing_there', 'differs')", name="known_what"),
        Index(
            "uq_difference_open",
            "kind",
            "object_id",
            "field",
            unique=True,
            postgresql_where="gone_at IS NULL",
        ),
        Index("ix_difference_owed", "due_at", postgresql_where="due_at IS NOT NULL"),
    )

    id: Mapped[Key]
    #: See `payments.orders.SurveyKind`: the type of event that would tell of the object.
    kind: Mapped[str] = mapped_column(String(40))
    #: Stripe's id of the object.
    object_id: Mapped[str] = mapped_column(String(255))
    #: "missing_here", "missing_there" or "differs".
    what: Mapped[str] = mapped_column(String(16))
    #: What differs; empty where the whole object is missing.
    field: Mapped[str] = mapped_column(String(60))
    ours: Mapped[str] = mapped_column(Text)
    theirs: Mapped[str] = mapped_column(Text)
    found_at: Mapped[Moment]
    #: When it was no longer there; null while it is.
    gone_at: Mapped[Moment | None]
