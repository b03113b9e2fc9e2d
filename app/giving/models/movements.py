"""The movement ledger: every change of what a pledge brings by the year."""

import uuid

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions import Base, Key, Moment
from app.money import Money


class PledgeMovement(Base):
    """One change of what a pledge brings by the year; added, and never changed.

    Their sum up to a moment is what recurred at that moment, in every currency. A merge of two
    accounts moves whose it is, and nothing else of it.
    """

    __tablename__ = "pledge_movement"
    __table_args__ = (
        CheckConstraint(
            "kind IN ('new', 'returning', 'up', 'down', 'paused', 'resumed', 'left', 'lapsed',"
            " 'ended', 'correction')",
            name="known_kind",
        ),
        Index("ix_pledge_movement_at", "at"),
        Index("ix_pledge_movement_account", "account_id", "at"),
    )

    id: Mapped[Key]
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    pledge_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("pledge.id"), index=True)
    #: See `giving.rules.MovementKind`.
    kind: Mapped[str] = mapped_column(String(12))
    #: What brought it about: a `giving.rules.MovementCause`, or the `EndReason` of an end.
    cause: Mapped[str] = mapped_column(String(20))
    #: By how much, in minor units by the year; less is negative. 0 where somebody left while
    #: paused, who brought nothing any more.
    yearly_minor: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column(String(3))
    #: How often the pledge is given: "month" or "year".
    interval: Mapped[str] = mapped_column(String(8))
    #: When it happened, as well as that is known.
    at: Mapped[Moment]
    #: When it was entered here.
    entered_at: Mapped[Moment]

    @property
    def yearly(self) -> Money:
        """By how much, by the year."""
        return Money(self.yearly_minor, self.currency)


class MovementCheck(Base):
    """One nightly proof that the movements add up to what the pledges promise."""

    __tablename__ = "movement_check"

    id: Mapped[Key]
    at: Mapped[Moment] = mapped_column(index=True)
    #: How many pledges were looked at, and how many of them the movements do not add up to.
    pledges: Mapped[int] = mapped_column(Integer)
    differing: Mapped[int] = mapped_column(Integer)
