"""The log of the shield: each time it was raised, and what came of it."""

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, String, text
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions import Base, Key, Moment


class ShieldLog(Base):
    """One time in shield mode, from being raised to being lowered. At most one is open."""

    __tablename__ = "shield_log"
    __table_args__ = (
        CheckConstraint("why IN ('pressure', 'staff')", name="known_reason"),
        # No two workers that see the same attack raise the shield twice.
        Index(
            "uq_shield_log_open",
            text("(lowered_at IS NULL)"),
            unique=True,
            postgresql_where=text("lowered_at IS NULL"),
        ),
    )

    id: Mapped[Key]
    raised_at: Mapped[Moment]
    #: Null while it is raised.
    lowered_at: Mapped[Moment | None]
    #: "pressure" for its own doing, "staff" for somebody's decision.
    why: Mapped[str] = mapped_column(String(20))
    #: Who raised it, and who lowered it; null where it did so itself.
    raised_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    lowered_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    #: Attempts that were asked for a letter or to wait.
    held_back: Mapped[int] = mapped_column(Integer, default=0)
    #: Pages opened at Stripe, those that raised it among them.
    reached_stripe: Mapped[int] = mapped_column(Integer, default=0)
    #: How many of them were paid.
    paid: Mapped[int] = mapped_column(Integer, default=0)
