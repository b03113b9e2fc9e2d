"""How readers came: touches of each attempt to give, counts of the steps before it, campaigns."""

import uuid
from datetime import date

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions import Base, Key, Moment
from app.money import Money


class Touch(Base):
    """One visit that told where its reader came from, as it stood when the gift was begun.

    An attempt to give has none, or a first and a last one, which may be alike. Entered with its
    checkout and never changed; it goes with it.
    """

    __tablename__ = "touch"
    __table_args__ = (
        CheckConstraint("turn IN ('first', 'last')", name="known_turn"),
        Index("ix_touch_pledge_id", "pledge_id", "turn", unique=True),
        Index("ix_touch_campaign", "campaign", "turn"),
        Index("ix_touch_titled", "article", "on", postgresql_where="title IS NOT NULL"),
        Index("ix_touch_appeal", "appeal", postgresql_where="appeal IS NOT NULL"),
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
    #: The appeal that was shown there, and in which wording: see `appeals.rules.tag`.
    appeal: Mapped[str | None] = mapped_column(String(40))
    #: Title and address of the article's page.
    title: Mapped[str | None] = mapped_column(String(200))
    url: Mapped[str | None] = mapped_column(String(500))


class FunnelDay(Base):
    """How many visits reached one step on one day; about nobody in particular."""

    __tablename__ = "funnel_day"
    __table_args__ = (Index("ix_funnel_day_appeal", "appeal", "step"),)

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
    #: The appeal that was shown or that led here, as a `Touch` has it; empty for none.
    appeal: Mapped[str] = mapped_column(String(40), primary_key=True, default="", server_default="")
    count: Mapped[int] = mapped_column(BigInteger)


class FunnelFold(Base):
    """One lot of counts that was taken from Redis, so that none is added twice."""

    __tablename__ = "funnel_fold"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    folded_at: Mapped[Moment] = mapped_column(index=True)


class Campaign(Base):
    """A drive for gifts as staff state it: its name in links, its days, its goal and its cost."""

    __tablename__ = "campaign"
    __table_args__ = (
        UniqueConstraint("name", "starts_on"),
        CheckConstraint("ends_on >= starts_on", name="ends_after_start"),
        CheckConstraint("goal_minor > 0", name="positive_goal"),
        CheckConstraint("cost_minor >= 0", name="no_negative_cost"),
    )

    id: Mapped[Key]
    #: As a `Touch` has it.
    name: Mapped[str] = mapped_column(String(100))
    #: Its first and last day, in the newsroom's zone.
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    #: Of its goal and its cost.
    currency: Mapped[str] = mapped_column(String(3))
    #: What it is to raise; null where no goal was set.
    goal_minor: Mapped[int | None] = mapped_column(BigInteger)
    cost_minor: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
    #: When its name, days and goal were last stated; the cost is known only later.
    stated_at: Mapped[Moment]

    @property
    def goal(self) -> Money | None:
        """What it is to raise."""
        return None if self.goal_minor is None else Money(self.goal_minor, self.currency)

    @property
    def cost(self) -> Money:
        """What it cost."""
        return Money(self.cost_minor, self.currency)
