"""Files in which people take what is kept about them, sealed and in parts, kept for days."""

import uuid

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions import Base, Moment
from app.owed import Owed


class Takeout(Owed, Base):
    """One file that a person asked for; owed until it is ready or given up."""

    __tablename__ = "takeout"
    __table_args__ = (
        CheckConstraint("(ready_at IS NULL) = (parts = 0)", name="ready_has_parts"),
        Index("ix_takeout_owed", "due_at", postgresql_where="due_at IS NOT NULL"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    #: The language of its pages.
    locale: Mapped[str] = mapped_column(String(8))
    asked_at: Mapped[Moment]
    #: When it could be fetched; null until then.
    ready_at: Mapped[Moment | None]
    #: When it was given up; null unless it was.
    failed_at: Mapped[Moment | None]
    #: When it is removed, be it ready or given up; null while it is made.
    expires_at: Mapped[Moment | None] = mapped_column(index=True)
    #: When it was last fetched; null while it was not.
    fetched_at: Mapped[Moment | None]
    #: Its length in bytes, and in how many parts it is kept.
    size: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
    parts: Mapped[int] = mapped_column(default=0, server_default="0")


class TakeoutPart(Base):
    """A piece of a file, sealed: a copy of the database alone gives nobody what is in it."""

    __tablename__ = "takeout_part"

    takeout_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("takeout.id", ondelete="CASCADE"), primary_key=True
    )
    #: Its place among the parts, from 0.
    place: Mapped[int] = mapped_column(primary_key=True)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
