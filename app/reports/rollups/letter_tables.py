"""Letters kept for reports: how many became owed on each day, and how far they have come."""

from datetime import date

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions import Base


class LetterDay(Base):
    """Letters of one kind that became owed on one day of the newsroom's, by how far they came."""

    __tablename__ = "letter_day"

    day: Mapped[date] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(40), primary_key=True)
    owed: Mapped[int]
    sent: Mapped[int]
    waiting: Mapped[int]
    given_up: Mapped[int]
    undue: Mapped[int]
