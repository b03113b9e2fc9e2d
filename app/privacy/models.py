"""The runs of time limits, kept so that staff can see that what is over is gone."""

from sqlalchemy import BigInteger, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions import Base, Key, Moment


class LimitRun(Base):
    """One run of one time limit.

    The oldest says since when limits are held to. So that one is there before any has run, there is
    an entry without a key, made with the table.
    """

    __tablename__ = "limit_run"
    __table_args__ = (Index("ix_limit_run_newest", "limit_key", text("id DESC")),)

    id: Mapped[Key]
    #: See `privacy.limits`.
    limit_key: Mapped[str] = mapped_column(String(40))
    began_at: Mapped[Moment]
    #: When it was through; null where it failed, or its worker died.
    ended_at: Mapped[Moment | None]
    #: How many rows went, or lost what they said of somebody.
    gone: Mapped[int | None] = mapped_column(BigInteger)
    #: The kind of error it ended with; null for none.
    error: Mapped[str | None] = mapped_column(String(200))
