"""Rates of exchange that the newsroom sets for a month itself: added, never changed."""

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import CheckConstraint, ForeignKey, Index, Numeric, String, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Mapped, mapped_column

from app.accounts import audit
from app.extensions import Base, Key, Moment, db


class OwnRate(Base):
    """What one unit of a currency is worth in another in one month, as finance has set it.

    The newest row of a month and pair of currencies counts; one without a rate takes it back.
    """

    __tablename__ = "own_rate"
    __table_args__ = (
        CheckConstraint("rate > 0", name="positive"),
        CheckConstraint("currency <> into_currency", name="of_two"),
        Index("ix_own_rate_month", "month", "currency", "into_currency"),
    )

    id: Mapped[Key]
    #: The first day of the month it is for.
    month: Mapped[date]
    currency: Mapped[str] = mapped_column(String(3))
    into_currency: Mapped[str] = mapped_column(String(3))
    #: Whole units of `into_currency` for one of `currency`; null where there is to be none.
    rate: Mapped[Decimal | None] = mapped_column(Numeric(20, 10))
    entered_by_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    entered_at: Mapped[Moment]


def enter(
    month: date, currency: str, into: str, rate: Decimal | None, *, by: int, now: datetime
) -> None:
    """Set, or with None take back, the rate of a month; commits. Entered again it is replaced."""
    db.session.add(
        OwnRate(
            month=month,
            currency=currency,
            into_currency=into,
            rate=rate,
            entered_by_id=by,
            entered_at=now,
        )
    )
    audit.note(
        by,
        "rate_set" if rate is not None else "rate_taken_back",
        "rate",
        f"{month:%Y-%m} {currency} {into}",
        now=now,
        rate=None if rate is None else f"{rate.normalize():f}",
    )
    db.session.commit()


def newest(into: str) -> dict[tuple[date, str], OwnRate]:
    """Return the rate in force of each month and currency that has one of its own."""
    rows = db.session.scalars(
        select(OwnRate)
        .ext(distinct_on(OwnRate.month, OwnRate.currency))
        .where(OwnRate.into_currency == into)
        .order_by(OwnRate.month, OwnRate.currency, OwnRate.id.desc())
    )
    return {(row.month, row.currency): row for row in rows if row.rate is not None}
