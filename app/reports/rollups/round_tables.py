"""Counted rounds kept for reports: who took part and who stayed, in numbers; no choices."""

from sqlalchemy import BigInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions import Base


class Turnout(Base):
    """How many could vote in one round, and how many of them did."""

    __tablename__ = "turnout"

    round_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    roll: Mapped[int]
    voted: Mapped[int]


class TurnoutAgain(Base):
    """In how many of three counted rounds in a row people on all their rolls voted."""

    __tablename__ = "turnout_again"

    #: The last of the three, the one before it and the first.
    round_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    middle_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    first_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    times: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    people: Mapped[int]


class StayerCount(Base):
    """How many on a round's roll are alike, and how many of them stayed; see `stayers`."""

    __tablename__ = "stayer_count"

    round_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    plan: Mapped[str] = mapped_column(String(10), primary_key=True)
    tenure: Mapped[str] = mapped_column(String(12), primary_key=True)
    voted: Mapped[bool] = mapped_column(primary_key=True)
    people: Mapped[int]
    stayed: Mapped[int]
