"""How readers came: the touches of each attempt to give, and counts of the steps before it."""

import uuid
from datetime import date

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions import Base, Moment


class Touch(Base):
    """One visit that told where its reader came from, as it stood when the gift was begun.

    An attempt to give has none, or a first and a last one, which may be alike. Entered with its
    checkout and never changed; it goes with it.
    """

    __tablename__ = "touch"
    __table_args__ = (
        CheckConstraint("turn IN ('first', 'last')", name="known_turn"),
        Index("ix_touch_pledge_id", "pledge_id", "turn", unique=True),
    )

    checkout_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("checkout.id", ondelete="CASCADE"), primary_key=True
    )
    #: See `giving.arrivals.touches.Turn`.
    turn: Mapped[str] = mapped_column(String(5), primary_key=True)
    #: The pledge of the checkout; null for a gift given once.
    pledge_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("pledge.id", ondelete="CASCADE"))
    #: The day of the visit, in the newsroom's zone.
    on: Mapped[date]
    #: Null for what was not told, here and below.
    article: Mapped[str | None] = mapped_column(String(500))
    campaign: Mapped[str | None] = mapped_column(String(100))
    #: Who sent the reader, such as a newsletter or a network, and by what kind of link.
    source: Mapped[str | None] = mapped_column(String(100))
    medium: Mapped[str | None] = mapped_column(String(100))
    content: Mapped[str | None] = mapped_column(String(100))
    term: Mapped[str | None] = mapped_column(String(100))
    #: Where on the page the link stood.
    place: Mapped[str | None] = mapped_column(String(100))
    #: The host of the page that led here, never more of its address.
    referrer: Mapped[str | None] = mapped_column(String(100))


class FunnelDay(Base):
    """How many visits reached one step on one day; about nobody in particular."""

    __tablename__ = "funnel_day"

    #: The day in the newsroom's zone.
    day: Mapped[date] = mapped_column(primary_key=True)
    #: See `giving.arrivals.steps.Step`.
    step: Mapped[str] = mapped_column(String(10), primary_key=True)
    language: Mapped[str] = mapped_column(String(8), primary_key=True)
    #: See `giving.arrivals.steps.Device`.
    device: Mapped[str] = mapped_column(String(10), primary_key=True)
    #: Of the newest visit that told one; empty for none, `steps.OTHERS` beyond what is told apart.
    campaign: Mapped[str] = mapped_column(String(100), primary_key=True)
    article: Mapped[str] = mapped_column(String(500), primary_key=True)
    count: Mapped[int] = mapped_column(BigInteger)


class FunnelFold(Base):
    """One lot of counts that was taken from Redis, so that none is added twice."""

    __tablename__ = "funnel_fold"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    folded_at: Mapped[Moment] = mapped_column(index=True)
