"""What came from where, kept for reports: the movements by which something came, and counts."""

from datetime import date

from sqlalchemy import BigInteger, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions import Base, Moment


class Came(Base):
    """One movement by which something came, with its origins; see `origins.moved`."""

    __tablename__ = "came"
    __table_args__ = (Index("ix_came_at", "at"),)

    #: Of the movement.
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    account_id: Mapped[int] = mapped_column(BigInteger, index=True)
    at: Mapped[Moment]
    currency: Mapped[str] = mapped_column(String(3))
    #: By each word of each touch; empty for unknown.
    first_article: Mapped[str] = mapped_column(String(500))
    last_article: Mapped[str] = mapped_column(String(500))
    first_campaign: Mapped[str] = mapped_column(String(100))
    last_campaign: Mapped[str] = mapped_column(String(100))
    first_source: Mapped[str] = mapped_column(String(100))
    last_source: Mapped[str] = mapped_column(String(100))
    came: Mapped[str] = mapped_column(String(8))
    #: Whether a pledge began with it.
    begins: Mapped[bool]
    yearly_minor: Mapped[int] = mapped_column(BigInteger)
    #: Until when its pledge stood; that may lie ahead.
    out_at: Mapped[Moment | None]
    #: So many months later by the calendar, and whether the pledge that began stood up to then.
    later_3: Mapped[Moment]
    later_6: Mapped[Moment]
    later_12: Mapped[Moment]
    kept_3: Mapped[bool]
    kept_6: Mapped[bool]
    kept_12: Mapped[bool]


class CameCount(Base):
    """What one origin brought in a month and currency, by the way it came."""

    __tablename__ = "came_count"

    #: By which word of which touch: `Origin.name`.
    by: Mapped[str] = mapped_column(String(14), primary_key=True)
    month: Mapped[date] = mapped_column(primary_key=True)
    currency: Mapped[str] = mapped_column(String(3), primary_key=True)
    origin: Mapped[str] = mapped_column(String(500), primary_key=True)
    came: Mapped[str] = mapped_column(String(8), primary_key=True)
    moved: Mapped[int]
    yearly_minor: Mapped[int] = mapped_column(BigInteger)
    begun: Mapped[int]
    kept_3: Mapped[int]
    kept_6: Mapped[int]
    kept_12: Mapped[int]
