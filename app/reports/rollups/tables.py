"""Which parts of the rollups are out of date, and under which terms they were made."""

from sqlalchemy import BigInteger, CheckConstraint, Index, Integer, SmallInteger, String, func
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions import Base, Key, Moment


class RollupStale(Base):
    """A part of a rollup that raw rows have moved away from; only added, and taken away.

    Triggers write it, so that no writer waits for another and none can forget it.
    """

    __tablename__ = "rollup_stale"
    __table_args__ = (Index("ix_rollup_stale_rollup", "rollup", "id"),)

    id: Mapped[Key]
    #: The name of the rollup.
    rollup: Mapped[str] = mapped_column(String(20))
    #: For rollups by day a quarter of an hour since 1970; for those by person the account.
    key: Mapped[int] = mapped_column(BigInteger)
    #: Since when.
    at: Mapped[Moment] = mapped_column(server_default=func.now())


class RollupState(Base):
    """How the rollups were made, in one row; none before they are followed for the first time."""

    __tablename__ = "rollup_state"
    __table_args__ = (CheckConstraint("id = 1", name="only_one"),)

    id: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    #: See `following.terms`.
    terms: Mapped[str] = mapped_column(String(100))
    #: When a sample was last held against the raw rows, and how many parts of it differed.
    checked_at: Mapped[Moment | None]
    differing: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
