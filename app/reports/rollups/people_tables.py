"""Patrons kept for reports: when each one stood, what they wished and brought, and how many did.

A table of people has a row of its own for each person, a table of counts says how many rows of it
are alike. `scope` is the currency whose pledges alone are looked at, or empty for all of them.
"""

import uuid
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import BigInteger, Index, Numeric, String
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions import Base, Moment

#: Stands for no month in the counts: who has not gone.
NEVER = date(9999, 12, 1)
#: Stands for no number of months in the counts: who has not left.
NOT_LEFT = -1
#: Stands for every currency.
ALL = ""


class Span(Base):
    """From when to when one pledge stood; `out_at` may lie ahead, see `spans.ends`."""

    __tablename__ = "span"
    __table_args__ = (
        # Few: whose grace has run out and who are not given up by Stripe yet.
        Index("ix_span_gives_until", "out_at", postgresql_where="gives AND out_at IS NOT NULL"),
    )

    pledge_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(BigInteger, index=True)
    currency: Mapped[str] = mapped_column(String(3))
    interval: Mapped[str] = mapped_column(String(8))
    amount_minor: Mapped[int] = mapped_column(BigInteger)
    came_at: Mapped[Moment]
    out_at: Mapped[Moment | None]
    cause: Mapped[str | None] = mapped_column(String(20))
    #: The plan it began with; who changes it later stays among those they came with.
    begun_as: Mapped[str] = mapped_column(String(8))
    #: Empty for none.
    article: Mapped[str] = mapped_column(String(500))
    #: Whether money is to come: it is neither paused nor over.
    gives: Mapped[bool]


class Stay(Base):
    """One unbroken time as a patron; `out_at` may lie ahead. See `stays.joined`."""

    __tablename__ = "stay"
    __table_args__ = (
        Index("ix_stay_came", "scope", "came_at"),
        # All that is asked of who left in a month, which lie far apart in the table.
        Index("ix_stay_out", "scope", "out_at", postgresql_include=["came_at", "why", "back_at"]),
        Index("ix_stay_since", "scope", "since"),
    )

    account_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    scope: Mapped[str] = mapped_column(String(3), primary_key=True)
    #: Counts from 1 for each person.
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    came_at: Mapped[Moment]
    out_at: Mapped[Moment | None]
    why: Mapped[str | None] = mapped_column(String(8))
    plan: Mapped[str] = mapped_column(String(8))
    first: Mapped[bool]
    #: How the first of the person's stays began.
    since: Mapped[Moment]
    begun_as: Mapped[str] = mapped_column(String(8))
    currency: Mapped[str] = mapped_column(String(3))
    article: Mapped[str] = mapped_column(String(500))
    #: When the person's next one began.
    back_at: Mapped[Moment | None]


class StayCount(Base):
    """How many stays began and ended in the same months, alike in all that is counted."""

    __tablename__ = "stay_count"
    __table_args__ = (Index("ix_stay_count_zero", "scope", postgresql_where="people = 0"),)

    scope: Mapped[str] = mapped_column(String(3), primary_key=True)
    since_month: Mapped[date] = mapped_column(primary_key=True)
    begun_as: Mapped[str] = mapped_column(String(8), primary_key=True)
    came_month: Mapped[date] = mapped_column(primary_key=True)
    out_month: Mapped[date] = mapped_column(primary_key=True)
    first: Mapped[bool] = mapped_column(primary_key=True)
    plan: Mapped[str] = mapped_column(String(8), primary_key=True)
    why: Mapped[str] = mapped_column(String(8), primary_key=True)
    people: Mapped[int]


class BegunCount(Base):
    """How many came first in a month from one article, and how many of them stayed 90 days."""

    __tablename__ = "begun_count"

    scope: Mapped[str] = mapped_column(String(3), primary_key=True)
    came_month: Mapped[date] = mapped_column(primary_key=True)
    begun_as: Mapped[str] = mapped_column(String(8), primary_key=True)
    article: Mapped[str] = mapped_column(String(500), primary_key=True)
    people: Mapped[int]
    kept: Mapped[int]


class LastingCount(Base):
    """How many came first on one day and left by the end of the same month of theirs."""

    __tablename__ = "lasting_count"
    __table_args__ = (Index("ix_lasting_count_zero", "scope", postgresql_where="people = 0"),)

    scope: Mapped[str] = mapped_column(String(3), primary_key=True)
    came_day: Mapped[date] = mapped_column(primary_key=True)
    begun_as: Mapped[str] = mapped_column(String(8), primary_key=True)
    currency: Mapped[str] = mapped_column(String(3), primary_key=True)
    #: Later months than are looked at are `NOT_LEFT` too.
    lasted: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    people: Mapped[int]


class LeftCount(Base):
    """How many left in a month for one reason, and how many were back in 90 and in 365 days."""

    __tablename__ = "left_count"

    scope: Mapped[str] = mapped_column(String(3), primary_key=True)
    out_month: Mapped[date] = mapped_column(primary_key=True)
    why: Mapped[str] = mapped_column(String(8), primary_key=True)
    people: Mapped[int]
    back_90: Mapped[int]
    back_365: Mapped[int]


class GivingSum(Base):
    """What pledges of one plan and currency are to bring, each time they are given."""

    __tablename__ = "giving_sum"

    interval: Mapped[str] = mapped_column(String(8), primary_key=True)
    currency: Mapped[str] = mapped_column(String(3), primary_key=True)
    pledges: Mapped[int]
    amount_minor: Mapped[int] = mapped_column(BigInteger)


class Brought(Base):
    """What one person has paid on pledges in the currency they came with; see `lifetimes`."""

    __tablename__ = "brought"

    account_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    scope: Mapped[str] = mapped_column(String(3), primary_key=True)
    begun_as: Mapped[str] = mapped_column(String(8))
    currency: Mapped[str] = mapped_column(String(3))
    settled_minor: Mapped[int] = mapped_column(BigInteger)
    fee_minor: Mapped[Decimal] = mapped_column(Numeric)
    paid_minor: Mapped[int] = mapped_column(BigInteger)


class BroughtSum(Base):
    """The same of all who came on one plan in one currency."""

    __tablename__ = "brought_sum"

    scope: Mapped[str] = mapped_column(String(3), primary_key=True)
    begun_as: Mapped[str] = mapped_column(String(8), primary_key=True)
    currency: Mapped[str] = mapped_column(String(3), primary_key=True)
    people: Mapped[int]
    settled_minor: Mapped[int] = mapped_column(BigInteger)
    fee_minor: Mapped[Decimal] = mapped_column(Numeric)
    paid_minor: Mapped[int] = mapped_column(BigInteger)


class LeaveWish(Base):
    """One wish to leave; see `leaving`. What was written beside it stays where it was written."""

    __tablename__ = "leave_wish"
    __table_args__ = (
        Index("ix_leave_wish_at", "at"),
        Index("ix_leave_wish_saved", "at", postgresql_where="saved_at IS NOT NULL"),
    )

    #: Of the change that was asked for, or of the pledge where none was.
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    pledge_id: Mapped[uuid.UUID]
    account_id: Mapped[int] = mapped_column(BigInteger, index=True)
    currency: Mapped[str] = mapped_column(String(3))
    at: Mapped[Moment]
    reason: Mapped[str] = mapped_column(String(20))
    became: Mapped[str] = mapped_column(String(10))
    how: Mapped[str | None] = mapped_column(String(10))
    saved_at: Mapped[Moment | None]
    #: Whether the pledge ever stood, and to when; that may lie ahead.
    stood: Mapped[bool]
    out_at: Mapped[datetime | None]


class LeaveWishCount(Base):
    """How many wishes of a month had one reason and one outcome."""

    __tablename__ = "leave_wish_count"

    currency: Mapped[str] = mapped_column(String(3), primary_key=True)
    month: Mapped[date] = mapped_column(primary_key=True)
    reason: Mapped[str] = mapped_column(String(20), primary_key=True)
    became: Mapped[str] = mapped_column(String(10), primary_key=True)
    #: Empty unless saved.
    how: Mapped[str] = mapped_column(String(10), primary_key=True)
    wishes: Mapped[int]
